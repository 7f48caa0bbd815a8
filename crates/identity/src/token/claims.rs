//! The claims of an access token, as `identity.md` 8.1 lists them for an application by itself.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use uuid::{Uuid, uuid};
use vestibule_model::{AppId, Permission, ServicePrincipalId, TenantId};

/// The header of every token of ours.
#[derive(Serialize)]
pub(super) struct Header<'a> {
    pub(super) typ: &'static str,
    pub(super) alg: &'static str,
    pub(super) kid: &'a str,
}

/// What Graph reads of a token. Everything else in it is for clients.
#[derive(Debug, Deserialize)]
pub(super) struct ReadClaims {
    pub(super) aud: String,
    pub(super) iss: String,
    pub(super) iat: i64,
    pub(super) nbf: i64,
    pub(super) exp: i64,
    pub(super) tid: TenantId,
    pub(super) oid: ServicePrincipalId,
    pub(super) appid: AppId,
    pub(super) idtyp: String,
    pub(super) app_displayname: String,
    #[serde(default)]
    pub(super) roles: Vec<String>,
}

/// The claims of a token by `client_credentials`, in the order in which they are written.
#[derive(Serialize)]
pub(super) struct AppClaims<'a> {
    pub(super) aud: Cow<'a, str>,
    pub(super) iss: &'a str,
    pub(super) iat: i64,
    pub(super) nbf: i64,
    pub(super) exp: i64,
    pub(super) app_displayname: &'a str,
    pub(super) appid: AppId,
    pub(super) appidacr: &'static str,
    pub(super) azp: AppId,
    pub(super) azpacr: &'static str,
    pub(super) idp: &'a str,
    pub(super) idtyp: &'static str,
    pub(super) oid: ServicePrincipalId,
    #[serde(skip_serializing_if = "<[Permission]>::is_empty")]
    pub(super) roles: &'a [Permission],
    pub(super) sub: ServicePrincipalId,
    pub(super) tid: TenantId,
    pub(super) uti: String,
    pub(super) ver: &'static str,
    pub(super) wids: [Uuid; 1],
    #[serde(skip_serializing_if = "<[&str]>::is_empty")]
    pub(super) xms_cc: &'static [&'static str],
}

/// `idtyp` of a token without a user.
pub(super) const APP: &str = "app";
/// `appidacr` of a client that showed a secret.
pub(super) const BY_SECRET: &str = "1";
/// `wids` of a token without directory roles.
pub(super) const NO_ROLES: Uuid = uuid!("0997a1d0-0d1d-4acb-b408-d5ca73121e90");
