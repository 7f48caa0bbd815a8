//! PostgreSQL, 15 or newer: a pool, pipelined statements, advisory locks.
//!
//! Nodes hold no state, so any number may share one database. Start reading at [`writer`]: how a unit is applied, and why its guards
//! hold.

mod connect;
mod run;
mod statistics;
#[cfg(test)]
mod tests;
mod writer;

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::driver::{Applied, Driver, Prepared};
use crate::inspect::KnownKeys;
use crate::sql::{Rows, Statement};
use crate::{CommitError, Inspection, StoreError};

/// The driver.
pub(crate) struct Postgres {
    connections: connect::Connections,
    writer: writer::Writer,
}

impl Postgres {
    /// Connects, migrates forward under a lock, and starts the writers.
    pub(crate) async fn open(url: &str, connections: usize) -> Result<Self, StoreError> {
        Self::open_with(url, connections, connect::PATIENCE).await
    }

    async fn open_with(url: &str, most: usize, patience: connect::Patience) -> Result<Self, StoreError> {
        let target = connect::Target::read(url, patience)?;
        connect::migrate(&target).await?;
        let connections = target.connections(most.max(2))?;
        let writer = writer::Writer::start(&connections, most);

        Ok(Self { connections, writer })
    }

    /// Looks at the database, changing nothing.
    pub(crate) async fn inspect(url: &str, keys: &KnownKeys) -> Result<Inspection, StoreError> {
        connect::inspect(&connect::Target::read(url, connect::PATIENCE)?, keys).await
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
            let trip = self.connections.trip().await?.beyond(deadline);
            let answers = trip.wait(run::snapshot(trip.client(), &statements, deadline)).await?;
            trip.end();
            answers
        }
        .boxed()
    }

    fn apply(&self, unit: Prepared) -> BoxFuture<'_, Result<Applied, CommitError>> {
        self.writer.apply(unit).boxed()
    }

    fn close(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        async {
            self.writer.close().await;
            self.connections.close();
            Ok(())
        }
        .boxed()
    }
}
