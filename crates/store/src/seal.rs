//! Sealed columns: AES-256-GCM-SIV under a key that is kept outside the database.
//!
//! A sealed value is the key's id (8 bytes), a nonce (12 bytes), then cipher text and tag. What is sealed is bound to its place, so
//! a value that was copied to another row, column or tenant does not open.

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use vestibule_model::{PurposeKeys, TenantId};

use crate::StoreError;

const ID_LEN: usize = 8;

/// Seals and opens.
pub(crate) struct Seal {
    keys: Vec<([u8; ID_LEN], RandomizedNonceKey)>,
}

/// Where a sealed value stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    /// `table.column`.
    pub(crate) column: &'static str,
    /// `None` in tables of the whole store.
    pub(crate) tenant: Option<TenantId>,
    /// The rest of the primary key.
    pub(crate) row: &'a [u8],
}

impl Seal {
    /// Under these keys; the first one seals.
    pub(crate) fn new(keys: &PurposeKeys) -> Result<Self, StoreError> {
        let key = |key: &vestibule_model::PurposeKey| {
            RandomizedNonceKey::new(&AES_256_GCM_SIV, &key.secret)
                .map(|sealing| (key.id, sealing))
                .map_err(|_| StoreError::Corrupt("a sealing key has the wrong length".into()))
        };
        Ok(Self { keys: keys.all().iter().map(key).collect::<Result<_, _>>()? })
    }

    /// The id of the key that seals.
    pub(crate) fn id(&self) -> [u8; ID_LEN] {
        self.keys[0].0
    }

    /// Whether this key is at hand.
    pub(crate) fn knows(&self, id: &[u8]) -> bool {
        self.keys.iter().any(|(known, _)| known == id)
    }

    /// Seals `clear` for its place.
    pub(crate) fn seal(&self, place: Place<'_>, clear: &[u8]) -> Result<Vec<u8>, StoreError> {
        let (id, key) = &self.keys[0];
        let mut cipher = clear.to_vec();
        let nonce = key
            .seal_in_place_append_tag(Aad::from(place.bytes()), &mut cipher)
            .map_err(|_| StoreError::Unavailable("sealing failed".into()))?;

        Ok([id.as_slice(), nonce.as_ref(), &cipher].concat())
    }

    /// Opens what was sealed for this place.
    pub(crate) fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
        let broken = || StoreError::Corrupt(format!("a sealed value of {} does not open", place.column));
        let (id, rest) = sealed.split_at_checked(ID_LEN).ok_or_else(broken)?;
        let (nonce, cipher) = rest.split_at_checked(NONCE_LEN).ok_or_else(broken)?;
        let (_, key) = self
            .keys
            .iter()
            .find(|(known, _)| known == id)
            .ok_or_else(|| StoreError::UnknownKey { id: hex(id) })?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| broken())?;
        let mut clear = cipher.to_vec();
        let length =
            key.open_in_place(nonce, Aad::from(place.bytes()), &mut clear).map_err(|_| broken())?.len();
        clear.truncate(length);

        Ok(clear)
    }
}

impl Place<'_> {
    fn bytes(&self) -> Vec<u8> {
        let tenant = self.tenant.as_ref().map_or(&[0; 16], TenantId::as_bytes);
        [self.column.as_bytes(), &[0], tenant, self.row].concat()
    }
}

/// `bytes` in lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;
    use vestibule_model::PurposeKey;

    use super::*;

    fn keys(ids: &[u8]) -> PurposeKeys {
        let key = |id: &u8| PurposeKey { id: [*id; 8], secret: [*id; 32] };
        PurposeKeys::new(ids.iter().map(key).collect()).unwrap()
    }

    fn place<'a>(column: &'static str, tenant: u128, row: &'a [u8]) -> Place<'a> {
        Place { column, tenant: Some(TenantId(Uuid::from_u128(tenant))), row }
    }

    #[test]
    fn what_was_sealed_opens_at_its_own_place_only() {
        let seal = Seal::new(&keys(&[1])).unwrap();
        let sealed = seal.seal(place("outbox.sealed", 1, b"row"), b"secret").unwrap();

        assert_eq!(seal.open(place("outbox.sealed", 1, b"row"), &sealed).unwrap(), b"secret");
        for elsewhere in [
            place("outbox.reply", 1, b"row"),
            place("outbox.sealed", 2, b"row"),
            place("outbox.sealed", 1, b"other"),
        ] {
            assert!(seal.open(elsewhere, &sealed).is_err(), "{elsewhere:?}");
        }
    }

    #[test]
    fn an_older_key_still_opens_and_a_missing_one_is_named() {
        let here = place("outbox.sealed", 1, b"row");
        let sealed = Seal::new(&keys(&[1])).unwrap().seal(here, b"secret").unwrap();

        assert_eq!(Seal::new(&keys(&[2, 1])).unwrap().open(here, &sealed).unwrap(), b"secret");
        let error = Seal::new(&keys(&[2])).unwrap().open(here, &sealed).unwrap_err();
        assert!(matches!(error, StoreError::UnknownKey { id } if id == "0101010101010101"));
    }

    #[test]
    fn sealing_twice_never_gives_the_same_bytes() {
        let seal = Seal::new(&keys(&[1])).unwrap();
        let here = place("outbox.sealed", 1, b"row");

        assert_ne!(seal.seal(here, b"secret").unwrap(), seal.seal(here, b"secret").unwrap());
    }
}
