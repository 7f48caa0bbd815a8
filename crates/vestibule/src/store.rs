//! Opening the store that the settings name: its folder, its lock, its keys.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use secrecy::ExposeSecret as _;
use vestibule_store::{Durability, Engine, Options, SchemaAge, Store, StoreError, StoreKind};

use crate::config::{Mode, Settings};
use crate::lock::{DataLock, LockError};
use crate::server_key::{Purpose, ServerKeyError, ServerKeys};

/// A data folder that this process alone may write in, and the server key.
pub(crate) struct DataFolder {
    pub(crate) keys: ServerKeys,
    /// None when the store is elsewhere and nothing else of the folder is ours alone.
    _lock: Option<DataLock>,
}

/// Why the store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error("{0}")]
    Folder(String),
    #[error(transparent)]
    Lock(#[from] LockError),
    #[error(transparent)]
    Key(#[from] ServerKeyError),
    #[error("{}", key_is_lost(path))]
    KeyLost { path: PathBuf },
    #[error("there is no store in {place}: `vestibule init` makes one, with its first tenant")]
    NoStore { place: String },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How many connections one node opens to PostgreSQL at most.
const POSTGRES_CONNECTIONS: usize = 32;

impl DataFolder {
    /// Makes the folder and the server key where they are missing, and takes the lock.
    ///
    /// # Errors
    ///
    /// [`OpenError`], but for the store.
    pub(crate) fn claim(settings: &Settings, mode: Mode) -> Result<Self, OpenError> {
        let data = &settings.server.data;
        make_folder(data)?;
        // Nodes may share nothing but the database; a dev server has its dev.json in the folder.
        let is_ours_alone = settings.server.database_url.is_none() || mode == Mode::Dev;
        let lock = is_ours_alone.then(|| DataLock::take(data)).transpose()?;
        let path = settings.key_file();
        if is_key_lost(settings) {
            return Err(OpenError::KeyLost { path });
        }
        Ok(Self { keys: ServerKeys::read_or_make(&path)?, _lock: lock })
    }
}

/// Whether the embedded store stands without its key. A new one would open nothing, and would stand in the old one's place.
pub(crate) fn is_key_lost(settings: &Settings) -> bool {
    settings.server.database_url.is_none()
        && Store::is_in(&settings.server.data)
        && !settings.key_file().exists()
}

/// What to say of it.
pub(crate) fn key_is_lost(path: &Path) -> String {
    format!("the server key {} is missing, and the store was made with one: put it back", path.display())
}

/// Opens the store and migrates it forward.
///
/// # Errors
///
/// [`StoreError`].
pub(crate) async fn open(settings: &Settings, keys: &ServerKeys, mode: Mode) -> Result<Store, StoreError> {
    Store::open(options(settings, keys, mode)).await
}

/// Whether there is a store where the settings say. Makes nothing.
///
/// # Errors
///
/// [`StoreError::Unavailable`].
pub(crate) async fn stands(settings: &Settings) -> Result<bool, StoreError> {
    match engine(settings) {
        Engine::Sqlite { folder, .. } => Ok(Store::is_in(&folder)),
        postgres @ Engine::Postgres { .. } => {
            Ok(Store::inspect(&postgres, &[]).await?.schema != SchemaAge::Missing)
        }
    }
}

/// Where the store is, in words.
pub(crate) fn place(settings: &Settings) -> String {
    match settings.server.database_url {
        Some(_) => "the database of database_url".to_owned(),
        None => settings.server.data.display().to_string(),
    }
}

/// Which database the settings name.
pub(crate) fn engine(settings: &Settings) -> Engine {
    match &settings.server.database_url {
        Some(url) => {
            Engine::Postgres { url: url.expose_secret().to_owned(), connections: POSTGRES_CONNECTIONS }
        }
        None => Engine::Sqlite { folder: settings.server.data.clone(), durability: Durability::Full },
    }
}

fn options(settings: &Settings, keys: &ServerKeys, mode: Mode) -> Options {
    let kind = match mode {
        Mode::Dev => StoreKind::Dev,
        Mode::Production => StoreKind::Production,
    };
    Options {
        engine: engine(settings),
        keys: keys.for_purpose(Purpose::Store),
        kind,
        scan_rows: settings.limits.scan_rows,
    }
}

fn make_folder(data: &Path) -> Result<(), OpenError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(data);
    made.map_err(|why| OpenError::Folder(format!("the data folder {} cannot be made: {why}", data.display())))
}
