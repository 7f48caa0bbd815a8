//! The local CA and its one certificate.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, NameConstraints, SanType,
};

use super::{Identity, TlsError, examine, read};
use crate::config::PublicUrl;

/// How long CA and certificate live: 397 days, the most that browsers took of any CA until 2026.
const LIFETIME: Duration = Duration::from_secs(397 * 24 * 60 * 60);

/// How far back they begin, for clients whose clocks are behind.
const BACKDATED: Duration = Duration::from_secs(60 * 60);

/// Certificate and key in the data folder.
pub(super) fn paths(data: &Path) -> (PathBuf, PathBuf) {
    (data.join("server.pem"), data.join("server-key.pem"))
}

/// The certificate in `data`, or a new CA and a new certificate when it is missing, names another host or ends soon.
pub(super) fn read_or_make(
    data: &Path,
    public_url: &PublicUrl,
    now: Timestamp,
) -> Result<Identity, TlsError> {
    let ca = data.join("ca.pem");
    let (cert, key) = paths(data);
    if cert.exists() && ca.exists() {
        match still_good(data, public_url, now) {
            Ok(identity) => return Ok(identity),
            Err(why) => tracing::warn!(
                "the local certificate is replaced, and its CA with it: {why}. Trust {} anew",
                ca.display()
            ),
        }
    }

    let made = make(public_url, now)?;
    for (path, text, mode) in [(&key, &made.key, 0o600), (&cert, &made.cert, 0o644), (&ca, &made.ca, 0o644)] {
        replace(path, text, mode).map_err(|why| TlsError::Io { path: path.clone(), why })?;
    }
    read(&cert, &key, Some(ca))
}

fn still_good(data: &Path, public_url: &PublicUrl, now: Timestamp) -> Result<Identity, String> {
    let (cert, key) = paths(data);
    let identity = read(&cert, &key, Some(data.join("ca.pem"))).map_err(|why| why.to_string())?;
    examine(&identity.chain[0], &public_url.host(), now).map_err(|doubt| doubt.to_string())?;
    Ok(identity)
}

struct Made {
    ca: String,
    cert: String,
    key: String,
}

fn make(public_url: &PublicUrl, now: Timestamp) -> Result<Made, TlsError> {
    let ca_key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
    let ca = authority(public_url, now)?;
    let ca_pem = ca.self_signed(&ca_key)?.pem();

    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
    let cert = server(public_url, now)?.signed_by(&key, &Issuer::new(ca, ca_key))?;

    // The CA's key ends here: it has signed once, and nothing else can ever be signed with it.
    Ok(Made { ca: ca_pem, cert: cert.pem(), key: key.serialize_pem() })
}

fn authority(public_url: &PublicUrl, now: Timestamp) -> Result<CertificateParams, TlsError> {
    let mut params = dated(now)?;
    params
        .distinguished_name
        .push(DnType::CommonName, format!("vestibule local CA for {}", public_url.host()));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.name_constraints =
        Some(NameConstraints { permitted_subtrees: permitted(public_url), excluded_subtrees: Vec::new() });
    Ok(params)
}

fn server(public_url: &PublicUrl, now: Timestamp) -> Result<CertificateParams, TlsError> {
    let mut params = dated(now)?;
    params.distinguished_name.push(DnType::CommonName, public_url.host());
    params.is_ca = IsCa::ExplicitNoCa; // Writes the subject key identifier too.
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.subject_alt_names = vec![
        SanType::DnsName("localhost".try_into()?),
        SanType::IpAddress(Ipv4Addr::LOCALHOST.into()),
        SanType::IpAddress(Ipv6Addr::LOCALHOST.into()),
    ];
    if let Some(name) = own_name(public_url)? {
        params.subject_alt_names.push(name);
    }
    Ok(params)
}

fn own_name(public_url: &PublicUrl) -> Result<Option<SanType>, TlsError> {
    let host = public_url.host();
    Ok(match host.parse::<IpAddr>() {
        Ok(address) if address.is_loopback() => None,
        Ok(address) => Some(SanType::IpAddress(address)),
        Err(_) if host == "localhost" => None,
        Err(_) => Some(SanType::DnsName(host.try_into()?)),
    })
}

fn permitted(public_url: &PublicUrl) -> Vec<GeneralSubtree> {
    let mut subtrees = vec![
        GeneralSubtree::DnsName("localhost".into()),
        GeneralSubtree::IpAddress(CidrSubnet::from_v4_prefix([127, 0, 0, 0], 8)),
        GeneralSubtree::IpAddress(CidrSubnet::from_v6_prefix(Ipv6Addr::LOCALHOST.octets(), 128)),
    ];
    let host = public_url.host();
    match host.parse::<IpAddr>() {
        Ok(address) => {
            let bits = if address.is_ipv4() { 32 } else { 128 };
            subtrees.push(GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(address, bits)));
        }
        Err(_) if host == "localhost" => {}
        Err(_) => subtrees.push(GeneralSubtree::DnsName(host)),
    }
    subtrees
}

