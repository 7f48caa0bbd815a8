//! A database that is stopped: it takes connections, keeps those that it has, and says nothing.

use std::time::Duration;

use futures_util::future::{join, join_all};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::timeout;
use vestibule_model::Guard;

use super::connect::Patience;
use super::*;
use crate::driver::{Expect, Step};
use crate::sql::Across;

/// Short, since the test waits for it; long enough for a busy machine to answer in.
const PATIENCE: Patience = Patience { connect: Duration::from_secs(3), answer: Duration::from_secs(3) };

/// Many times what every wait may take.
const AT_MOST: Duration = Duration::from_secs(60);

/// The way to a database, which can be stopped.
struct Way {
    url: String,
    stopped: watch::Sender<bool>,
}

impl Way {
    async fn to(url: &str) -> Self {
        let (before, rest) =
            url.rsplit_once('@').unwrap_or_else(|| url.split_at(url.find("//").unwrap() + 2));
        let (server, database) = rest.split_once('/').unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = listener.local_addr().unwrap();
        let at = if url.contains('@') { "@" } else { "" };
        let url = format!("{before}{at}{here}/{database}");
        let (stopped, seen) = watch::channel(false);
        let server = server.to_owned();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let far = TcpStream::connect(&server).await.unwrap();
                let (near, far) = (near.into_split(), far.into_split());
                tokio::spawn(pass_on(near.0, far.1, seen.clone()));
                tokio::spawn(pass_on(far.0, near.1, seen.clone()));
            }
        });
        Self { url, stopped }
    }
}

async fn pass_on(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    mut stopped: watch::Receiver<bool>,
) {
    let mut bytes = vec![0; 8192];
    while let Ok(length @ 1..) = from.read(&mut bytes).await {
        let goes_on = stopped.wait_for(|is_stopped| !is_stopped).await.is_ok();
        if !goes_on || to.write_all(&bytes[..length]).await.is_err() {
            return;
        }
    }
}

fn question() -> Vec<Statement> {
    vec![Statement::across_tenants(Across::Reference, "SELECT count(*) FROM server_meta")]
}

fn unit() -> Prepared {
    let sql = "INSERT INTO server_meta (name, value) VALUES ('seen', '') ON CONFLICT DO NOTHING";
    let statement = Statement::across_tenants(Across::Reference, sql);
    let steps = vec![Step { statement, expect: Expect::Any, guard: Guard::State }];
    Prepared { locks: Vec::new(), steps }
}

/// The URL of a database of our own; `None` where there is no server.
async fn database(name: &str) -> Option<String> {
    let server = crate::testing::postgres()?;
    let name = format!("vestibule_test_{}_{name}", std::process::id());
    Some(crate::conformance::database(&server, &name).await)
}

fn says_so(error: &StoreError) -> bool {
    matches!(error, StoreError::Unavailable(why) if why.contains("did not answer within"))
}

#[tokio::test]
async fn a_database_that_is_stopped_is_an_error_in_time_and_found_again_by_itself() {
    let Some(url) = database("stopped").await else { return };
    let way = Way::to(&url).await;
    let postgres = Postgres::open_with(&way.url, 4, PATIENCE).await.unwrap();
    // Some connections stand already, others would have to be made.
    let _ = join(postgres.fetch(question(), None), postgres.apply(unit())).await;

    way.stopped.send_replace(true);
    let deadline = Some(Duration::from_secs(1));
    let reads = join_all([None, deadline, None].map(|deadline| postgres.fetch(question(), deadline)));
    let (reads, write) = timeout(AT_MOST, join(reads, postgres.apply(unit()))).await.unwrap();
    let opened = timeout(AT_MOST, Postgres::open_with(&way.url, 4, PATIENCE)).await.unwrap();

    assert!(reads.iter().all(|read| read.as_ref().is_err_and(says_so)), "{reads:?}");
    assert!(matches!(&write, Err(CommitError::Store(error)) if says_so(error)), "{write:?}");
    assert!(opened.as_ref().is_err_and(says_so), "{:?}", opened.err());

    way.stopped.send_replace(false);
    let (read, write) = join(postgres.fetch(question(), None), postgres.apply(unit())).await;
    assert_eq!(read.unwrap().len(), 1);
    write.unwrap();
    timeout(AT_MOST, postgres.close()).await.unwrap().unwrap();
}

#[tokio::test]
async fn nobody_waits_behind_a_question_whose_asker_has_gone() {
    let Some(url) = database("gone").await else { return };
    let postgres = Postgres::open_with(&url, 2, PATIENCE).await.unwrap();
    let slow = || {
        let statement = Statement::across_tenants(Across::Reference, "SELECT count(*) FROM pg_sleep(30)");
        timeout(Duration::from_millis(300), postgres.fetch(vec![statement], Some(AT_MOST)))
    };
    for _ in 0..2 {
        assert!(slow().await.is_err(), "whoever asked is gone before the answer");
    }

    for _ in 0..2 {
        postgres.fetch(question(), None).await.unwrap();
    }
}
