//! Ids and secrets of a dev store: drawn from the server key by their label, so that they are random for everybody else and
//! always the same here.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;
use uuid::{Builder, Uuid};

use crate::server_key::ServerKeys;

/// Draws by label.
#[derive(Clone, Copy)]
pub(crate) struct Derived<'a>(pub(crate) &'a ServerKeys);

/// The time part of derived version 7 ids: 2026-01-01T00:00:00Z.
const BEGINNING_MS: u64 = 1_767_225_600_000;

/// Letters of a password that cannot be mistaken for one another.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

impl Derived<'_> {
    /// A version 4 id.
    pub(crate) fn random_id<T: From<Uuid>>(self, label: &str) -> T {
        let bytes = self.0.derived(&format!("dev id4 {label}"));
        Builder::from_random_bytes(*head(&bytes)).into_uuid().into()
    }

    /// A version 7 id of the beginning of time, as dev stores count it.
    pub(crate) fn row_id<T: From<Uuid>>(self, label: &str) -> T {
        let bytes = self.0.derived(&format!("dev id7 {label}"));
        Builder::from_unix_timestamp_millis(BEGINNING_MS, head(&bytes)).into_uuid().into()
    }

    /// 256 bits of text.
    pub(crate) fn secret(self, label: &str) -> SecretString {
        SecretString::from(URL_SAFE_NO_PAD.encode(self.0.derived(&format!("dev secret {label}"))))
    }

    /// A password that can be typed: upper and lower case, digits, hyphens, 80 bits.
    pub(crate) fn password(self, label: &str) -> SecretString {
        let bytes = self.0.derived(&format!("dev password {label}"));
        let letters: Vec<u8> = bytes[..16].iter().map(|byte| LETTERS[usize::from(byte % 32)]).collect();
        let groups: Vec<String> =
            letters.chunks(4).map(|group| String::from_utf8_lossy(group).into_owned()).collect();
        SecretString::from(format!("Dev7-{}", groups.join("-")))
    }
}

fn head<const N: usize>(bytes: &[u8; 32]) -> &[u8; N] {
    bytes.first_chunk().expect("an id has fewer bytes than a digest")
}
