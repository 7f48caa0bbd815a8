//! What this room draws and hashes: tickets, and the SHA-256 of what is looked up by hash.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use vestibule_model::Digest;
use vestibule_store::StoreError;

/// A fresh ticket: 32 random bytes, base64url without padding (`redemption.md` 2.2).
///
/// # Errors
///
/// [`StoreError::Unavailable`] when the system has no randomness to give.
pub(crate) fn draw_ticket() -> Result<String, StoreError> {
    let mut bytes = [0_u8; 32];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| StoreError::Unavailable("the system's random source failed".into()))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// SHA-256.
pub(crate) fn sha256(bytes: &[u8]) -> Digest {
    let mut hash = [0_u8; 32];
    hash.copy_from_slice(digest(&SHA256, bytes).as_ref());
    Digest(hash)
}
