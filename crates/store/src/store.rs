//! The store: one struct over a driver.

use std::path::PathBuf;

use vestibule_model::PurposeKeys;

use crate::{CommitError, StoreError, Unit};

/// Which database, and where.
#[derive(Clone, Debug)]
pub enum Engine {
    /// The embedded one: `vestibule.db` in this folder.
    Sqlite {
        /// The data folder.
        folder: PathBuf,
        /// How hard a commit is.
        durability: Durability,
    },
    /// PostgreSQL 15 or newer.
    Postgres {
        /// `postgres://…`; a secret.
        url: String,
        /// Connections at most.
        connections: usize,
    },
}

/// How hard a commit is on SQLite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// `synchronous=FULL`: acknowledged is durable.
    Full,
    /// `synchronous=OFF`, for a folder on tmpfs that is thrown away.
    Volatile,
}

/// Whether a store was made by `serve --dev`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreKind {
    /// For a laptop and CI.
    Dev,
    /// The real thing.
    Production,
}

/// How to open a store.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which database.
    pub engine: Engine,
    /// For sealed columns.
    pub keys: PurposeKeys,
    /// What the caller expects; an unmarked store without a tenant becomes what is asked for.
    pub kind: StoreKind,
    /// `limits.scan_rows`.
    pub scan_rows: u64,
}

/// The store. Cheap to clone.
#[derive(Clone)]
pub struct Store {}

impl Store {
    /// Opens, migrates forward under a lock, checks the keys and the mark.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: unreachable, newer than this binary, of the other kind, or sealed with an unknown key.
    pub async fn open(options: Options) -> Result<Self, StoreError> {
        let _ = options;
        todo!()
    }

    /// Makes `unit` durable, whole or not at all; may share its commit with others. When this answers, every reader of
    /// every node sees it.
    ///
    /// # Errors
    ///
    /// [`CommitError::Stale`] names the guard that was broken; nothing was written then.
    pub async fn commit(&self, unit: Unit) -> Result<(), CommitError> {
        let _ = unit;
        todo!()
    }

    /// Resolves when something was committed that a worker may want to look at.
    pub async fn changed(&self) {
        todo!()
    }

    /// Finishes what is waiting, checkpoints and closes.
    pub async fn close(&self) -> Result<(), StoreError> {
        todo!()
    }
}
