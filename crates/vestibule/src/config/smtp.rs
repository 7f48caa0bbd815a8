//! The mail relay.

use std::path::PathBuf;

use secrecy::SecretString;

use super::setting::{Kind, Setting};

/// The section `smtp`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Smtp {
    /// Where mail goes; absent means none leaves.
    pub(crate) url: Option<SecretString>,
    /// The address that mail comes from.
    pub(crate) from: String,
    /// How many connections the relay sees, one of them for passcodes.
    pub(crate) connections: u64,
    /// How much TLS is asked of an `smtp://` relay; absent means by its host.
    pub(crate) tls: Option<SmtpTls>,
    /// Roots beside the system's.
    pub(crate) ca: Option<PathBuf>,
}

/// How much TLS is asked of an `smtp://` relay.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum SmtpTls {
    /// STARTTLS or nothing.
    Required,
    /// STARTTLS where it is offered.
    Opportunistic,
    /// Never.
    None,
}

pub(super) const ROWS: &[Setting] = &[
    Setting::new(
        "smtp.url",
        "",
        Kind::Secret(|settings| &mut settings.smtp.url),
        "`smtp://[user:password@]host[:port]`, or `smtps://…` for implicit TLS. \
         Unset: no mail leaves; in dev mode the built-in mailbox takes it.",
    ),
    Setting::new(
        "smtp.from",
        "",
        Kind::Text(|settings| &mut settings.smtp.from),
        "The address that mail comes from. Must be given with `smtp.url`.",
    ),
    Setting::new(
        "smtp.connections",
        "4",
        Kind::Number { unit: "connections", bounds: 2..=64, slot: |settings| &mut settings.smtp.connections },
        "How many connections the relay sees at most. One of them is kept for passcodes.",
    ),
    Setting::new(
        "smtp.tls",
        "",
        Kind::Form {
            form: "`required`, `opportunistic` or `none`",
            read: |settings, text| {
                settings.smtp.tls = match text {
                    "" => None,
                    "required" => Some(SmtpTls::Required),
                    "opportunistic" => Some(SmtpTls::Opportunistic),
                    "none" => Some(SmtpTls::None),
                    _ => return Err("must be required, opportunistic or none".into()),
                };
                Ok(())
            },
        },
        "For `smtp://`: `required` is STARTTLS or nothing. Unset: `required`, but `opportunistic` when the host is loopback.",
    ),
    Setting::new(
        "smtp.ca",
        "",
        Kind::Path(|settings| &mut settings.smtp.ca),
        "Certificates (PEM) to trust for the relay, beside the system's and `SSL_CERT_FILE`.",
    ),
];
