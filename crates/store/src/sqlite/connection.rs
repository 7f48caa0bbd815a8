//! Opening a connection, and bringing the schema forward.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use refinery::Runner;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _};

use super::FILE;
use super::run::meaning;
use crate::inspect::{KnownKeys, age};
use crate::schema::{self, Dialect};
use crate::seal::hex;
use crate::{Durability, Inspection, SchemaAge, StoreError, meta};

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
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags).map_err(|error| meaning(&error))?;
    refuse_read_only(&connection, file)?;
    configured(connection, role, durability).map_err(|error| meaning(&error))
}

/// SQLite opens what it may not write for reading, without a word: we would start, and every write would fail.
fn refuse_read_only(connection: &Connection, file: &Path) -> Result<(), StoreError> {
    match connection.is_readonly("main") {
        Ok(false) => Ok(()),
        Ok(true) => Err(StoreError::Unavailable(format!("{} may not be written", file.display()))),
        Err(error) => Err(meaning(&error)),
    }
}

fn configured(connection: Connection, role: Role, durability: Durability) -> rusqlite::Result<Connection> {
    const STATEMENTS_KEPT: usize = 100;
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

/// The schema's version, who wrote the store, and whether its keys are at hand, from a file that is only read.
pub(super) fn inspect(file: &Path, keys: &KnownKeys) -> Result<Inspection, StoreError> {
    look(file, keys).map_err(|error| meaning(&error))
}

fn look(file: &Path, keys: &KnownKeys) -> rusqlite::Result<Inspection> {
    let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let schema = age(connection.query_row("PRAGMA user_version", [], |row| row.get(0))?);
    let sql = "SELECT value FROM server_meta WHERE name = 'written_by'";
    let written_by = match schema {
        SchemaAge::Missing => None,
        SchemaAge::Older | SchemaAge::Current | SchemaAge::Newer => {
            connection.query_row(sql, [], |row| row.get(0)).optional()?
        }
    };
    let missing_key = match schema {
        SchemaAge::Current => missing_key(&connection, keys)?,
        SchemaAge::Missing | SchemaAge::Older | SchemaAge::Newer => None,
    };

    Ok(Inspection { schema, written_by, missing_key, doubts: Vec::new() })
}

fn missing_key(connection: &Connection, keys: &KnownKeys) -> rusqlite::Result<Option<String>> {
    let mut names = connection.prepare(meta::KEY_NAMES)?;
    let names: Vec<String> = names.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut is_in_use = connection.prepare(meta::IS_IN_USE)?;
    for id in keys.missing_of(&names) {
        if is_in_use.exists(meta::sealed_range(&id))? {
            return Ok(Some(hex(&id)));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_that_may_not_be_written_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = file(folder.path()).unwrap();
        let read_only = Connection::open_with_flags(&file, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();

        let refused = refuse_read_only(&read_only, &file).unwrap_err().to_string();

        assert!(refused.ends_with("vestibule.db may not be written"), "{refused}");
        assert!(open(&file, Role::Reader, Durability::Full).is_ok(), "a reader may, and does not");
    }

    #[test]
    fn whoever_writes_durably_waits_for_the_disk() {
        const OFF: i64 = 0;
        const FULL: i64 = 2;

        let folder = tempfile::tempdir().unwrap();
        let file = file(folder.path()).unwrap();
        for (role, durability, synchronous) in [
            (Role::Writer, Durability::Full, FULL),
            (Role::Reader, Durability::Full, FULL),
            (Role::Writer, Durability::Volatile, OFF),
        ] {
            let connection = open(&file, role, durability).unwrap();
            let pragma = |name: &str| format!("PRAGMA {name}");

            let found: i64 = connection.query_row(&pragma("synchronous"), [], |row| row.get(0)).unwrap();
            assert_eq!(found, synchronous, "{durability:?}");
            let journal: String =
                connection.query_row(&pragma("journal_mode"), [], |row| row.get(0)).unwrap();
            assert_eq!(journal, "wal");
        }
    }
}
