//! How the store fails.

use jiff::SignedDuration;
use thiserror::Error;
use vestibule_model::Guard;

/// Why the database did not answer.
#[derive(Debug, Error)]
pub enum StoreError {
    /// Too much waits already; nothing was tried.
    #[error("the store is busy")]
    Busy {
        /// When to come back.
        retry_after: SignedDuration,
    },
    /// It cannot be reached, or broke; for a write: whether it was made durable is unknown.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// The query would read more than `limits.scan_rows` or took longer than its deadline.
    #[error("the query is too expensive")]
    TooExpensive,
    /// What was read cannot be understood.
    #[error("the store holds something unreadable: {0}")]
    Corrupt(String),
    /// The store was written by a newer binary.
    #[error("this store was written by vestibule {written_by}, this is {this}")]
    Newer {
        /// Version that wrote it.
        written_by: String,
        /// Ours.
        this: String,
    },
    /// The store is marked for development and was opened without `--dev`, or the other way round.
    #[error("{0}")]
    WrongKind(String),
    /// A sealed value names a server key that is not in the key file.
    #[error("the store was sealed with server key {id}, which is not in the key file")]
    UnknownKey {
        /// In hex.
        id: String,
    },
}

impl StoreError {
    /// Too much waits: come back in a second.
    pub(crate) fn busy() -> Self {
        Self::Busy { retry_after: SignedDuration::from_secs(1) }
    }
}

/// Why a unit was not applied.
#[derive(Debug, Error)]
pub enum CommitError {
    /// A guard was broken: load again and decide again.
    #[error("a guard was broken: {0:?}")]
    Stale(Guard),
    /// The store itself.
    #[error(transparent)]
    Store(#[from] StoreError),
}
