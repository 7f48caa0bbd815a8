//! Stores for tests: the real SQLite driver on memory, thrown away with the last clone; and where PostgreSQL is.

use std::io::Write as _;
use std::path::PathBuf;

use vestibule_model::{PurposeKey, PurposeKeys};

use crate::{Durability, Engine, Options, Store, StoreError, StoreKind};

/// A folder that goes with its store.
#[derive(Debug)]
pub(crate) struct Leftovers(#[expect(dead_code, reason = "held for its drop")] pub(crate) tempfile::TempDir);

/// The same keys every time.
pub fn fixed_keys() -> PurposeKeys {
    PurposeKeys::new(vec![PurposeKey { id: *b"test-key", secret: [7; 32] }]).expect("there is one key")
}

/// A new folder on tmpfs where there is one, else among temporary files.
///
/// # Errors
///
/// When no folder can be made.
pub fn folder() -> Result<tempfile::TempDir, StoreError> {
    let memory = PathBuf::from("/dev/shm");
    let parent = if memory.is_dir() { memory } else { std::env::temp_dir() };
    tempfile::Builder::new()
        .prefix("vestibule-")
        .tempdir_in(parent)
        .map_err(|error| StoreError::Unavailable(error.to_string()))
}

/// The server where databases may be made, as `VESTIBULE_TEST_POSTGRES` names it. `None` when it names none, which is said
/// past the test runner's capture, so that it is read even when all is green.
///
/// # Panics
///
/// When nothing may be skipped: `VESTIBULE_TEST_REQUIRED`, which `cargo xtask test` sets.
pub fn postgres() -> Option<String> {
    if let Ok(server) = std::env::var("VESTIBULE_TEST_POSTGRES") {
        return Some(server);
    }
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    let why = "VESTIBULE_TEST_POSTGRES names no server";
    assert!(std::env::var_os("VESTIBULE_TEST_REQUIRED").is_none(), "{test} needs what is not here: {why}");
    // In one piece, since other tests write too. Where nobody reads, there is nobody to tell.
    let line = format!("skipped: {test}: {why} (run cargo xtask test)\n");
    let _ = std::io::stderr().write_all(line.as_bytes());
    None
}

impl Store {
    /// An empty dev store of its own, removed with the last clone of it.
    ///
    /// # Errors
    ///
    /// As [`Store::open`].
    pub async fn volatile() -> Result<Self, StoreError> {
        let folder = folder()?;
        let engine = Engine::Sqlite { folder: folder.path().to_owned(), durability: Durability::Volatile };
        let options = Options { engine, keys: fixed_keys(), kind: StoreKind::Dev, scan_rows: 200_000 };
        let store = Self::open(options).await?;
        store.keep(Leftovers(folder));
        Ok(store)
    }
}
