//! Opening a connection, and bringing the schema forward.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use refinery::Runner;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::FILE;
use super::run::meaning;
use crate::schema::{self, Dialect};
use crate::{Durability, StoreError};

/// What a connection is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Writes, or copies the log back.
    Writer,
    /// Reads only.
    Reader,
}

/// The database's file, readable by its owner only, in a folder that is there.
pub(super) fn file(folder: &Path) -> Result<PathBuf, StoreError> {
    let broken = |error: std::io::Error| StoreError::Unavailable(format!("{}: {error}", folder.display()));
    fs::create_dir_all(folder).map_err(broken)?;
    let file = folder.join(FILE);
    if !file.exists() {
        create_private(&file).map_err(broken)?;
    }
    Ok(file)
}

fn create_private(file: &Path) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map(drop)
}

/// Opens a connection for `role`.
pub(super) fn open(file: &Path, role: Role, durability: Durability) -> Result<Connection, StoreError> {
    configured(file, role, durability).map_err(|error| meaning(&error))
}

fn configured(file: &Path, role: Role, durability: Durability) -> rusqlite::Result<Connection> {
    const STATEMENTS_KEPT: usize = 100;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    // Plans do not look at what is bound: else a kept statement that compares with a partial index or a limit is prepared anew
    // each time it is bound, a fifth of what a look-up costs.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // A mode that is set already costs nothing; the first one who opens the file sets it.
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    let synchronous = match durability {
        Durability::Full => "FULL",
        Durability::Volatile => "OFF",
    };
    let (cache_kib, query_only) = match role {
        Role::Writer => (16_384, 0),
        Role::Reader => (2_048, 1),
    };
    connection.execute_batch(&format!(
        "PRAGMA synchronous = {synchronous};
         PRAGMA temp_store = MEMORY;
         PRAGMA mmap_size = 0;
         PRAGMA wal_autocheckpoint = 0;
         PRAGMA cache_size = -{cache_kib};
         PRAGMA query_only = {query_only};"
    ))?;
    Ok(connection)
}

/// Runs what the database lacks of the schema. A newer one is left alone: the store says so.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    if version(connection)? >= schema::VERSION {
        return Ok(());
    }
    Runner::new(&schema::migrations(Dialect::Sqlite)?)
        .set_grouped(true)
        .run(connection)
        .map_err(|error| StoreError::Unavailable(format!("migrating: {error}")))?;
    connection.pragma_update(None, "user_version", schema::VERSION).map_err(|error| meaning(&error))
}

fn version(connection: &Connection) -> Result<u32, StoreError> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(|error| meaning(&error))
}

/// The schema's version and who wrote the store, from a file that is only read.
pub(super) fn inspect(file: &Path) -> Result<(u32, String), StoreError> {
    let read = || -> rusqlite::Result<(u32, String)> {
        let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let version = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        let sql = "SELECT value FROM server_meta WHERE name = 'written_by'";
        Ok((version, connection.query_row(sql, [], |row| row.get(0))?))
    };
    read().map_err(|error| meaning(&error))
}
