//! What the two engines have in common: values, statements and rows.
//!
//! SQL is written once, with `$1 … $n`, in words that both engines know. See `migrations/` for the three column types.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use uuid::Uuid;
use vestibule_model::id::{
    AppId, ApplicationId, AuditId, Digest, InvitationId, MessageId, ServicePrincipalId, TenantId, UserId,
};

use crate::StoreError;

/// A parameter, or a cell of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// Nothing, where this kind was meant: PostgreSQL wants to know.
    Null(Kind),
    /// A number, a truth (0 or 1), or an instant in microseconds.
    Int(i64),
    /// Text.
    Text(String),
    /// An id, a hash, or something sealed.
    Bytes(Vec<u8>),
}

/// The three column types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Int,
    Text,
    Bytes,
}

impl Value {
    /// Its column type.
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Null(kind) => *kind,
            Self::Int(_) => Kind::Int,
            Self::Text(_) => Kind::Text,
            Self::Bytes(_) => Kind::Bytes,
        }
    }
}

/// What can be bound to a parameter.
pub(crate) trait Bind {
    /// The kind of the column that it is for.
    const KIND: Kind;
    /// The value.
    fn bound(self) -> Value;
}

macro_rules! binds {
    ($($type:ty => $kind:ident, |$it:ident| $made:expr;)*) => {$(
        impl Bind for $type {
            const KIND: Kind = Kind::$kind;
            fn bound(self) -> Value {
                let $it = self;
                Value::$kind($made)
            }
        }
    )*};
}

binds! {
    i64 => Int, |it| it;
    bool => Int, |it| i64::from(it);
    u32 => Int, |it| i64::from(it);
    u64 => Int, |it| i64::try_from(it).unwrap_or(i64::MAX);
    usize => Int, |it| i64::try_from(it).unwrap_or(i64::MAX);
    Timestamp => Int, |it| it.as_microsecond();
    &str => Text, |it| it.to_owned();
    String => Text, |it| it;
    Vec<u8> => Bytes, |it| it;
    &[u8] => Bytes, |it| it.to_vec();
    Uuid => Bytes, |it| it.as_bytes().to_vec();
    Digest => Bytes, |it| it.0.to_vec();
    TenantId => Bytes, |it| it.as_bytes().to_vec();
    UserId => Bytes, |it| it.as_bytes().to_vec();
    InvitationId => Bytes, |it| it.as_bytes().to_vec();
    AppId => Bytes, |it| it.as_bytes().to_vec();
    ApplicationId => Bytes, |it| it.as_bytes().to_vec();
    ServicePrincipalId => Bytes, |it| it.as_bytes().to_vec();
    AuditId => Bytes, |it| it.as_bytes().to_vec();
    MessageId => Bytes, |it| it.as_bytes().to_vec();
}

impl<T: Bind> Bind for Option<T> {
    const KIND: Kind = T::KIND;
    fn bound(self) -> Value {
        self.map_or(Value::Null(T::KIND), T::bound)
    }
}

/// SQL with its parameters.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    sql: Cow<'static, str>,
    params: Vec<Value>,
    is_kept: bool,
}

/// Why a statement looks past the walls between tenants.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Across {
    /// The small tables that every shard knows: tenants, verified domains, signing keys, settings, facts of the store.
    Reference,
    /// The outbox asks which tenants have mail due; claiming then happens in each.
    DueMail,
    /// A client names its tenant by its own id, where the address names none (`identity.md` 1.4).
    ClientId,
}

impl Statement {
    /// A statement about one tenant: `$1` is the tenant, and every table it names is narrowed by it.
    pub(crate) fn in_tenant(tenant: TenantId, sql: impl Into<Cow<'static, str>>) -> Self {
        let sql = sql.into();
        debug_assert!(
            sql.contains("tenant_id = $1") || sql.contains("(tenant_id,") && sql.contains("($1,"),
            "a statement in a tenant must be narrowed by it: {sql}"
        );
        Self { sql, params: vec![tenant.bound()], is_kept: true }
    }

    /// A statement that sees rows of every tenant.
    pub(crate) fn across_tenants(why: Across, sql: impl Into<Cow<'static, str>>) -> Self {
        let _ = why;
        Self { sql: sql.into(), params: Vec::new(), is_kept: true }
    }

    /// The same with one more parameter.
    pub(crate) fn bind(mut self, value: impl Bind) -> Self {
        self.params.push(value.bound());
        self
    }

    /// The same with more parameters.
    pub(crate) fn bind_all(mut self, values: impl IntoIterator<Item = Value>) -> Self {
        self.params.extend(values);
        self
    }

    /// The same, made for one occasion: an engine need not keep it prepared.
    pub(crate) fn once(mut self) -> Self {
        self.is_kept = false;
        self
    }

    /// The text.
    pub(crate) fn sql(&self) -> &str {
        &self.sql
    }

    /// What stands for `$1 … $n`.
    pub(crate) fn params(&self) -> &[Value] {
        &self.params
    }

