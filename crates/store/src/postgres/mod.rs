//! PostgreSQL, 15 or newer: a pool, pipelined statements, advisory locks.
//!
//! Nodes hold no state, so any number may share one database. Start reading at [`writer`]: how a unit is applied, and why its guards
//! hold.

mod connect;
mod run;
mod statistics;
mod writer;

use std::time::Duration;

use deadpool_postgres::Pool;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::driver::{Applied, Driver, Prepared};
use crate::inspect::KnownKeys;
use crate::sql::{Rows, Statement};
use crate::{CommitError, Inspection, StoreError};

/// The driver.
pub(crate) struct Postgres {
    pool: Pool,
    writer: writer::Writer,
}

impl Postgres {
    /// Connects, migrates forward under a lock, and starts the writers.
    pub(crate) async fn open(url: &str, connections: usize) -> Result<Self, StoreError> {
        let target = connect::Target::read(url)?;
        connect::migrate(&target).await?;
        let pool = target.pool(connections.max(2))?;
        let writer = writer::Writer::start(&pool, connections);

        Ok(Self { pool, writer })
    }

    /// Looks at the database, changing nothing.
    pub(crate) async fn inspect(url: &str, keys: &KnownKeys) -> Result<Inspection, StoreError> {
        connect::inspect(&connect::Target::read(url)?, keys).await
    }
}

impl Driver for Postgres {
    fn takes_locks(&self) -> bool {
        true
    }

    fn fetch(
        &self,
        statements: Vec<Statement>,
        deadline: Option<Duration>,
    ) -> BoxFuture<'_, Result<Vec<Rows>, StoreError>> {
        async move {
            let client = connect::client(&self.pool).await?;
            run::snapshot(&client, &statements, deadline).await
        }
        .boxed()
    }

    fn apply(&self, unit: Prepared) -> BoxFuture<'_, Result<Applied, CommitError>> {
        self.writer.apply(unit).boxed()
    }

    fn close(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        async {
            self.writer.close().await;
            self.pool.close();
            Ok(())
        }
        .boxed()
    }
}
