//! The server's signing keys: made once, sealed in the store, shared by every node and every tenant.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair, RsaPublicKeyComponents};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::DecodingKey;
use serde::Serialize;
use vestibule_store::read::identity::SigningKeyRow;
use vestibule_store::{Store, StoreError};

use crate::secret::sha256;

/// How long the certificate in `x5c` says it lives. Nobody trusts it by date: it only wraps the key for those who read
/// `x5c` rather than `n` and `e`.
const CERTIFICATE_YEARS: i16 = 10;

/// A token with an unknown `kid` makes a node look into the store again, this often at most.
const RELOAD_AT_MOST_EVERY: SignedDuration = SignedDuration::from_secs(30);

/// The keys as this node knows them.
#[derive(Default)]
pub(crate) struct Keys {
    ring: RwLock<Option<Arc<KeyRing>>>,
    loading: tokio::sync::Mutex<()>,
    reloaded_at: Mutex<Option<Timestamp>>,
}

impl Keys {
    /// The ring, loaded or made at the first call.
    pub(crate) async fn ring(&self, store: &Store, now: Timestamp) -> Result<Arc<KeyRing>, StoreError> {
        if let Some(ring) = self.known() {
            return Ok(ring);
        }
        let _only_one = self.loading.lock().await;
        if let Some(ring) = self.known() {
            return Ok(ring);
        }

        let mut rows = store.signing_keys().await?;
        if rows.is_empty() {
            let made = tokio::task::spawn_blocking(move || make(now)).await;
            let made = made.map_err(|why| StoreError::Unavailable(why.to_string()))?;
            rows = store.offer_signing_key(made).await?;
        }
        self.keep(&rows)
    }

    /// The ring as the store has it now, for a token signed under a `kid` that this node does not know. `None` when that
    /// was asked a moment ago.
    pub(crate) async fn reload(
        &self,
        store: &Store,
        now: Timestamp,
    ) -> Result<Option<Arc<KeyRing>>, StoreError> {
        {
            let mut reloaded_at = self.reloaded_at.lock().unwrap_or_else(PoisonError::into_inner);
            let is_fresh = |at: Timestamp| now.duration_since(at).abs() < RELOAD_AT_MOST_EVERY;
            if reloaded_at.is_some_and(is_fresh) {
                return Ok(None);
            }
            *reloaded_at = Some(now);
        }
        let rows = store.signing_keys().await?;
        if rows.is_empty() { Ok(None) } else { self.keep(&rows).map(Some) }
    }

    /// Forgets what was loaded.
    pub(crate) fn forget(&self) {
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = None;
        *self.reloaded_at.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn known(&self) -> Option<Arc<KeyRing>> {
        self.ring.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, rows: &[SigningKeyRow]) -> Result<Arc<KeyRing>, StoreError> {
        let ring = Arc::new(KeyRing(rows.iter().map(SigningKey::read).collect::<Result<_, _>>()?));
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&ring));
        Ok(ring)
    }
}

/// One key or more, the oldest first. That one signs until rotation is built.
pub(crate) struct KeyRing(Vec<SigningKey>);

impl KeyRing {
    /// The key that signs.
    pub(crate) fn signing(&self) -> &SigningKey {
        &self.0[0]
    }

    /// The key with this id.
    pub(crate) fn find(&self, kid: &str) -> Option<&SigningKey> {
        self.0.iter().find(|key| key.kid == kid)
    }

    /// As a JWK set (`identity.md` 4); `issuer` is that of the tenant who is asked.
    pub(crate) fn published<'a>(&'a self, issuer: &'a str, cloud: &'a str) -> KeySet<'a> {
        KeySet { keys: self.0.iter().map(|key| key.published(issuer, cloud)).collect() }
    }
}

/// A key pair, ready to sign: parsed once, since parsing and checking a private key costs as much as a signature.
pub(crate) struct SigningKey {
    kid: String,
    pair: RsaKeyPair,
    n: String,
    e: String,
    certificate: Vec<u8>,
}

impl SigningKey {
    fn read(row: &SigningKeyRow) -> Result<Self, StoreError> {
        let pair = RsaKeyPair::from_pkcs8(&row.private)
            .map_err(|why| StoreError::Corrupt(format!("signing key {}: {why}", row.kid)))?;
        let (n, e) = components(&pair);

        Ok(Self { kid: row.kid.clone(), pair, n, e, certificate: row.certificate.clone() })
    }

