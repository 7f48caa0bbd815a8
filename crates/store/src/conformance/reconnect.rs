//! A database that goes away in the middle: what was acknowledged is there, and the store works on by itself.

use tokio_postgres::NoTls;

use super::sample::World;
use super::units::count;
use crate::sql::Statement;
use crate::{CommitError, Store, StoreError};

/// Ends every connection of the store to the database `name` several times, while it commits.
///
/// # Panics
///
/// When something acknowledged is gone, something else than [`StoreError::Unavailable`] is answered, or the store does not recover.
pub async fn survives_ended_connections(store: &Store, server: &str, name: &str) {
    let world = World::new(store, 1).await;
    let (operator, connection) = tokio_postgres::connect(server, NoTls).await.expect("a server");
    let connection = tokio::spawn(connection);
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()";

    let mut acknowledged = 0;
    let mut unknown = 0;
    for round in 0..30 {
        let commits =
            (0..8).map(|number| world.store.commit(world.invite(&format!("g{round}x{number}@x.com")).2));
        let outcomes = futures_util::future::join(futures_util::future::join_all(commits), async {
            if round % 5 == 0 {
                operator.execute(end, &[&name]).await.expect("allowed");
            }
        });
        for outcome in outcomes.await.0 {
            match outcome {
                Ok(()) => acknowledged += 1,
                Err(CommitError::Store(StoreError::Unavailable(_))) => unknown += 1,
                Err(other) => panic!("{other:?}"),
            }
        }
    }
    let kept = count(&world, "directory_user").await;
    assert!(
        kept >= acknowledged && kept <= acknowledged + unknown,
        "{kept} of {acknowledged} and maybe {unknown}"
    );
    for table in ["invitation", "ticket", "outbox"] {
        assert_eq!(count(&world, table).await, kept, "{table}");
    }
    assert!(acknowledged > 200, "it recovers: {acknowledged} of 240");
    let setting = "SELECT current_setting('synchronous_commit') FROM tenant WHERE tenant_id = $1";
    let row = store.row(Statement::in_tenant(world.id(), setting)).await.expect("an answer").expect("a row");
    assert_eq!(row.get::<String>(0).expect("text"), "on");

    drop(operator);
    let _ = connection.await;
}
