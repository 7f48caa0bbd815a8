//! Who may use `/_dev/*`: whoever is on this machine, but no web page from elsewhere in this machine's browser.

use std::sync::Arc;

use axum::body::HttpBody as _;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, CONTENT_TYPE, ORIGIN, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use secrecy::{ExposeSecret as _, SecretString};

use super::refusal::refusal;
use crate::config::PublicUrl;
use crate::{constant_time, ops};

/// What the guard compares with.
#[derive(Clone)]
pub(crate) struct Guard {
    pub(crate) public_url: PublicUrl,
    /// The port that answers: dev mode is reached under any loopback name.
    pub(crate) port: u16,
    /// Asked for when the server listens beyond loopback.
    pub(crate) token: Option<Arc<SecretString>>,
}

/// Why a call is not let through.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Refused {
    NoToken,
    OtherSite,
    NotJson,
}

/// The middleware before every control.
pub(crate) async fn check(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    match guard.admit(request.headers()).and_then(|()| readable(&request)) {
        Ok(()) => next.run(request).await,
        Err(Refused::NoToken) => {
            let mut answer = refusal(StatusCode::UNAUTHORIZED, "This needs the dev_token of dev.json.");
            let challenge = HeaderValue::from_static("Basic realm=\"vestibule dev\", charset=\"UTF-8\"");
            answer.headers_mut().insert(WWW_AUTHENTICATE, challenge);
            answer.into_response()
        }
        Err(Refused::OtherSite) => {
            refusal(StatusCode::FORBIDDEN, "Pages of other sites may not use the dev controls.")
        }
        Err(Refused::NotJson) => {
            refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, "The body must be application/json.")
        }
    }
}

impl Guard {
    fn admit(&self, headers: &HeaderMap) -> Result<(), Refused> {
        if !self.is_from_here(headers) {
            return Err(Refused::OtherSite);
        }
        if self.token.as_ref().is_some_and(|token| !shows(headers, token)) {
            return Err(Refused::NoToken);
        }
        Ok(())
    }

    fn is_from_here(&self, headers: &HeaderMap) -> bool {
        let mut sites = headers.get_all("sec-fetch-site").iter();
        let mut origins = headers.get_all(ORIGIN).iter();
        sites.all(|site| matches!(site.as_bytes(), b"same-origin" | b"none"))
            && origins.all(|origin| origin.to_str().is_ok_and(|origin| self.is_ours(origin)))
    }

    fn is_ours(&self, origin: &str) -> bool {
        let scheme = if self.public_url.is_https() { "https" } else { "http" };
        let loopback = |host: &str| format!("{scheme}://{host}:{}", self.port);
        origin.eq_ignore_ascii_case(self.public_url.as_str())
            || ["localhost", "127.0.0.1", "[::1]"]
                .iter()
                .any(|host| origin.eq_ignore_ascii_case(&loopback(host)))
    }
}

/// What is posted is JSON, which no form of a web page can be. A control that needs no body may be called without one.
fn readable(request: &Request) -> Result<(), Refused> {
    let headers = request.headers();
    let has_body = !request.body().is_end_stream() || headers.contains_key(CONTENT_TYPE);
    if request.method() == Method::POST && has_body && !is_json(headers) {
        return Err(Refused::NotJson);
    }

    Ok(())
}

fn shows(headers: &HeaderMap, token: &SecretString) -> bool {
    let is_it = |shown: &str| constant_time::is_same(shown.as_bytes(), token.expose_secret().as_bytes());
    ops::bearer(headers).is_some_and(is_it) || basic_password(headers).is_some_and(|shown| is_it(&shown))
}

fn basic_password(headers: &HeaderMap) -> Option<String> {
    let (scheme, value) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let decoded = STANDARD.decode(value.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    let decoded = String::from_utf8(decoded).ok()?;
    decoded.split_once(':').map(|(_, password)| password.to_owned())
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_another_site_reaches_nothing() {
        for (headers, is_admitted) in [
            (&[][..], true),
            (&[("sec-fetch-site", "none")], true),
            (&[("sec-fetch-site", "same-origin")], true),
            (&[("sec-fetch-site", "same-origin"), ("origin", "https://localhost:8443")], true),
            (&[("origin", "https://127.0.0.1:8443")], true),
            (&[("origin", "https://guests.example.com")], true),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")], false),
            (&[("origin", "null")], false),
            (&[("origin", "https://localhost:9999")], false),
            (&[("origin", "http://localhost:8443")], false),
            (&[("origin", "https://evil.example")], false),
            (&[("sec-fetch-site", "none"), ("origin", "https://evil.example")], false),
        ] {
            let admitted = guard(None).admit(&map(headers));
            assert_eq!(admitted.is_ok(), is_admitted, "{headers:?}");
        }
    }

    #[test]
    fn a_post_is_json_or_nothing() {
        for (content_type, body, is_read) in [
            (Some("application/json"), "{}", true),
            (Some("Application/JSON; charset=utf-8"), "{}", true),
            (None, "", true),
            (None, "{}", false),
            (Some("text/plain"), "{}", false),
            (Some("application/x-www-form-urlencoded"), "", false),
            (Some("application/jsonp"), "{}", false),
            (Some(""), "{}", false),
        ] {
            let mut request = Request::new(axum::body::Body::from(body));
            *request.method_mut() = Method::POST;
            if let Some(content_type) = content_type {
                request.headers_mut().insert(CONTENT_TYPE, content_type.parse().unwrap());
            }
            assert_eq!(readable(&request).is_ok(), is_read, "{content_type:?} {body}");
        }
    }

    #[test]
    fn beyond_loopback_the_token_is_asked_for() {
        let basic = |text: &str| format!("Basic {}", STANDARD.encode(text));
        for (authorization, is_admitted) in [
            ("Bearer s3cret".to_owned(), true),
            (basic("dev:s3cret"), true),
            (basic(":s3cret"), true),
            ("Bearer wrong".to_owned(), false),
            (basic("s3cret"), false),
            (String::new(), false),
        ] {
            let guard = guard(Some("s3cret"));
            let admitted = guard.admit(&map(&[("authorization", &authorization)]));
            assert_eq!(admitted.is_ok(), is_admitted, "{authorization}");
        }
    }

    fn guard(token: Option<&str>) -> Guard {
        Guard {
            public_url: PublicUrl::parse("https://guests.example.com").unwrap(),
            port: 8443,
            token: token.map(|token| Arc::new(SecretString::from(token))),
        }
    }

    fn map(headers: &[(&'static str, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        map
    }
}
