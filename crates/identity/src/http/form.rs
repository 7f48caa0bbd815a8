//! The body of a protocol POST: a form, read once, at the door.

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest as _, Request};
use http::StatusCode;
use http::header::CONTENT_TYPE;

use super::Exchange;
use crate::ProtocolError;

/// Octets at most (`identity.md` 7).
const MOST_OCTETS: usize = 64 * 1024;

/// Parameters that mean something here or at the real service. Any other is ignored, as often as it comes.
const KNOWN: &[&str] = &[
    "assertion",
    "claims",
    "client_assertion",
    "client_assertion_type",
    "client_id",
    "client_info",
    "client_secret",
    "code",
    "code_verifier",
    "device_code",
    "grant_type",
    "password",
    "redirect_uri",
    "refresh_token",
    "requested_token_use",
    "scope",
    "username",
];

/// The known parameters of a form. A parameter without a value is as good as none (RFC 6749, section 3.1).
pub(crate) struct Form(Vec<(&'static str, String)>);

impl Form {
    /// Reads the body of `request`. Another content type than a form's is an empty form.
    pub(crate) async fn read(request: Request, exchange: &Exchange) -> Result<Self, ProtocolError> {
        let is_form = request.headers().get(CONTENT_TYPE).is_some_and(|value| is_form_type(value.as_bytes()));
        let body = body_of(request).await?;
        if is_form { Self::parse(&body, exchange) } else { Ok(Self(Vec::new())) }
    }

    fn parse(body: &[u8], exchange: &Exchange) -> Result<Self, ProtocolError> {
        let mut form = Self(Vec::new());
        for (name, value) in url::form_urlencoded::parse(body) {
            if name == "client-request-id" {
                exchange.correlate(Some(&value));
            }
            let Some(known) = KNOWN.iter().copied().find(|known| *known == name) else { continue };
            if form.0.iter().any(|(seen, _)| *seen == known) {
                return Err(ProtocolError::Malformed("a parameter is there twice"));
            }
            if value.contains(char::REPLACEMENT_CHARACTER) {
                return Err(ProtocolError::Malformed("a parameter is not UTF-8"));
            }
            form.0.push((known, value.into_owned()));
        }
        Ok(form)
    }

    /// The value of `name`, when it has one.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(known, _)| *known == name)?;
        (!value.is_empty()).then_some(value)
    }

    /// The value of `name`, which must have one.
    pub(crate) fn need(&self, name: &'static str) -> Result<&str, ProtocolError> {
        self.get(name).ok_or(ProtocolError::MissingParameter(name))
    }
}

/// All of the body. One that breaks off is told from one that is too large: only the latter is the client's to change.
async fn body_of(mut request: Request) -> Result<Bytes, ProtocolError> {
    DefaultBodyLimit::max(MOST_OCTETS).apply(&mut request);
    Bytes::from_request(request, &()).await.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ProtocolError::TooLarge,
        _ => ProtocolError::Malformed("its body broke off"),
    })
}

fn is_form_type(value: &[u8]) -> bool {
    let essence = value.split(|byte| *byte == b';').next().unwrap_or_default();
    essence.trim_ascii().eq_ignore_ascii_case(b"application/x-www-form-urlencoded")
}
