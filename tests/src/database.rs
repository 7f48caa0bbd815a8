//! The database behind a server, looked at from outside.

use anyhow::{Context, Result};
use tokio_postgres::NoTls;
use url::Url;
use uuid::Uuid;

use crate::tools::Tool;

/// A new, empty PostgreSQL database in the cluster of `cargo xtask test`; `None`, said loudly, where there is none.
///
/// It is not dropped: the whole cluster goes away.
///
/// # Panics
///
/// When the cluster does not answer.
#[expect(clippy::disallowed_methods, reason = "a test names its own database")]
pub async fn fresh_postgres() -> Option<Url> {
    let mut url = Url::parse(&Tool::Postgres.find()?).expect("VESTIBULE_TEST_POSTGRES is a URL");
    let name = format!("acceptance_{}", Uuid::new_v4().simple());
    execute(&url, &format!("CREATE DATABASE {name}")).await.expect("a new database");
    url.set_path(&name);
    Some(url)
}

/// Runs `sql` and answers its rows, each value as text.
///
/// # Errors
///
/// The database refuses.
pub async fn postgres_rows(url: &Url, sql: &str) -> Result<Vec<Vec<String>>> {
    use tokio_postgres::SimpleQueryMessage as Message;

    let client = connect(url).await?;
    let mut rows = Vec::new();
    for message in client.simple_query(sql).await.with_context(|| sql.to_owned())? {
        if let Message::Row(row) = message {
            rows.push((0..row.len()).map(|index| row.get(index).unwrap_or_default().to_owned()).collect());
        }
    }
    Ok(rows)
}

/// Runs `sql` on the SQLite file at `path`, read only, and answers its rows, each value as text.
///
/// # Errors
///
/// The database refuses.
pub fn sqlite_rows(path: &std::path::Path, sql: &str) -> Result<Vec<Vec<String>>> {
    use rusqlite::types::ValueRef;

    let connection = rusqlite::Connection::open_with_flags(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut statement = connection.prepare(sql).with_context(|| sql.to_owned())?;
    let width = statement.column_count();
    let mut rows = statement.query(())?;
    let mut texts = Vec::new();
    while let Some(row) = rows.next()? {
        let mut values = Vec::with_capacity(width);
        for index in 0..width {
            values.push(match row.get_ref(index)? {
                ValueRef::Null => String::new(),
                ValueRef::Integer(number) => number.to_string(),
                ValueRef::Real(number) => number.to_string(),
                ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
                ValueRef::Blob(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
            });
        }
        texts.push(values);
    }
    Ok(texts)
}

/// Changes the SQLite store in the folder `data` behind its server's back.
///
/// # Errors
///
/// The database refuses.
pub fn sqlite_execute(data: &std::path::Path, sql: &str) -> Result<()> {
    const FILE: &str = "vestibule.db";

    let connection = rusqlite::Connection::open(data.join(FILE))?;
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    Ok(connection.execute_batch(sql)?)
}

async fn execute(url: &Url, sql: &str) -> Result<()> {
    Ok(connect(url).await?.batch_execute(sql).await?)
}

async fn connect(url: &Url) -> Result<tokio_postgres::Client> {
    let (client, connection) = tokio_postgres::connect(url.as_str(), NoTls).await.context("no PostgreSQL")?;
    tokio::spawn(connection);
    Ok(client)
}
