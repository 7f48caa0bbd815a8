//! How long `serve --dev` takes from exec to ready, and what it holds when nothing is asked of it.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use anyhow::Result;

use crate::populate;
use crate::process::Memory;
use crate::server::{Server, Setup, Tls};
use crate::table::{Table, median, millis, quantile};
use crate::wanted::Wanted;

/// How many starts of each kind.
const STARTS: usize = 20;

/// After ready, until what is put off (password hashes) is done too.
const SETTLING: Duration = Duration::from_secs(3);

/// A directory that does not fit into any cache.
const MANY: u64 = 1_000_000;

/// Starts on an empty folder, on an existing one, and on one of a million users.
///
/// # Errors
///
/// The server does not start or stop.
pub(crate) fn run(wanted: &mut Wanted) -> Result<()> {
    let mut table = Table::new(
        "Start of `serve --dev`, from before exec to ready",
        &["folder", "starts", "median", "p95", "slowest"],
    );

    let empty = times(|| {
        let folder = populate::empty("start")?;
        start(&folder)
    })?;
    row(&mut table, "empty", &empty);
    wanted.within_ms("start on an empty folder, median", median(&empty), 300.0);

    let folder = populate::empty("start")?;
    start(&folder)?;
    let existing = times(|| start(&folder))?;
    row(&mut table, "existing", &existing);
    wanted.within_ms("start on an existing folder, median", median(&existing), 60.0);

    let folder = populate::copy(&populate::kept(MANY)?)?;
    let many = times(|| start(&folder))?;
    row(&mut table, "of 1,000,000 users", &many);
    wanted.within_ms("start with a million users, median", median(&many), 60.0);
    table.print();

    idle(&[("new", populate::empty("start")?), ("of 1,000,000 users", folder)], wanted)
}

fn idle(folders: &[(&str, PathBuf)], wanted: &mut Wanted) -> Result<()> {
    let mut table = Table::new("Resident memory when idle", &["folder", "RssAnon", "RssFile", "sum"]);
    for (name, folder) in folders {
        let Memory { anon, file } = settled(folder)?;
        let cells = [anon, file, anon + file].map(|mib| format!("{mib:.1} MiB"));
        table.row([vec![(*name).to_owned()], cells.to_vec()].concat());
        wanted.within_mib(&format!("idle memory, folder {name}"), anon + file, 30.0);
    }
    table.print();
    Ok(())
}

fn settled(folder: &Path) -> Result<Memory> {
    let server = Server::start(Setup { folder, tls: Tls::On, database: None })?;
    thread::sleep(SETTLING);
    let memory = server.memory()?;
    server.stop()?;
    Ok(memory)
}

/// One start and a clean stop; milliseconds until ready.
fn start(folder: &Path) -> Result<f64> {
    let server = Server::start(Setup { folder, tls: Tls::On, database: None })?;
    let ready = server.ready_after().as_secs_f64() * 1e3;
    server.stop()?;
    Ok(ready)
}

fn times(mut start: impl FnMut() -> Result<f64>) -> Result<Vec<f64>> {
    (0..STARTS).map(|_| start()).collect()
}

fn row(table: &mut Table, folder: &str, times: &[f64]) {
    table.row(vec![
        folder.into(),
        times.len().to_string(),
        millis(median(times)),
        millis(quantile(times, 0.95)),
        millis(quantile(times, 1.0)),
    ]);
}
