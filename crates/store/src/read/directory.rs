//! What `directory` asks before it decides about invitations and tenants.

use jiff::Timestamp;
use vestibule_model::invitation::Remembered;
use vestibule_model::{
    Application, Caller, Digest, Invitation, InvitationId, InvitationStatus, Tenant, TenantId, TenantPolicy,
    User, UserId, VerifiedDomain,
};

use super::fetch::Fetch;
use crate::addresses::{fold, kind};
use crate::seal::Place;
use crate::sql::{Across, Bind, Row, Statement, places};
use crate::{Store, StoreError};

/// The caller as the directory knows it now; read in the request's own snapshot, so revocation is never cached.
#[derive(Clone, Debug)]
pub struct CallerRow {
    /// The application, when it is still there.
    pub app: Option<Application>,
    /// The user of a delegated call, when still there and not deleted.
    pub user: Option<User>,
}

/// What is looked up for an invitation.
#[derive(Clone, Debug)]
pub struct InviteQuery<'a> {
    /// Who asks.
    pub caller: &'a Caller,
    /// The key of the invited address, when it could be read.
    pub address: Option<&'a str>,
    /// User principal name keys that begin so are listed.
    pub upn_prefix: Option<&'a str>,
    /// `invitedUser.id`.
    pub target: Option<UserId>,
    /// Sponsors by id; at most 20 are looked up.
    pub sponsors: &'a [UserId],
    /// Keys of cc addresses.
    pub cc: &'a [&'a str],
    /// Scope of the idempotency key.
    pub key: Option<Digest>,
    /// Now.
    pub now: Timestamp,
}

/// Everything an invitation is decided on.
#[derive(Clone, Debug)]
pub struct InviteSnapshot {
    /// Who asks, as known now.
    pub caller: CallerRow,
    /// The inviting organisation.
    pub tenant: Tenant,
    /// Its policies.
    pub policy: TenantPolicy,
    /// For the guard.
    pub policy_version: u64,
    /// Its verified domains.
    pub domains: Vec<VerifiedDomain>,
    /// Every user at the address (match set of `graph.md` 1.13), deleted ones left out, ordered by id.
    pub users_at: Vec<User>,
    /// Whether an object of the tenant has the address among its proxy addresses.
    pub proxy_is_taken: bool,
    /// `invitedUser.id`, deleted ones left out.
    pub target: Option<User>,
    /// Those of the sponsors that are there.
    pub sponsors: Vec<UserId>,
    /// User principal names, in lower case, that begin with the prefix.
    pub taken_upns: Vec<String>,
    /// Whether the address has blocked this tenant.
    pub is_blocked: bool,
    /// Keys of the cc addresses that have.
    pub blocked_cc: Vec<String>,
    /// What the idempotency key stands for, when it is known and alive.
    pub remembered: Option<Remembered>,
}

