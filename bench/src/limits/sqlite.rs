//! The recorded statements straight into SQLite: WAL, FULL, the log bounded as the store bounds it, and nothing else.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, Statement};

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
pub(crate) fn rate(database: &Path, script: &Script, batch: usize, time: Duration) -> Result<f64> {
    let checkpoints = connect(database)?;
    let mut connection = connect(database)?;
    let (wake, woken) = sync_channel(1);
    let mut log = Log::watch(&mut connection, wake)?;
    let mut statements =
        script.texts.iter().map(|text| connection.prepare(text)).collect::<Result<Vec<_>, _>>()?;

    thread::scope(|scope| {
        scope.spawn(move || copy_back(&checkpoints, &woken));
        let began = Instant::now();
        let mut done = 0;
        for group in script.invitations.chunks(batch) {
            if began.elapsed() >= time {
                break;
            }
            connection.execute_batch("BEGIN IMMEDIATE")?;
            for (statement, values) in group.iter().flatten() {
                run(&mut statements[*statement], values).context("a recorded statement")?;
            }
            connection.execute_batch("COMMIT")?;
            log.care(&connection)?;
            done += group.len();
        }
        let rate = done as f64 / began.elapsed().as_secs_f64();
        drop(log);
        Ok(rate)
    })
}

/// Each different text once, and the invitations as numbers of texts with their values.
pub(crate) struct Script {
    texts: Vec<String>,
    invitations: Vec<Vec<(usize, Vec<Value>)>>,
}

impl Script {
    /// From what was recorded: `$n` becomes `?n`, as in the store's driver: SQLite numbers `$n` by first appearance.
    pub(crate) fn of(invitations: Vec<Recorded>) -> Self {
        let mut texts = Vec::new();
        let mut numbers = HashMap::new();
        let mut number_of = |sql: &str| {
            *numbers.entry(sql.to_owned()).or_insert_with(|| {
                texts.push(sql.replace('$', "?"));
                texts.len() - 1
            })
        };
        let invitations = invitations
            .into_iter()
            .map(|recorded| {
                recorded.writes.into_iter().map(|write| (number_of(&write.text), write.values)).collect()
            })
            .collect();
        Self { texts, invitations }
    }
}

fn run(statement: &mut Statement<'_>, values: &[Value]) -> rusqlite::Result<()> {
    for (number, value) in values.iter().enumerate() {
        match value {
            Value::Int(value) => statement.raw_bind_parameter(number + 1, value)?,
            Value::Text(value) => statement.raw_bind_parameter(number + 1, value)?,
            Value::Bytes(value) => statement.raw_bind_parameter(number + 1, value)?,
        }
    }
    let mut rows = statement.raw_query();
    while rows.next()?.is_some() {}
    Ok(())
}

/// The settings of the store's own connections.
fn connect(database: &Path) -> Result<Connection> {
    let connection = Connection::open(database)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
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

/// How long the log is, and what is done about it.
struct Log {
    pages: Arc<AtomicU32>,
    last: u32,
    wake: SyncSender<()>,
}

impl Log {
    fn watch(connection: &mut Connection, wake: SyncSender<()>) -> Result<Self> {
        connection.busy_timeout(Duration::ZERO)?;
        let pages = Arc::new(AtomicU32::new(0));
        let seen = pages.clone();
        connection.wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, length: i32| {
            seen.store(u32::try_from(length).unwrap_or(0), Ordering::Relaxed);
            Ok(())
        }))?;
        Ok(Self { pages, last: 0, wake })
    }

    fn care(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let pages = self.pages.load(Ordering::Relaxed);
        if pages >= LOG_PAGES {
            // Busy is no error: the next batch tries again.
            return connection.query_row("PRAGMA wal_checkpoint(RESTART)", (), |_| Ok(()));
        }
        if pages < self.last || pages - self.last >= WORTH_PAGES {
            let _ = self.wake.try_send(());
            self.last = pages;
        }
        Ok(())
    }
}
