//! Graph's error envelope, and the one translation of every refusal into it.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};
use vestibule_directory::{Error, StoreError};
use vestibule_identity::TokenError;
use vestibule_model::{Refusal, UserProperty};
use vestibule_odata as odata;

use crate::facts::Facts;
use crate::router::NoRoute;
use crate::schema::user::wire_name;

/// The appId of Microsoft Graph itself.
pub(crate) const GRAPH_APP: &str = "00000003-0000-0000-c000-000000000000";

const REVOKED: &str = "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: \
                       TokenIssuedBeforeRevocationTimestamp";

/// What a Graph client sees, and beside it what only the log keeps.
#[derive(Debug)]
pub struct GraphError(Box<Parts>);

#[derive(Debug)]
struct Parts {
    status: StatusCode,
    code: &'static str,
    message: String,
    /// The one detail that some errors carry.
    detail: Option<Detail>,
    challenge: Option<Challenge>,
    allow: Option<String>,
    retry_after: Option<u64>,
    log: Option<String>,
}

#[derive(Clone, Copy, Debug)]
enum Detail {
    /// Repeats the message.
    ObjectConflict { target: &'static str },
    /// Does not.
    InvalidValue { target: &'static str },
}

#[derive(Clone, Copy, Debug)]
enum Challenge {
    Plain,
    Revoked(Timestamp),
}

impl GraphError {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            status,
            code,
            message: message.into(),
            detail: None,
            challenge: None,
            allow: None,
            retry_after: None,
            log: None,
        }))
    }

    /// 400 with any code.
    pub(crate) fn bad(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// 400 `BadRequest`: what the gateway of the real service says.
    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::bad("BadRequest", message)
    }

    /// 400 `Request_BadRequest`: what the directory behind it says.
    pub(crate) fn request_bad_request(message: impl Into<String>) -> Self {
        Self::bad("Request_BadRequest", message)
    }

    /// Any status; for translations that stand beside their endpoint.
    pub(crate) fn of(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self::new(status, code, message)
    }

    /// With the plain challenge of 401.
    pub(crate) fn challenging(mut self) -> Self {
        self.0.challenge = Some(Challenge::Plain);
        self
    }

    pub(crate) fn invalid_version() -> Self {
        Self::bad_request("Invalid version.")
    }

    pub(crate) fn no_route(no: NoRoute) -> Self {
        match no {
            NoRoute::Version => Self::invalid_version(),
            NoRoute::Segment(segment) => {
                Self::bad_request(format!("Resource not found for the segment '{segment}'."))
            }
        }
    }

    pub(crate) fn method_not_allowed(allowed: &[&str]) -> Self {
        let mut error = Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "Request_BadRequest",
            "Specified HTTP method is not allowed for the request target.",
        );
        error.0.allow = Some(allowed.join(", "));
        error
    }

    pub(crate) fn no_invitation_to_get() -> Self {
        Self::new(StatusCode::NOT_FOUND, "UnknownError", "")
    }

    pub(crate) fn not_acceptable() -> Self {
        Self::new(
            StatusCode::NOT_ACCEPTABLE,
            "NotAcceptable",
            "None of the media types in the Accept header is served.",
        )
    }

    pub(crate) fn odata_version(header: &str, value: &str) -> Self {
        Self::bad_request(format!(
            "The value '{value}' of the header '{header}' is not supported: use 4.0 or 4.01."
        ))
    }

    pub(crate) fn me_needs_a_user() -> Self {
        Self::bad_request("/me request is only valid with delegated authentication flow.")
    }

    pub(crate) fn content_type(given: &str) -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "UnsupportedMediaType",
            format!("The content type '{given}' is not supported."),
        )
    }

    pub(crate) fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", "The request payload is too large.")
    }

    pub(crate) fn malformed_json() -> Self {
        Self::bad_request(
            "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON \
             format.",
        )
    }

    /// E20: a value of another JSON type than its property's.
    pub(crate) fn wrong_type(literal: &str, expected: &str) -> Self {
        Self::bad_request(format!(
            "Cannot convert the literal '{literal}' to the expected type '{expected}'."
        ))
    }

    pub(crate) fn not_found(key: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "Request_ResourceNotFound",
            format!(
                "Resource '{key}' does not exist or one of its queried reference-property objects are not present."
            ),
        )
    }

    /// A key that cannot be one, where keys are GUIDs.
    pub(crate) fn invalid_object_identifier(key: &str) -> Self {
        Self::request_bad_request(format!("Invalid object identifier '{key}'."))
    }

    pub(crate) fn denied() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "Authorization_RequestDenied",
            "Insufficient privileges to complete the operation.",
        )
    }

    /// The caller was deleted, disabled or revoked after its token was issued.
    pub(crate) fn revoked(now: Timestamp) -> Self {
        let mut error = Self::new(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", REVOKED);
        error.0.challenge = Some(Challenge::Revoked(now));
        error
    }

    pub(crate) fn internal(cause: String) -> Self {
        let mut error = Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "InternalServerError",
            "The server could not answer. The fault is ours; its reference is the request-id.",
        );
        error.0.log = Some(cause);
        error
    }

    /// 408: whoever sends slowly, or asks for what takes long.
    pub(crate) fn too_slow() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "RequestTimeout", "The request took too long.")
    }

    pub(crate) fn unavailable(retry_after_seconds: u64, cause: Option<String>) -> Self {
        let mut error = Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "ServiceUnavailable",
            "The service cannot answer right now. Try again after the time in Retry-After.",
        );
        error.0.retry_after = Some(retry_after_seconds.max(1));
        error.0.log = cause;
        error
    }

    fn too_expensive() -> Self {
        Self::bad(
            "Request_UnsupportedQuery",
            "The query is too expensive. Filter on mail, userPrincipalName, displayName, externalUserState, userType or \
             createdDateTime as well.",
        )
    }

    fn conflict() -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "Directory_ConcurrencyViolation",
            "The object was changed by somebody else at the same time. Read it again and try again.",
        )
    }

    pub(crate) fn invalid_value(property: &str) -> Self {
        Self::request_bad_request(format!(
            "Invalid value specified for property '{property}' of resource 'User'."
        ))
    }

    fn taken(property: &'static str) -> Self {
        let mut error = Self::request_bad_request(format!(
            "Another object with the same value for property {property} already exists."
        ));
        error.0.detail = Some(Detail::ObjectConflict { target: property });
        error
    }

    fn invalid_upn() -> Self {
        let mut error = Self::request_bad_request("Property userPrincipalName is invalid.");
        error.0.detail = Some(Detail::InvalidValue { target: "userPrincipalName" });
        error
    }

    /// How the store's troubles look; shared by all translations.
    pub(crate) fn store(error: StoreError) -> Self {
        match error {
            StoreError::Busy { retry_after } => {
                Self::unavailable(u64::try_from(retry_after.as_secs()).unwrap_or(1), None)
            }
            StoreError::Unavailable(cause) => Self::unavailable(1, Some(cause)),
            StoreError::TooExpensive => Self::too_expensive(),
            broken @ (StoreError::Corrupt(_)
            | StoreError::Newer { .. }
            | StoreError::WrongKind(_)
            | StoreError::UnknownKey { .. }) => Self::internal(broken.to_string()),
        }
    }

    /// A refusal of the model, anywhere but at `/invitations`.
    fn refused(refusal: Refusal, now: Timestamp) -> Self {
        match refusal {
            Refusal::NotAllowed => Self::denied(),
            Refusal::CallerRevoked => Self::revoked(now),
            Refusal::NotFound { key } => Self::not_found(&key),
            Refusal::ReadOnly { property } => Self::request_bad_request(format!(
                "Property '{}' is read-only and cannot be set.",
                wire_name(property)
            )),
            Refusal::Required { property } => Self::request_bad_request(format!(
                "A value is required for property '{}' of resource 'User'.",
                wire_name(property)
            )),
            Refusal::InvalidValue { property } => Self::invalid_value(wire_name(property)),
            Refusal::InvalidValues => {
                Self::request_bad_request("One or more property values specified are invalid.")
            }
            Refusal::Taken { property: UserProperty::UserPrincipalName } => Self::taken("userPrincipalName"),
            Refusal::Taken { .. } => Self::taken("proxyAddresses"),
            Refusal::InvalidUserPrincipalName => Self::invalid_upn(),
            // As Entra words it where its own limit is met.
            Refusal::TooManyProxyAddresses { count, most } => Self::request_bad_request(format!(
                "This request results in the user having {count} proxy addresses. The maximum number of proxy addresses \
                 permitted is {most}."
            )),
            Refusal::TooExpensive => Self::too_expensive(),
            Refusal::BadPageToken => Self::bad_page_token(),
        }
    }

    pub(crate) fn bad_page_token() -> Self {
        Self::request_bad_request("The specified skip token is invalid.")
    }

    /// How a use case ended badly.
    pub(crate) fn directory(error: Error, now: Timestamp) -> Self {
        match error {
            Error::Refused(refusal) => Self::refused(refusal, now),
            Error::Stale => Self::conflict(),
            Error::Store(store) => Self::store(store),
        }
    }

    /// The whole answer.
    pub(crate) fn into_response(self, facts: &Facts, origin: &str) -> Response {
        if let Some(cause) = &self.0.log {
            tracing::error!(request_id = %facts.request_id, status = self.0.status.as_u16(), cause, "a Graph request failed");
        }
        let mut error = json!({
            "code": self.0.code,
            "message": self.0.message,
            "innerError": {
                "date": facts.context.now.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
                "request-id": facts.request_id.to_string(),
                "client-request-id": facts.client_request_id,
            },
        });
        if let Some(detail) = self.0.detail {
            error["details"] = json!([detail.json(&self.0.message)]);
        }

        let mut response = Body::from(json!({ "error": error }).to_string()).into_response();
        *response.status_mut() = self.0.status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        self.add_headers(&mut response, origin);
        response
    }

    fn add_headers(&self, response: &mut Response, origin: &str) {
        let headers = response.headers_mut();
        if let Some(challenge) = self.0.challenge
            && let Ok(value) = HeaderValue::from_str(&challenge.text(origin))
        {
            headers.insert(WWW_AUTHENTICATE, value);
        }
        if let Some(value) = self.0.allow.as_deref().and_then(|allow| HeaderValue::from_str(allow).ok()) {
            headers.insert(ALLOW, value);
        }
        if let Some(seconds) = self.0.retry_after {
            headers.insert(RETRY_AFTER, seconds.into());
        }
    }
}

