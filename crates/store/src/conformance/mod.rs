//! The promises that every engine keeps, to be run against each: `run(make)`, where `make` gives an empty store.

mod audit;
mod filters;
mod guards;
mod locks;
mod naive;
mod objects;
mod outbox;
mod reconnect;
pub mod sample;
mod state;
mod units;

use std::future::Future;

use crate::Store;

pub use locks::every_fact_has_its_lock;
pub use reconnect::survives_ended_connections;

/// Runs every check, each group on stores of its own.
///
/// # Panics
///
/// When a promise is broken.
pub async fn run<F: Future<Output = Store>>(make: impl Fn() -> F) {
    objects::run(&make().await).await;
    units::run(&make().await).await;
    guards::run(&make().await, &make().await).await;
    state::run(&make().await).await;
    outbox::run(&make().await).await;
    audit::run(&make().await).await;
    filters::run(&make().await).await;
}

/// Makes a database called `name` on the server at `server`, and answers its URL.
///
/// # Panics
///
/// When the server does not let us.
pub async fn database(server: &str, name: &str) -> String {
    let (client, connection) =
        tokio_postgres::connect(server, tokio_postgres::NoTls).await.expect("a server");
    let connection = tokio::spawn(connection);
    client
        .batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        .await
        .expect("none is left");
    client.batch_execute(&format!("CREATE DATABASE {name}")).await.expect("one more");
    drop(client);
    let _ = connection.await;

    url_of(server, name)
}

/// The URL of the database called `name` on the server at `server`.
fn url_of(server: &str, name: &str) -> String {
    let (address, query) = server
        .split_once('?')
        .map_or((server, String::new()), |(address, query)| (address, format!("?{query}")));
    let host =
        address.split_once("//").map_or(address, |(_, rest)| rest).split('/').next().unwrap_or_default();
    format!("postgres://{host}/{name}{query}")
}
