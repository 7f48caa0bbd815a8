//! Access tokens: issued by the token endpoint, checked for Graph.

use jiff::Timestamp;
use vestibule_model::Caller;

use crate::{Identity, TokenError};

impl Identity {
    /// Checks the value of an `Authorization` header, or its absence. Signatures are checked once and remembered by the
    /// token's hash; times are checked at every use. Whether the principal still exists is the use case's own fetch.
    ///
    /// # Errors
    ///
    /// [`TokenError`], in the order of its variants.
    pub async fn caller(&self, authorization: Option<&str>, now: Timestamp) -> Result<Caller, TokenError> {
        let _ = (authorization, now);
        todo!()
    }
}
