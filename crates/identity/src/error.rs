//! How this room says no: OAuth errors with their AADSTS numbers, and failed token checks.

use jiff::SignedDuration;
use thiserror::Error;
use vestibule_store::StoreError;

/// An OAuth error answer (`identity.md` 11). The text of each is the sentence that clients read after `AADSTS<n>:`; none
/// repeats what was sent, and none holds a word that MSAL takes for "show the sign-in page".
#[derive(Debug, Error)]
pub enum ProtocolError {
    /// Discovery or keys of a tenant that is not here.
    #[error("No tenant of this name was found. Check the tenant id or the verified domain in the address.")]
    UnknownTenant,
    /// The same at the token endpoint, where the word in `error` differs.
    #[error(
        "No tenant of this name was found that could issue this token. Use the tenant's id or one of its verified domains."
    )]
    UnknownTokenTenant,
    /// A parameter that must be there is not, or is empty.
    #[error("The request body must contain the following parameter: '{0}'.")]
    MissingParameter(&'static str),
    /// The request as a whole cannot be understood.
    #[error("The request is malformed: {0}.")]
    Malformed(&'static str),
    /// More than 64 KiB.
    #[error("The request is malformed: its body is larger than 64 KiB.")]
    TooLarge,
    /// Another HTTP method than those named.
    #[error("This endpoint only accepts {0} requests.")]
    WrongMethod(&'static str),
    /// Not a grant type that is served.
    #[error("The grant type is not supported here. Supported is 'client_credentials'.")]
    UnsupportedGrant,
    /// A public client asked for a token of its own.
    #[error(
        "The grant type 'client_credentials' is switched off for this application, because it is a public client."
    )]
    GrantSwitchedOff,
    /// A path of the published surface that this release does not serve.
    #[error("This endpoint is not available on this server. The token endpoint serves 'client_credentials'.")]
    NotBuilt,
    /// A path that this surface never serves.
    #[error("This endpoint is not served here. Use the v2.0 endpoints that the discovery document names.")]
    NotServed,
    /// No application of this tenant has the client id.
    #[error("The application was not found in this directory. Check the client id and the tenant.")]
    UnknownClient,
    /// The application is switched off.
    #[error("The application is disabled.")]
    DisabledClient,
    /// The client secret is not one of the application's.
    #[error(
        "Invalid client secret provided. Make sure that the secret's value is sent, not the secret's id, and that it \
         belongs to this application."
    )]
    WrongSecret,
    /// It was one, once.
    #[error("The client secret that was provided has expired. Make a new one for this application.")]
    SecretExpired,
    /// A confidential application must show a credential.
    #[error("The request body must contain the following parameter: 'client_secret'.")]
    NoCredential,
    /// A public application must not.
    #[error("The client is public, so neither a client secret nor an assertion may be presented.")]
    PublicClientCredential,
    /// No application has a certificate in this release.
    #[error("The client assertion cannot be verified: no certificate is registered for this application.")]
    AssertionRefused,
    /// After ten failures in a minute.
    #[error("Too many failed attempts of this application. Try again later.")]
    TooManyFailures(SignedDuration),
    /// `client_credentials` takes `.default` of one resource.
    #[error(
        "The provided value for 'scope' is not valid. Client credential requests name exactly one resource, followed by \
         '/.default'."
    )]
    NotDefaultScope,
    /// Not a list of scopes at all.
    #[error("The provided value for 'scope' is not valid: it holds characters that no scope has.")]
    MalformedScope,
    /// Scopes of two resources in one request.
    #[error("The provided value for 'scope' names more than one resource.")]
    TwoResources,
    /// A resource that is not here.
    #[error("The resource that the scope names was not found in this directory.")]
    UnknownResource,
    /// Passing trouble of our own.
    #[error("The service is temporarily unavailable. Try again later.")]
    Unavailable(SignedDuration),
}

impl ProtocolError {
    /// The number after `AADSTS`.
    pub fn number(&self) -> u32 {
        match self {
            Self::UnknownTenant | Self::UnknownTokenTenant => 90002,
            Self::MissingParameter(_) => 900144,
            Self::Malformed(_) | Self::TooLarge | Self::NotServed => 9002313,
            Self::WrongMethod(_) => 900561,
            Self::UnsupportedGrant | Self::GrantSwitchedOff | Self::NotBuilt => 70003,
            Self::UnknownClient => 700016,
            Self::DisabledClient => 7000112,
            Self::WrongSecret => 7000215,
            Self::SecretExpired => 7000222,
            Self::NoCredential => 7000218,
            Self::PublicClientCredential => 700025,
            Self::AssertionRefused => 700027,
            Self::TooManyFailures(_) => 50196,
            Self::NotDefaultScope => 1002012,
            Self::MalformedScope => 70011,
            Self::TwoResources => 28000,
            Self::UnknownResource => 500011,
            Self::Unavailable(_) => 90033,
        }
    }

