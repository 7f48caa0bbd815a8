//! What is remembered: SQL, two drivers, migrations, the conformance suite. Decides nothing.
//!
//! Writes go through [`Store::commit`] only; reads are one method each, every one of them one consistent snapshot.
//! Start reading at [`store`](Store) for what can be asked and at [`unit`] for what can be written.

pub mod error;
pub mod outbox;
pub mod read;
pub mod unit;

mod store;

pub use error::{CommitError, StoreError};
pub use store::{Durability, Engine, Options, Store, StoreKind};
pub use unit::Unit;
