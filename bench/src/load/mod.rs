//! The built binary under load, as shares of what the same run found to be the ceilings.

mod invitations;
mod reads;
mod sample;
mod tokens;

pub(crate) use invitations::{Mail, invite};
pub(crate) use reads::{lookup, one_user};
pub(crate) use sample::{Load, Sample};

use std::time::Duration;

use anyhow::Result;

use crate::table::{Table, millis, rate};
use crate::wanted::Wanted;

/// Where the promises are made.
pub(crate) const CONNECTIONS: usize = 32;

/// Loads and their ceilings, one after the other.
///
/// # Errors
///
/// A server fails, or not one good answer comes.
pub(crate) fn run(time: Duration, wanted: &mut Wanted) -> Result<()> {
    invitations::run(time, wanted)?;
    reads::run(time, wanted)?;
    tokens::run(time, wanted)
}

/// The columns that every load has, after those that say which load it is.
pub(crate) fn table(title: &str, first: &[&str]) -> Table {
    let rest = [
        "per second",
        "p50",
        "p95",
        "p99",
        "slowest",
        "errors",
        "server CPU",
        "per 1,000",
        "RssAnon",
        "RssFile",
    ];
    Table::new(title, &[first, &rest].concat())
}

/// The cells of those columns.
pub(crate) fn row(first: &[&str], sample: &Sample) -> Vec<String> {
    let [p50, p95, p99, slowest] = sample.seen.latencies().map(millis);
    let mut cells: Vec<String> = first.iter().map(|&cell| cell.to_owned()).collect();
    cells.extend([rate(sample.seen.rate()), p50, p95, p99, slowest, sample.seen.errors()]);
    cells.push(format!("{:.1} s", sample.cpu_seconds));
    cells.push(millis(sample.cpu_per_thousand()));
    cells.push(format!("{:.1} MiB", sample.memory.anon));
    cells.push(format!("{:.1} MiB", sample.memory.file));
    cells
}
