//! The embedded engine: one writer thread, a few reader threads, one thread that keeps the log short.
//!
//! Start reading at [`writer`]: what makes a commit durable, and how many units share one.

mod checkpoint;
mod connection;
#[cfg(test)]
mod plans;
mod queue;
mod reader;
mod run;
mod writer;

use std::path::Path;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::driver::{Applied, Driver, Prepared};
use crate::inspect::KnownKeys;
use crate::sql::{Rows, Statement};
use crate::{CommitError, Durability, Inspection, StoreError};

/// The driver.
pub(crate) struct Sqlite {
    writer: writer::Writer,
    readers: reader::Readers,
}

/// The database's file in its folder.
pub(crate) const FILE: &str = "vestibule.db";

impl Sqlite {
    /// Opens the database in `folder`, made when it is not there, and migrates it forward.
    pub(crate) fn open(folder: &Path, durability: Durability) -> Result<Self, StoreError> {
        let file = connection::file(folder)?;
        let mut first = connection::open(&file, connection::Role::Writer, durability)?;
        connection::migrate(&mut first)?;
        let readers = reader::Readers::start(&file)?;
        let writer = writer::Writer::start(first, &file, durability, readers.queue())?;

        Ok(Self { writer, readers })
    }

    /// Looks at the database, changing nothing.
    pub(crate) fn inspect(folder: &Path, keys: &KnownKeys) -> Result<Inspection, StoreError> {
        connection::inspect(&folder.join(FILE), keys)
    }
}

impl Driver for Sqlite {
    fn takes_locks(&self) -> bool {
        false
    }

    fn fetch(
        &self,
        statements: Vec<Statement>,
        deadline: Option<Duration>,
    ) -> BoxFuture<'_, Result<Vec<Rows>, StoreError>> {
        self.readers.fetch(statements, deadline).boxed()
    }

    fn apply(&self, unit: Prepared) -> BoxFuture<'_, Result<Applied, CommitError>> {
        self.writer.apply(unit).boxed()
    }

    fn close(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        async {
            self.readers.close();
            self.writer.close().await
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;
    use vestibule_model::Guard;

    use super::*;
    use crate::driver::{Expect, Step};
    use crate::sql::Across;

    /// A statement at which whoever runs it panics.
    pub(super) const BREAKS_ITS_THREAD: &str = "SELECT 'a bug'";

    fn opened() -> (tempfile::TempDir, Sqlite) {
        let folder = crate::testing::folder().unwrap();
        let sqlite = Sqlite::open(folder.path(), Durability::Volatile).unwrap();
        (folder, sqlite)
    }

    fn statement(sql: &'static str) -> Statement {
        Statement::across_tenants(Across::Reference, sql)
    }

    fn unit(sql: &'static str) -> Prepared {
        let step = Step { statement: statement(sql), expect: Expect::Any, guard: Guard::State };
        Prepared { locks: Vec::new(), steps: vec![step] }
    }

    #[tokio::test]
    async fn a_bug_in_one_question_ends_no_other() {
        let (_folder, sqlite) = opened();
        let alone = || vec![statement(BREAKS_ITS_THREAD)];
        let among_others = || vec![statement("SELECT 1"), statement(BREAKS_ITS_THREAD)];

        for statements in [alone(), among_others(), alone(), among_others(), among_others(), alone()] {
            let broke = sqlite.fetch(statements, None).await;
            assert!(matches!(broke, Err(StoreError::Unavailable(_))), "{broke:?}");
        }
        for _ in 0..6 {
            let both = sqlite.fetch(vec![statement("SELECT 1"), statement("SELECT 2")], None).await;
            assert_eq!(both.unwrap().len(), 2);
        }
    }

    #[tokio::test]
    async fn when_the_writer_breaks_everybody_is_told_at_once() {
        let (_folder, sqlite) = opened();
        let units = std::iter::once(BREAKS_ITS_THREAD).chain(std::iter::repeat_n("SELECT 1", 1_000));

        let waiting = join_all(units.map(|sql| sqlite.apply(unit(sql))));
        let waiting = tokio::time::timeout(Duration::from_secs(60), waiting).await.unwrap();
        let unavailable = |outcome: &Result<_, CommitError>| {
            matches!(outcome, Err(CommitError::Store(StoreError::Unavailable(_))))
        };
        assert!(waiting.iter().all(unavailable), "those who waited");
        assert!(unavailable(&sqlite.apply(unit("SELECT 1")).await), "those who come later");
        let read = sqlite.fetch(vec![statement("SELECT 1")], None).await;
        assert!(
            matches!(read, Err(StoreError::Unavailable(_))),
            "and the probe that asks whether we are ready"
        );
        assert!(sqlite.close().await.is_err());
    }
}