fn dated(now: Timestamp) -> Result<CertificateParams, TlsError> {
    let mut params = CertificateParams::new(Vec::new())?;
    let today = now.to_zoned(TimeZone::UTC);
    let (year, month, day) = (today.year(), today.month().unsigned_abs(), today.day().unsigned_abs());
    let since_midnight = u64::try_from(now.as_second().rem_euclid(86_400)).unwrap_or(0);
    let now = rcgen::date_time_ymd(year.into(), month, day) + Duration::from_secs(since_midnight);

    params.not_before = now - BACKDATED;
    params.not_after = now - BACKDATED + LIFETIME;
    params.distinguished_name = rcgen::DistinguishedName::new();
    Ok(params)
}

/// Writes the whole file or leaves the old one.
fn replace(path: &Path, text: &str, mode: u32) -> io::Result<()> {
    let beside = path.with_extension("new");
    let _ = fs::remove_file(&beside);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, path)
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use rustls::client::WebPkiServerVerifier;
    use rustls::client::danger::ServerCertVerifier as _;
    use rustls::pki_types::pem::PemObject as _;
    use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
    use x509_parser::prelude::{FromDer as _, ParsedExtension, X509Certificate};

    use super::super::{Doubt, provider};
    use super::*;

    fn noon() -> Timestamp {
        "2026-11-20T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_strict_verifier_accepts_localhost_loopback_and_the_public_host_and_nothing_else() {
        let url = PublicUrl::parse("https://guests.example.com").unwrap();
        let data = tempfile::tempdir().unwrap();
        let identity = read_or_make(data.path(), &url, noon()).unwrap();
        let ca = CertificateDer::from_pem_file(data.path().join("ca.pem")).unwrap();
        let mut roots = rustls::RootCertStore::empty();
        roots.add(ca).unwrap();
        let verifier = WebPkiServerVerifier::builder_with_provider(roots.into(), provider()).build().unwrap();
        let now = UnixTime::since_unix_epoch(Duration::from_secs(noon().as_second().unsigned_abs()));

        for (host, is_accepted) in [
            ("localhost", true),
            ("127.0.0.1", true),
            ("::1", true),
            ("guests.example.com", true),
            ("example.com", false),
            ("192.0.2.1", false),
        ] {
            let name = ServerName::try_from(host).unwrap();
            let verified = verifier.verify_server_cert(&identity.chain[0], &[], &name, &[], now);
            assert_eq!(verified.is_ok(), is_accepted, "{host}: {verified:?}");
        }
    }

    #[test]
    fn both_live_397_days_and_carry_their_key_identifiers() {
        let made = make(&PublicUrl::local(true, 8443), noon()).unwrap();
        for (pem, wants_authority) in [(&made.ca, false), (&made.cert, true)] {
            let der = CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
            let (_, parsed) = X509Certificate::from_der(&der).unwrap();
            let validity = parsed.validity();
            let has = |wanted: fn(&ParsedExtension<'_>) -> bool| {
                parsed.extensions().iter().any(|extension| wanted(extension.parsed_extension()))
            };

            assert_eq!(validity.not_after.timestamp() - validity.not_before.timestamp(), 397 * 86_400);
            assert!(has(|extension| matches!(extension, ParsedExtension::SubjectKeyIdentifier(_))));
            let has_authority =
                has(|extension| matches!(extension, ParsedExtension::AuthorityKeyIdentifier(_)));
            assert_eq!(has_authority, wants_authority);
        }
    }

    #[test]
    fn it_stays_until_it_ends_within_30_days_or_the_host_is_another() {
        let data = tempfile::tempdir().unwrap();
        let here = PublicUrl::local(true, 8443);
        let elsewhere = PublicUrl::parse("https://guests.example.com").unwrap();
        let ca = || fs::read_to_string(data.path().join("ca.pem")).unwrap();
        let start = |url: &PublicUrl, days: i64| {
            let now = noon() + SignedDuration::from_hours(24 * days);
            read_or_make(data.path(), url, now).unwrap();
            ca()
        };

        let first = start(&here, 0);
        assert_eq!(start(&here, 366), first);
        let second = start(&here, 368);
        assert_ne!(second, first);
        assert_ne!(start(&elsewhere, 368), second);
    }

    #[test]
    fn what_is_wrong_with_a_certificate_is_named() {
        let made = make(&PublicUrl::local(true, 1), noon()).unwrap();
        let der = CertificateDer::from_pem_slice(made.cert.as_bytes()).unwrap();
        let days = |days: i64| noon() + SignedDuration::from_hours(24 * days);
        for (host, now, wanted) in [
            ("localhost", days(0), Ok(())),
            ("127.0.0.1", days(0), Ok(())),
            ("other.example", days(0), Err(Doubt::OtherName)),
            ("localhost", days(-1), Err(Doubt::TooEarly)),
            ("localhost", days(380), Err(Doubt::EndsSoon)),
            ("localhost", days(400), Err(Doubt::Ended)),
        ] {
            assert_eq!(examine(&der, host, now), wanted, "{host} {now}");
        }
    }
}