    /// Names the key in a token's header.
    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    /// The RS256 signature of `message`, in base64url. Takes some 300 µs of this thread.
    pub(crate) fn sign(&self, message: &[u8]) -> String {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .expect("an RSA key that was parsed can sign a SHA-256 digest");
        BASE64_URL_SAFE_NO_PAD.encode(signature)
    }

    /// What checks this key's signatures.
    pub(crate) fn verifier(&self) -> DecodingKey {
        DecodingKey::from_rsa_components(&self.n, &self.e).expect("n and e were encoded by us")
    }

    fn published<'a>(&'a self, issuer: &'a str, cloud: &'a str) -> Jwk<'a> {
        Jwk {
            kty: "RSA",
            r#use: "sig",
            alg: "RS256",
            kid: &self.kid,
            x5t: BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, &self.certificate)),
            n: &self.n,
            e: &self.e,
            x5c: [BASE64_STANDARD.encode(&self.certificate)],
            issuer,
            cloud_instance_name: cloud,
        }
    }
}

/// A JWK set.
#[derive(Serialize)]
pub(crate) struct KeySet<'a> {
    keys: Vec<Jwk<'a>>,
}

#[derive(Serialize)]
struct Jwk<'a> {
    kty: &'static str,
    r#use: &'static str,
    alg: &'static str,
    kid: &'a str,
    x5t: String,
    n: &'a str,
    e: &'a str,
    x5c: [String; 1],
    issuer: &'a str,
    cloud_instance_name: &'a str,
}

/// A new key of 2048 bits with a certificate of its own. Takes some 70 ms, at times 270.
fn make(now: Timestamp) -> SigningKeyRow {
    let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).expect("aws-lc makes RSA keys");
    let certificate = certificate_of(now.to_zoned(TimeZone::UTC).date())
        .self_signed(&pair)
        .expect("a name and two dates make a certificate");
    let private = pair.serialize_der();
    let (n, e) = components(&RsaKeyPair::from_pkcs8(&private).expect("what aws-lc wrote it reads"));

    SigningKeyRow {
        kid: thumbprint(&n, &e),
        private,
        certificate: certificate.der().to_vec(),
        created_at: now,
    }
}

fn certificate_of(today: Date) -> rcgen::CertificateParams {
    let on = |date: Date| {
        rcgen::date_time_ymd(date.year().into(), date.month().unsigned_abs(), date.day().unsigned_abs())
    };
    let mut params = rcgen::CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(rcgen::DnType::CommonName, "vestibule token signing");
    params.not_before = on(today);
    params.not_after = on(Date::new(today.year() + CERTIFICATE_YEARS, 1, 1).unwrap_or(Date::MAX));
    params.key_usages = vec![rcgen::KeyUsagePurpose::DigitalSignature];
    params
}

/// Modulus and exponent, in base64url.
fn components(pair: &RsaKeyPair) -> (String, String) {
    let public: &rsa::PublicKey = pair.public_key();
    let RsaPublicKeyComponents { n, e } = RsaPublicKeyComponents::<Vec<u8>>::from(public);
    (BASE64_URL_SAFE_NO_PAD.encode(n), BASE64_URL_SAFE_NO_PAD.encode(e))
}

/// RFC 7638: the SHA-256 of the required members in the order of their names.
fn thumbprint(n: &str, e: &str) -> String {
    let members = format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#);
    BASE64_URL_SAFE_NO_PAD.encode(sha256(members.as_bytes()).0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thumbprint_is_that_of_rfc_7638() {
        // RFC 7638, section 3.1.
        let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
        assert_eq!(thumbprint(n, "AQAB"), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }

    #[test]
    fn a_made_key_signs_what_its_published_half_verifies_and_wears_a_certificate_of_ten_years() {
        let row = make("2026-11-20T12:00:00Z".parse().unwrap());
        let key = SigningKey::read(&row).unwrap();

        let signature = key.sign(b"header.claims");

        let verified = jsonwebtoken::crypto::verify(
            &signature,
            b"header.claims",
            &key.verifier(),
            jsonwebtoken::Algorithm::RS256,
        );
        assert!(verified.unwrap());
        assert_eq!(key.pair.public_modulus_len(), 256);
        let published = serde_json::to_value(KeyRing(vec![key]).published("https://x/t/v2.0", "x")).unwrap();
        let jwk = &published["keys"][0];
        assert_eq!(jwk["kid"], row.kid.as_str());
        assert_eq!((&jwk["e"], &jwk["use"], &jwk["alg"]), (&"AQAB".into(), &"sig".into(), &"RS256".into()));
        assert_eq!(jwk["x5t"].as_str().unwrap().len(), 27);
        assert_eq!(jwk["issuer"], "https://x/t/v2.0");
    }
}
