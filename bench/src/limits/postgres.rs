//! The recorded statements straight into PostgreSQL: pipelined, with the reads before them, and nothing else.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use futures_util::future::try_join_all;
use tokio::task::JoinSet;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, NoTls};

use super::recorded::{Lock, Recorded, Sql, Value};

/// Invitations a second over so many connections, for `time` at most.
///
/// Each is two pipelines on one connection: the reads as one read-only snapshot; locks, guards and rows, and then, when
/// their row counts are known, the commit.
///
/// # Errors
///
/// A statement fails.
pub(crate) fn rate(
    url: &str,
    invitations: Arc<Vec<Recorded>>,
    connections: usize,
    time: Duration,
) -> Result<f64> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let next = Arc::new(AtomicUsize::new(0));
        let mut pipes = Vec::new();
        for _ in 0..connections {
            let mut pipe = Pipe::connect(url).await?;
            pipe.prepare(&invitations[0]).await?;
            pipes.push(pipe);
        }

        let began = Instant::now();
        let mut tasks = JoinSet::new();
        for mut pipe in pipes {
            let (invitations, next) = (invitations.clone(), next.clone());
            tasks.spawn(async move {
                let mut done = 0_usize;
                while began.elapsed() < time {
                    let Some(invitation) = invitations.get(next.fetch_add(1, Ordering::Relaxed)) else {
                        break;
                    };
                    pipe.invite(invitation).await?;
                    done += 1;
                }
                Ok::<_, anyhow::Error>(done)
            });
        }
        let mut done = 0;
        while let Some(task) = tasks.join_next().await {
            done += task??;
        }
        Ok(done as f64 / began.elapsed().as_secs_f64())
    })
}

/// One connection with its prepared statements.
struct Pipe {
    client: Client,
    prepared: HashMap<String, tokio_postgres::Statement>,
}

impl Pipe {
    async fn connect(url: &str) -> Result<Self> {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        client.batch_execute("SET synchronous_commit = on").await?;
        Ok(Self { client, prepared: HashMap::new() })
    }

    async fn prepare(&mut self, invitation: &Recorded) -> Result<()> {
        for sql in invitation.reads.iter().chain(&invitation.writes) {
            if !self.prepared.contains_key(&sql.text) {
                let types: Vec<Type> = sql.values.iter().map(type_of).collect();
                let prepared = self.client.prepare_typed(&sql.text, &types).await?;
                self.prepared.insert(sql.text.clone(), prepared);
            }
        }
        Ok(())
    }

    async fn invite(&mut self, invitation: &Recorded) -> Result<()> {
        self.prepare(invitation).await?;
        let client = &self.client;
        tokio::try_join!(
            client.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"),
            self.pipelined(&invitation.reads),
            client.batch_execute("COMMIT"),
        )?;

        let begin = begin(&invitation.locks);
        tokio::try_join!(client.batch_execute(&begin), self.pipelined(&invitation.writes))?;
        Ok(client.batch_execute("COMMIT").await?)
    }

    async fn pipelined(&self, statements: &[Sql]) -> Result<(), tokio_postgres::Error> {
        let queries = statements.iter().map(|sql| async {
            let values: Vec<&(dyn ToSql + Sync)> = sql.values.iter().map(bound).collect();
            self.client.query(&self.prepared[&sql.text], &values).await
        });
        try_join_all(queries).await.map(drop)
    }
}

/// `BEGIN` and the locks in order, in one message, as the store's driver sends them.
fn begin(locks: &[Lock]) -> String {
    let mut sql = String::from("BEGIN ISOLATION LEVEL READ COMMITTED");
    for lock in locks {
        let kind = if lock.is_exclusive { "" } else { "_shared" };
        sql.push_str(&format!("; SELECT pg_advisory_xact_lock{kind}({})", lock.number));
    }
    sql
}

fn type_of(value: &Value) -> Type {
    match value {
        Value::Int(_) => Type::INT8,
        Value::Text(_) => Type::TEXT,
        Value::Bytes(_) => Type::BYTEA,
    }
}

fn bound(value: &Value) -> &(dyn ToSql + Sync) {
    match value {
        Value::Int(value) => value,
        Value::Text(value) => value,
        Value::Bytes(value) => value,
    }
}
