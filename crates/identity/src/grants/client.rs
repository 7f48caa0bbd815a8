//! Which client it is, and whether it can show so. The same for every grant.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::HeaderValue;
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use vestibule_model::{AppId, Application, ClientSecret, TenantId};

use crate::http::{Exchange, Form};
use crate::secret::{is_same, sha256};
use crate::{Identity, ProtocolError};

/// What a request says of its client, unchecked.
pub(super) struct Presented {
    client_id: String,
    credential: Credential,
}

enum Credential {
    None,
    Secret(SecretString),
    Assertion,
    /// RFC 6749, section 2.3: a client must not use more than one way in one request.
    Several,
}

impl Presented {
    /// Reads form and `Authorization` header. Schemes other than `Basic` are somebody else's.
    pub(super) fn read(form: &Form, authorization: Option<&HeaderValue>) -> Result<Self, ProtocolError> {
        let basic = authorization.map(basic).transpose()?.flatten();
        let client_id = match (&basic, form.get("client_id")) {
            (Some((id, _)), Some(named)) if !id.eq_ignore_ascii_case(named) => {
                return Err(ProtocolError::Malformed("two client ids were sent"));
            }
            (Some((id, _)), _) => id.clone(),
            (None, Some(named)) => named.to_owned(),
            (None, None) => return Err(ProtocolError::MissingParameter("client_id")),
        };

        let asserts = form.get("client_assertion").or(form.get("client_assertion_type"));
        let credential = match (basic, form.get("client_secret"), asserts) {
            (None, None, None) => Credential::None,
            (Some((_, secret)), None, None) if secret.is_empty() => Credential::None,
            (Some((_, secret)), None, None) => Credential::Secret(secret.into()),
            (None, Some(secret), None) => Credential::Secret(secret.into()),
            (None, None, Some(_)) => Credential::Assertion,
            _ => Credential::Several,
        };
        Ok(Self { client_id, credential })
    }

    /// The id, if it is one that an application can have.
    fn app(&self) -> Result<AppId, ProtocolError> {
        self.client_id.parse().map_err(|_| ProtocolError::UnknownClient)
    }
}

/// Id and secret of a `Basic` header, each form-decoded after base64 (RFC 6749, section 2.3.1).
fn basic(header: &HeaderValue) -> Result<Option<(String, String)>, ProtocolError> {
    const BROKEN: ProtocolError = ProtocolError::Malformed("the Basic authorization cannot be read");
    let text = header.to_str().map_err(|_| BROKEN)?;
    let Some((scheme, encoded)) = text.split_once(' ') else { return Ok(None) };
    if !scheme.eq_ignore_ascii_case("Basic") {
        return Ok(None);
    }
    let decoded = BASE64_STANDARD.decode(encoded.trim()).map_err(|_| BROKEN)?;
    let decoded = String::from_utf8(decoded).map_err(|_| BROKEN)?;
    let (id, secret) = decoded.split_once(':').ok_or(BROKEN)?;
    Ok(Some((form_decoded(id), form_decoded(secret))))
}

fn form_decoded(text: &str) -> String {
    // A form of one name without a value; `&` and `=` cannot stand in what was form-encoded, and are kept if they do.
    let escaped = text.replace('&', "%26").replace('=', "%3D");
    url::form_urlencoded::parse(escaped.as_bytes())
        .map(|(name, _)| name.into_owned())
        .next()
        .unwrap_or_default()
}

impl Identity {
    /// The one tenant that the client is registered in. With two of them, nobody has said which is meant.
    pub(super) async fn tenant_of(&self, presented: &Presented) -> Result<TenantId, ProtocolError> {
        match *self.parts.store.tenants_of_application(presented.app()?).await? {
            [] => Err(ProtocolError::UnknownClient),
            [tenant] => Ok(tenant),
            [..] => Err(ProtocolError::UnknownTokenTenant),
        }
    }

    /// The application behind `presented`, after it has shown its credential.
    pub(super) async fn authenticate(
        &self,
        tenant: TenantId,
        presented: Presented,
        exchange: &Exchange,
    ) -> Result<Application, ProtocolError> {
        let app = presented.app()?;
        let pair = (app, exchange.client());
        if let Some(wait) = self.parts.failures.lock_of(pair, exchange.now()) {
            return Err(ProtocolError::TooManyFailures(wait));
        }

        let found = self.parts.store.application(tenant, app).await?;
        let (application, secrets) = found.ok_or(ProtocolError::UnknownClient)?;
        let shown = show(&application, &secrets, &presented.credential, exchange.now());
        if let Err(ProtocolError::WrongSecret) = shown {
            self.parts.failures.count(pair, exchange.now());
        }
        shown?;
        if application.is_enabled { Ok(application) } else { Err(ProtocolError::DisabledClient) }
    }
}

fn show(
    application: &Application,
    secrets: &[ClientSecret],
    credential: &Credential,
    now: Timestamp,
) -> Result<(), ProtocolError> {
    match credential {
        Credential::Several => Err(ProtocolError::Malformed("the client authenticates in two ways")),
        Credential::None if application.is_public => Err(ProtocolError::GrantSwitchedOff),
        Credential::None => Err(ProtocolError::NoCredential),
        Credential::Secret(_) | Credential::Assertion if application.is_public => {
            Err(ProtocolError::PublicClientCredential)
        }
        Credential::Assertion => Err(ProtocolError::AssertionRefused),
        Credential::Secret(secret) => is_current(secret, secrets, now),
    }
}

/// Two secrets may overlap while one replaces the other.
fn is_current(shown: &SecretString, secrets: &[ClientSecret], now: Timestamp) -> Result<(), ProtocolError> {
    let hash = sha256(shown.expose_secret().as_bytes());
    let known = secrets.iter().filter(|secret| is_same(&secret.hash.0, &hash.0) && secret.starts_at <= now);
    match known.map(|secret| secret.ends_at).max() {
        None => Err(ProtocolError::WrongSecret),
        Some(end) if end <= now => Err(ProtocolError::SecretExpired),
        Some(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_credentials_are_form_decoded_after_base64() {
        for (plain, id, secret) in [
            ("id:secret", "id", "secret"),
            ("id:a%2Bb%2Fc%3D%3A+d", "id", "a+b/c=: d"),
            ("id:a:b", "id", "a:b"),
            ("id:a&b=c", "id", "a&b=c"),
            ("id:", "id", ""),
        ] {
            let header = format!("basic {}", BASE64_STANDARD.encode(plain));
            let read = basic(&header.parse().unwrap()).unwrap();
            assert_eq!(read, Some((id.to_owned(), secret.to_owned())), "{plain}");
        }
    }

    #[test]
    fn a_broken_basic_header_is_malformed_and_another_scheme_is_not_ours() {
        for header in ["Basic !!", "Basic", "Basic bm9jb2xvbg=="] {
            let read = basic(&HeaderValue::from_static(header));
            assert!(matches!(read, Err(ProtocolError::Malformed(_)) | Ok(None)), "{header}");
        }
        assert!(basic(&HeaderValue::from_static("Basic !!")).is_err());
        assert_eq!(basic(&HeaderValue::from_static("Bearer abc")).unwrap(), None);
    }
}
