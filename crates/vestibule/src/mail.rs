//! The relay that the settings name.

use std::fs;

use vestibule_courier::mail::NotAnAddress;
use vestibule_courier::transport::{Relay, RelayError, TlsPolicy};

use crate::config::smtp::{Smtp, SmtpTls};

/// Why there is no relay.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MailError {
    #[error("smtp.ca cannot be read: {0}")]
    Ca(std::io::Error),
    #[error(transparent)]
    Relay(#[from] RelayError),
    #[error(transparent)]
    Sender(#[from] NotAnAddress),
}

/// The relay at `url`. Connects to nothing.
///
/// # Errors
///
/// [`MailError`].
pub(crate) fn relay(smtp: &Smtp, url: &str) -> Result<Relay, MailError> {
    let ca = smtp.ca.as_ref().map(fs::read).transpose().map_err(MailError::Ca)?;
    let policy = smtp.tls.map(|tls| match tls {
        SmtpTls::Required => TlsPolicy::Required,
        SmtpTls::Opportunistic => TlsPolicy::Opportunistic,
        SmtpTls::None => TlsPolicy::None,
    });
    Ok(Relay::new(url, policy, ca.as_deref())?)
}
