//! What is asked about audit events.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;
use vestibule_model::{Activity, AuditEvent, AuditId, Caller, TenantId};

use super::directory::CallerRow;
use super::fetch::Fetch;
use crate::sql::{Bind, Statement, Value};
use crate::{Store, StoreError};

/// A list of audit events.
#[derive(Clone, Debug, Default)]
pub struct AuditQuery {
    /// Only this event.
    pub id: Option<AuditId>,
    /// Only these activities.
    pub activities: Option<Vec<Activity>>,
    /// Only what this request led to.
    pub correlation: Option<Uuid>,
    /// Only with this object among the targets, by its id as text.
    pub target: Option<String>,
    /// Only from then on.
    pub from: Option<Timestamp>,
    /// Only until then.
    pub until: Option<Timestamp>,
    /// Oldest first; newest first otherwise.
    pub oldest_first: bool,
    /// How many at most.
    pub top: usize,
    /// After which one, in the order asked for.
    pub after: Option<AuditId>,
}

/// A page of audit events.
#[derive(Clone, Debug)]
pub struct AuditPage {
    /// Who asks, as known now.
    pub caller: CallerRow,
    /// The events.
    pub events: Vec<AuditEvent>,
    /// Where the next page begins.
    pub next: Option<AuditId>,
}

impl Store {
    /// A page of audit events. Instants have no index, so a narrow stretch of time may take long to find.
    ///
    /// # Errors
    ///
    /// [`StoreError::TooExpensive`] past `deadline`, a duration from now on the store's own clock.
    pub async fn audit_events(
        &self,
        tenant: TenantId,
        query: &AuditQuery,
        caller: &Caller,
        deadline: SignedDuration,
    ) -> Result<AuditPage, StoreError> {
        let mut fetch = Fetch::in_tenant(tenant);
        let asking = fetch.caller(caller);
        let found = fetch.add(page(tenant, query));
        let deadline = Duration::try_from(deadline).unwrap_or_default();

        let answers = fetch.run_within(self, deadline).await?;
        let mut events: Vec<AuditEvent> = answers.docs(Some(found))?;
        let is_more = events.len() > query.top;
        events.truncate(query.top);
        let next = events.last().filter(|_| is_more).map(|event| event.id);
        Ok(AuditPage { caller: answers.caller(&asking)?, events, next })
    }

    /// One event by id.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot answer; what is not there is no error.
    pub async fn audit_event(
        &self,
        tenant: TenantId,
        id: AuditId,
        caller: &Caller,
    ) -> Result<(CallerRow, Option<AuditEvent>), StoreError> {
        let mut fetch = Fetch::in_tenant(tenant);
        let asking = fetch.caller(caller);
        let sql = "SELECT doc FROM audit WHERE tenant_id = $1 AND id = $2";
        let found = fetch.add(Statement::in_tenant(tenant, sql).bind(id));

        let answers = fetch.run(self).await?;
        Ok((answers.caller(&asking)?, answers.docs(Some(found))?.pop()))
    }
}

/// Ids ascend with time, so they are the order. With a target the small table of targets leads.
fn page(tenant: TenantId, query: &AuditQuery) -> Statement {
    let (from, id) = match query.target {
        Some(_) => ("audit_target t JOIN audit a ON a.tenant_id = $1 AND a.id = t.audit_id", "t.audit_id"),
        None => ("audit a", "a.id"),
    };
    let narrowed = if query.target.is_some() { "t.tenant_id = $1" } else { "a.tenant_id = $1" };
    let mut sql = format!("SELECT a.doc FROM {from} WHERE {narrowed}");
    let mut values: Vec<Value> = Vec::new();
    let mut narrow = |text: &str, value: Value| {
        values.push(value);
        sql.push_str(&format!(" AND {text} ${}", values.len() + 1));
    };
    let (after, direction) = if query.oldest_first { (">", "ASC") } else { ("<", "DESC") };
    if let Some(target) = &query.target {
        narrow("t.target =", target.as_str().bound());
    }
    if let Some(only) = query.id {
        narrow(&format!("{id} ="), only.bound());
    }
    if let Some([activity]) = query.activities.as_deref() {
        narrow("a.activity =", activity.name().bound());
    }
    if let Some(correlation) = query.correlation {
        narrow("a.correlation =", correlation.bound());
    }
    if let Some(from) = query.from {
        narrow("a.at >=", from.bound());
    }
    if let Some(until) = query.until {
        narrow("a.at <=", until.bound());
    }
    if let Some(last) = query.after {
        narrow(&format!("{id} {after}"), last.bound());
    }
    if let Some(activities) = query.activities.as_deref().filter(|several| several.len() != 1) {
        one_of(activities, &mut sql, &mut values);
    }
    values.push((query.top + 1).bound());
    sql.push_str(&format!(" ORDER BY {id} {direction} LIMIT ${}", values.len() + 1));

    Statement::in_tenant(tenant, sql).bind_all(values)
}

/// Several activities are much of the log, so it is read in its own order; by their index it would have to be sorted.
fn one_of(activities: &[Activity], sql: &mut String, values: &mut Vec<Value>) {
    if activities.is_empty() {
        sql.push_str(" AND 1 = 0");
        return;
    }
    let first = values.len() + 2;
    let places: Vec<String> = (first..first + activities.len()).map(|at| format!("${at}")).collect();
    sql.push_str(&format!(" AND a.activity || '' IN ({})", places.join(", ")));
    values.extend(activities.iter().map(|activity| activity.name().bound()));
}
