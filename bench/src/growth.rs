//! The same work among a thousand, a hundred thousand and a million users.

use std::time::Duration;

use anyhow::Result;

use crate::load::{CONNECTIONS, Mail, Sample, invite, lookup, one_user, row, table};
use crate::populate;
use crate::server::{Server, Setup, Tls};
use crate::table::{Table, percent, rate};
use crate::wanted::Wanted;

/// How many users stand before.
const SIZES: [u64; 3] = [1_000, 100_000, 1_000_000];

/// Loads each size alike, and compares with the smallest.
///
/// # Errors
///
/// A server fails, or not one good answer comes.
pub(crate) fn run(time: Duration, wanted: &mut Wanted) -> Result<()> {
    let mut loads = table("Growth: SQLite, 32 connections, TLS off", &["users", "what"]);
    let mut sizes = Vec::new();
    for guests in SIZES {
        let samples = measure(guests, time)?;
        for (what, sample) in &samples {
            loads.row(row(&[&rate(guests as f64), what], sample));
        }
        sizes.push(samples);
    }
    loads.print();

    let mut shares =
        Table::new("Growth: the rate as a share of that among 1,000 users", &["users", "what", "of it"]);
    for (guests, samples) in SIZES.iter().zip(&sizes) {
        for ((what, sample), (_, first)) in samples.iter().zip(&sizes[0]) {
            let share = sample.seen.rate() / first.seen.rate();
            shares.row(vec![rate(*guests as f64), (*what).to_owned(), percent(share)]);
        }
    }
    shares.print();

    let [(_, first), (_, last)] = [&sizes[0][0], &sizes[SIZES.len() - 1][0]];
    wanted.share("look-up at a million, of that at a thousand", last.seen.rate(), first.seen.rate(), 0.7);
    Ok(())
}

/// Reads first: the invitations make the directory larger.
fn measure(guests: u64, time: Duration) -> Result<[(&'static str, Sample); 3]> {
    let folder = populate::copy(&populate::kept(guests)?)?;
    let server = Server::start(Setup { folder: &folder, tls: Tls::Off, database: None })?;
    let samples = [
        ("five-branch look-up", lookup(&server, &folder, guests, time)?),
        ("GET /users/{id}", one_user(&server, &folder, guests, time)?),
        ("POST /invitations", invite(&server, &folder, CONNECTIONS, Mail::Unasked, time)?),
    ];
    server.stop()?;
    Ok(samples)
}
