//! The embedded engine: one writer thread, a few reader threads, one thread that keeps the log short.
//!
//! Start reading at [`writer`]: what makes a commit durable, and how many units share one.

mod checkpoint;
mod connection;
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
        let writer = writer::Writer::start(first, &file, durability)?;
        let readers = reader::Readers::start(&file)?;

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
