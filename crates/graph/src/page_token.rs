//! Page tokens: opaque to clients, authenticated, bound to the tenant and the query that they continue.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use vestibule_model::TenantId;
use vestibule_odata::Options;

use crate::Graph;
use crate::error::GraphError;
use crate::router::Version;

const TAG_OCTETS: usize = 16;

/// What a token continues: whatever must be the same on every page.
pub(crate) struct Continued<'a> {
    pub(crate) version: Version,
    pub(crate) tenant: TenantId,
    pub(crate) path: &'static str,
    pub(crate) options: &'a Options,
}

impl Continued<'_> {
    fn label(&self) -> String {
        let part = |option: &Option<String>| option.clone().unwrap_or_default();
        format!(
            "{}\n{}\n{}\n{}\n{}",
            self.version.segment(),
            self.tenant,
            self.path,
            part(&self.options.filter),
            part(&self.options.orderby)
        )
    }
}

/// A key with the store's epoch: after a restore, tokens of the store that was are void.
#[derive(Deserialize, Serialize)]
struct Dated<K> {
    key: K,
    epoch: u64,
}

impl Graph {
    /// The token for the page after `key`, which does not name the store's epoch itself.
    pub(crate) fn dated_page_token(
        &self,
        continued: &Continued<'_>,
        key: impl Serialize,
    ) -> Result<String, GraphError> {
        self.page_token(continued, &Dated { key, epoch: self.parts.directory.epoch() })
    }

    /// Reads such a token back.
    ///
    /// # Errors
    ///
    /// As [`read_page_token`](Self::read_page_token), and when it is of another epoch.
    pub(crate) fn read_dated_page_token<K: DeserializeOwned>(
        &self,
        continued: &Continued<'_>,
        token: &str,
    ) -> Result<K, GraphError> {
        let dated: Dated<K> = self.read_page_token(continued, token)?;
        if dated.epoch != self.parts.directory.epoch() {
            return Err(GraphError::bad_page_token());
        }
        Ok(dated.key)
    }

    /// The token for the page after `key`.
    pub(crate) fn page_token(
        &self,
        continued: &Continued<'_>,
        key: &impl Serialize,
    ) -> Result<String, GraphError> {
        let mut token = serde_json::to_vec(key).map_err(|error| GraphError::internal(error.to_string()))?;
        let tag = tag(&self.parts.settings.page_keys.first().secret, continued, &token);
        token.extend_from_slice(&tag.as_ref()[..TAG_OCTETS]);
        Ok(BASE64_URL_SAFE_NO_PAD.encode(token))
    }

    /// Reads a token back.
    ///
    /// # Errors
    ///
    /// When it was not made by us for this query.
    pub(crate) fn read_page_token<K: DeserializeOwned>(
        &self,
        continued: &Continued<'_>,
        token: &str,
    ) -> Result<K, GraphError> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).map_err(|_| GraphError::bad_page_token())?;
        let at = bytes.len().checked_sub(TAG_OCTETS).ok_or_else(GraphError::bad_page_token)?;
        let (key, given) = bytes.split_at(at);
        let is_ours = self.parts.settings.page_keys.all().iter().any(|page_key| {
            let wanted = tag(&page_key.secret, continued, key);
            aws_lc_rs::constant_time::verify_slices_are_equal(&wanted.as_ref()[..TAG_OCTETS], given).is_ok()
        });
        if !is_ours {
            return Err(GraphError::bad_page_token());
        }

        serde_json::from_slice(key).map_err(|_| GraphError::bad_page_token())
    }
}

fn tag(secret: &[u8], continued: &Continued<'_>, key: &[u8]) -> hmac::Tag {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, secret));
    context.update(b"page token\n");
    context.update(continued.label().as_bytes());
    context.update(b"\n");
    context.update(key);
    context.sign()
}

/// The absolute URL of the next page: the same query with another token.
pub(crate) fn next_link(base: &str, path: &str, query: &str, token: &str) -> String {
    let is_token = |pair: &&str| {
        let name = pair.split('=').next().unwrap_or_default().replace("%24", "$");
        name.trim_start_matches('$').eq_ignore_ascii_case("skiptoken")
    };
    let kept: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty() && !is_token(pair)).collect();
    let separator = if kept.is_empty() { "" } else { "&" };
    format!("{base}{path}?{}{separator}$skiptoken={token}", kept.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_link_keeps_the_query_and_replaces_the_token() {
        for (query, link) in [
            ("", "https://x/v1.0/users?$skiptoken=T"),
            ("$top=2&$filter=a%20eq%20'b'", "https://x/v1.0/users?$top=2&$filter=a%20eq%20'b'&$skiptoken=T"),
            ("%24skipToken=old&$top=2", "https://x/v1.0/users?$top=2&$skiptoken=T"),
        ] {
            assert_eq!(next_link("https://x/v1.0", "/users", query, "T"), link, "{query}");
        }
    }
}
