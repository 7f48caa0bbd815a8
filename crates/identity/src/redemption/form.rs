//! The two hidden fields of every form, and the tokens of pages without a flow.

use super::{FormToken, NewCookie};
use crate::Identity;
use crate::secret::{decode, encode, is_signed, sign};

const FORM: &str = "form token";
const LABELLED: &str = "labelled form token";

impl Identity {
    /// Form fields bound to the flow cookie in `cookies`, or to the one just made in `fresh`.
    pub fn form_token(&self, cookies: Option<&str>, fresh: Option<&NewCookie>) -> Option<FormToken> {
        let (value, read) = match fresh.and_then(NewCookie::value) {
            Some(value) => (value, self.read_flow(value)?),
            None => self.flow_cookie(cookies)?,
        };
        let csrf = encode(sign(&self.parts.settings.keys, FORM, &[value.as_bytes()]).0);
        Some(FormToken { flow: read.public_id().to_string(), csrf })
    }

    /// Whether a posted form belongs to the flow cookie that came with it. Compared in constant time.
    pub fn is_own_form(&self, cookies: Option<&str>, form: &FormToken) -> bool {
        let Some((value, read)) = self.flow_cookie(cookies) else { return false };
        let Some(tag) = decode(&form.csrf) else { return false };
        read.public_id().to_string() == form.flow
            && is_signed(&self.parts.settings.keys, FORM, &[value.as_bytes()], &tag)
    }

    /// Form token of a page without a flow (block pages), bound to what it is about by `label`.
    pub fn label_token(&self, label: &str) -> String {
        encode(sign(&self.parts.settings.keys, LABELLED, &[label.as_bytes()]).0)
    }

    /// Whether `token` was made for `label`.
    pub fn is_label_token(&self, label: &str, token: &str) -> bool {
        let is_ours =
            |tag: Vec<u8>| is_signed(&self.parts.settings.keys, LABELLED, &[label.as_bytes()], &tag);
        decode(token).is_some_and(is_ours)
    }
}
