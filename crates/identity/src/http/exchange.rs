//! What every answer of this surface carries, whatever it says: ids, security headers, and errors as clients read them.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use uuid::Uuid;
use vestibule_model::{Arrival, Silence};

use super::page;
use crate::{Identity, ProtocolError};

/// One request and its answer, by their ids.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    request_id: Uuid,
    correlation: Arc<OnceLock<Uuid>>,
    client: Option<IpAddr>,
    now: Timestamp,
}

impl Exchange {
    fn of(asked: &Parts, identity: &Identity) -> Self {
        let arrival = asked.extensions.get::<Arrival>();
        let exchange = Self {
            request_id: arrival.map_or_else(|| identity.parts.ids.random(), |arrival| arrival.request_id),
            correlation: Arc::default(),
            client: arrival.and_then(|arrival| arrival.client),
            now: identity.parts.clock.now(),
        };
        for told in [header(asked), query(asked)] {
            exchange.correlate(told.as_deref());
        }
        exchange
    }

    /// Takes `told` for the client's own id of this request, if it is a GUID and none was told before.
    pub(crate) fn correlate(&self, told: Option<&str>) {
        if let Some(id) = told.and_then(|text| Uuid::try_parse(text).ok()) {
            self.correlation.get_or_init(|| id);
        }
    }

    /// When it is decided.
    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    /// Who asks.
    pub(crate) fn client(&self) -> Option<IpAddr> {
        self.client
    }

    /// `x-ms-request-id`, and `trace_id` of an error.
    pub(super) fn request_id(&self) -> Uuid {
        self.request_id
    }

    /// `client-request-id`, and `correlation_id` of an error.
    pub(super) fn correlation(&self) -> Uuid {
        self.correlation.get().copied().unwrap_or(self.request_id)
    }

    /// As error bodies write the time.
    pub(super) fn time(&self) -> String {
        self.now.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
    }
}

fn header(asked: &Parts) -> Option<String> {
    asked.headers.get("client-request-id")?.to_str().ok().map(str::to_owned)
}

fn query(asked: &Parts) -> Option<String> {
    let pairs = url::form_urlencoded::parse(asked.uri.query()?.as_bytes());
    pairs.into_iter().find(|(name, _)| name == "client-request-id").map(|(_, value)| value.into_owned())
}

/// Who reads an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    /// A client, as JSON.
    Program,
    /// A person, as a page.
    Person,
}

/// An error on its way out, until [`frame`] writes it.
#[derive(Clone)]
struct Said {
    error: Arc<ProtocolError>,
    reader: Reader,
}

/// An answer that [`frame`] will fill: there the ids are known.
pub(super) fn say(error: ProtocolError, reader: Reader) -> Response {
    let mut answer = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST).into_response();
    answer.extensions_mut().insert(Said { error: Arc::new(error), reader });
    answer
}

impl IntoResponse for ProtocolError {
    fn into_response(self) -> Response {
        say(self, Reader::Program)
    }
}

/// Gives every request its ids and every answer its headers.
pub(super) async fn frame(State(identity): State<Identity>, request: Request, next: Next) -> Response {
    let (mut asked, body) = request.into_parts();
    let exchange = Exchange::of(&asked, &identity);
    asked.extensions.insert(exchange.clone());

    let answer = next.run(Request::from_parts(asked, body)).await;
    framed(answer, &exchange, &identity)
}

/// A request without an answer, as this surface says it.
pub(crate) fn without_answer(identity: &Identity, asked: &Parts, why: Silence) -> Response {
    let mut answer = say(ProtocolError::Unavailable(SignedDuration::from_secs(1)), Reader::Program);
    *answer.status_mut() = match why {
        Silence::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        Silence::TooLong => StatusCode::REQUEST_TIMEOUT,
    };
    framed(answer, &Exchange::of(asked, identity), identity)
}

fn framed(mut answer: Response, exchange: &Exchange, identity: &Identity) -> Response {
    if let Some(Said { error, reader }) = answer.extensions_mut().remove() {
        write(&error, reader, exchange, &identity.parts.origin, &mut answer);
    }
    add_headers(answer.headers_mut(), exchange);
    answer
}

fn write(error: &ProtocolError, reader: Reader, exchange: &Exchange, origin: &str, answer: &mut Response) {
    let (content_type, body) = match reader {
        Reader::Program => {
            let body = serde_json::to_string(&Body::of(error, exchange, origin)).expect("text is JSON");
            ("application/json; charset=utf-8", body)
        }
        Reader::Person => ("text/html; charset=utf-8", page::of_error(error, exchange)),
    };
    *answer.body_mut() = body.into();
    let headers = answer.headers_mut();
    headers.remove(http::header::CONTENT_LENGTH);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Some(wait) = error.retry_after() {
        headers.insert(RETRY_AFTER, wait.as_secs().max(1).into());
    }
    if error.status() == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"\", charset=\"UTF-8\""));
    }
    if reader == Reader::Person {
        page::add_policy(headers);
    }
}

/// The error body (`identity.md` 11).
#[derive(Serialize)]
struct Body {
    error: &'static str,
    error_description: String,
    error_codes: [u32; 1],
    timestamp: String,
    trace_id: Uuid,
    correlation_id: Uuid,
    error_uri: String,
}

impl Body {
    fn of(error: &ProtocolError, exchange: &Exchange, origin: &str) -> Self {
        let (number, time) = (error.number(), exchange.time());
        let (trace_id, correlation_id) = (exchange.request_id(), exchange.correlation());
        Self {
            error: error.word(),
            error_description: format!(
                "AADSTS{number}: {error} Trace ID: {trace_id} Correlation ID: {correlation_id} Timestamp: {time}"
            ),
            error_codes: [number],
            timestamp: time,
            trace_id,
            correlation_id,
            error_uri: format!("{origin}/error?code={number}"),
        }
    }
}

/// `Strict-Transport-Security` is not among them: the server says it on every answer, and to whom is decided there.
fn add_headers(headers: &mut HeaderMap, exchange: &Exchange) {
    for (name, id) in
        [("x-ms-request-id", exchange.request_id()), ("client-request-id", exchange.correlation())]
    {
        let value = HeaderValue::from_str(&id.to_string()).expect("a GUID is ASCII");
        headers.insert(name, value);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if headers.get(CONTENT_TYPE).is_some_and(|value| value == "application/json") {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    }
}
