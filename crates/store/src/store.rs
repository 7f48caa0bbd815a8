//! The store: one struct over a driver.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use vestibule_model::PurposeKeys;

use crate::driver::{Applied, Driver, Prepared};
use crate::postgres::Postgres;
use crate::seal::Seal;
use crate::sql::{Row, Rows, Statement};
use crate::sqlite::Sqlite;
use crate::write::{self, Setting};
use crate::{CommitError, StoreError, Unit, meta};

/// Which database, and where.
#[derive(Clone)]
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

/// Without the URL, which may hold a password.
impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite { folder, durability } => {
                f.debug_struct("Sqlite").field("folder", folder).field("durability", durability).finish()
            }
            Self::Postgres { url: _, connections } => {
                f.debug_struct("Postgres").field("connections", connections).finish_non_exhaustive()
            }
        }
    }
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

/// The store. Cheap to clone; each clone remembers for itself what [`changed`](Self::changed) has told it.
pub struct Store {
    shared: Arc<Shared>,
    scan_rows: u64,
    seen: AtomicU64,
}

struct Shared {
    driver: Box<dyn Driver>,
    seal: Seal,
    epoch: u64,
    commits: AtomicU64,
    committed: Notify,
    /// Dropped last: what a test store leaves behind.
    #[cfg(any(test, feature = "testing"))]
    leftovers: std::sync::OnceLock<crate::testing::Leftovers>,
}

impl Store {
    /// Opens, migrates forward under a lock, checks the keys and the mark.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: unreachable, newer than this binary, of the other kind, or sealed with an unknown key.
    pub async fn open(options: Options) -> Result<Self, StoreError> {
        Self::open_through(options, |driver| driver).await
    }

    /// The same, with something between the store and its engine.
    pub(crate) async fn open_through(
        options: Options,
        wrap: impl FnOnce(Box<dyn Driver>) -> Box<dyn Driver>,
    ) -> Result<Self, StoreError> {
        let driver = driver(options.engine).await?;
        let seal = Seal::new(&options.keys)?;
        let epoch = meta::admit(&*driver, &seal, options.kind).await?;
        let shared = Shared {
            driver: wrap(driver),
            seal,
            epoch,
            commits: AtomicU64::new(0),
            committed: Notify::new(),
            #[cfg(any(test, feature = "testing"))]
            leftovers: std::sync::OnceLock::new(),
        };
        Ok(Self { shared: Arc::new(shared), scan_rows: options.scan_rows, seen: AtomicU64::new(0) })
    }

    /// Makes `unit` durable, whole or not at all; may share its commit with others. When this answers, every reader of
    /// every node sees it.
    ///
    /// # Errors
    ///
    /// [`CommitError::Stale`] names the guard that was broken; nothing was written then.
    pub async fn commit(&self, unit: Unit) -> Result<(), CommitError> {
        let has_mail = !unit.outbox.is_empty();
        self.apply(self.prepare(&unit)?).await?;
        if has_mail {
            self.wake();
        }
        Ok(())
    }

    /// Resolves when something was committed that a worker may want to look at, and every second, since other nodes commit
    /// too. What happened between two calls on one clone is not missed.
    pub async fn changed(&self) {
        const LOOK_ANYWAY: Duration = Duration::from_secs(1);
        let committed = self.shared.committed.notified();
        tokio::pin!(committed);
        committed.as_mut().enable();
        let now = self.shared.commits.load(Ordering::Acquire);
        if self.seen.swap(now, Ordering::AcqRel) == now {
            let _ = tokio::time::timeout(LOOK_ANYWAY, committed).await;
            self.seen.store(self.shared.commits.load(Ordering::Acquire), Ordering::Release);
        }
    }

    /// Finishes what is waiting, checkpoints and closes.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the engine broke on the way: what was acknowledged is durable all the same.
    pub async fn close(&self) -> Result<(), StoreError> {
        self.shared.driver.close().await
    }

    /// The store's epoch: page keys of another one are void.
    pub fn epoch(&self) -> u64 {
        self.shared.epoch
    }

    /// The locks and statements of a unit, as the engine gets them.
    pub(crate) fn prepare(&self, unit: &Unit) -> Result<Prepared, StoreError> {
        let setting = Setting {
            seal: &self.shared.seal,
            epoch: self.shared.epoch,
            takes_locks: self.shared.driver.takes_locks(),
        };
        write::prepare(unit, &setting)
    }

    /// Applies what is ready.
    pub(crate) async fn apply(&self, unit: Prepared) -> Result<Applied, CommitError> {
        self.shared.driver.apply(unit).await
    }

    /// Tells workers to look.
    pub(crate) fn wake(&self) {
        self.shared.commits.fetch_add(1, Ordering::AcqRel);
        self.shared.committed.notify_waiters();
    }

    /// One snapshot.
    pub(crate) async fn fetch(&self, statements: Vec<Statement>) -> Result<Vec<Rows>, StoreError> {
        self.shared.driver.fetch(statements, None).await
    }

    /// One snapshot, ended at the deadline.
    pub(crate) async fn fetch_within(
        &self,
        statements: Vec<Statement>,
        deadline: Duration,
    ) -> Result<Vec<Rows>, StoreError> {
        self.shared.driver.fetch(statements, Some(deadline)).await
    }

    /// The rows of one statement.
    pub(crate) async fn rows(&self, statement: Statement) -> Result<Rows, StoreError> {
        Ok(self.fetch(vec![statement]).await?.pop().unwrap_or_default())
    }

    /// The first row of one statement.
    pub(crate) async fn row(&self, statement: Statement) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(statement).await?.into_iter().next())
    }

    pub(crate) fn seal(&self) -> &Seal {
        &self.shared.seal
    }

    /// `limits.scan_rows`: how many rows one reading may look at.
    pub fn scan_rows(&self) -> u64 {
        self.scan_rows
    }

    /// The same store with another budget of rows.
    #[cfg(any(test, feature = "testing"))]
    #[must_use]
    pub fn with_scan_rows(self, scan_rows: u64) -> Self {
        Self { scan_rows, ..self }
    }

    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn keep(&self, leftovers: crate::testing::Leftovers) {
        let _ = self.shared.leftovers.set(leftovers);
    }
}

impl Clone for Store {
    fn clone(&self) -> Self {
        let seen = AtomicU64::new(self.seen.load(Ordering::Acquire));
        Self { shared: Arc::clone(&self.shared), scan_rows: self.scan_rows, seen }
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("epoch", &self.shared.epoch).finish_non_exhaustive()
    }
}

async fn driver(engine: Engine) -> Result<Box<dyn Driver>, StoreError> {
    match engine {
        Engine::Sqlite { folder, durability } => {
            let opened = tokio::task::spawn_blocking(move || Sqlite::open(&folder, durability)).await;
            let opened = opened.map_err(|error| StoreError::Unavailable(error.to_string()))?;
            Ok(Box::new(opened?))
        }
        Engine::Postgres { url, connections } => Ok(Box::new(Postgres::open(&url, connections).await?)),
    }
}
