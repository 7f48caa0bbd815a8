//! Running statements: several at once on one connection, without waiting for each in turn.

use std::time::Duration;

use deadpool_postgres::ClientWrapper;
use futures_util::future::{BoxFuture, join_all};
use futures_util::{FutureExt, TryStreamExt};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Error, RowStream};

use crate::StoreError;
use crate::driver::Lock;
use crate::sql::{Kind, Row, Rows, Statement, Value};

/// Rows found or changed, and those returned.
pub(super) type Answer = Result<(u64, Rows), Error>;

/// A statement ready to be sent.
pub(super) enum Plan<'a> {
    /// Known to the connection.
    Kept(tokio_postgres::Statement, &'a [Value]),
    /// Sent with its text.
    Once(&'a Statement),
    /// Takes locks, one after the other in this order.
    Locks(tokio_postgres::Statement, Vec<i64>, Vec<bool>),
}

/// Rows of a table function come in order, so the locks are taken in order.
const TAKE_LOCKS: &str = "SELECT CASE WHEN t.is_exclusive THEN pg_advisory_xact_lock(t.number)
                                      ELSE pg_advisory_xact_lock_shared(t.number) END
                            FROM unnest($1::bigint[], $2::boolean[]) AS t(number, is_exclusive)";

/// One statement for all locks.
pub(super) async fn locks<'a>(client: &ClientWrapper, locks: &[Lock]) -> Result<Plan<'a>, Error> {
    let statement = client.prepare_cached(TAKE_LOCKS).await?;
    let numbers = locks.iter().map(|lock| lock.number).collect();
    Ok(Plan::Locks(statement, numbers, locks.iter().map(|lock| lock.is_exclusive).collect()))
}

/// One snapshot of several statements: one transaction, sent at once. A single statement is a snapshot by itself.
pub(super) async fn snapshot(
    client: &ClientWrapper,
    statements: &[Statement],
    deadline: Option<Duration>,
) -> Result<Vec<Rows>, StoreError> {
    let plans = plans(client, statements.iter()).await.map_err(|error| meaning(&error))?;
    let answers = match (deadline, plans.as_slice()) {
        (None, [one]) => vec![send(client, one).await],
        _ => {
            let begin = match deadline {
                None => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY".to_owned(),
                Some(deadline) => format!(
                    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = {}",
                    deadline.as_millis().max(1)
                ),
            };
            let mut answers = in_pipeline(client, &begin, &plans, Some("COMMIT")).await;
            answers.remove(0).map_err(|error| meaning(&error))?;
            answers.truncate(plans.len());
            answers
        }
    };
    answers.into_iter().map(|answer| answer.map(|(_, rows)| rows).map_err(|error| meaning(&error))).collect()
}

/// Readies statements; one that the connection has not seen costs a round trip, once.
pub(super) async fn plans<'a>(
    client: &ClientWrapper,
    statements: impl Iterator<Item = &'a Statement>,
) -> Result<Vec<Plan<'a>>, Error> {
    let mut plans = Vec::new();
    for statement in statements {
        plans.push(if statement.is_kept() {
            let types: Vec<Type> = statement.params().iter().map(type_of).collect();
            Plan::Kept(client.prepare_typed_cached(statement.sql(), &types).await?, statement.params())
        } else {
            Plan::Once(statement)
        });
    }
    Ok(plans)
}

/// Sends everything at once, in order; answers in order. The first answer is that of `first`, the last that of `last`.
pub(super) async fn in_pipeline(
    client: &ClientWrapper,
    first: &str,
    plans: &[Plan<'_>],
    last: Option<&str>,
) -> Vec<Answer> {
    let text = |sql: String| -> BoxFuture<'_, Answer> {
        async move { client.batch_execute(&sql).await.map(|()| (0, Rows::new())) }.boxed()
    };
    let mut sent: Vec<BoxFuture<'_, Answer>> = Vec::with_capacity(plans.len() + 2);
    sent.push(text(first.to_owned()));
    sent.extend(plans.iter().map(|plan| send(client, plan).boxed()));
    sent.extend(last.map(|last| text(last.to_owned())));

    // Each future sends at its first poll, and `join_all` polls in order.
    join_all(sent).await
}

/// Sends one statement and gathers its answer.
pub(super) async fn send(client: &ClientWrapper, plan: &Plan<'_>) -> Answer {
    let stream = match plan {
        Plan::Kept(statement, values) => client.query_raw(statement, values.iter()).await?,
        Plan::Locks(statement, numbers, exclusive) => {
            let values: [&(dyn ToSql + Sync); 2] = [numbers, exclusive];
            client.query_raw(statement, values).await?
        }
        Plan::Once(statement) => {
            let values = statement.params().iter().map(|value| (value, type_of(value)));
            client.query_typed_raw(statement.sql(), values).await?
        }
    };
    gathered(stream).await
}

async fn gathered(stream: RowStream) -> Answer {
    let mut stream = std::pin::pin!(stream);
    let mut rows = Rows::new();
    while let Some(row) = stream.try_next().await? {
        rows.push(Row((0..row.len()).map(|column| cell(&row, column)).collect::<Result<_, _>>()?));
    }
    Ok((stream.rows_affected().unwrap_or(rows.len() as u64), rows))
}

fn cell(row: &tokio_postgres::Row, column: usize) -> Result<Value, Error> {
    let value = match *row.columns()[column].type_() {
        Type::INT8 => row.try_get::<_, Option<i64>>(column)?.map(Value::Int),
        Type::INT4 => row.try_get::<_, Option<i32>>(column)?.map(|number| Value::Int(number.into())),
        Type::TEXT => row.try_get::<_, Option<String>>(column)?.map(Value::Text),
        Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(column)?.map(Value::Bytes),
        _ => None, // `void`, of the locks.
    };
    Ok(value.unwrap_or(Value::Null(Kind::Text)))
}

fn type_of(value: &Value) -> Type {
    match value.kind() {
        Kind::Int => Type::INT8,
        Kind::Text => Type::TEXT,
        Kind::Bytes => Type::BYTEA,
    }
}

impl ToSql for Value {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null(_) => Ok(IsNull::Yes),
            Self::Int(number) => number.to_sql(kind, out),
            Self::Text(text) => text.to_sql(kind, out),
            Self::Bytes(bytes) => bytes.as_slice().to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::INT8 | Type::TEXT | Type::BYTEA)
    }

    to_sql_checked!();
}

/// Whether the transaction lost to another one and would fare better a second time.
pub(super) fn is_conflict(error: &Error) -> bool {
    matches!(error.code(), Some(&SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED))
}

/// What an error means to callers. Never tells the URL.
pub(super) fn meaning(error: &Error) -> StoreError {
    match error.code() {
        Some(&SqlState::QUERY_CANCELED) => StoreError::TooExpensive,
        _ => match error.as_db_error() {
            Some(told) => StoreError::Unavailable(format!("{} ({})", told.message(), told.code().code())),
            None => {
                let cause =
                    std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
                StoreError::Unavailable(format!("{error}{cause}"))
            }
        },
    }
}
