//! The one thread that writes, and how units share a durable commit.
//!
//! It takes whatever waits, without any delay of its own: while one commit is being synced, the next batch gathers. A unit that
//! breaks a guard fails alone: its guards come first, so mostly it has written nothing yet. When it has, the batch is rolled back and
//! done again with a savepoint around each unit, which costs a tenth of the writer's time and so is not the rule. Everybody is
//! answered after the one `COMMIT`.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::checkpoint::Checkpoint;
use super::connection::{self, Role};
use super::queue::{Queue, Refused};
use super::reader;
use super::run::{Ready, meaning};
use crate::driver::{Applied, Expect, Prepared};
use crate::{CommitError, Durability, StoreError};
use vestibule_model::Guard;

/// How many units may wait; one more is told that the store is busy.
const MOST_WAITING: usize = 2048;

/// How many units share a commit at most.
const MOST_SHARING: usize = 256;

/// Pages of the log at which the writer itself starts it over: 64 MiB.
const LOG_PAGES: u32 = 16_384;

/// The writer's thread.
pub(super) struct Writer {
    queue: Arc<Queue<Job>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

struct Job {
    steps: Vec<ReadyStep>,
    answer: oneshot::Sender<Outcome>,
}

struct ReadyStep {
    statement: Ready,
    expect: Expect,
    guard: Guard,
}

type Outcome = Result<Applied, CommitError>;

impl Writer {
    /// Starts the thread over this connection. Should it break, `reads` end with it.
    pub(super) fn start(
        connection: Connection,
        file: &Path,
        durability: Durability,
        reads: Arc<Queue<reader::Job>>,
    ) -> Result<Self, StoreError> {
        let queue = Arc::new(Queue::new(MOST_WAITING));
        let log = Log::watch(connection, connection::open(file, Role::Writer, durability)?)?;
        let work = Work { writes: Arc::clone(&queue), reads };
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || write(&work.writes, log))
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;

        Ok(Self { queue, thread: Mutex::new(Some(thread)) })
    }

    /// Waits for the commit that makes `unit` durable.
    pub(super) async fn apply(&self, unit: Prepared) -> Outcome {
        let ready = |step: crate::driver::Step| ReadyStep {
            statement: Ready::new(step.statement),
            expect: step.expect,
            guard: step.guard,
        };
        let (answer, outcome) = oneshot::channel();
        let job = Job { steps: unit.steps.into_iter().map(ready).collect(), answer };
        self.queue.push(job).map_err(|refused| match refused {
            Refused::Full => StoreError::busy(),
            Refused::Closed => StoreError::Unavailable("the store has stopped".into()),
        })?;
        outcome.await.unwrap_or_else(|_| Err(StoreError::Unavailable("the writer stopped".into()).into()))
    }

    /// Writes what waits, copies the log back and closes.
    pub(super) async fn close(&self) -> Result<(), StoreError> {
        self.queue.close();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(thread) = thread else { return Ok(()) };
        let joined = tokio::task::spawn_blocking(move || thread.join()).await;
        match joined {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(StoreError::Unavailable("the writer broke".into())),
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue.close();
        if let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = thread.join();
        }
    }
}

/// What the thread holds. When it panics, nobody knows what it had begun to do: it does not go on, nobody waits for it in vain, and
/// reads are refused as well, so that the server says it is not ready. SQLite rolls back what was not committed.
struct Work {
    writes: Arc<Queue<Job>>,
    reads: Arc<Queue<reader::Job>>,
}

impl Drop for Work {
    fn drop(&mut self) {
        if std::thread::panicking() {
            tracing::error!("the thread that writes broke: the store has stopped until the next start");
            self.writes.abandon();
            self.reads.abandon();
        }
    }
}

fn write(queue: &Queue<Job>, mut log: Log) {
    while let Some(batch) = queue.pop(MOST_SHARING) {
        let (units, answers): (Vec<_>, Vec<_>) = batch.into_iter().map(|job| (job.steps, job.answer)).unzip();
        let outcomes = commit(&log.connection, &units, Between::Nothing)
            .or_else(|BrokeLate| commit(&log.connection, &units, Between::Savepoints))
            .unwrap_or_default(); // With savepoints no unit breaks late.
        for (answer, outcome) in answers.into_iter().zip(outcomes) {
            let _ = answer.send(outcome); // Whoever asked may have gone; the write stands.
        }
        log.care();
    }
    log.finish();
}

/// What stands between the units of one transaction.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Between {
    Nothing,
    Savepoints,
}

/// A unit failed after it had written something, and there was no savepoint to go back to.
struct BrokeLate;

/// One transaction for all of `units`, each of which may fail alone.
fn commit(
    connection: &Connection,
    units: &[Vec<ReadyStep>],
    between: Between,
) -> Result<Vec<Outcome>, BrokeLate> {
    let all_fail = |error: &rusqlite::Error| Ok(units.iter().map(|_| Err(meaning(error).into())).collect());
    if let Err(error) = execute(connection, "BEGIN IMMEDIATE") {
        return all_fail(&error);
    }
    let mut outcomes: Vec<Outcome> = Vec::with_capacity(units.len());
    for unit in units {
        let outcome = match between {
            Between::Savepoints => alone(connection, unit),
            Between::Nothing => {
                let before = connection.total_changes();
                let outcome = steps(connection, unit);
                // A full disk may have ended the transaction, and others' work with it, before this unit wrote anything.
                let is_untouched = connection.total_changes() == before && !connection.is_autocommit();
                if outcome.is_err() && !is_untouched {
                    roll_back(connection);
                    return Err(BrokeLate);
                }
                Ok(outcome)
            }
        };
        match outcome {
            Ok(outcome) => outcomes.push(outcome),
            Err(error) => {
                roll_back(connection);
                tracing::error!(%error, "a batch of writes was rolled back");
                return all_fail(&error);
            }
        }
    }
    if let Err(error) = execute(connection, "COMMIT") {
        roll_back(connection);
        tracing::error!(%error, "a commit failed");
        return all_fail(&error);
    }
    Ok(outcomes)
}

