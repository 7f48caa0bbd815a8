//! The ceilings of this machine: the same work without the product around it.
//!
//! `load` asks for them in its own run, so that its ratios compare what the same minutes allowed.

pub(crate) mod bare;
pub(crate) mod postgres;
mod recorded;
pub(crate) mod signatures;
mod sqlite;

use std::time::Duration;

use anyhow::Result;
use vestibule_store::Durability;

use crate::guests::Inviter;
use crate::populate::{self, Database};
use crate::table::{Table, median, rate};
use crate::wrk::{Seen, Shot};
use bare::Bare;
use recorded::{Recorded, record};

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
    for batch in [1, 8, 32, 128] {
        let replayed = sqlite(batch, time)?;
        table.row(vec![format!("SQLite, recorded invitations, {batch} in a commit"), rate(replayed)]);
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
    table.row(vec!["RS256 signatures, one core".into(), rate(signatures::rate(time)?)]);
    table.print();
    Ok(())
}

/// Recorded invitations a second into SQLite, so many in a commit.
///
/// # Errors
///
/// The store does not open, or a statement fails.
pub(crate) fn sqlite(batch: usize, time: Duration) -> Result<f64> {
    let rates = (0..ROUNDS).map(|_| {
        let folder = populate::empty("replay")?;
        let recorded = recorded(&folder, Database::Sqlite)?;
        sqlite::rate(&folder.join("vestibule.db"), &recorded, batch, time)
    });
    Ok(median(&rates.collect::<Result<Vec<_>>>()?))
}

/// Recorded invitations a second into PostgreSQL; `None` where there is none.
///
/// # Errors
///
/// The store does not open, or a statement fails.
pub(crate) fn postgres(time: Duration) -> Result<Option<f64>> {
    let mut rates = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let Some(database) = crate::postgres::Database::fresh()? else { return Ok(None) };
        let recorded = recorded(&populate::empty("replay")?, Database::Postgres(database.url()))?;
        rates.push(postgres::rate(database.url(), recorded, CONNECTIONS, time)?);
    }
    Ok(Some(median(&rates)))
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

/// A new store with the dev tenant, closed again, and the statements of invitations that it has not seen.
fn recorded(folder: &std::path::Path, database: Database<'_>) -> Result<Vec<Recorded>> {
    populate::populate(folder, database, 0)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = populate::open(folder, database, Durability::Full).await?;
        let inviter = Inviter::of(&store).await?;
        let recorded = record(&store, &inviter, RECORDED)?;
        store.close().await?;
        Ok(recorded)
    })
}
