//! `POST /invitations`: how many a second become durable.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, ensure};

use super::{CONNECTIONS, Load, Sample, row, table};
use crate::limits;
use crate::populate;
use crate::postgres::Database;
use crate::server::{Server, Setup, Tls};
use crate::table::{Table, millis, percent, rate};
use crate::wanted::Wanted;

/// How many clients at once; each waits for its answer.
const CLIENTS: [usize; 4] = [1, 8, 32, 128];

/// With every engine, with and without TLS, then the ceilings at the batch sizes that were seen.
pub(super) fn run(time: Duration, wanted: &mut Wanted) -> Result<()> {
    let mut steps = Vec::new();
    for (engine, tls) in [
        (Engine::Sqlite, Tls::Off),
        (Engine::Postgres, Tls::Off),
        (Engine::Sqlite, Tls::On),
        (Engine::Postgres, Tls::On),
    ] {
        for clients in CLIENTS {
            steps.extend(Step::take(engine, tls, clients, Mail::Unasked, time)?);
        }
        steps.extend(Step::take(engine, tls, CONNECTIONS, Mail::Asked, time)?);
    }

    let mut loads = table("Invitations", &["engine", "TLS", "connections"]);
    for step in &steps {
        loads.row(row(&step.name(), &step.sample));
    }
    loads.print();
    durability(&steps).print();
    shares(&steps, time, wanted)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// Whether the invitations ask for a mail. Dev mode delivers it to its mailbox, meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mail {
    /// `sendInvitationMessage: true`.
    Asked,
    /// `false`.
    Unasked,
}

/// One load on a new directory.
struct Step {
    engine: Engine,
    tls: Tls,
    clients: usize,
    mail: Mail,
    sample: Sample,
    rows_each: f64,
    syncs_each: Option<f64>,
    /// Processor seconds of PostgreSQL for each invitation.
    database_cpu_each: Option<f64>,
}

impl Step {
    /// `None` where there is no such engine.
    fn take(engine: Engine, tls: Tls, clients: usize, mail: Mail, time: Duration) -> Result<Option<Self>> {
        let folder = populate::empty("load")?;
        let database = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => match Database::fresh()? {
                Some(database) => Some(database),
                None => return Ok(None),
            },
        };
        let url = database.as_ref().map(Database::url);
        let server = Server::start(Setup { folder: &folder, tls, database: url })?;
        let before = Counts::of(&folder, database.as_ref())?;

        let users = server.users(&server.token()?)?;
        let sample = invite(&server, &folder, clients, mail, time)?;
        // Those that were in flight in the end were made, too.
        let made = (server.users(&server.token()?)? - users) as f64;
        server.stop()?;
        let after = Counts::of(&folder, database.as_ref())?;
        let rows_each = (after.rows - before.rows) as f64 / made;
        let syncs_each = match engine {
            Engine::Sqlite => sample.syncs.map(|syncs| syncs.all as f64 / sample.seen.requests as f64),
            Engine::Postgres => Some((after.syncs - before.syncs) as f64 / made),
        };
        let database_cpu_each = after.cpu.zip(before.cpu).map(|(after, before)| (after - before) / made);
        Ok(Some(Self { engine, tls, clients, mail, sample, rows_each, syncs_each, database_cpu_each }))
    }

    fn name(&self) -> [&str; 3] {
        let clients = match (self.clients, self.mail) {
            (1, _) => "1",
            (8, _) => "8",
            (32, Mail::Unasked) => "32",
            (32, Mail::Asked) => "32, mailed",
            _ => "128",
        };
        [self.engine.name(), self.tls.name(), clients]
    }
}

/// What a database knows about itself.
struct Counts {
    rows: i64,
    /// Of the log; PostgreSQL only.
    syncs: i64,
    /// Processor seconds; PostgreSQL only.
    cpu: Option<f64>,
}

impl Counts {
    fn of(folder: &Path, database: Option<&Database>) -> Result<Self> {
        match database {
            None => Ok(Self { rows: rows(folder)?, syncs: 0, cpu: None }),
            Some(database) => Ok(Self {
                rows: database.rows_inserted()?,
                syncs: database.log_syncs()?,
                cpu: database.cpu_seconds(),
            }),
        }
    }
}

