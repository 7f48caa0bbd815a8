//! The ceilings of this machine: the same work without the product around it.
//!
//! `load` asks for them in its own run, so that its ratios compare what the same minutes allowed.

pub(crate) mod bare;
pub(crate) mod postgres;
mod recorded;
pub(crate) mod signatures;
mod sqlite;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;

use crate::populate::{self, Database};
use crate::process;
use crate::table::{Table, median, rate};
use crate::wrk::{Seen, Shot};
use bare::Bare;
use recorded::record;

/// Invitations in one replay: as many as a load of some seconds makes, so that trees are as deep.
const RECORDED: u64 = 30_000;

/// How often each ceiling is measured; the middle one counts.
const ROUNDS: usize = 3;

/// Connections of the replay into PostgreSQL and to the bare route.
const CONNECTIONS: usize = 32;

/// Prints every ceiling.
///
/// # Errors
///
/// One cannot be measured.
pub(crate) fn run(time: Duration) -> Result<()> {
    let mut table = Table::new("Ceilings of this machine", &["what", "per second"]);
    let replay = Replay::record()?;
    for batch in [1, 8, 32, 128] {
        let what = format!("SQLite, recorded invitations, {batch} in a commit");
        table.row(vec![what, rate(replay.sqlite(batch, time)?)]);
    }
    if let Some(replayed) = postgres(time)? {
        table.row(vec![
            format!("PostgreSQL, recorded invitations, {CONNECTIONS} connections"),
            rate(replayed),
        ]);
    }
    let (seen, cores) = bare(time)?;
    let what = format!("bare axum route, typed struct, {CONNECTIONS} connections, {cores:.1} cores");
    table.row(vec![what, rate(seen.rate())]);
    table.row(vec!["RS256 signatures, one core".into(), rate(signatures::rate(time, 1)?)]);
    table.row(vec!["RS256 signatures, each of two cores".into(), rate(signatures::rate(time, 2)?)]);
    table.print();
    Ok(())
}

/// A data folder with the dev tenant, and invitations that it has not seen.
pub(crate) struct Replay {
    folder: PathBuf,
    script: sqlite::Script,
}

impl Replay {
    /// Records what SQLite would be given.
    ///
    /// # Errors
    ///
    /// The server does not start, or the store does not open.
    pub(crate) fn record() -> Result<Self> {
        let folder = populate::empty("replay")?;
        populate::populate(&folder, Database::Sqlite, 0)?;
        let script = sqlite::Script::of(record(&folder, Database::Sqlite, RECORDED)?);
        Ok(Self { folder, script })
    }

    /// Invitations a second into SQLite, so many in a commit.
    ///
    /// # Errors
    ///
    /// A statement fails.
    pub(crate) fn sqlite(&self, batch: usize, time: Duration) -> Result<f64> {
        let rates = (0..ROUNDS).map(|_| {
            let folder = populate::copy(&self.folder)?;
            process::settle_disk()?;
            sqlite::rate(&folder.join("vestibule.db"), &self.script, batch, time)
        });
        Ok(median(&rates.collect::<Result<Vec<_>>>()?))
    }
}

/// Recorded invitations a second into PostgreSQL; `None` where there is none.
///
/// # Errors
///
/// The store does not open, or a statement fails.
pub(crate) fn postgres(time: Duration) -> Result<Option<f64>> {
    let Some(base) = crate::postgres::Database::fresh()? else { return Ok(None) };
    let folder = populate::empty("replay")?;
    let database = Database::Postgres(base.url());
    populate::populate(&folder, database, 0)?;
    let recorded = Arc::new(record(&folder, database, RECORDED)?);
    let rates = (0..ROUNDS).map(|_| {
        let copy = base.copy()?;
        process::settle_disk()?;
        postgres::rate(copy.url(), recorded.clone(), CONNECTIONS, time)
    });
    Ok(Some(median(&rates.collect::<Result<Vec<_>>>()?)))
}

/// What the generator gets from the bare route, and how many cores that took.
///
/// # Errors
///
/// It does not start or not answer.
pub(crate) fn bare(time: Duration) -> Result<(Seen, f64)> {
    let bare = Bare::start()?;
    let shot =
        |time| Shot { origin: bare.url(), words: vec!["bare".into()], connections: CONNECTIONS, time }.fire();
    shot(Duration::from_secs(1))?;
    let cpu = bare.cpu_seconds();
    let seen = shot(time)?;
    let cores = (bare.cpu_seconds() - cpu) / seen.seconds();
    Ok((seen, cores))
}
