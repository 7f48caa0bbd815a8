//! Whom the client trusts: the system's roots, and one more CA when it is named.

use std::path::Path;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

use crate::cli::Failure;
use crate::tls;

/// A configuration that trusts the system's roots, and `ca` too.
///
/// # Errors
///
/// When `ca` cannot be read. A broken root among the system's is passed over.
pub(super) fn config(ca: Option<&Path>) -> Result<ClientConfig, Failure> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(ca) = ca {
        let unusable = |why: &dyn std::fmt::Display| Failure::No(format!("{}: {why}", ca.display()));
        for certificate in CertificateDer::pem_file_iter(ca).map_err(|why| unusable(&why))? {
            let certificate = certificate.map_err(|why| unusable(&why))?;
            roots.add(certificate).map_err(|why| unusable(&why))?;
        }
    }

    let config = ClientConfig::builder_with_provider(tls::provider())
        .with_safe_default_protocol_versions()
        .map_err(Failure::no)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}
