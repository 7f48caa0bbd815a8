//! TLS of the one port.

use std::path::PathBuf;

use super::setting::{Kind, Setting};

/// The section `tls`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tls {
    /// The operator's certificate chain; absent means a local CA.
    pub(crate) cert: Option<PathBuf>,
    /// The key that belongs to it.
    pub(crate) key: Option<PathBuf>,
    /// Whether the port speaks TLS at all.
    pub(crate) is_off: bool,
}

pub(super) const ROWS: &[Setting] = &[
    Setting::new(
        "tls.cert",
        "",
        Kind::Path(|settings| &mut settings.tls.cert),
        "Certificate chain, PEM. Unset: a local CA (`ca.pem` in `data`) and a certificate for localhost are made.",
    ),
    Setting::new(
        "tls.key",
        "",
        Kind::Path(|settings| &mut settings.tls.key),
        "Private key of `tls.cert`, PEM. Both or neither.",
    ),
    Setting::new(
        "tls.mode",
        "on",
        Kind::Form {
            form: "`on` or `off`",
            read: |settings, text| {
                settings.tls.is_off = match text {
                    "on" => false,
                    "off" => true,
                    _ => return Err("must be on or off".into()),
                };
                Ok(())
            },
        },
        "`off` is plain HTTP behind a proxy that ends TLS; `public_url` and `proxy.trusted` must then be given, \
         else all guests would share one network's passcode limit. In dev mode it is for load tests.",
    ),
];
