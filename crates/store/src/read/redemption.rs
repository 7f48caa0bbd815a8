//! What is asked on the way of a guest.

use vestibule_model::{
    Digest, Invitation, InvitationId, Tenant, TenantId, TenantPolicy, Ticket, User, VerifiedDomain,
};

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
    pub async fn ticket(
        &self,
        tenant: TenantId,
        hash: Digest,
    ) -> Result<Option<RedemptionSnapshot>, StoreError> {
        let _ = (tenant, hash);
        todo!()
    }

    /// By invitation; `ticket` is `None` in the answer.
    pub async fn redemption(
        &self,
        tenant: TenantId,
        invitation: InvitationId,
    ) -> Result<Option<RedemptionSnapshot>, StoreError> {
        let _ = (tenant, invitation);
        todo!()
    }
}
