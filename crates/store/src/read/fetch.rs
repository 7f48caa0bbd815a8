//! Several questions in one snapshot, each with the place of its answer.

use std::time::Duration;

use serde::de::DeserializeOwned;
use vestibule_model::{Caller, Tenant, TenantId, TenantPolicy, VerifiedDomain};

use super::directory::{CallerRow, TenantSnapshot};
use crate::sql::{Row, Rows, Statement};
use crate::{Store, StoreError};

/// Statements on the way.
pub(super) struct Fetch {
    tenant: TenantId,
    statements: Vec<Statement>,
}

/// Where the answer to one statement will be.
#[derive(Clone, Copy)]
pub(super) struct At(usize);

/// Where the caller will be.
pub(super) struct CallerAt {
    app: At,
    user: Option<At>,
}

/// Where the tenant will be.
pub(super) struct TenantAt {
    tenant: At,
    domains: At,
}

/// The answers of one snapshot.
pub(super) struct Answers(Vec<Rows>);

impl Fetch {
    pub(super) fn in_tenant(tenant: TenantId) -> Self {
        Self { tenant, statements: Vec::with_capacity(10) }
    }

    pub(super) fn add(&mut self, statement: Statement) -> At {
        self.statements.push(statement);
        At(self.statements.len() - 1)
    }

    /// The caller as the directory knows it now.
    pub(super) fn caller(&mut self, caller: &Caller) -> CallerAt {
        let app = "SELECT doc FROM application WHERE tenant_id = $1 AND app_id = $2";
        let app = self.add(Statement::in_tenant(self.tenant, app).bind(caller.app.app));
        let user =
            caller.user.as_ref().map(|user| self.add(super::directory::live_user(self.tenant, user.id)));
        CallerAt { app, user }
    }

    /// The tenant with what is its own.
    pub(super) fn tenant(&mut self) -> TenantAt {
        let own = "SELECT tenant.doc, policy.version, policy.doc FROM tenant
                     JOIN policy ON policy.tenant_id = tenant.tenant_id WHERE tenant.tenant_id = $1";
        let domains = "SELECT name, is_default, is_initial FROM verified_domain WHERE tenant_id = $1
                       ORDER BY is_initial DESC, name";
        let tenant = self.add(Statement::in_tenant(self.tenant, own));
        TenantAt { tenant, domains: self.add(Statement::in_tenant(self.tenant, domains)) }
    }

    pub(super) async fn run(self, store: &Store) -> Result<Answers, StoreError> {
        store.fetch(self.statements).await.map(Answers)
    }

    /// The same, ended at the deadline.
    pub(super) async fn run_within(self, store: &Store, deadline: Duration) -> Result<Answers, StoreError> {
        store.fetch_within(self.statements, deadline).await.map(Answers)
    }
}

impl Answers {
    /// The rows at a place; none where nothing was asked.
    pub(super) fn rows(&self, at: Option<At>) -> &[Row] {
        at.and_then(|At(number)| self.0.get(number)).map_or(&[], Vec::as_slice)
    }

    /// The documents at a place.
    pub(super) fn docs<T: DeserializeOwned>(&self, at: Option<At>) -> Result<Vec<T>, StoreError> {
        self.rows(at).iter().map(|row| row.doc(0)).collect()
    }

    pub(super) fn caller(&self, at: &CallerAt) -> Result<CallerRow, StoreError> {
        Ok(CallerRow { app: self.docs(Some(at.app))?.pop(), user: self.docs(at.user)?.pop() })
    }

    /// The tenant, `None` when it is not there.
    pub(super) fn tenant(&self, at: &TenantAt) -> Result<Option<TenantSnapshot>, StoreError> {
        let Some(row) = self.rows(Some(at.tenant)).first() else { return Ok(None) };
        let tenant: Tenant = row.doc(0)?;
        let policy: TenantPolicy = row.doc(2)?;
        Ok(Some(TenantSnapshot {
            tenant,
            policy_version: row.get(1)?,
            policy,
            domains: self.rows(Some(at.domains)).iter().map(domain).collect::<Result<_, _>>()?,
            caller: None,
        }))
    }
}

fn domain(row: &Row) -> Result<VerifiedDomain, StoreError> {
    Ok(VerifiedDomain { name: row.get(0)?, is_default: row.get(1)?, is_initial: row.get(2)? })
}
