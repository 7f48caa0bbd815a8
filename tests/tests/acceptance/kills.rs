//! `kill -9` at random moments of a stream of invitations and acceptances: nothing acknowledged is lost, nothing is half.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Result;
use futures_util::future::join_all;
use serde_json::json;
use url::Url;
use uuid::Uuid;
use vestibule_tests::server::Setup;
use vestibule_tests::{App, Http, Server, database, process};

const KILLS: usize = 200;
const WORKERS: usize = 8;
const LONGEST_LIFE_MS: u128 = 250;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_in_200_random_moments_loses_nothing_and_leaves_no_half_on_sqlite() {
    let Some(server) = Server::dev_with(at_one_port(Setup::new())).await else { return };
    let file = sqlite_file(&server.data());
    kill_and_compare(server, &Database::Sqlite(file)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_in_200_random_moments_loses_nothing_and_leaves_no_half_on_postgres() {
    let Some(url) = database::fresh_postgres().await else { return };
    let setup = at_one_port(Setup::new().variable("VESTIBULE_DATABASE_URL", url.as_str()));
    let Some(server) = Server::dev_with(setup).await else { return };
    kill_and_compare(server, &Database::Postgres(url)).await;
}

async fn kill_and_compare(mut server: Server, database: &Database) {
    let before = Counts::of(database).await.unwrap();
    let ledger = Ledger::default();

    for kill in 0..KILLS {
        let app = server.app().await;
        let last_round = ledger.promises().len();
        let workers =
            (0..WORKERS).map(|_| tokio::spawn(work(server.http().clone(), app.clone(), ledger.clone())));
        let workers: Vec<_> = workers.collect();
        // The one place that waits for a time and not for a thing: a random moment is what is wanted.
        tokio::time::sleep(random_moment()).await;
        server.kill().unwrap();
        join_all(workers).await;
        server.start_again().await.unwrap_or_else(|error| panic!("after kill {kill}: {error:#}"));

        let app = server.app().await;
        for (id, is_accepted) in ledger.promises().into_iter().skip(last_round) {
            let state = app.user(&id, "externalUserState").await["externalUserState"].clone();
            assert!(state == "Accepted" || !is_accepted, "kill {kill}: {id} was acknowledged and is {state}");
        }
    }
    server.stop().await.unwrap();

    let promises = ledger.promises();
    let accepted = promises.iter().filter(|(_, is_accepted)| *is_accepted).count();
    let promised = promises.len() - accepted;
    let states = states(database).await.unwrap();
    for (id, is_accepted) in &promises {
        let state =
            states.get(&id.replace('-', "")).unwrap_or_else(|| panic!("{id} was acknowledged and is lost"));
        assert!(!is_accepted || state.eq_ignore_ascii_case("Accepted"), "{id} had accepted and is {state}");
    }
    let after = Counts::of(database).await.unwrap();
    let grown = |of: fn(&Counts) -> i64| of(&after) - of(&before);
    let invited = grown(|counts| counts.invitations);
    assert!(invited >= promised as i64 && promised > KILLS, "{invited} invitations, {promised} promised");
    for (name, count) in [
        ("users", grown(|counts| counts.users)),
        ("tickets", grown(|counts| counts.tickets)),
        ("mails", grown(|counts| counts.mails)),
        ("users created, in the change log", grown(|counts| counts.changes("created"))),
        ("audit: Add user", grown(|counts| counts.events("Add user"))),
        ("audit: Invite external user", grown(|counts| counts.events("Invite external user"))),
        ("people with an address", grown(|counts| counts.with_address)),
    ] {
        assert_eq!(count, invited, "{name} against invitations: {after:?}");
    }
    let redeemed = grown(|counts| counts.events("Redeem external user invite"));
    assert!(redeemed >= accepted as i64 && accepted > 0, "{redeemed} acceptances, {accepted} promised");
    for (name, count) in [
        ("accepted users", grown(|counts| counts.accepted)),
        ("completed invitations", grown(|counts| counts.completed)),
        ("consents", grown(|counts| counts.consents)),
        ("users updated, in the change log", grown(|counts| counts.changes("updated"))),
    ] {
        assert_eq!(count, redeemed, "{name} against redemptions: {after:?}");
    }
}

/// Invites, and lets every other guest accept, until the server is gone.
async fn work(http: Http, app: App, ledger: Ledger) {
    loop {
        let number = ledger.next.fetch_add(1, Ordering::Relaxed);
        let body = json!({
            "invitedUserEmailAddress": format!("guest{number}@fabrikam.com"),
            "inviteRedirectUrl": "https://myapps.microsoft.com/",
            "sendInvitationMessage": true,
        });
        let request = app.request(reqwest::Method::POST, "/v1.0/invitations").json(&body);
        let Ok(answer) = vestibule_tests::http::send(request).await else { return };
        let invitation = answer.expect(201).json();
        let id = invitation["invitedUser"]["id"].as_str().unwrap().to_owned();
        ledger.keep(&id, false);

        if number.is_multiple_of(2) {
            let link = json!({"inviteRedeemUrl": invitation["inviteRedeemUrl"]});
            let Ok(answer) = http.post_json("/_dev/redeem", &link).await else { return };
            answer.expect(200);
            ledger.keep(&id, true);
        }
    }
}

/// What was acknowledged: who was invited, and whether they have accepted.
#[derive(Clone, Default)]
struct Ledger {
    next: Arc<AtomicUsize>,
    kept: Arc<Mutex<Vec<(String, bool)>>>,
}

impl Ledger {
    fn keep(&self, id: &str, is_accepted: bool) {
        self.kept.lock().unwrap().push((id.to_owned(), is_accepted));
    }

    fn promises(&self) -> Vec<(String, bool)> {
        self.kept.lock().unwrap().clone()
    }
}

enum Database {
    Sqlite(PathBuf),
    Postgres(Url),
}

impl Database {
    async fn rows(&self, sql: &str) -> Result<Vec<Vec<String>>> {
        match self {
            Self::Sqlite(file) => database::sqlite_rows(file, sql),
            Self::Postgres(url) => database::postgres_rows(url, sql).await,
        }
    }

    async fn count(&self, of: &str) -> Result<i64> {
        Ok(self.rows(&format!("SELECT count(*) FROM {of}")).await?[0][0].parse()?)
    }

    async fn counts(&self, column: &str, table: &str) -> Result<BTreeMap<String, i64>> {
        let rows = self.rows(&format!("SELECT {column}, count(*) FROM {table} GROUP BY {column}")).await?;
        rows.iter().map(|row| Ok((plain(&row[0]), row[1].parse()?))).collect()
    }
}

/// How many rows of each kind there are.
#[derive(Debug)]
struct Counts {
    users: i64,
    accepted: i64,
    with_address: i64,
    invitations: i64,
    completed: i64,
    tickets: i64,
    mails: i64,
    consents: i64,
    by_change: BTreeMap<String, i64>,
    by_activity: BTreeMap<String, i64>,
}

impl Counts {
    async fn of(database: &Database) -> Result<Self> {
        Ok(Self {
            users: database.count("directory_user").await?,
            accepted: database.count("directory_user WHERE lower(external_user_state) = 'accepted'").await?,
            with_address: database
                .count("directory_user u WHERE EXISTS (SELECT 1 FROM user_address a WHERE a.user_id = u.id)")
                .await?,
            invitations: database.count("invitation").await?,
            completed: database.count("invitation WHERE lower(status) = 'completed'").await?,
            tickets: database.count("ticket").await?,
            mails: database.count("outbox").await?,
            consents: database.count("consent").await?,
            // Of guests: the seeded members get their passwords hashed some time after the start.
            by_change: database
                .counts("change", "change_log WHERE object_id IN (SELECT user_id FROM invitation)")
                .await?,
            by_activity: database.counts("activity", "audit").await?,
        })
    }

    fn changes(&self, kind: &str) -> i64 {
        self.by_change.get(&plain(kind)).copied().unwrap_or_default()
    }

    fn events(&self, activity: &str) -> i64 {
        self.by_activity.get(&plain(activity)).copied().unwrap_or_default()
    }
}

/// Every user's state by id in hexadecimal digits.
async fn states(database: &Database) -> Result<BTreeMap<String, String>> {
    let rows = database.rows("SELECT id, external_user_state FROM directory_user").await?;
    Ok(rows.into_iter().map(|row| (row[0].trim_start_matches("\\x").to_owned(), row[1].clone())).collect())
}

/// However a name is stored: without case and blanks.
fn plain(name: &str) -> String {
    name.to_lowercase().replace(' ', "")
}

fn sqlite_file(data: &Path) -> PathBuf {
    let files: BTreeSet<PathBuf> = fs::read_dir(data).unwrap().map(|entry| entry.unwrap().path()).collect();
    let is_database =
        |file: &&PathBuf| fs::read(file).is_ok_and(|bytes| bytes.starts_with(b"SQLite format 3\0"));
    files.iter().find(is_database).expect("a SQLite file in the data folder").clone()
}

/// Tokens and redeem URLs name the port, so it must stay the same.
fn at_one_port(setup: Setup) -> Setup {
    setup.port(process::free_port().unwrap())
}

#[expect(clippy::disallowed_methods, reason = "a moment that no seed chose")]
fn random_moment() -> Duration {
    let ms = Uuid::new_v4().as_u128() % LONGEST_LIFE_MS;
    Duration::from_millis(u64::try_from(ms).unwrap_or_default())
}
