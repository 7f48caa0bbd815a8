//! The conformance suite on every engine.
//!
//! PostgreSQL is the one that `VESTIBULE_TEST_POSTGRES` names: a URL to a server where databases may be made.

use std::sync::atomic::{AtomicU32, Ordering};

use vestibule_store::testing::fixed_keys;
use vestibule_store::{Durability, Engine, Options, Store, StoreKind, conformance};

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_in_memory_keeps_every_promise() {
    conformance::run(|| async { Store::volatile().await.unwrap() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_on_disk_keeps_every_promise() {
    let parent = tempfile::tempdir().unwrap();
    let made = AtomicU32::new(0);
    conformance::run(|| {
        let folder = parent.path().join(made.fetch_add(1, Ordering::Relaxed).to_string());
        open(Engine::Sqlite { folder, durability: Durability::Full })
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_keeps_every_promise() {
    let Ok(server) = std::env::var("VESTIBULE_TEST_POSTGRES") else {
        eprintln!("skipped: PostgreSQL conformance, since VESTIBULE_TEST_POSTGRES names no server");
        return;
    };
    let made = AtomicU32::new(0);
    conformance::run(|| {
        let name = format!("vestibule_test_{}_{}", std::process::id(), made.fetch_add(1, Ordering::Relaxed));
        let server = server.clone();
        async move {
            let url = conformance::database(&server, &name).await;
            open(Engine::Postgres { url, connections: 8 }).await
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_that_ends_our_connections_loses_nothing_acknowledged() {
    let Ok(server) = std::env::var("VESTIBULE_TEST_POSTGRES") else {
        eprintln!("skipped: PostgreSQL reconnection, since VESTIBULE_TEST_POSTGRES names no server");
        return;
    };
    let name = format!("vestibule_test_{}_ended", std::process::id());
    let url = conformance::database(&server, &name).await;
    let store = open(Engine::Postgres { url, connections: 8 }).await;
    conformance::survives_ended_connections(&store, &server, &name).await;
}

async fn open(engine: Engine) -> Store {
    Store::open(Options { engine, keys: fixed_keys(), kind: StoreKind::Dev, scan_rows: 200_000 })
        .await
        .expect("an empty store opens")
}