    /// The word in `error`, which is what programs branch on.
    pub fn word(&self) -> &'static str {
        match self {
            Self::UnknownTenant => "invalid_tenant",
            Self::UnknownTokenTenant
            | Self::MissingParameter(_)
            | Self::Malformed(_)
            | Self::TooLarge
            | Self::WrongMethod(_)
            | Self::NotServed
            | Self::TwoResources => "invalid_request",
            Self::UnsupportedGrant | Self::GrantSwitchedOff | Self::NotBuilt => "unsupported_grant_type",
            Self::UnknownClient | Self::DisabledClient => "unauthorized_client",
            Self::WrongSecret
            | Self::SecretExpired
            | Self::NoCredential
            | Self::PublicClientCredential
            | Self::AssertionRefused => "invalid_client",
            Self::NotDefaultScope | Self::MalformedScope => "invalid_scope",
            Self::UnknownResource => "invalid_resource",
            Self::TooManyFailures(_) | Self::Unavailable(_) => "temporarily_unavailable",
        }
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        match self {
            Self::WrongSecret
            | Self::SecretExpired
            | Self::NoCredential
            | Self::PublicClientCredential
            | Self::AssertionRefused => 401,
            Self::NotServed => 404,
            Self::WrongMethod(_) => 405,
            Self::TooLarge => 413,
            Self::TooManyFailures(_) => 429,
            Self::Unavailable(_) => 503,
            Self::UnknownTenant
            | Self::UnknownTokenTenant
            | Self::MissingParameter(_)
            | Self::Malformed(_)
            | Self::UnsupportedGrant
            | Self::GrantSwitchedOff
            | Self::NotBuilt
            | Self::UnknownClient
            | Self::DisabledClient
            | Self::NotDefaultScope
            | Self::MalformedScope
            | Self::TwoResources
            | Self::UnknownResource => 400,
        }
    }

    /// What `Retry-After` says.
    pub fn retry_after(&self) -> Option<SignedDuration> {
        match self {
            Self::TooManyFailures(wait) | Self::Unavailable(wait) => Some(*wait),
            _ => None,
        }
    }
}

/// How long a client is told to wait when the store does not answer and does not say itself.
const STORE_PAUSE: SignedDuration = SignedDuration::from_secs(5);

/// Trouble with the store is passing trouble for a client; what it was goes into the log.
impl From<StoreError> for ProtocolError {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store did not answer a protocol endpoint");
        match error {
            StoreError::Busy { retry_after } => Self::Unavailable(retry_after),
            _ => Self::Unavailable(STORE_PAUSE),
        }
    }
}

/// Why a bearer token is not accepted. Graph gives each its 401 (`graph.md` 5.5).
#[derive(Debug, Error)]
pub enum TokenError {
    /// No header, or an empty bearer.
    #[error("there is no bearer token")]
    Empty,
    /// Not a JWT.
    #[error("the token is not a JWT")]
    NotWellFormed,
    /// Past its end by more than the skew, or not yet valid.
    #[error("the token has expired or is not yet valid")]
    Expired,
    /// For another resource.
    #[error("the token is for another resource")]
    WrongAudience,
    /// Bad signature, unknown key, wrong issuer or tenant.
    #[error("the token was not issued here")]
    Invalid,
    /// The store could not be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_sentence_holds_a_word_that_msal_takes_for_show_the_sign_in_page() {
        for error in every_error() {
            for word in [
                "interaction_required",
                "consent_required",
                "login_required",
                "bad_token",
                "ui_not_allowed",
                "interrupted_user",
            ] {
                assert!(!error.to_string().contains(word), "{error:?}");
            }
        }
    }

    #[test]
    fn only_passing_trouble_asks_to_come_back() {
        for error in every_error() {
            let is_passing = matches!(error.status(), 429 | 503);
            assert_eq!(error.retry_after().is_some(), is_passing, "{error:?}");
            assert_eq!(error.word() == "temporarily_unavailable", is_passing, "{error:?}");
            assert_eq!(error.word() == "invalid_client", error.status() == 401, "{error:?}");
        }
    }

    #[test]
    fn trouble_with_the_store_is_503_with_its_own_pause_or_ours() {
        let busy = StoreError::Busy { retry_after: SignedDuration::from_secs(1) };
        assert_eq!(ProtocolError::from(busy).retry_after(), Some(SignedDuration::from_secs(1)));
        let gone = ProtocolError::from(StoreError::Unavailable("gone".into()));
        assert_eq!((gone.status(), gone.number(), gone.retry_after()), (503, 90033, Some(STORE_PAUSE)));
        assert!(!gone.to_string().contains("gone"));
    }

    fn every_error() -> Vec<ProtocolError> {
        use ProtocolError as E;
        let second = SignedDuration::from_secs(1);
        vec![
            E::UnknownTenant,
            E::UnknownTokenTenant,
            E::MissingParameter("scope"),
            E::Malformed("x"),
            E::TooLarge,
            E::WrongMethod("POST"),
            E::UnsupportedGrant,
            E::GrantSwitchedOff,
            E::NotBuilt,
            E::NotServed,
            E::UnknownClient,
            E::DisabledClient,
            E::WrongSecret,
            E::SecretExpired,
            E::NoCredential,
            E::PublicClientCredential,
            E::AssertionRefused,
            E::TooManyFailures(second),
            E::NotDefaultScope,
            E::MalformedScope,
            E::TwoResources,
            E::UnknownResource,
            E::Unavailable(second),
        ]
    }
}
