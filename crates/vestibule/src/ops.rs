//! `/healthz`, `/readyz`, `/metrics`: for the machines that watch the machine.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Extension, Router};
use futures_util::future::BoxFuture;
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderMap, StatusCode};
use metrics_exporter_prometheus::PrometheusHandle;
use secrecy::{ExposeSecret as _, SecretString};
use vestibule_model::Arrival;

use crate::constant_time;

/// Answers whether the server can do its work now, or says why not, in a line.
pub(crate) type Readiness = Arc<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// Who may read the metrics.
#[derive(Clone)]
pub(crate) enum Readers {
    /// Whoever shows this token.
    WithToken(Arc<SecretString>),
    /// Clients on this machine.
    Loopback,
    /// Whoever reaches the address they are served on.
    Anybody,
}

/// Whether a machine asks at `path`: it reads a line of words.
pub(crate) fn is_probe(path: &str) -> bool {
    matches!(path, "/healthz" | "/readyz" | "/metrics")
}

/// `/healthz` and `/readyz`.
pub(crate) fn probes(readiness: Readiness) -> Router {
    Router::new()
        .route("/healthz", get(|| async { plain(StatusCode::OK, "ok\n") }))
        .route("/readyz", get(readyz))
        .with_state(readiness)
}

/// `/metrics`.
pub(crate) fn metrics(handle: PrometheusHandle, readers: Readers) -> Router {
    Router::new().route("/metrics", get(render)).with_state((handle, readers))
}

async fn readyz(State(readiness): State<Readiness>) -> Response {
    match readiness().await {
        Ok(()) => plain(StatusCode::OK, "ready\n"),
        Err(why) => plain(StatusCode::SERVICE_UNAVAILABLE, &format!("{why}\n")),
    }
}

async fn render(
    State((handle, readers)): State<(PrometheusHandle, Readers)>,
    arrival: Option<Extension<Arrival>>,
    headers: HeaderMap,
) -> Response {
    let client = arrival.and_then(|Extension(arrival)| arrival.client);
    if !readers.admit(client, &headers) {
        return match readers {
            Readers::WithToken(_) => {
                let challenge = [(WWW_AUTHENTICATE, "Bearer")];
                (StatusCode::UNAUTHORIZED, challenge, plain(StatusCode::UNAUTHORIZED, "A token is needed.\n"))
                    .into_response()
            }
            Readers::Loopback | Readers::Anybody => plain(StatusCode::FORBIDDEN, "Only for this machine.\n"),
        };
    }
    let text_format =
        [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"), (CACHE_CONTROL, "no-store")];
    (text_format, handle.render()).into_response()
}

impl Readers {
    fn admit(&self, client: Option<IpAddr>, headers: &HeaderMap) -> bool {
        match self {
            Self::Anybody => true,
            Self::Loopback => client.is_some_and(|client| client.is_loopback()),
            Self::WithToken(token) => bearer(headers).is_some_and(|shown| {
                constant_time::is_same(shown.as_bytes(), token.expose_secret().as_bytes())
            }),
        }
    }
}

/// The token of an `Authorization: Bearer` header.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn plain(status: StatusCode, text: &str) -> Response {
    let headers = [(CONTENT_TYPE, "text/plain; charset=utf-8"), (CACHE_CONTROL, "no-store")];
    (status, headers, text.to_owned()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_read_by_whom_they_are_for() {
        let token = Readers::WithToken(Arc::new(SecretString::from("t0ken")));
        for (readers, client, authorization, is_admitted) in [
            (&Readers::Loopback, Some("127.0.0.1"), "", true),
            (&Readers::Loopback, Some("192.0.2.1"), "", false),
            (&Readers::Loopback, None, "", false),
            (&token, Some("192.0.2.1"), "Bearer t0ken", true),
            (&token, Some("192.0.2.1"), "bearer t0ken", true),
            (&token, Some("127.0.0.1"), "", false),
            (&token, Some("127.0.0.1"), "Bearer t0kem", false),
            (&Readers::Anybody, None, "", true),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, authorization.parse().unwrap());
            let client = client.map(|client| client.parse().unwrap());
            assert_eq!(readers.admit(client, &headers), is_admitted, "{client:?} {authorization}");
        }
    }
}
