//! Checks access tokens, everything but the time, which is looked at again at each use.

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, Validation};
use vestibule_model::{Caller, CallingApp, Permission};

use super::claims::{APP, ReadClaims};
use crate::tenants::issuer;
use crate::{Identity, TokenError};

/// How far clocks may disagree.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// What a good token says, and from when to when it says it.
pub(crate) struct CheckedToken {
    caller: Caller,
    not_before: Timestamp,
    expires_at: Timestamp,
}

impl CheckedToken {
    /// The caller, as long as the token lives.
    pub(super) fn caller_at(&self, now: Timestamp) -> Result<Caller, TokenError> {
        if is_alive(self.not_before, self.expires_at, now) {
            Ok(self.caller.clone())
        } else {
            Err(TokenError::Expired)
        }
    }
}

impl Identity {
    /// Checks `token` in the order of [`TokenError`]'s variants: what a client can mend comes before what it cannot.
    pub(super) async fn check(&self, token: &str, now: Timestamp) -> Result<CheckedToken, TokenError> {
        if token.split('.').count() != 3 {
            return Err(TokenError::NotWellFormed);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|error| match error.kind() {
            // A header that can be read, with an algorithm that nobody has: `none` above all.
            ErrorKind::Json(_) => TokenError::Invalid,
            _ => TokenError::NotWellFormed,
        })?;
        let unchecked: Lifetime =
            jsonwebtoken::dangerous::insecure_decode(token).map_err(|_| TokenError::Invalid)?.claims;
        if !is_alive(instant(unchecked.nbf)?, instant(unchecked.exp)?, now) {
            return Err(TokenError::Expired);
        }
        if unchecked.aud != self.parts.origin.as_str() {
            return Err(TokenError::WrongAudience);
        }

        let kid = header.kid.ok_or(TokenError::Invalid)?;
        let claims = self.verified(token, &kid, now).await?;
        self.read(claims)
    }

    /// The claims under a signature of one of our keys.
    async fn verified(&self, token: &str, kid: &str, now: Timestamp) -> Result<ReadClaims, TokenError> {
        let (keys, store) = (&self.parts.keys, &self.parts.store);
        let mut ring = keys.ring(store, now).await?;
        if ring.find(kid).is_none() {
            ring = keys.reload(store, now).await?.ok_or(TokenError::Invalid)?;
        }
        let key = ring.find(kid).ok_or(TokenError::Invalid)?;

        let decoded = jsonwebtoken::decode(token, &key.verifier(), &signature_only());
        decoded.map(|data| data.claims).map_err(|_| TokenError::Invalid)
    }

    fn read(&self, claims: ReadClaims) -> Result<CheckedToken, TokenError> {
        let is_ours = claims.aud == self.parts.origin && claims.iss == issuer(&self.parts.origin, claims.tid);
        if !is_ours || claims.idtyp != APP {
            return Err(TokenError::Invalid);
        }

        let caller = Caller {
            tenant: claims.tid,
            app: CallingApp {
                app: claims.appid,
                service_principal: claims.oid,
                display_name: claims.app_displayname,
            },
            user: None,
            permissions: claims.roles.iter().filter_map(|name| Permission::find(name)).collect(),
            issued_at: instant(claims.iat)?,
        };
        Ok(CheckedToken { caller, not_before: instant(claims.nbf)?, expires_at: instant(claims.exp)? })
    }
}

/// What is looked at before the signature.
#[derive(serde::Deserialize)]
struct Lifetime {
    aud: serde_json::Value,
    nbf: i64,
    exp: i64,
}

/// RS256 and nothing else (RFC 8725, section 3.1). Times and names are compared here, with the clock that was handed in.
fn signature_only() -> Validation {
    let mut validation = Validation::new(Algorithm::RS256);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation
}

fn is_alive(not_before: Timestamp, expires_at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(expires_at) < SKEW && not_before.duration_since(now) <= SKEW
}

fn instant(second: i64) -> Result<Timestamp, TokenError> {
    Timestamp::from_second(second).map_err(|_| TokenError::Invalid)
}
