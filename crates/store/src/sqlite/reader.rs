//! The threads that read, each over a connection of its own, beside the writer.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::connection::{self, Role};
use super::queue::{Queue, Refused};
use super::run::{Ready, meaning};
use crate::sql::{Rows, Statement};
use crate::{Durability, StoreError};

/// How many threads.
const READERS: usize = 3;

/// How many may wait for a thread.
const MOST_WAITING: usize = 4096;

/// How many steps of the engine's machine lie between two looks at the clock.
const STEPS_PER_LOOK: i32 = 10_000;

/// The threads.
pub(super) struct Readers {
    queue: Arc<Queue<Job>>,
}

/// What is asked of the threads.
pub(super) struct Job {
    statements: Vec<Ready>,
    deadline: Option<Duration>,
    answer: oneshot::Sender<Result<Vec<Rows>, StoreError>>,
}

impl Readers {
    /// Starts them.
    pub(super) fn start(file: &Path) -> Result<Self, StoreError> {
        let queue = Arc::new(Queue::new(MOST_WAITING));
        for number in 0..READERS {
            let reader = Reader::new(connection::open(file, Role::Reader, Durability::Full)?)?;
            let work = Arc::clone(&queue);
            std::thread::Builder::new()
                .name(format!("store-reader-{number}"))
                .spawn(move || reader.read(&work))
                .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        }
        Ok(Self { queue })
    }

    /// Reads on one of them.
    pub(super) async fn fetch(
        &self,
        statements: Vec<Statement>,
        deadline: Option<Duration>,
    ) -> Result<Vec<Rows>, StoreError> {
        let (answer, rows) = oneshot::channel();
        let statements = statements.into_iter().map(Ready::new).collect();
        self.queue.push(Job { statements, deadline, answer }).map_err(|refused| match refused {
            Refused::Full => StoreError::busy(),
            Refused::Closed => StoreError::Unavailable("the store has stopped".into()),
        })?;
        rows.await.unwrap_or_else(|_| Err(StoreError::Unavailable("a reader stopped".into())))
    }

    /// What waits for them.
    pub(super) fn queue(&self) -> Arc<Queue<Job>> {
        Arc::clone(&self.queue)
    }

    /// Lets them end once nothing waits.
    pub(super) fn close(&self) {
        self.queue.close();
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.close();
    }
}

struct Reader {
    connection: Connection,
    began: Instant,
    /// When the present query must end, in microseconds since `began`; 0 is never.
    ends: Arc<AtomicU64>,
}

impl Reader {
    fn new(mut connection: Connection) -> Result<Self, StoreError> {
        let began = Instant::now();
        let ends = Arc::new(AtomicU64::new(0));
        let end = Arc::clone(&ends);
        let is_over = move || match end.load(Ordering::Relaxed) {
            0 => false,
            end => micros(began.elapsed()) > end,
        };
        connection.progress_handler(STEPS_PER_LOOK, Some(is_over)).map_err(|error| meaning(&error))?;
        Ok(Self { connection, began, ends })
    }

    fn read(&self, queue: &Queue<Job>) {
        while let Some(jobs) = queue.pop(1) {
            // Whoever has gone meanwhile needs no answer, and others wait.
            for job in jobs.into_iter().filter(|job| !job.answer.is_closed()) {
                let end = job.deadline.map_or(0, |after| micros(self.began.elapsed() + after).max(1));
                self.ends.store(end, Ordering::Relaxed);
                let _ = job.answer.send(self.answer(&job.statements)); // Whoever asked may have gone.
            }
        }
    }

    /// A bug in one question ends that question and not the thread, which others wait for: a reader has nothing half done.
    fn answer(&self, statements: &[Ready]) -> Result<Vec<Rows>, StoreError> {
        catch_unwind(AssertUnwindSafe(|| self.snapshot(statements)))
            .map_or_else(|_| Err(self.recovered()), |rows| rows.map_err(|error| meaning(&error)))
    }

    fn recovered(&self) -> StoreError {
        self.ends.store(0, Ordering::Relaxed);
        if !self.connection.is_autocommit() {
            let _ = self.connection.execute_batch("ROLLBACK"); // If even this fails, the next BEGIN says so.
        }
        StoreError::Unavailable("a reader broke".into())
    }

    /// One statement is a snapshot by itself.
    fn snapshot(&self, statements: &[Ready]) -> rusqlite::Result<Vec<Rows>> {
        let run = || {
            statements.iter().map(|statement| statement.run(&self.connection).map(|(_, rows)| rows)).collect()
        };
        if statements.len() == 1 {
            return run();
        }
        self.connection.prepare_cached("BEGIN")?.raw_execute()?;
        let rows = run();
        // The end of a snapshot has no deadline: were it interrupted, this connection would never begin another.
        self.ends.store(0, Ordering::Relaxed);
        if !self.connection.is_autocommit() {
            self.connection.prepare_cached("COMMIT")?.raw_execute()?;
        }
        rows
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::Across;

    #[test]
    fn a_question_whose_asker_has_gone_is_not_run() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE line (number INTEGER) STRICT").unwrap();
        let reader = Reader::new(connection).unwrap();
        let queue = Queue::new(2);
        let insert = || {
            let sql = "INSERT INTO line (number) VALUES (1)";
            let (answer, rows) = oneshot::channel();
            let statements = vec![Ready::new(Statement::across_tenants(Across::Reference, sql))];
            (Job { statements, deadline: None, answer }, rows)
        };

        let (gone, nobody) = insert();
        let (here, rows) = insert();
        drop(nobody);
        assert!(queue.push(gone).is_ok() && queue.push(here).is_ok());
        queue.close();
        reader.read(&queue);

        assert!(rows.blocking_recv().unwrap().is_ok());
        let lines = reader.connection.query_row("SELECT count(*) FROM line", [], |row| row.get::<_, i64>(0));
        assert_eq!(lines.unwrap(), 1);
    }
}
