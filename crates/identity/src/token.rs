//! Access tokens: issued by the token endpoint, checked for Graph.

mod cache;
mod check;
mod claims;
mod issue;

pub(crate) use cache::VerifiedTokens;
pub(crate) use issue::{LIFETIME, NewToken};

use jiff::Timestamp;
use vestibule_model::Caller;

use crate::secret::sha256;
use crate::{Identity, TokenError};

impl Identity {
    /// Checks the value of an `Authorization` header, or its absence. Signatures are checked once and remembered by the
    /// token's hash; times are checked at every use. Whether the principal still exists is the use case's own fetch.
    ///
    /// # Errors
    ///
    /// [`TokenError`], in the order of its variants.
    pub async fn caller(&self, authorization: Option<&str>, now: Timestamp) -> Result<Caller, TokenError> {
        let token = authorization.and_then(bearer).ok_or(TokenError::Empty)?;
        let hash = sha256(token.as_bytes());
        if let Some(known) = self.parts.verified.get(&hash) {
            return known.caller_at(now);
        }

        let checked = Box::pin(self.check(token, now)).await?; // Rare and large: known tokens do not carry it.
        let caller = checked.caller_at(now)?;
        self.parts.verified.put(hash, checked);
        Ok(caller)
    }
}

/// The token of a `Bearer` header; the scheme's case does not matter (RFC 9110, section 11.1).
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("Bearer") && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests;
