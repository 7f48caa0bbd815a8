//! The links that guests get: redeem URLs and one-click block links.

use aws_lc_rs::{constant_time, hmac};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;
use vestibule_model::{InvitationId, PurposeKey, TenantId};

use crate::Directory;

/// How many bytes of the MAC a block link carries (`redemption.md` 3.7).
const SIGNATURE: usize = 16;

impl Directory {
    /// The wrapped redeem URL of `graph.md` 1.6, exactly as the API returns it and the mail carries it.
    pub fn redeem_url(&self, tenant: TenantId, invitation: InvitationId, ticket: &str) -> String {
        let base = self.base();
        let ticket = percent_encoded(ticket);
        let bare =
            format!("{base}/invitations/redeem/?tenant={tenant}&user={invitation}&ticket={ticket}&ver=2.0");
        format!("{base}/redeem?rd={}", percent_encoded(&bare))
    }

    /// The one-click block link of `redemption.md` 3.7.
    pub fn block_url(&self, tenant: TenantId, invitation: InvitationId) -> String {
        let signature = signature(self.settings.link_keys.first(), tenant, invitation);
        let token = [tenant.as_bytes(), invitation.as_bytes(), &signature[..]].concat();
        format!("{}/invitations/unsubscribe?t={}", self.base(), URL_SAFE_NO_PAD.encode(token))
    }

    /// Reads the `t` of a block link; `None` when it was not signed by us.
    pub fn read_block_token(&self, token: &str) -> Option<(TenantId, InvitationId)> {
        let bytes: [u8; 32 + SIGNATURE] = URL_SAFE_NO_PAD.decode(token).ok()?.try_into().ok()?;
        let (ids, signed) = bytes.split_at(32);
        let tenant = TenantId(Uuid::from_slice(&ids[..16]).ok()?);
        let invitation = InvitationId(Uuid::from_slice(&ids[16..]).ok()?);
        let is_ours =
            |key| constant_time::verify_slices_are_equal(&signature(key, tenant, invitation), signed).is_ok();

        self.settings.link_keys.all().iter().any(is_ours).then_some((tenant, invitation))
    }

    fn base(&self) -> &str {
        self.settings.public_url.as_str().trim_end_matches('/')
    }
}

fn signature(key: &PurposeKey, tenant: TenantId, invitation: InvitationId) -> [u8; SIGNATURE] {
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key.secret);
    let signed = [b"unsubscribe", &tenant.as_bytes()[..], &invitation.as_bytes()[..]].concat();
    let mut first = [0; SIGNATURE];
    first.copy_from_slice(&hmac::sign(&key, &signed).as_ref()[..SIGNATURE]);
    first
}

/// Everything but RFC 3986's unreserved characters, in lower-case hex as the documented samples have it.
fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len() * 2), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or('0'));
            out.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'));
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inner_url_is_encoded_whole_in_lower_case() {
        assert_eq!(percent_encoded("https://a.b/?c=d&e=F-_~"), "https%3a%2f%2fa.b%2f%3fc%3dd%26e%3dF-_~");
    }
}
