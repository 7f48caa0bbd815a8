//! Hashes, HMACs and random secrets, each written once.

use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use aws_lc_rs::{constant_time, digest, hmac};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use vestibule_model::{Digest, PurposeKeys};

/// The SHA-256 of `bytes`.
pub(crate) fn sha256(bytes: &[u8]) -> Digest {
    Digest(thirty_two(digest::digest(&digest::SHA256, bytes).as_ref()))
}

/// Whether two secrets are the same, in a time that does not tell where they differ.
pub(crate) fn is_same(one: &[u8], other: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(one, other).is_ok()
}

/// `N` bytes from the operating system.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).expect("the operating system has randomness");
    bytes
}

/// HMAC-SHA-256 of `parts` under the key that signs. Different labels never meet, nor do different cuts of the same bytes.
pub(crate) fn sign(keys: &PurposeKeys, label: &str, parts: &[&[u8]]) -> Digest {
    mac(&keys.first().secret, label, parts)
}

/// Whether `tag` was made by [`sign`] under any of the keys.
pub(crate) fn is_signed(keys: &PurposeKeys, label: &str, parts: &[&[u8]], tag: &[u8]) -> bool {
    keys.all().iter().any(|key| is_same(&mac(&key.secret, label, parts).0, tag))
}

/// Bytes as they stand in cookies and forms.
pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// The bytes of what [`encode`] wrote.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    BASE64_URL_SAFE_NO_PAD.decode(text).ok()
}

fn mac(secret: &[u8; 32], label: &str, parts: &[&[u8]]) -> Digest {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, secret));
    for part in std::iter::once(label.as_bytes()).chain(parts.iter().copied()) {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    Digest(thirty_two(context.sign().as_ref()))
}

fn thirty_two(bytes: &[u8]) -> [u8; 32] {
    bytes.try_into().expect("SHA-256 has 32 bytes")
}

#[cfg(test)]
mod tests {
    use vestibule_model::PurposeKey;

    use super::*;

    #[test]
    fn a_signature_belongs_to_its_label_and_to_the_cut_of_its_parts() {
        let keys = keys_of(&[1]);
        let tag = sign(&keys, "form", &[b"ab", b"c"]).0;

        assert!(is_signed(&keys, "form", &[b"ab", b"c"], &tag));
        assert!(!is_signed(&keys, "flow", &[b"ab", b"c"], &tag));
        assert!(!is_signed(&keys, "form", &[b"a", b"bc"], &tag));
        assert!(!is_signed(&keys, "form", &[b"ab", b"c"], &tag[..31]));
    }

    #[test]
    fn what_an_older_key_signed_is_good_until_its_line_is_removed() {
        let tag = sign(&keys_of(&[1]), "form", &[b"x"]).0;

        assert!(is_signed(&keys_of(&[2, 1]), "form", &[b"x"], &tag));
        assert!(!is_signed(&keys_of(&[2]), "form", &[b"x"], &tag));
    }

    fn keys_of(seeds: &[u8]) -> PurposeKeys {
        let key = |seed: &u8| PurposeKey { id: [*seed; 8], secret: [*seed; 32] };
        PurposeKeys::new(seeds.iter().map(key).collect()).unwrap()
    }
}
