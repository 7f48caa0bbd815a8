//! Statements of real work, told instead of run, so that a bench can replay them without the store around them.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};

use crate::driver::{Applied, Driver, Prepared};
use crate::sql::{self, Rows, Statement};
use crate::{CommitError, Options, Store, StoreError};

/// A store that reads as any other, and says that it wrote what it only wrote down.
#[derive(Debug)]
pub struct Recorder {
    store: Store,
    told: Arc<Mutex<Recorded>>,
}

/// What an engine would have been given since the last time.
#[derive(Clone, Debug, Default)]
pub struct Recorded {
    /// Of snapshots, in order. They were run, too.
    pub reads: Vec<Sql>,
    /// Of units, sorted by number; none on an engine that takes none.
    pub locks: Vec<Lock>,
    /// Of units, guards first. They were not run.
    pub writes: Vec<Sql>,
}

/// A statement.
#[derive(Clone, Debug)]
pub struct Sql {
    /// With `$1 … $n`.
    pub text: String,
    /// What stands for them.
    pub values: Vec<Value>,
}

/// A parameter of one of the three column types, which may be null.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the three column types")]
pub enum Value {
    Int(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

/// A lock on one fact.
#[derive(Clone, Copy, Debug)]
pub struct Lock {
    /// Which.
    pub number: i64,
    /// Whether the unit changes the fact, or only relies on it.
    pub is_exclusive: bool,
}

impl Recorder {
    /// Opens a store, as [`Store::open`] does, and records from then on.
    ///
    /// # Errors
    ///
    /// As [`Store::open`].
    pub async fn open(options: Options) -> Result<Self, StoreError> {
        let told = Arc::new(Mutex::new(Recorded::default()));
        let store =
            Store::open_through(options, |inner| Box::new(Telling { inner, told: told.clone() })).await?;
        Ok(Self { store, told })
    }

    /// The store, for asking and committing.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// What was recorded, and forgets it.
    pub fn take(&self) -> Recorded {
        std::mem::take(&mut *self.told.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

struct Telling {
    inner: Box<dyn Driver>,
    told: Arc<Mutex<Recorded>>,
}

impl Driver for Telling {
    fn takes_locks(&self) -> bool {
        self.inner.takes_locks()
    }

    fn fetch(
        &self,
        statements: Vec<Statement>,
        deadline: Option<Duration>,
    ) -> BoxFuture<'_, Result<Vec<Rows>, StoreError>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).reads.extend(statements.iter().map(told));
        self.inner.fetch(statements, deadline)
    }

    fn apply(&self, unit: Prepared) -> BoxFuture<'_, Result<Applied, CommitError>> {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let locks = unit.locks.iter();
        told.locks.extend(locks.map(|lock| Lock { number: lock.number, is_exclusive: lock.is_exclusive }));
        told.writes.extend(unit.steps.iter().map(|step| self::told(&step.statement)));
        ready(Ok(Applied::default())).boxed()
    }

    fn close(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.inner.close()
    }
}

fn told(statement: &Statement) -> Sql {
    let value = |value: &sql::Value| match value {
        sql::Value::Null(sql::Kind::Int) => Value::Int(None),
        sql::Value::Null(sql::Kind::Text) => Value::Text(None),
        sql::Value::Null(sql::Kind::Bytes) => Value::Bytes(None),
        sql::Value::Int(number) => Value::Int(Some(*number)),
        sql::Value::Text(text) => Value::Text(Some(text.clone())),
        sql::Value::Bytes(bytes) => Value::Bytes(Some(bytes.clone())),
    };
    Sql { text: statement.sql().to_owned(), values: statement.params().iter().map(value).collect() }
}
