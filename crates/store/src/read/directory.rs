//! What `directory` asks before it decides about invitations and tenants.

use jiff::Timestamp;
use vestibule_model::invitation::Remembered;
use vestibule_model::{
    Application, Caller, Digest, Invitation, InvitationId, Tenant, TenantId, TenantPolicy, User, UserId,
    VerifiedDomain,
};

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
    pub async fn invite_snapshot(
        &self,
        tenant: TenantId,
        query: InviteQuery<'_>,
    ) -> Result<Option<InviteSnapshot>, StoreError> {
        let _ = (tenant, query);
        todo!()
    }

    /// The tenant, its policies with their version, its verified domains (the initial one first), and the caller.
    pub async fn tenant_snapshot(
        &self,
        tenant: TenantId,
        caller: Option<&Caller>,
    ) -> Result<Option<TenantSnapshot>, StoreError> {
        let _ = (tenant, caller);
        todo!()
    }

    /// Every tenant, oldest first.
    pub async fn tenants(&self) -> Result<Vec<Tenant>, StoreError> {
        todo!()
    }

    /// Applications of a tenant, oldest first.
    pub async fn applications(&self, tenant: TenantId) -> Result<Vec<Application>, StoreError> {
        let _ = tenant;
        todo!()
    }

    /// An invitation by id.
    pub async fn invitation(
        &self,
        tenant: TenantId,
        id: InvitationId,
    ) -> Result<Option<Invitation>, StoreError> {
        let _ = (tenant, id);
        todo!()
    }

    /// A value that this store keeps for the binary, such as a dev store's seeded secrets; sealed at rest.
    pub async fn setting(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let _ = name;
        todo!()
    }

    /// Keeps such a value; `false` when one was there already and `replace` is false.
    pub async fn put_setting(&self, name: &str, value: &[u8], replace: bool) -> Result<bool, StoreError> {
        let _ = (name, value, replace);
        todo!()
    }
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
