//! What is asked on the way of a guest.

use vestibule_model::{
    Digest, Invitation, InvitationId, Tenant, TenantId, TenantPolicy, Ticket, User, VerifiedDomain,
};

use super::directory::invitation_at;
use super::fetch::Fetch;
use crate::sql::{Row, Statement};
use crate::{Store, StoreError};

/// Everything a redemption page and its decision look at.
#[derive(Clone, Debug)]
pub struct RedemptionSnapshot {
    /// The ticket, when it was looked up by one; also when revoked or expired.
    pub ticket: Option<Ticket>,
    /// What it opens.
    pub invitation: Invitation,
    /// The guest, also when soft-deleted or disabled.
    pub user: User,
    /// The inviting organisation.
    pub tenant: Tenant,
    /// Its verified domains.
    pub domains: Vec<VerifiedDomain>,
    /// Its policies.
    pub policy: TenantPolicy,
    /// For the guard.
    pub policy_version: u64,
    /// Whether the invited address has blocked this tenant.
    pub is_blocked: bool,
}

impl Store {
    /// By the hash of a ticket. `None` for an unknown ticket, and for one of another tenant.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot answer; what is not there is no error.
    pub async fn ticket(
        &self,
        tenant: TenantId,
        hash: Digest,
    ) -> Result<Option<RedemptionSnapshot>, StoreError> {
        let sql = "SELECT i.version, i.status, i.ended_why, i.status_at, i.doc, u.doc, b.key,
                          t.hash, t.invitation_id, t.user_id, t.created_at, t.expires_at, t.revoked_at
                     FROM ticket t
                     JOIN invitation i ON i.tenant_id = $1 AND i.id = t.invitation_id
                     JOIN directory_user u ON u.tenant_id = $1 AND u.id = i.user_id
                LEFT JOIN block_list b ON b.tenant_id = $1 AND b.key = i.address_key
                    WHERE t.tenant_id = $1 AND t.hash = $2";
        self.snapshot(tenant, Statement::in_tenant(tenant, sql).bind(hash)).await
    }

    /// By invitation; `ticket` is `None` in the answer.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot answer; what is not there is no error.
    pub async fn redemption(
        &self,
        tenant: TenantId,
        invitation: InvitationId,
    ) -> Result<Option<RedemptionSnapshot>, StoreError> {
        let sql = "SELECT i.version, i.status, i.ended_why, i.status_at, i.doc, u.doc, b.key
                     FROM invitation i
                     JOIN directory_user u ON u.tenant_id = $1 AND u.id = i.user_id
                LEFT JOIN block_list b ON b.tenant_id = $1 AND b.key = i.address_key
                    WHERE i.tenant_id = $1 AND i.id = $2";
        self.snapshot(tenant, Statement::in_tenant(tenant, sql).bind(invitation)).await
    }

    async fn snapshot(
        &self,
        tenant: TenantId,
        statement: Statement,
    ) -> Result<Option<RedemptionSnapshot>, StoreError> {
        let mut fetch = Fetch::in_tenant(tenant);
        let found = fetch.add(statement);
        let own = fetch.tenant();

        let answers = fetch.run(self).await?;
        let Some(row) = answers.rows(Some(found)).first() else { return Ok(None) };
        let Some(own) = answers.tenant(&own)? else { return Ok(None) };
        Ok(Some(RedemptionSnapshot {
            ticket: ticket(row)?,
            invitation: invitation_at(row, 0)?,
            user: row.doc(5)?,
            tenant: own.tenant,
            domains: own.domains,
            policy: own.policy,
            policy_version: own.policy_version,
            is_blocked: row.opt::<String>(6)?.is_some(),
        }))
    }
}

fn ticket(row: &Row) -> Result<Option<Ticket>, StoreError> {
    const FIRST: usize = 7;
    if row.0.len() <= FIRST {
        return Ok(None);
    }
    Ok(Some(Ticket {
        hash: row.get(FIRST)?,
        invitation: row.get(FIRST + 1)?,
        user: row.get(FIRST + 2)?,
        created_at: row.get(FIRST + 3)?,
        expires_at: row.opt(FIRST + 4)?,
        revoked_at: row.opt(FIRST + 5)?,
    }))
}
