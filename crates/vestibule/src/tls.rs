//! TLS of the one port: the operator's certificate, or a local one for laptops and first steps.
//!
//! The local CA is thrown together with its certificate: its key signs once and is gone, and the CA may vouch for nothing
//! but localhost, loopback and `public_url`'s host. So trusting `ca.pem` trusts this server and nobody else.

mod local;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};

use crate::config::PublicUrl;
use crate::config::tls::Tls;

/// A certificate in use: where it came from, and what `check` says of it.
pub(crate) struct Identity {
    /// The chain, the server's own certificate first.
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    /// The local CA, when there is one.
    pub(crate) ca: Option<PathBuf>,
}

/// Why there is no usable certificate.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    #[error("the certificate or key {} cannot be used: {why}", path.display())]
    Io { path: PathBuf, why: io::Error },
    #[error("{} holds no certificate or key in PEM form", path.display())]
    NotPem { path: PathBuf },
    #[error("the certificate cannot be used: {0}")]
    Unusable(#[from] rustls::Error),
    #[error("the local certificate could not be made: {0}")]
    NotMade(#[from] rcgen::Error),
}

/// What is wrong with a certificate, besides that it may still work.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum Doubt {
    #[error("it cannot be read")]
    Unreadable,
    #[error("it does not name the host of public_url")]
    OtherName,
    #[error("it is not valid yet")]
    TooEarly,
    #[error("it has ended")]
    Ended,
    #[error("it ends within 30 days")]
    EndsSoon,
}

/// How long before its end a certificate is renewed, or warned about.
const RENEWAL_SECONDS: i64 = 30 * 24 * 60 * 60;

/// The one crypto provider of this process.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

/// The certificate to serve with: the operator's, else the local one in `data`, made anew when it must be.
///
/// # Errors
///
/// [`TlsError`].
pub(crate) fn identity(
    tls: &Tls,
    data: &Path,
    public_url: &PublicUrl,
    now: Timestamp,
) -> Result<Identity, TlsError> {
    match (&tls.cert, &tls.key) {
        (Some(cert), Some(key)) => {
            let identity = read(cert, key, None)?;
            if let Err(doubt) = examine(&identity.chain[0], &public_url.host(), now) {
                tracing::warn!(certificate = %cert.display(), "the certificate may not serve: {doubt}");
            }
            Ok(identity)
        }
        (_, _) => local::read_or_make(data, public_url, now),
    }
}

impl Identity {
    /// The rustls configuration of the listener: TLS 1.2 and 1.3, HTTP/2 and HTTP/1.1.
    ///
    /// # Errors
    ///
    /// [`TlsError::Unusable`] when key and certificate do not belong together.
    pub(crate) fn server_config(self) -> Result<Arc<ServerConfig>, TlsError> {
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(self.chain, self.key)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

/// What `vestibule check` says about the certificate that a start would use: nothing is made.
///
/// # Errors
///
/// What stands in the way, in words.
pub(crate) fn check(
    tls: &Tls,
    data: &Path,
    public_url: &PublicUrl,
    now: Timestamp,
) -> Result<String, String> {
    let (cert, key) = match (&tls.cert, &tls.key) {
        (Some(cert), Some(key)) => (cert.clone(), key.clone()),
        (_, _) => local::paths(data),
    };
    if tls.cert.is_none() && !cert.exists() {
        return Ok("a local CA and certificate will be made at the first start".into());
    }
    let identity = read(&cert, &key, None).map_err(|why| why.to_string())?;
    let until = not_after(&identity.chain[0]).map_or_else(|| "?".into(), |until| until.to_string());
    let doubt = examine(&identity.chain[0], &public_url.host(), now);
    identity.server_config().map_err(|why| why.to_string())?;

    match doubt {
        Ok(()) => Ok(format!("matches {}, ends {until}", public_url.host())),
        Err(doubt) if tls.cert.is_none() => Ok(format!("{doubt}: made anew at the next start")),
        Err(doubt) => Err(format!("{}: {doubt} (ends {until})", cert.display())),
    }
}

fn read(cert: &Path, key: &Path, ca: Option<PathBuf>) -> Result<Identity, TlsError> {
    let bytes = |path: &Path| fs::read(path).map_err(|why| TlsError::Io { path: path.into(), why });
    let not_pem = |path: &Path| TlsError::NotPem { path: path.into() };

    let chain: Vec<_> =
        CertificateDer::pem_slice_iter(&bytes(cert)?).collect::<Result<_, _>>().map_err(|_| not_pem(cert))?;
    let key = PrivateKeyDer::from_pem_slice(&bytes(key)?).map_err(|_| not_pem(key))?;
    if chain.is_empty() { Err(not_pem(cert)) } else { Ok(Identity { chain, key, ca }) }
}

/// Whether `certificate` is good for `host` now and for the next 30 days.
fn examine(certificate: &CertificateDer<'_>, host: &str, now: Timestamp) -> Result<(), Doubt> {
    let (_, parsed) = X509Certificate::from_der(certificate).map_err(|_| Doubt::Unreadable)?;
    let validity = parsed.validity();
    let now = now.as_second();

    if !names(&parsed, host) {
        return Err(Doubt::OtherName);
    }
    match validity.not_after.timestamp() - now {
        _ if validity.not_before.timestamp() > now => Err(Doubt::TooEarly),
        ..0 => Err(Doubt::Ended),
        0..RENEWAL_SECONDS => Err(Doubt::EndsSoon),
        RENEWAL_SECONDS.. => Ok(()),
    }
}

fn not_after(certificate: &CertificateDer<'_>) -> Option<Timestamp> {
    let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
    Timestamp::from_second(parsed.validity().not_after.timestamp()).ok()
}

/// Whether a subject alternative name of `certificate` is `host`, wildcards included (RFC 6125 6.4.3).
fn names(certificate: &X509Certificate<'_>, host: &str) -> bool {
    let Ok(Some(names)) = certificate.subject_alternative_name() else {
        return false;
    };
    let address: Option<std::net::IpAddr> = host.parse().ok();
    names.value.general_names.iter().any(|name| match (name, address) {
        (GeneralName::DNSName(pattern), None) => matches_host(pattern, host),
        (GeneralName::IPAddress(octets), Some(std::net::IpAddr::V4(v4))) => *octets == v4.octets(),
        (GeneralName::IPAddress(octets), Some(std::net::IpAddr::V6(v6))) => *octets == v6.octets(),
        _ => false,
    })
}

fn matches_host(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix("*.") {
        Some(parent) => host.split_once('.').is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(parent)),
        None => pattern.eq_ignore_ascii_case(host),
    }
}
