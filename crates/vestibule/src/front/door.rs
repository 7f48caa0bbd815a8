//! What every request passes on its way in, and every answer on its way out.

use std::net::{IpAddr, SocketAddr};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::{Router, extract::Extension};
use futures_util::FutureExt as _;
use http::header::{STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS};
use http::request::Parts;
use http::{HeaderName, HeaderValue, StatusCode};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate as _};
use tracing::Instrument as _;
use vestibule_model::{Arrival, Clock, Context, Ids, Silence};

use super::client_address::client_address;
use super::host::Hosts;
use super::leftover::Leftover;
use crate::config::proxy::Cidr;
use crate::telemetry::{self, metrics};

/// How a request that gets no answer is told so, by what is known of it.
pub(crate) type Apology = Arc<dyn Fn(&Parts, Silence) -> Response + Send + Sync>;

/// What the door knows.
pub(crate) struct Door {
    /// Which names are ours.
    pub(crate) hosts: Hosts,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub(crate) trusted: Vec<Cidr>,
    /// Where request ids come from.
    pub(crate) ids: Arc<dyn Ids>,
    /// When a request is decided.
    pub(crate) clock: Arc<dyn Clock>,
    /// How long one request may take.
    pub(crate) deadline: Duration,
    /// The largest body.
    pub(crate) body_bytes: usize,
    /// What is said when a bug or the deadline ends an answer.
    pub(crate) apology: Apology,
    /// Whether browsers are told to come back by https only.
    pub(crate) pins_https: bool,
}

/// The other end of the connection, put among a request's extensions by the listener.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) SocketAddr);

const HTML: NotForContentType = NotForContentType::const_new("text/html");
const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");

impl Door {
    /// Puts the door before `rooms`.
    pub(crate) fn before(self, rooms: Router) -> Router {
        let body_bytes = self.body_bytes;
        rooms
            .layer(DefaultBodyLimit::max(body_bytes))
            // Pages hold form tokens beside what a link can say, and compressing the two together tells the one by the other.
            .layer(CompressionLayer::new().compress_when(DefaultPredicate::new().and(HTML)))
            .layer(middleware::from_fn_with_state(Arc::new(self), pass))
    }
}

async fn pass(
    State(door): State<Arc<Door>>,
    peer: Option<Extension<Peer>>,
    mut request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let peer: Option<IpAddr> = peer.map(|Extension(Peer(address))| address.ip());
    let arrival = Arrival {
        request_id: door.ids.random(),
        client: peer.map(|peer| client_address(peer, request.headers(), &door.trusted)),
    };
    request.extensions_mut().insert(arrival);
    request.extensions_mut().insert(door.context(&arrival));
    let seen = telemetry::Seen::of(&request);

    let span = telemetry::request_span(&arrival);
    let mut response = door.admit(request, next).instrument(span.clone()).await;

    door.stamp(&mut response, &arrival);
    metrics::answered(&seen, response.status(), started.elapsed());
    span.in_scope(|| telemetry::answered(&seen, response.status(), started.elapsed()));
    response
}

impl Door {
    async fn admit(&self, request: Request, next: Next) -> Response {
        let (parts, body) = request.into_parts();
        if let Err(refused) = self.hosts.check(&parts) {
            return self.hosts.answer(refused);
        }

        let asked = parts.clone();
        let (body, leftover) = Leftover::of(body, &parts.headers);
        // A bug in one answer ends that answer and not the connection, which others may share.
        let answer = AssertUnwindSafe(next.run(Request::from_parts(parts, body))).catch_unwind();
        let mut response = match tokio::time::timeout(self.deadline, answer).await {
            Ok(Ok(response)) => response,
            Ok(Err(_)) => (self.apology)(&asked, Silence::Broken),
            Err(_) => (self.apology)(&asked, Silence::TooLong),
        };
        leftover.clear(&mut response).await;
        response
    }

    /// What every decision about this request may know.
    fn context(&self, arrival: &Arrival) -> Context {
        Context {
            now: self.clock.now(),
            ids: self.ids.clone(),
            correlation: arrival.request_id,
            client: arrival.client,
        }
    }