    /// Text and parameters.
    pub(crate) fn into_parts(self) -> (Cow<'static, str>, Vec<Value>) {
        (self.sql, self.params)
    }

    /// Whether it is worth keeping prepared.
    pub(crate) fn is_kept(&self) -> bool {
        self.is_kept
    }
}

/// `($1, $2, $3), ($1, $4, $5)`: the tuples of an insert of `rows` rows whose first column is the tenant.
pub(crate) fn tuples(rows: usize, columns: usize) -> String {
    let tuple = |row: usize| {
        let places = (0..columns).map(|column| format!(", ${}", row * columns + column + 2));
        format!("($1{})", places.collect::<String>())
    };
    (0..rows).map(tuple).collect::<Vec<_>>().join(", ")
}

/// `$4, $5, $6`: `count` parameters from number `first` on.
pub(crate) fn places(first: usize, count: usize) -> String {
    (first..first + count).map(|number| format!("${number}")).collect::<Vec<_>>().join(", ")
}

/// One row.
#[derive(Clone, Debug)]
pub(crate) struct Row(pub(crate) Vec<Value>);

/// The rows of one statement.
pub(crate) type Rows = Vec<Row>;

/// What can be read from a cell.
pub(crate) trait Cell: Sized {
    /// Reads it; `None` when it is of another kind or null.
    fn read(value: &Value) -> Option<Self>;
}

impl Row {
    /// The cell at `column`.
    pub(crate) fn get<T: Cell>(&self, column: usize) -> Result<T, StoreError> {
        let value = self.0.get(column);
        value
            .and_then(T::read)
            .ok_or_else(|| StoreError::Corrupt(format!("column {column} holds {}", kind_name(value))))
    }

    /// The cell at `column`, which may be null.
    pub(crate) fn opt<T: Cell>(&self, column: usize) -> Result<Option<T>, StoreError> {
        match self.0.get(column) {
            Some(Value::Null(_)) => Ok(None),
            _ => self.get(column).map(Some),
        }
    }

    /// The document at `column`.
    pub(crate) fn doc<T: DeserializeOwned>(&self, column: usize) -> Result<T, StoreError> {
        let Some(Value::Text(text)) = self.0.get(column) else {
            return Err(StoreError::Corrupt(format!("column {column} holds no document")));
        };
        serde_json::from_str(text).map_err(|error| StoreError::Corrupt(error.to_string()))
    }
}

fn kind_name(value: Option<&Value>) -> &'static str {
    match value {
        None => "nothing: it is not there",
        Some(Value::Null(_)) => "null",
        Some(Value::Int(_)) => "a number",
        Some(Value::Text(_)) => "text",
        Some(Value::Bytes(_)) => "bytes",
    }
}

impl Cell for i64 {
    fn read(value: &Value) -> Option<Self> {
        match value {
            Value::Int(number) => Some(*number),
            _ => None,
        }
    }
}

macro_rules! numbers {
    ($($type:ty),*) => {$(
        impl Cell for $type {
            fn read(value: &Value) -> Option<Self> { i64::read(value)?.try_into().ok() }
        }
    )*};
}

numbers!(u32, u64, usize);

impl Cell for bool {
    fn read(value: &Value) -> Option<Self> {
        i64::read(value).map(|number| number != 0)
    }
}

impl Cell for Timestamp {
    fn read(value: &Value) -> Option<Self> {
        Self::from_microsecond(i64::read(value)?).ok()
    }
}

impl Cell for String {
    fn read(value: &Value) -> Option<Self> {
        match value {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        }
    }
}

impl Cell for Vec<u8> {
    fn read(value: &Value) -> Option<Self> {
        match value {
            Value::Bytes(bytes) => Some(bytes.clone()),
            _ => None,
        }
    }
}

impl Cell for Uuid {
    fn read(value: &Value) -> Option<Self> {
        match value {
            Value::Bytes(bytes) => Self::from_slice(bytes).ok(),
            _ => None,
        }
    }
}

impl Cell for Digest {
    fn read(value: &Value) -> Option<Self> {
        match value {
            Value::Bytes(bytes) => bytes.as_slice().try_into().ok().map(Digest),
            _ => None,
        }
    }
}

macro_rules! ids {
    ($($type:ty),*) => {$(
        impl Cell for $type {
            fn read(value: &Value) -> Option<Self> { Uuid::read(value).map(Self::from) }
        }
    )*};
}

ids!(TenantId, UserId, InvitationId, AppId, AuditId, MessageId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tuples_share_the_tenant_and_number_the_rest() {
        assert_eq!(tuples(2, 3), "($1, $2, $3, $4), ($1, $5, $6, $7)");
        assert_eq!(places(4, 3), "$4, $5, $6");
    }

    #[test]
    #[should_panic(expected = "must be narrowed")]
    fn a_statement_that_forgets_its_tenant_does_not_pass() {
        let _ = Statement::in_tenant(TenantId(Uuid::nil()), "SELECT doc FROM directory_user WHERE id = $2");
    }
}
