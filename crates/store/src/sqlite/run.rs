//! Running one statement: text, parameters, rows.

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, ToSql};

use crate::StoreError;
use crate::sql::{Kind, Row, Rows, Statement, Value};

/// A statement as this engine takes it. SQLite numbers `$n` by first appearance, so the text says `?n`.
pub(super) struct Ready {
    text: String,
    params: Vec<Value>,
}

impl Ready {
    /// Made on the caller's thread: the writer's time is dear.
    pub(super) fn new(statement: Statement) -> Self {
        let (sql, params) = statement.into_parts();
        Self { text: sql.replace('$', "?"), params }
    }

    /// Runs it; answers the rows found or changed, and those returned.
    pub(super) fn run(&self, connection: &Connection) -> rusqlite::Result<(u64, Rows)> {
        #[cfg(test)]
        assert_ne!(self.text, super::tests::BREAKS_ITS_THREAD);
        let mut statement = connection.prepare_cached(&self.text)?;
        for (number, value) in self.params.iter().enumerate() {
            statement.raw_bind_parameter(number + 1, Bound(value))?;
        }
        let columns = statement.column_count();
        if columns == 0 {
            return Ok((statement.raw_execute()? as u64, Rows::new()));
        }
        let mut found = Rows::new();
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next()? {
            found.push(Row((0..columns)
                .map(|column| row.get_ref(column).map(owned))
                .collect::<Result<_, _>>()?));
        }
        Ok((found.len() as u64, found))
    }
}

struct Bound<'a>(&'a Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null(_) => ValueRef::Null,
            Value::Int(number) => ValueRef::Integer(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// Tables are strict and hold no reals, so nothing is lost.
fn owned(cell: ValueRef<'_>) -> Value {
    match cell {
        ValueRef::Null | ValueRef::Real(_) => Value::Null(Kind::Text),
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Text(text) => Value::Text(match str::from_utf8(text) {
            Ok(text) => text.to_owned(),
            Err(_) => String::from_utf8_lossy(text).into_owned(),
        }),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
    }
}

/// What an error of the engine means to callers.
pub(super) fn meaning(error: &rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::OperationInterrupted) => StoreError::TooExpensive,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::busy(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::Corrupt(error.to_string()),
        _ => StoreError::Unavailable(error.to_string()),
    }
}
