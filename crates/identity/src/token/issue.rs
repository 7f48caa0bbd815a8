//! Issues access tokens.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use vestibule_model::{Application, TenantId};

use super::claims::{APP, AppClaims, BY_SECRET, Header, NO_ROLES};
use crate::keys::SigningKey;
use crate::scope::Resource;
use crate::secret::encode;
use crate::tenants::issuer;
use crate::{Identity, ProtocolError};

/// How long an access token lives (`identity.md` 1.9).
pub(crate) const LIFETIME: SignedDuration = SignedDuration::from_secs(3599);

/// A token that an application has earned for itself.
pub(crate) struct NewToken<'a> {
    pub(crate) tenant: TenantId,
    pub(crate) application: &'a Application,
    pub(crate) resource: Resource,
    /// Whether the client said that it understands claims challenges (`xms_cc`).
    pub(crate) takes_challenges: bool,
}

impl Identity {
    /// Signs `new`, valid from `now` on.
    pub(crate) async fn issue(&self, new: &NewToken<'_>, now: Timestamp) -> Result<String, ProtocolError> {
        let ring = self.parts.keys.ring(&self.parts.store, now).await?;
        let issuer = issuer(&self.parts.origin, new.tenant);
        let issued_at = now.as_second();
        let NewToken { application, .. } = new;
        let claims = AppClaims {
            aud: self.audience(new.resource),
            iss: &issuer,
            iat: issued_at,
            nbf: issued_at,
            exp: issued_at + LIFETIME.as_secs(),
            app_displayname: &application.display_name,
            appid: application.app,
            appidacr: BY_SECRET,
            azp: application.app,
            azpacr: BY_SECRET,
            idp: &issuer,
            idtyp: APP,
            oid: application.service_principal,
            roles: granted(application, new.resource),
            sub: application.service_principal,
            tid: new.tenant,
            uti: encode(self.parts.ids.random().as_bytes()),
            ver: "2.0",
            wids: [NO_ROLES],
            xms_cc: if new.takes_challenges { &["CP1"] } else { &[] },
        };

        Ok(sign(&claims, ring.signing()))
    }

    /// `aud`: our origin for Graph, whichever of its names was asked for; an application's id for its API.
    fn audience(&self, resource: Resource) -> std::borrow::Cow<'_, str> {
        match resource {
            Resource::Graph => self.parts.origin.as_str().into(),
            Resource::Application(app) => app.to_string().into(),
        }
    }
}

/// Application permissions are Graph's; other APIs have no roles in this release.
fn granted(application: &Application, resource: Resource) -> &[vestibule_model::Permission] {
    match resource {
        Resource::Graph => &application.permissions,
        Resource::Application(_) => &[],
    }
}

fn sign(claims: &AppClaims<'_>, key: &SigningKey) -> String {
    let mut token = part(&Header { typ: "JWT", alg: "RS256", kid: key.kid() });
    token.push('.');
    token.push_str(&part(claims));
    let signature = key.sign(token.as_bytes());
    token.push('.');
    token.push_str(&signature);
    token
}

fn part(json: &impl Serialize) -> String {
    encode(serde_json::to_vec(json).expect("strings and numbers are JSON"))
}
