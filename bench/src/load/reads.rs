//! Single reads among many: the look-up in five branches, and one user by id.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};

use super::{CONNECTIONS, Load, Sample, row, table};
use crate::guests::{address_of, id_of};
use crate::limits;
use crate::populate;
use crate::postgres::Database;
use crate::server::{Server, Setup, Tls};
use crate::table::{Table, millis, percent, rate};
use crate::wanted::Wanted;

/// Guests in SQLite.
const IN_SQLITE: u64 = 1_000_000;

/// Guests in PostgreSQL.
const IN_POSTGRES: u64 = 100_000;

/// On both engines, with the bare route before and after.
pub(super) fn run(time: Duration, wanted: &mut Wanted) -> Result<()> {
    let mut loads = table("Single reads, 32 connections, TLS off", &["engine", "users", "what"]);
    let (before, _) = limits::bare(time)?;
    let folder = populate::copy(&populate::kept(IN_SQLITE)?)?;
    let sqlite = both(&folder, None, IN_SQLITE, time)?;
    let (after, cores) = limits::bare(time)?;
    let ceiling = (before.rate() + after.rate()) / 2.0;

    let mut shares = Table::new(
        "Single reads as shares of the bare route",
        &["engine", "what", "per second", "of it", "CPU per 1,000"],
    );
    let cpu = millis(cores / after.rate() * 1e6);
    shares.row(vec!["none".into(), "bare axum route".into(), rate(ceiling), percent(1.0), cpu]);
    for (what, sample) in &sqlite {
        loads.row(row(&["SQLite", &rate(IN_SQLITE as f64), what], sample));
        shares.row(share("SQLite", what, sample, ceiling));
        wanted.share(&format!("{what} among a million, of the bare route"), sample.seen.rate(), ceiling, 0.6);
        wanted.none(&format!("errors of {what}"), sample.seen.failed());
    }
    if let Some(database) = Database::fresh()? {
        let folder = populate::empty("load")?;
        populate::populate(&folder, populate::Database::Postgres(database.url()), IN_POSTGRES)?;
        for (what, sample) in both(&folder, Some(database.url()), IN_POSTGRES, time)? {
            loads.row(row(&["PostgreSQL", &rate(IN_POSTGRES as f64), what], &sample));
            shares.row(share("PostgreSQL", what, &sample, ceiling));
        }
    }
    loads.print();
    shares.print();
    Ok(())
}

fn share(engine: &str, what: &str, sample: &Sample, ceiling: f64) -> Vec<String> {
    let seen = sample.seen.rate();
    let cpu = millis(sample.cpu_per_thousand());
    vec![engine.into(), what.into(), rate(seen), percent(seen / ceiling), cpu]
}

fn both(
    folder: &Path,
    database: Option<&str>,
    guests: u64,
    time: Duration,
) -> Result<[(&'static str, Sample); 2]> {
    let server = Server::start(Setup { folder, tls: Tls::Off, database })?;
    let samples = [
        ("five-branch look-up", lookup(&server, folder, guests, time)?),
        ("GET /users/{id}", one_user(&server, folder, guests, time)?),
    ];
    server.stop()?;
    Ok(samples)
}

/// The look-up of random guests, after one whose answer is known.
///
/// # Errors
///
/// The known one is not found, or no good answer comes.
pub(crate) fn lookup(server: &Server, folder: &Path, guests: u64, time: Duration) -> Result<Sample> {
    let token = server.token()?;
    let known = guests / 2;
    let filter = "userPrincipalName eq '{0}' or mail eq '{0}' or proxyAddresses/any(x:x eq 'SMTP:{0}') or \
                  signInNames/any(x:x eq '{0}') or otherMails/any(x:x eq '{0}')";
    let filter = filter.replace("{0}", &address_of(known)).replace(' ', "%20");
    let found = server.get(&format!("/v1.0/users?$filter={filter}"), &token)?;
    ensure!(found["value"][0]["id"] == id_of(known).to_string(), "guest {known} is not found: {found}");
    ensure!(found["value"][1].is_null(), "more than guest {known} is found: {found}");

    let words = vec!["lookup".into(), token, guests.to_string()];
    Load { server, words, connections: CONNECTIONS, time, folder }.run()
}

/// Random guests by id, after one whose answer is known.
///
/// # Errors
///
/// The known one is not found, or no good answer comes.
pub(crate) fn one_user(server: &Server, folder: &Path, guests: u64, time: Duration) -> Result<Sample> {
    let token = server.token()?;
    let known = guests / 2;
    let found = server.get(&format!("/v1.0/users/{}", id_of(known)), &token)?;
    ensure!(found["mail"] == address_of(known), "guest {known} is not found: {found}");

    let words = vec!["user".into(), token, guests.to_string()];
    Load { server, words, connections: CONNECTIONS, time, folder }.run()
}