impl Store {
    /// One snapshot for `POST /invitations`. `None` when the tenant is not there.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot answer; what is not there is no error.
    pub async fn invite_snapshot(
        &self,
        tenant: TenantId,
        query: InviteQuery<'_>,
    ) -> Result<Option<InviteSnapshot>, StoreError> {
        let mut fetch = Fetch::in_tenant(tenant);
        let caller = fetch.caller(query.caller);
        let own = fetch.tenant();
        let users_at = query.address.map(|key| fetch.add(users_at(tenant, key)));
        let target = query.target.map(|id| fetch.add(live_user(tenant, id)));
        let sponsors = (!query.sponsors.is_empty()).then(|| fetch.add(users_there(tenant, query.sponsors)));
        let upns = query.upn_prefix.map(|prefix| fetch.add(upns(tenant, prefix)));
        let asked: Vec<&str> = query.address.iter().chain(query.cc).copied().collect();
        let blocked = (!asked.is_empty()).then(|| fetch.add(blocked(tenant, &asked)));
        let remembered = query.key.map(|scope| fetch.add(remembered(tenant, scope, query.now)));

        let answers = fetch.run(self).await?;
        let caller = answers.caller(&caller)?;
        let Some(own) = answers.tenant(&own)? else { return Ok(None) };
        let users_at: Vec<User> = answers.docs(users_at)?;
        let blocked: Vec<String> =
            answers.rows(blocked).iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
        let proxy = query.address.map(|key| format!("smtp:{key}"));
        Ok(Some(InviteSnapshot {
            caller,
            tenant: own.tenant,
            policy: own.policy,
            policy_version: own.policy_version,
            domains: own.domains,
            proxy_is_taken: proxy.is_some_and(|proxy| users_at.iter().any(|user| has_proxy(user, &proxy))),
            users_at,
            target: answers.docs(target)?.pop(),
            sponsors: answers.rows(sponsors).iter().map(|row| row.get(0)).collect::<Result<_, _>>()?,
            taken_upns: answers.rows(upns).iter().map(|row| row.get(0)).collect::<Result<_, _>>()?,
            is_blocked: query.address.is_some_and(|key| blocked.iter().any(|blocked| blocked == key)),
            blocked_cc: blocked.into_iter().filter(|key| query.cc.contains(&key.as_str())).collect(),
            remembered: answers
                .rows(remembered)
                .first()
                .map(|row| self.unsealed(tenant, query.key, row))
                .transpose()?,
        }))
    }

    /// Whether somebody of the tenant, not deleted, has the address with this key (match set of `graph.md` 1.13).
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot answer.
    pub async fn has_user_at(&self, tenant: TenantId, key: &str) -> Result<bool, StoreError> {
        Ok(self.row(users_at(tenant, key)).await?.is_some())
    }

    /// The tenant, its policies with their version, its verified domains (the initial one first), and the caller.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot answer; what is not there is no error.
    pub async fn tenant_snapshot(
        &self,
        tenant: TenantId,
        caller: Option<&Caller>,
    ) -> Result<Option<TenantSnapshot>, StoreError> {
        let mut fetch = Fetch::in_tenant(tenant);
        let own = fetch.tenant();
        let caller = caller.map(|caller| fetch.caller(caller));

        let answers = fetch.run(self).await?;
        let caller = caller.map(|places| answers.caller(&places)).transpose()?;
        Ok(answers.tenant(&own)?.map(|own| TenantSnapshot { caller, ..own }))
    }

    /// Every tenant, oldest first.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot answer; what is not there is no error.
    pub async fn tenants(&self) -> Result<Vec<Tenant>, StoreError> {
        let sql = "SELECT doc FROM tenant ORDER BY created_at, tenant_id";
        self.rows(Statement::across_tenants(Across::Reference, sql))
            .await?
            .iter()
            .map(|row| row.doc(0))
            .collect()
    }

    /// Applications of a tenant, oldest first.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot answer; what is not there is no error.
    pub async fn applications(&self, tenant: TenantId) -> Result<Vec<Application>, StoreError> {
        let sql = "SELECT doc FROM application WHERE tenant_id = $1 ORDER BY created_at, app_id";
        self.rows(Statement::in_tenant(tenant, sql)).await?.iter().map(|row| row.doc(0)).collect()
    }

    /// An invitation by id.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot answer; what is not there is no error.
    pub async fn invitation(
        &self,
        tenant: TenantId,
        id: InvitationId,
    ) -> Result<Option<Invitation>, StoreError> {
        let sql = "SELECT version, status, ended_why, status_at, doc FROM invitation WHERE tenant_id = $1 AND id = $2";
        self.row(Statement::in_tenant(tenant, sql).bind(id))
            .await?
            .map(|row| invitation_at(&row, 0))
            .transpose()
    }

    fn unsealed(&self, tenant: TenantId, scope: Option<Digest>, row: &Row) -> Result<Remembered, StoreError> {
        let scope = scope.ok_or_else(|| StoreError::Corrupt("a request without a key".into()))?;
        let place = Place { column: "idempotency.sealed", tenant: Some(tenant), row: &scope.0 };
        let ticket = String::from_utf8(self.seal().open(place, &row.get::<Vec<u8>>(4)?)?);
        Ok(Remembered {
            body: row.get(0)?,
            invitation: row.get(1)?,
            correlation: row.get(2)?,
            expires_at: row.get(3)?,
            ticket: ticket.map_err(|error| StoreError::Corrupt(error.to_string()))?.into(),
        })
    }
}

