//! What `identity` asks: tenants by name, applications with their secrets, keys, flows, codes, counters, sessions.

use jiff::Timestamp;
use uuid::Uuid;
use vestibule_model::state::{Counted, Counter, Flow, Passcode, Session};
use vestibule_model::{AppId, Application, ClientSecret, Digest, Tenant, TenantId, User};

use crate::{Store, StoreError};

/// A signing key as kept: the private half is sealed at rest and clear here.
#[derive(Clone)]
pub struct SigningKeyRow {
    /// RFC 7638 thumbprint, base64url.
    pub kid: String,
    /// PKCS#8 in DER.
    pub private: Vec<u8>,
    /// The self-signed certificate of `x5c`, in DER.
    pub certificate: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Store {
    /// The tenant with this id, or with this verified domain, in any case.
    pub async fn tenant_named(&self, name: &str) -> Result<Option<Tenant>, StoreError> {
        let _ = name;
        todo!()
    }

    /// An application with its secrets.
    pub async fn application(
        &self,
        tenant: TenantId,
        app: AppId,
    ) -> Result<Option<(Application, Vec<ClientSecret>)>, StoreError> {
        let _ = (tenant, app);
        todo!()
    }

    /// The server's signing keys, oldest first.
    pub async fn signing_keys(&self) -> Result<Vec<SigningKeyRow>, StoreError> {
        todo!()
    }

    /// Keeps a signing key unless there is one already; answers those that there are then.
    pub async fn offer_signing_key(&self, key: SigningKeyRow) -> Result<Vec<SigningKeyRow>, StoreError> {
        let _ = key;
        todo!()
    }

    /// A live flow by the hash of its cookie.
    pub async fn flow(
        &self,
        tenant: TenantId,
        id: Digest,
        now: Timestamp,
    ) -> Result<Option<Flow>, StoreError> {
        let _ = (tenant, id, now);
        todo!()
    }

    /// The newest passcode of a flow that was not dropped or replaced.
    pub async fn passcode(&self, tenant: TenantId, flow: Uuid) -> Result<Option<Passcode>, StoreError> {
        let _ = (tenant, flow);
        todo!()
    }

    /// What was counted since `since`, for each counter in order.
    pub async fn counted(
        &self,
        tenant: TenantId,
        counters: &[(Counter, Timestamp)],
    ) -> Result<Vec<Counted>, StoreError> {
        let _ = (tenant, counters);
        todo!()
    }

    /// A session by the hash of its cookie, with its user (also when deleted or disabled) and tenant.
    pub async fn session(
        &self,
        tenant: TenantId,
        id: Digest,
        now: Timestamp,
    ) -> Result<Option<(Session, User, Tenant)>, StoreError> {
        let _ = (tenant, id, now);
        todo!()
    }
}