/// One unit between savepoints; an error is one that took the whole transaction with it.
fn alone(connection: &Connection, unit: &[ReadyStep]) -> rusqlite::Result<Outcome> {
    execute(connection, "SAVEPOINT unit")?;
    let outcome = steps(connection, unit);
    if outcome.is_err() {
        // A full disk may have ended the transaction already; then this fails, and with it the batch.
        execute(connection, "ROLLBACK TO unit")?;
    }
    execute(connection, "RELEASE unit")?;
    Ok(outcome)
}

fn steps(connection: &Connection, unit: &[ReadyStep]) -> Outcome {
    let mut returned = Vec::with_capacity(unit.len());
    for step in unit {
        let (count, rows) = step.statement.run(connection).map_err(|error| meaning(&error))?;
        if !step.expect.admits(count) {
            return Err(CommitError::Stale(step.guard.clone()));
        }
        returned.push(rows);
    }
    Ok(Applied(returned))
}

fn execute(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.raw_execute().map(drop)
}

fn roll_back(connection: &Connection) {
    if !connection.is_autocommit() {
        let _ = execute(connection, "ROLLBACK"); // If even this fails, the next BEGIN says so.
    }
}

/// The write connection, with an eye on the length of its log.
struct Log {
    connection: Connection,
    pages: Arc<AtomicU32>,
    checkpoint: Checkpoint,
}

impl Log {
    fn watch(mut connection: Connection, second: Connection) -> Result<Self, StoreError> {
        let pages = Arc::new(AtomicU32::new(0));
        let seen = Arc::clone(&pages);
        connection
            .wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, length: i32| {
                seen.store(u32::try_from(length).unwrap_or(0), Ordering::Relaxed);
                Ok(())
            }))
            .map_err(|error| meaning(&error))?;
        Ok(Self { connection, pages, checkpoint: Checkpoint::start(second)? })
    }

    /// The second thread copies most of the log back beside us. Past the mark it rests, and we do the last, short piece:
    /// only then can the log begin anew. When a reader is in the way we try again after the next batch.
    fn care(&mut self) {
        let pages = self.pages.load(Ordering::Relaxed);
        if pages < LOG_PAGES {
            self.checkpoint.wake(pages);
            return;
        }
        let _ = self.connection.busy_timeout(Duration::ZERO);
        let started_over = self
            .connection
            .query_row("PRAGMA wal_checkpoint(RESTART)", [], |row| row.get::<_, i64>(0))
            .is_ok_and(|busy| busy == 0);
        let _ = self.connection.busy_timeout(Duration::from_secs(5));
        if started_over {
            self.pages.store(0, Ordering::Relaxed);
        }
    }

    fn finish(self) {
        self.checkpoint.stop();
        let _ = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        let _ = self.connection.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::{Across, Statement};

    fn table() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE line (text TEXT NOT NULL) STRICT").unwrap();
        connection
    }

    /// Inserts so many long lines; then expects to have done so, or the impossible.
    fn unit(lines: usize, expect: Expect) -> Vec<ReadyStep> {
        let insert = |_| {
            let sql = "INSERT INTO line (text) VALUES ($1)";
            Statement::across_tenants(Across::Reference, sql).bind("x".repeat(1000))
        };
        let step = |statement| ReadyStep { statement: Ready::new(statement), expect, guard: Guard::State };
        (0..lines).map(insert).map(step).collect()
    }

    fn lines(connection: &Connection) -> i64 {
        connection.query_row("SELECT count(*) FROM line", [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn a_unit_that_breaks_after_writing_takes_nothing_of_the_others_with_it() {
        let connection = table();
        let units = [unit(1, Expect::Some), unit(1, Expect::None), unit(2, Expect::Some)];

        assert!(
            commit(&connection, &units, Between::Nothing).is_err_and(|BrokeLate| lines(&connection) == 0)
        );
        let outcomes = commit(&connection, &units, Between::Savepoints).unwrap_or_default();

        assert!(matches!(outcomes.as_slice(), [Ok(_), Err(CommitError::Stale(Guard::State)), Ok(_)]));
        assert_eq!(lines(&connection), 3);
    }

    #[test]
    fn a_full_disk_loses_nothing_that_was_acknowledged_and_ends_with_the_fullness() {
        let connection = table();
        connection.execute_batch("PRAGMA max_page_count = 8").unwrap();
        let mut acknowledged = 0;
        for _ in 0..20 {
            let units = [unit(2, Expect::Some), unit(2, Expect::Some)];
            let outcomes = commit(&connection, &units, Between::Nothing)
                .or_else(|BrokeLate| commit(&connection, &units, Between::Savepoints))
                .unwrap_or_default();
            for outcome in outcomes {
                match outcome {
                    Ok(_) => acknowledged += 2,
                    Err(error) => assert!(matches!(error, CommitError::Store(StoreError::Unavailable(_)))),
                }
            }
        }
        assert_eq!(lines(&connection), acknowledged);
        assert!((1..40).contains(&acknowledged), "the disk was full at some time");

        connection.execute_batch("PRAGMA max_page_count = 1000").unwrap();
        let outcomes = commit(&connection, &[unit(2, Expect::Some)], Between::Nothing).unwrap_or_default();
        assert!(matches!(outcomes.as_slice(), [Ok(_)]));
    }
}
