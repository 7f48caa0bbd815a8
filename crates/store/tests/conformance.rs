//! The conformance suite on every engine.
//!
//! PostgreSQL is the one that `VESTIBULE_TEST_POSTGRES` names: a URL to a server where databases may be made.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops here")]

use std::sync::atomic::{AtomicU32, Ordering};

use vestibule_model::{PurposeKey, PurposeKeys};
use vestibule_store::read::identity::SigningKeyRow;
use vestibule_store::testing::{self, fixed_keys};
use vestibule_store::{Durability, Engine, Options, SchemaAge, Store, StoreError, StoreKind, conformance};

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
    let Some(server) = testing::postgres() else { return };
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
    let Some(server) = testing::postgres() else { return };
    let name = format!("vestibule_test_{}_ended", std::process::id());
    let url = conformance::database(&server, &name).await;
    let store = open(Engine::Postgres { url, connections: 8 }).await;
    conformance::survives_ended_connections(&store, &server, &name).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_has_a_lock_for_every_fact() {
    let Some(server) = testing::postgres() else { return };
    let name = format!("vestibule_test_{}_locks", std::process::id());
    let url = conformance::database(&server, &name).await;
    let store = open(Engine::Postgres { url, connections: 8 }).await;
    conformance::every_fact_has_its_lock(&store, &server, &name).await;
}

#[tokio::test]
async fn a_look_at_sqlite_names_the_key_that_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::Sqlite { folder: folder.path().to_owned(), durability: Durability::Volatile };
    names_the_missing_key(engine).await;
}

#[tokio::test]
async fn a_look_at_postgres_names_the_key_that_is_missing() {
    let Some(server) = testing::postgres() else { return };
    let name = format!("vestibule_test_{}_inspected", std::process::id());
    let url = conformance::database(&server, &name).await;
    names_the_missing_key(Engine::Postgres { url, connections: 2 }).await;
}

async fn names_the_missing_key(engine: Engine) {
    let others = [PurposeKey { id: *b"another!", secret: [8; 32] }];
    let store = open(engine.clone()).await;
    let missing = async |keys| {
        let found = Store::inspect(&engine, keys).await.unwrap();
        assert_eq!(found.schema, SchemaAge::Current);
        found.missing_key
    };
    assert_eq!(missing(&others).await, None, "nothing is sealed yet");

    let (kid, private, certificate) = ("kid".to_owned(), vec![1], vec![2]);
    let key = SigningKeyRow { kid, private, certificate, created_at: jiff::Timestamp::UNIX_EPOCH };
    store.offer_signing_key(key).await.unwrap();

    let id_in_hex = Some("746573742d6b6579".to_owned());
    assert_eq!(missing(&others).await, id_in_hex);
    assert_eq!(missing(&[]).await, id_in_hex);
    assert_eq!(missing(fixed_keys().all()).await, None);
    store.close().await.unwrap();

    let keys = PurposeKeys::new(others.to_vec()).unwrap();
    let opened = Store::open(Options { engine, keys, kind: StoreKind::Dev, scan_rows: 200_000 }).await;
    assert!(matches!(opened.err(), Some(StoreError::UnknownKey { id }) if Some(&id) == id_in_hex.as_ref()));
}

async fn open(engine: Engine) -> Store {
    Store::open(Options { engine, keys: fixed_keys(), kind: StoreKind::Dev, scan_rows: 200_000 })
        .await
        .expect("an empty store opens")
}