/// One load of invitations, each of which is counted in the directory afterwards.
pub(crate) fn invite(
    server: &Server,
    folder: &Path,
    connections: usize,
    mail: Mail,
    time: Duration,
) -> Result<Sample> {
    let token = server.token()?;
    let before = server.users(&token)?;
    let prefix = format!("{before}-{{phase}}");
    let mail = match mail {
        Mail::Asked => "mail",
        Mail::Unasked => "",
    };
    let words = vec!["invite".into(), token.clone(), prefix, mail.into()];
    let sample = Load { server, words, connections, time, folder }.run()?;

    // What was in flight when the time was over may stand without an answer; what was answered must stand.
    let stand = server.users(&token)? - before;
    let unanswered = 2 * connections as u64;
    ensure!(
        (sample.good()..=sample.good() + unanswered + sample.seen.bad + sample.seen.broken).contains(&stand),
        "{} invitations were answered 201, {stand} guests stand",
        sample.good()
    );
    Ok(sample)
}

/// Rows of all tables.
fn rows(folder: &Path) -> Result<i64> {
    let database: PathBuf = folder.join("vestibule.db");
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let connection = rusqlite::Connection::open_with_flags(database, flags)?;
    let mut names = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")?;
    let names = names.query_map((), |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    let count = |name: &String| {
        connection.query_row(&format!("SELECT count(*) FROM \"{name}\""), (), |row| row.get::<_, i64>(0))
    };
    Ok(names.iter().map(count).sum::<Result<i64, _>>()?)
}

fn durability(steps: &[Step]) -> Table {
    let heads = [
        "engine",
        "TLS",
        "connections",
        "in a commit",
        "syncs each",
        "rows each",
        "largest log",
        "database CPU per 1,000",
    ];
    let mut table = Table::new("What an invitation costs the disk", &heads);
    for step in steps {
        let is_sqlite = step.engine == Engine::Sqlite;
        let batch = step.sample.batch().filter(|_| is_sqlite);
        let costs = vec![
            batch.map_or_else(unknown, |batch| format!("{batch:.1}")),
            step.syncs_each.map_or_else(unknown, |syncs| format!("{syncs:.3}")),
            format!("{:.1}", step.rows_each),
            if is_sqlite { format!("{:.0} MiB", step.sample.log_mib) } else { unknown() },
            step.database_cpu_each.map_or_else(|| "in the server's".into(), |each| millis(each * 1e6)),
        ];
        table.row([step.name().map(str::to_owned).to_vec(), costs].concat());
    }
    table
}

fn unknown() -> String {
    "not counted".into()
}

/// Without TLS, as shares of the recorded statements at the batch sizes that were seen.
fn shares(steps: &[Step], time: Duration, wanted: &mut Wanted) -> Result<()> {
    let heads = ["engine", "connections", "per second", "ceiling", "of it", "its commits", "p99"];
    let mut table = Table::new("Invitations as shares of their ceiling, TLS off", &heads);
    let replay = limits::Replay::record()?;
    for step in steps.iter().filter(|step| step.tls == Tls::Off && step.mail == Mail::Unasked) {
        let (ceiling, commits) = match step.engine {
            Engine::Sqlite => {
                let batch = step.sample.batch().unwrap_or(step.clients as f64).round().max(1.0) as usize;
                (replay.sqlite(batch, time)?, format!("of {batch}"))
            }
            Engine::Postgres if step.clients == CONNECTIONS => match limits::postgres(time)? {
                Some(ceiling) => (ceiling, "of 1".to_owned()),
                None => continue,
            },
            Engine::Postgres => continue,
        };
        let seen = step.sample.seen.rate();
        let [_, _, p99, _] = step.sample.seen.latencies();
        table.row(vec![
            step.engine.name().into(),
            step.clients.to_string(),
            rate(seen),
            rate(ceiling),
            percent(seen / ceiling),
            commits,
            millis(p99),
        ]);
        if step.clients == CONNECTIONS {
            promise(step, ceiling, wanted);
        }
    }
    table.print();
    Ok(())
}

fn promise(step: &Step, ceiling: f64, wanted: &mut Wanted) {
    let (engine, sample) = (step.engine.name(), &step.sample);
    let share = match step.engine {
        Engine::Sqlite => 0.5,
        Engine::Postgres => 0.6,
    };
    wanted.share(&format!("invitations at 32 connections on {engine}"), sample.seen.rate(), ceiling, share);
    wanted.none(&format!("errors there on {engine}"), sample.seen.failed());
    wanted.within_mib(&format!("RssAnon under that load on {engine}"), sample.memory.anon, 60.0);
    if step.engine == Engine::Sqlite {
        let [_, _, p99, _] = sample.seen.latencies();
        wanted.within_ms("p99 there", p99, 20.0);
        // The mark is 64 MiB; one batch may go past it before the writer turns the log over.
        wanted.within_mib("SQLite's log there", sample.log_mib, 80.0);
    }
}
