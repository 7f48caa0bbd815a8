//! The recorded statements straight into SQLite: WAL, FULL, the log bounded as the store bounds it, and nothing else.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql, TransactionBehavior};

use super::recorded::{Recorded, Value};

/// Past this the writer itself runs the last, short checkpoint between two batches: 64 MiB.
const LOG_PAGES: u32 = 16_384;

/// Pages written since the last time that are worth a checkpoint beside the writer.
const WORTH_PAGES: u32 = 512;

/// Invitations a second with `batch` of them in one durable commit, for `time` at most.
///
/// # Errors
///
/// A statement fails.
pub(crate) fn rate(database: &Path, invitations: &[Recorded], batch: usize, time: Duration) -> Result<f64> {
    let texts = Texts::of(invitations);
    let checkpoints = connect(database)?;
    let (wake, woken) = sync_channel(1);
    let mut writer = Writer::start(connect(database)?, texts.0.len(), wake)?;

    thread::scope(|scope| {
        scope.spawn(move || copy_back(&checkpoints, &woken));
        let began = Instant::now();
        let mut done = 0;
        for group in invitations.chunks(batch) {
            if began.elapsed() >= time {
                break;
            }
            writer.commit(group, &texts).context("a recorded statement")?;
            writer.bound_log()?;
            done += group.len();
        }
        let rate = done as f64 / began.elapsed().as_secs_f64();
        drop(writer);
        Ok(rate)
    })
}

/// The settings of the store's own connections.
fn connect(database: &Path) -> Result<Connection> {
    let connection = Connection::open(database)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;
         PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -16384;",
    )?;
    Ok(connection)
}

fn copy_back(connection: &Connection, woken: &Receiver<()>) {
    while woken.recv().is_ok() {
        let _ = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", (), |_| Ok(()));
    }
}

/// `$n` rewritten to `?n` once for each different text, as the store's driver does: SQLite numbers `$n` by appearance.
struct Texts<'a>(HashMap<&'a str, String>);

impl<'a> Texts<'a> {
    fn of(invitations: &'a [Recorded]) -> Self {
        let statements = invitations.iter().flat_map(|recorded| &recorded.writes);
        Self(statements.map(|sql| (sql.text.as_str(), sql.text.replace('$', "?"))).collect())
    }
}

struct Writer {
    connection: Connection,
    pages: Arc<AtomicU32>,
    last: u32,
    wake: SyncSender<()>,
}

impl Writer {
    fn start(mut connection: Connection, statements: usize, wake: SyncSender<()>) -> Result<Self> {
        connection.set_prepared_statement_cache_capacity(statements + 8);
        connection.busy_timeout(Duration::ZERO)?;
        let pages = Arc::new(AtomicU32::new(0));
        let seen = pages.clone();
        connection.wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, length: i32| {
            seen.store(u32::try_from(length).unwrap_or(0), Ordering::Relaxed);
            Ok(())
        }))?;
        Ok(Self { connection, pages, last: 0, wake })
    }

    fn commit(&mut self, group: &[Recorded], texts: &Texts<'_>) -> rusqlite::Result<()> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for sql in group.iter().flat_map(|recorded| &recorded.writes) {
            let mut statement = transaction.prepare_cached(&texts.0[sql.text.as_str()])?;
            let mut rows = statement.query(rusqlite::params_from_iter(&sql.values))?;
            while rows.next()?.is_some() {}
        }
        transaction.commit()
    }

    fn bound_log(&mut self) -> rusqlite::Result<()> {
        let pages = self.pages.load(Ordering::Relaxed);
        if pages >= LOG_PAGES {
            // Busy is no error: the next batch tries again.
            return self.connection.query_row("PRAGMA wal_checkpoint(RESTART)", (), |_| Ok(()));
        }
        if pages < self.last || pages - self.last >= WORTH_PAGES {
            let _ = self.wake.try_send(());
            self.last = pages;
        }
        Ok(())
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::NullInt | Self::NullText | Self::NullBytes => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}
