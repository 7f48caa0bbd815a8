//! Client secrets: 256 random bits, so that a plain SHA-256 protects them.

use aws_lc_rs::{digest, rand};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;
use vestibule_model::Digest;
use zeroize::Zeroizing;

/// A new one, from the operating system's random source.
#[expect(clippy::disallowed_methods, reason = "a secret is drawn where it is told, once")]
pub(crate) fn draw() -> SecretString {
    let mut bytes = Zeroizing::new([0_u8; 32]);
    rand::fill(bytes.as_mut_slice()).expect("the system's random source does not fail once it has started");
    SecretString::from(URL_SAFE_NO_PAD.encode(*bytes))
}

/// What is kept of it.
pub(crate) fn hash(text: &str) -> Digest {
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    Digest(hash.as_ref().try_into().expect("SHA-256 has 32 bytes"))
}