fn users_at(tenant: TenantId, key: &str) -> Statement {
    let sql = "SELECT doc FROM directory_user
                WHERE tenant_id = $1 AND deleted_at IS NULL
                  AND id IN (SELECT user_id FROM user_address WHERE tenant_id = $1 AND key = $2 AND (kinds & $3) <> 0)
             ORDER BY id";
    Statement::in_tenant(tenant, sql).bind(key).bind(kind::MATCH)
}

pub(super) fn live_user(tenant: TenantId, id: UserId) -> Statement {
    let sql = "SELECT doc FROM directory_user WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL";
    Statement::in_tenant(tenant, sql).bind(id)
}

fn users_there(tenant: TenantId, users: &[UserId]) -> Statement {
    const MOST: usize = 20;
    let users = &users[..users.len().min(MOST)];
    let sql = format!(
        "SELECT id FROM directory_user WHERE tenant_id = $1 AND deleted_at IS NULL AND id IN ({}) ORDER BY id",
        places(2, users.len())
    );
    Statement::in_tenant(tenant, sql).bind_all(users.iter().map(|id| id.bound()))
}

/// Bounded: whoever looks for a free name tries another one after so many.
fn upns(tenant: TenantId, prefix: &str) -> Statement {
    let sql = "SELECT user_principal_name FROM directory_user
                WHERE tenant_id = $1 AND user_principal_name >= $2 AND user_principal_name < $3
             ORDER BY user_principal_name LIMIT 1000";
    let prefix = fold(prefix);
    let end = crate::query::after_prefix(&prefix).unwrap_or_default();
    Statement::in_tenant(tenant, sql).bind(prefix).bind(end)
}

fn blocked(tenant: TenantId, keys: &[&str]) -> Statement {
    let sql =
        format!("SELECT key FROM block_list WHERE tenant_id = $1 AND key IN ({})", places(2, keys.len()));
    Statement::in_tenant(tenant, sql).bind_all(keys.iter().map(|key| key.bound()))
}

fn remembered(tenant: TenantId, scope: Digest, now: Timestamp) -> Statement {
    let sql = "SELECT body, invitation_id, correlation, expires_at, sealed FROM idempotency
                WHERE tenant_id = $1 AND scope = $2 AND expires_at > $3";
    Statement::in_tenant(tenant, sql).bind(scope).bind(now)
}

fn has_proxy(user: &User, proxy: &str) -> bool {
    user.proxy_addresses.iter().any(|own| fold(own) == proxy)
}

/// An invitation from five columns: what is ended set-wise stands in columns, which therefore win over the document.
pub(super) fn invitation_at(row: &Row, column: usize) -> Result<Invitation, StoreError> {
    let mut invitation: Invitation = row.doc(column + 4)?;
    invitation.version = row.get(column)?;
    invitation.status = match row.get::<String>(column + 1)?.as_str() {
        "pending" => InvitationStatus::Pending,
        "completed" => InvitationStatus::Completed { at: row.get(column + 3)? },
        _ => {
            let why = serde_json::Value::String(row.get(column + 2)?);
            let why = serde_json::from_value(why).map_err(|error| StoreError::Corrupt(error.to_string()))?;
            InvitationStatus::Ended { why, at: row.get(column + 3)? }
        }
    };
    Ok(invitation)
}

/// A tenant with everything that is its own.
#[derive(Clone, Debug)]
pub struct TenantSnapshot {
    /// The organisation.
    pub tenant: Tenant,
    /// Its policies.
    pub policy: TenantPolicy,
    /// For the guard.
    pub policy_version: u64,
    /// Its verified domains, the initial one first.
    pub domains: Vec<VerifiedDomain>,
    /// The caller, when one was named.
    pub caller: Option<CallerRow>,
}
