//! The statements of real invitations, as the store would run them, without the store.

use anyhow::Result;

use vestibule_store::Store;

use crate::guests::Inviter;

/// SQL with its parameters, `$1 … $n`.
#[derive(Clone, Debug)]
pub(crate) struct Sql {
    /// The text.
    pub(crate) text: String,
    /// What is bound.
    pub(crate) values: Vec<Value>,
}

/// A parameter.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// Nothing, where this was meant.
    NullInt,
    /// Nothing, where this was meant.
    NullText,
    /// Nothing, where this was meant.
    NullBytes,
    /// A number.
    Int(i64),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// One invitation's statements.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    /// Its one snapshot.
    pub(crate) reads: Vec<Sql>,
    /// Its unit: locks where the engine takes them, guards, rows.
    pub(crate) writes: Vec<Sql>,
}

/// Records `count` invitations of addresses that nobody has.
///
/// # Errors
///
/// The model says no.
pub(crate) fn record(store: &Store, inviter: &Inviter, count: u64) -> Result<Vec<Recorded>> {
    let _ = (store, inviter, count);
    anyhow::bail!("the store does not tell its statements yet")
}
