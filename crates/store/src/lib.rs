//! What is remembered: SQL, two drivers, migrations, the conformance suite. Decides nothing.
//!
//! Writes go through [`Store::commit`] only; reads are one method each, every one of them one consistent snapshot.
//! Start reading at [`store`](Store) for what can be asked and at [`mod@unit`] for what can be written; `write` makes a unit ready,
//! `query` turns a typed filter into SQL, `driver` is all that the two engines have to be.

#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
pub mod error;
pub mod outbox;
pub mod read;
#[cfg(feature = "bench")]
pub mod recording;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod unit;

mod addresses;
mod driver;
mod forget;
mod inspect;
mod meta;
mod postgres;
mod query;
mod schema;
mod seal;
mod sql;
mod sqlite;
mod store;
mod write;

pub use error::{CommitError, StoreError};
pub use inspect::{Inspection, SchemaAge};
pub use store::{Durability, Engine, Options, Store, StoreKind};
pub use unit::Unit;
