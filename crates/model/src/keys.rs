//! Keys for one purpose, derived by the binary from the server key file. Rooms get only their own.

use std::fmt;

/// The keys for one purpose: the first signs and seals, every one verifies and opens.
#[derive(Clone)]
pub struct PurposeKeys(Vec<PurposeKey>);

/// One derived key.
#[derive(Clone)]
pub struct PurposeKey {
    /// The first 8 bytes of the SHA-256 of the server key that it comes from; sealed values begin with it.
    pub id: [u8; 8],
    /// 32 bytes from HKDF-SHA-256.
    pub secret: [u8; 32],
}

impl PurposeKeys {
    /// Keys in the order of the key file; `None` when there is not one.
    pub fn new(keys: Vec<PurposeKey>) -> Option<Self> {
        (!keys.is_empty()).then_some(Self(keys))
    }

    /// The key that signs and seals.
    pub fn first(&self) -> &PurposeKey {
        &self.0[0]
    }

    /// Every key, the first one first.
    pub fn all(&self) -> &[PurposeKey] {
        &self.0
    }

    /// The key with this id.
    pub fn find(&self, id: &[u8]) -> Option<&PurposeKey> {
        self.0.iter().find(|key| key.id == id)
    }
}

impl fmt::Debug for PurposeKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PurposeKeys({})", self.0.len())
    }
}
