//! The promises that every engine keeps, to be run against each: `run(make)`, where `make` gives an empty store.

mod objects;
pub mod sample;

use std::future::Future;

use crate::Store;

/// Runs every check, each on a store of its own.
///
/// # Panics
///
/// When a promise is broken.
pub async fn run<F: Future<Output = Store>>(make: impl Fn() -> F) {
    objects::run(&make).await;
}