impl Detail {
    fn json(self, message: &str) -> Value {
        match self {
            Self::ObjectConflict { target } => {
                json!({ "code": "ObjectConflict", "message": message, "target": target })
            }
            Self::InvalidValue { target } => json!({ "code": "InvalidValue", "target": target }),
        }
    }
}

impl Challenge {
    fn text(self, origin: &str) -> String {
        let plain = format!(
            r#"Bearer realm="", authorization_uri="{origin}/common/oauth2/authorize", client_id="{GRAPH_APP}""#
        );
        match self {
            Self::Plain => plain,
            Self::Revoked(now) => {
                let wanted = json!({"access_token": {"nbf": {"essential": true, "value": now.as_second().to_string()}}});
                let claims = BASE64_STANDARD.encode(wanted.to_string());
                format!(
                    r#"{plain}, error_description="{REVOKED}", error="insufficient_claims", claims="{claims}""#
                )
            }
        }
    }
}

/// `graph.md` 5.5.
impl From<TokenError> for GraphError {
    fn from(error: TokenError) -> Self {
        let message = match error {
            // Graph SDKs send no token to hosts they were not told of, so the words say where to look.
            TokenError::Empty => "Access token is empty.",
            TokenError::NotWellFormed => "IDX14100: JWT is not well formed, there are no dots (.).",
            TokenError::Expired => "Lifetime validation failed, the token is expired.",
            TokenError::WrongAudience => "Access token validation failure. Invalid audience.",
            TokenError::Invalid => "Access token validation failure.",
            TokenError::Store(store) => return Self::store(store),
        };

        Self::new(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", message).challenging()
    }
}

/// `graph.md` 4.5.
impl From<odata::Error> for GraphError {
    fn from(error: odata::Error) -> Self {
        use odata::Error as E;
        let message = error.to_string();
        match error {
            E::SingleOnly { .. } => Self::new(StatusCode::NOT_IMPLEMENTED, "NotImplemented", message),
            E::Skip => Self::request_bad_request(message),
            E::OperatorNeedsPair { .. }
            | E::NotEqualsNeedsPair
            | E::ContainsNeedsPair
            | E::ClauseNeedsPair { .. }
            | E::ClauseUnsupported { .. }
            | E::ComplexQuery { .. }
            | E::SortingNeedsPair
            | E::SortingUnsupported
            | E::PageSize { .. } => Self::bad("Request_UnsupportedQuery", message),
            E::Syntax { .. }
            | E::TooDeep
            | E::TooManyTerms
            | E::ListTooLong
            | E::UnknownProperty { .. }
            | E::IncompatibleTypes { .. }
            | E::Count { .. }
            | E::Format { .. }
            | E::DuplicateOption { .. }
            | E::UnrecognizedOption { .. }
            | E::Encoding => Self::bad_request(message),
        }
    }
}
