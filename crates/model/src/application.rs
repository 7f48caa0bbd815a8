//! Applications and their secrets.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::id::{AppId, ApplicationId, Digest, ServicePrincipalId};
use crate::permission::Permission;

/// An application registration together with its service principal in the same tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Application {
    /// The client id.
    pub app: AppId,
    /// The object id of the registration.
    pub id: ApplicationId,
    /// The object id of the service principal; `oid` and `sub` of its tokens.
    pub service_principal: ServicePrincipalId,
    /// For audit, mail and the consent page.
    pub display_name: String,
    /// A disabled application gets no tokens (AADSTS7000112) and its issued ones stop working.
    pub is_enabled: bool,
    /// Whether it may sign in without a credential.
    pub is_public: bool,
    /// Application permissions granted by an administrator; they become `roles`.
    pub permissions: Vec<Permission>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A client secret of an application: 256 random bits, so a plain SHA-256 protects it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientSecret {
    /// Names the secret without telling it.
    pub key_id: Uuid,
    /// SHA-256 of the secret text.
    pub hash: Digest,
    /// The first three characters, as Graph's `hint`.
    pub hint: String,
    /// Not before.
    pub starts_at: Timestamp,
    /// Not after; AADSTS7000222 from then on.
    pub ends_at: Timestamp,
}
