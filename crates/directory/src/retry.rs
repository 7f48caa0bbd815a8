//! Writing, and trying again: a broken guard means that somebody else was first, so the rule is asked again about what is
//! there now.

use std::time::Duration;

use vestibule_model::{Context, Guard};
use vestibule_store::{CommitError, StoreError, Unit};

use crate::Directory;

/// How often a use case decides before it gives up with `Stale`.
pub(crate) const ATTEMPTS: u32 = 5;

/// What became of a unit.
#[derive(Debug)]
pub(crate) enum Written {
    /// It is durable.
    Durably,
    /// Nothing was written: this guard was broken.
    Stale(Guard),
}

impl Directory {
    pub(crate) async fn write(&self, unit: Unit) -> Result<Written, StoreError> {
        match self.store.commit(unit).await {
            Ok(()) => Ok(Written::Durably),
            Err(CommitError::Stale(guard)) => {
                tracing::debug!(?guard, "somebody else was first");
                Ok(Written::Stale(guard))
            }
            Err(CommitError::Store(error)) => Err(error),
        }
    }
}

/// Waits a little before the next attempt: longer each time, and for each request a bit differently, so that those who
/// met once do not meet again. The difference comes from the correlation id, not from a random source.
pub(crate) async fn pause(attempt: u32, context: &Context) {
    let jitter = u64::from(context.correlation.as_bytes()[15] % 8);
    let backoff = 1_u64 << attempt.min(6);
    tokio::time::sleep(Duration::from_millis(backoff + jitter)).await;
}
