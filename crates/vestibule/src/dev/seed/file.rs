//! The seed file as it is written.

use jiff::Timestamp;
use serde::Deserialize;
use uuid::Uuid;
use vestibule_model::policy::AllowInvitesFrom;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Seed {
    #[serde(default)]
    pub(super) tenants: Vec<Tenant>,
}

/// A tenant; one with contoso's domain adds to contoso.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tenant {
    pub(super) id: Option<Uuid>,
    pub(super) name: Option<String>,
    /// The initial domain.
    pub(super) domain: String,
    /// Further verified domains.
    #[serde(default)]
    pub(super) domains: Vec<String>,
    pub(super) preferred_language: Option<String>,
    pub(super) privacy_statement_url: Option<String>,
    pub(super) privacy_contact: Option<String>,
    pub(super) policy: Option<Policy>,
    #[serde(default)]
    pub(super) users: Vec<User>,
    #[serde(default)]
    pub(super) apps: Vec<App>,
}

/// A tenant's policies; what is left out keeps its default.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    pub(super) allow_invites_from: Option<AllowInvitesFrom>,
    pub(super) guest_user_role_id: Option<Uuid>,
    pub(super) allowed_domains: Option<Vec<String>>,
    pub(super) blocked_domains: Option<Vec<String>>,
    pub(super) passcodes: Option<bool>,
    pub(super) consent_version: Option<u32>,
}

/// A user.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct User {
    pub(super) id: Option<Uuid>,
    pub(super) user_principal_name: String,
    pub(super) display_name: Option<String>,
    pub(super) mail: Option<String>,
    #[serde(default)]
    pub(super) user_type: UserType,
    #[serde(default)]
    pub(super) roles: Vec<String>,
    #[serde(default = "yes")]
    pub(super) account_enabled: bool,
    pub(super) preferred_language: Option<String>,
    pub(super) password: Option<String>,
}

/// Graph's `userType`.
#[derive(Debug, Default, Deserialize)]
pub(super) enum UserType {
    #[default]
    Member,
    Guest,
}

/// An app registration with one secret.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct App {
    pub(super) name: String,
    pub(super) client_id: Option<Uuid>,
    pub(super) service_principal_id: Option<Uuid>,
    pub(super) client_secret: Option<String>,
    /// In the past for a secret that has expired.
    pub(super) client_secret_ends: Option<Timestamp>,
    #[serde(default = "yes")]
    pub(super) account_enabled: bool,
    /// A public client, which has no secret.
    #[serde(default)]
    pub(super) public_client: bool,
    /// Application permissions, granted.
    #[serde(default)]
    pub(super) permissions: Vec<String>,
}

fn yes() -> bool {
    true
}
