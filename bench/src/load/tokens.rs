//! Tokens by `client_credentials`: each is one signature, and should be little else.

use std::time::Duration;

use anyhow::Result;

use super::{CONNECTIONS, Load, row, table};
use crate::limits::signatures;
use crate::populate;
use crate::server::{Server, Setup, Tls};
use crate::table::{Table, percent, rate};
use crate::wanted::Wanted;

/// Against the signatures of as many cores as the server used: measured on two at once, since it keeps more than one busy.
pub(super) fn run(time: Duration, wanted: &mut Wanted) -> Result<()> {
    const BUSY: usize = 2;
    let alone = signatures::rate(time, 1)?;
    let before = signatures::rate(time, BUSY)?;
    let folder = populate::empty("load")?;
    let server = Server::start(Setup { folder: &folder, tls: Tls::Off, database: None })?;
    let words = vec!["token".into(), server.facts().tenant_id.clone(), server.token_form()];
    let sample = Load { server: &server, words, connections: CONNECTIONS, time, folder: &folder }.run()?;
    server.stop()?;
    let after = signatures::rate(time, BUSY)?;

    let mut loads = table("Tokens by client_credentials, 32 connections, TLS off", &["engine"]);
    loads.row(row(&["SQLite"], &sample));
    loads.print();

    let (each_core, cores) = ((before + after) / 2.0, sample.cores());
    let (seen, ceiling) = (sample.seen.rate(), each_core * cores);
    let heads = ["per second", "one core signs", "each of two", "cores used", "of the ceiling"];
    let mut shares = Table::new("Tokens as a share of the signatures of the cores used", &heads);
    shares.row(vec![
        rate(seen),
        rate(alone),
        rate(each_core),
        format!("{cores:.2}"),
        percent(seen / ceiling),
    ]);
    shares.print();
    wanted.share("tokens, of the signatures of the cores used", seen, ceiling, 0.8);
    wanted.none("errors of tokens", sample.seen.failed());
    Ok(())
}
