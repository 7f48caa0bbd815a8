//! The recorded statements straight into PostgreSQL: pipelined, with the reads before them, and nothing else.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use futures_util::future::try_join_all;
use tokio::task::JoinSet;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, NoTls, Statement};

use super::recorded::{Recorded, Sql, Value};

/// Invitations a second over so many connections, for `time` at most.
///
/// Each is two pipelines on one connection: the reads as one read-only snapshot; locks, guards and rows, and then, when
/// their row counts are known, the commit.
///
/// # Errors
///
/// A statement fails.
pub(crate) fn rate(url: &str, invitations: Vec<Recorded>, connections: usize, time: Duration) -> Result<f64> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let invitations = Arc::new(invitations);
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
    statements: HashMap<String, Statement>,
}

impl Pipe {
    async fn connect(url: &str) -> Result<Self> {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        client.batch_execute("SET synchronous_commit = on").await?;
        Ok(Self { client, statements: HashMap::new() })
    }

    async fn prepare(&mut self, invitation: &Recorded) -> Result<()> {
        for sql in invitation.reads.iter().chain(&invitation.writes) {
            if !self.statements.contains_key(&sql.text) {
                let types: Vec<Type> = sql.values.iter().map(Value::postgres_type).collect();
                let statement = self.client.prepare_typed(&sql.text, &types).await?;
                self.statements.insert(sql.text.clone(), statement);
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

        tokio::try_join!(client.batch_execute("BEGIN"), self.pipelined(&invitation.writes))?;
        Ok(client.batch_execute("COMMIT").await?)
    }

    async fn pipelined(&self, statements: &[Sql]) -> Result<(), tokio_postgres::Error> {
        let queries = statements.iter().map(|sql| async {
            let values: Vec<&(dyn ToSql + Sync)> = sql.values.iter().map(|value| value as _).collect();
            self.client.query(&self.statements[&sql.text], &values).await
        });
        try_join_all(queries).await.map(drop)
    }
}

impl Value {
    fn postgres_type(&self) -> Type {
        match self {
            Self::NullInt | Self::Int(_) => Type::INT8,
            Self::NullText | Self::Text(_) => Type::TEXT,
            Self::NullBytes | Self::Bytes(_) => Type::BYTEA,
        }
    }
}

impl ToSql for Value {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::NullInt | Self::NullText | Self::NullBytes => Ok(IsNull::Yes),
            Self::Int(number) => number.to_sql(kind, out),
            Self::Text(text) => text.to_sql(kind, out),
            Self::Bytes(bytes) => bytes.to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        [Type::INT8, Type::TEXT, Type::BYTEA].contains(kind)
    }

    to_sql_checked!();
}
