//! The only HTML of this room: a page that explains an AADSTS number, for whoever follows an `error_uri` or was sent to
//! an endpoint that is not built.

use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Deserialize;

use super::Exchange;
use super::exchange::{Reader, say};
use crate::ProtocolError;

/// What each number is about. The words in `error` are the contract, the numbers are for people.
const MEANINGS: &[(u32, &str)] = &[
    (28000, "The request asked for scopes of more than one resource. Ask for one resource at a time."),
    (
        50196,
        "The application failed to sign in too often in a short time. Wait a minute, then correct its credential.",
    ),
    (
        70003,
        "The grant type or endpoint is not available on this server. Applications sign in with client_credentials.",
    ),
    (70011, "The scope is malformed."),
    (90002, "There is no tenant of this name. Check the tenant id or the verified domain in the address."),
    (90033, "The server could not answer for a moment. Try again."),
    (500011, "The resource that the scope names is not known here."),
    (700016, "There is no application with this client id in this tenant."),
    (
        700025,
        "A public application sent a credential. Send none, or register it as a confidential application.",
    ),
    (700027, "The client assertion could not be verified."),
    (900144, "A parameter that the request needs is missing or empty."),
    (900561, "The endpoint was called with the wrong HTTP method."),
    (1002012, "client_credentials needs the scope of exactly one resource, ending in /.default."),
    (7000112, "The application is disabled. An administrator can enable it."),
    (7000215, "The client secret is wrong. Send the secret's value, not its id."),
    (7000218, "The application is confidential and sent no credential."),
    (7000222, "The client secret has expired. Make a new one."),
    (9002313, "The request is malformed, or a parameter is there twice."),
];

#[derive(Deserialize)]
pub(super) struct Asked {
    code: Option<String>,
}

/// `GET /error?code=N`.
pub(super) async fn explain(
    asked: Result<Query<Asked>, axum::extract::rejection::QueryRejection>,
) -> Response {
    let number = asked.ok().and_then(|Query(asked)| asked.code?.parse::<u32>().ok());
    let meaning = number.and_then(|number| MEANINGS.iter().find(|(known, _)| *known == number));
    let (status, body) = match meaning {
        Some((number, meaning)) => (StatusCode::OK, html(&format!("AADSTS{number}"), meaning, "")),
        None => {
            (StatusCode::NOT_FOUND, html("Unknown error code", "This server does not send this code.", ""))
        }
    };
    let mut answer = (status, body).into_response();
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    add_policy(answer.headers_mut());
    answer
}

/// An endpoint for people that this release does not serve.
pub(super) async fn not_built() -> Response {
    say(ProtocolError::NotBuilt, Reader::Person)
}

/// An error as a page.
pub(super) fn of_error(error: &ProtocolError, exchange: &Exchange) -> String {
    let facts = format!(
        "<p><small>Trace ID: {}<br>Correlation ID: {}<br>Timestamp: {}</small></p>",
        exchange.request_id(),
        exchange.correlation(),
        exchange.time(),
    );
    html(&format!("AADSTS{}", error.number()), &error.to_string(), &facts)
}

/// Nothing on these pages loads, submits or is framed; their one style is known by its hash.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let hash = STANDARD.encode(digest(&SHA256, STYLE.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
    );
    HeaderValue::try_from(policy).expect("base64 and our own words are visible ASCII")
});

/// The colours and measures of the guests' pages.
const STYLE: &str = ":root{color-scheme:light dark}\
    body{margin:0;background:light-dark(#fbfaf8,#151513);color:light-dark(#1c1b19,#f1efea);\
    font:1.0625rem/1.6 system-ui,sans-serif;overflow-wrap:anywhere}\
    main{box-sizing:border-box;inline-size:min(36rem,100% - 32px);margin:clamp(8px,6vh,56px) auto 24px;\
    padding:clamp(20px,5.6vw,40px);border:1px solid light-dark(#dcd8d0,#3a3833);border-radius:16px;\
    background:light-dark(#fff,#1e1d1b)}\
    h1{margin:0 0 12px;font-size:1.5rem;font-weight:680;line-height:1.25}p{margin:0}p+p{margin-top:24px}\
    small{color:light-dark(#5b5953,#b3afa6);font-size:.9375rem}";

pub(super) fn add_policy(headers: &mut HeaderMap) {
    headers.insert(CONTENT_SECURITY_POLICY, POLICY.clone());
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
}

/// The texts are our own and hold nothing that was sent, so there is nothing to escape.
fn html(title: &str, meaning: &str, facts: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{title}</title><style>{STYLE}</style></head>\
         <body><main><h1>{title}</h1><p>{meaning}</p>{facts}</main></body></html>\n"
    )
}