    /// The headers of every answer (`graph.md` 5.2).
    fn stamp(&self, response: &mut Response, arrival: &Arrival) {
        let headers = response.headers_mut();
        let id = arrival.request_id.to_string();
        headers.insert(REQUEST_ID, HeaderValue::from_str(&id).expect("a UUID is visible ASCII"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if self.pins_https {
            headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
        }
    }
}

/// In words, where no surface has a form of its own.
pub(crate) fn in_words(why: Silence) -> Response {
    match why {
        Silence::Broken => (StatusCode::INTERNAL_SERVER_ERROR, "That is our fault.\n").into_response(),
        Silence::TooLong => (StatusCode::REQUEST_TIMEOUT, "The request took too long.\n").into_response(),
    }
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, Bytes};
    use axum::routing::{get, post};
    use tower::ServiceExt as _;
    use vestibule_model::clock::{HeldClock, SeededIds};

    use super::*;
    use crate::config::{Mode, PublicUrl};

    #[tokio::test]
    async fn every_answer_carries_a_request_id_and_a_room_sees_the_same_one() {
        let room = Router::new().route(
            "/",
            get(|Extension(arrival): Extension<Arrival>| async move { arrival.request_id.to_string() }),
        );
        let server = door(Mode::Production).before(room);

        let answer = server.clone().oneshot(request("/", "guests.example.com")).await.unwrap();
        let id = answer.headers()["request-id"].to_str().unwrap().to_owned();
        let body = axum::body::to_bytes(answer.into_body(), 100).await.unwrap();
        assert_eq!(body, id.as_bytes());

        for (path, host, status) in [("/none", "guests.example.com", 404), ("/", "evil.example", 421)] {
            let answer = server.clone().oneshot(request(path, host)).await.unwrap();
            assert_eq!(answer.status(), status, "{path} {host}");
            assert!(answer.headers().contains_key("request-id"), "{path} {host}");
            assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
            assert_eq!(answer.headers()["strict-transport-security"], "max-age=31536000");
        }
    }

    #[tokio::test]
    async fn a_request_that_never_ends_is_answered_408() {
        let room = Router::new().route("/", get(std::future::pending::<()>));
        let server = Door { deadline: Duration::ZERO, ..door(Mode::Production) }.before(room);

        let answer = server.oneshot(request("/", "guests.example.com")).await.unwrap();

        assert_eq!(answer.status(), StatusCode::REQUEST_TIMEOUT);
    }

    #[tokio::test]
    async fn a_bug_in_an_answer_is_a_500_with_a_request_id() {
        let room = Router::new().route("/", get(async || -> &'static str { panic!("on purpose") }));
        let server = door(Mode::Production).before(room);

        let answer = server.oneshot(request("/", "guests.example.com")).await.unwrap();

        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(answer.headers().contains_key("request-id"));
    }

    #[tokio::test]
    async fn a_body_that_is_too_large_is_refused() {
        let room = Router::new().route("/", post(|body: Bytes| async move { body.len().to_string() }));
        let server = door(Mode::Production).before(room);
        for (octets, status) in [(1000, StatusCode::OK), (1001, StatusCode::PAYLOAD_TOO_LARGE)] {
            let request = Request::post("/").header("host", "guests.example.com");
            let answer =
                server.clone().oneshot(request.body(Body::from(vec![b'x'; octets])).unwrap()).await.unwrap();
            assert_eq!(answer.status(), status, "{octets}");
        }
    }

    fn request(path: &str, host: &str) -> Request {
        Request::get(path).header("host", host).body(Body::empty()).unwrap()
    }

    fn door(mode: Mode) -> Door {
        let public_url = PublicUrl::parse("https://guests.example.com").unwrap();
        Door {
            pins_https: public_url.pins_https(),
            hosts: Hosts::new(public_url, mode),
            trusted: Vec::new(),
            ids: Arc::new(SeededIds::new(1)),
            clock: Arc::new(HeldClock::at(jiff::Timestamp::UNIX_EPOCH)),
            deadline: Duration::from_secs(60),
            body_bytes: 1000,
            apology: Arc::new(|_, why| in_words(why)),
        }
    }
}
