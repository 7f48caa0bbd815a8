//! Faults that a test asks for: the next answers on a path, or a relay that is down.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Json;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::header::RETRY_AFTER;
use http::{HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::json;
use vestibule_model::{Arrival, Clock};

use super::refusal::refusal;
use super::relay::RelaySwitch;

/// The faults that are still to come.
pub(crate) struct Faults {
    waiting: Mutex<Vec<Fault>>,
    relay: RelaySwitch,
    clock: Arc<dyn Clock>,
}

/// The next `times` answers on `path`.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Fault {
    path: String,
    status: StatusCode,
    retry_after: Option<u32>,
    times: u32,
}

/// What a call asks for. An empty one ends all faults.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Wish {
    path: Option<String>,
    status: Option<u16>,
    retry_after: Option<u32>,
    times: Option<u32>,
    smtp: Option<Smtp>,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Smtp {
    Down,
    Up,
}

impl Faults {
    pub(crate) fn new(relay: RelaySwitch, clock: Arc<dyn Clock>) -> Self {
        Self { waiting: Mutex::default(), relay, clock }
    }

    /// Ends all of them.
    pub(crate) fn end_all(&self) {
        self.waiting().clear();
        self.relay.set_down(false);
    }

    fn take_wish(&self, wish: Wish) -> Result<(), &'static str> {
        match wish {
            Wish { path: None, status: None, retry_after: None, times: None, smtp: None } => self.end_all(),
            Wish { path: None, status: None, retry_after: None, times: None, smtp: Some(smtp) } => {
                self.relay.set_down(smtp == Smtp::Down);
            }
            Wish { path: Some(path), status: Some(status), retry_after, times, smtp: None } => {
                let status = Some(status).filter(|status| (400..=599).contains(status));
                let status = status.and_then(|status| StatusCode::from_u16(status).ok());
                let status = status.ok_or("status must be from 400 to 599")?;
                if !path.starts_with('/') || path.starts_with("/_dev/") {
                    return Err("path must begin with /, and the controls under /_dev/ have no faults");
                }
                let times = times.unwrap_or(1);
                self.waiting().push(Fault { path, status, retry_after, times });
            }
            Wish { .. } => return Err("Give path and status, or smtp, or nothing to end all faults."),
        }
        Ok(())
    }

    /// The fault that this path is due for, counted down.
    fn next(&self, path: &str) -> Option<Fault> {
        let mut waiting = self.waiting();
        waiting.retain(|fault| fault.times > 0);
        let fault = waiting.iter_mut().find(|fault| fault.path == path)?;
        fault.times -= 1;
        Some(fault.clone())
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Vec<Fault>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `POST /_dev/faults`
pub(crate) async fn set(State(faults): State<Arc<Faults>>, body: axum::body::Bytes) -> Response {
    let wish = serde_json::from_slice(&body).map_err(|why| why.to_string());
    match wish.and_then(|wish| faults.take_wish(wish).map_err(str::to_owned)) {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(why) => refusal(StatusCode::BAD_REQUEST, &why),
    }
}

/// Before all rooms: the answer on a path may be a fault instead.
pub(crate) async fn inject(State(faults): State<Arc<Faults>>, request: Request, next: Next) -> Response {
    match faults.next(request.uri().path()) {
        None => next.run(request).await,
        Some(fault) => faults.answer(&fault, &request),
    }
}

impl Faults {
    /// As Graph would say it, whatever the surface.
    fn answer(&self, fault: &Fault, request: &Request) -> Response {
        let (code, message) = match fault.status.as_u16() {
            429 => ("TooManyRequests", "Too Many Requests"),
            503 => ("ServiceUnavailable", "The service is temporarily unavailable."),
            504 => ("GatewayTimeout", "The service did not answer in time."),
            500..=599 => ("InternalServerError", "An injected fault."),
            _ => ("BadRequest", "An injected fault."),
        };
        let request_id = request.extensions().get::<Arrival>().map(|arrival| arrival.request_id.to_string());
        let client_id = request.headers().get("client-request-id").and_then(|value| value.to_str().ok());
        let date = self.clock.now().strftime("%Y-%m-%dT%H:%M:%S").to_string();
        let body = json!({ "error": { "code": code, "message": message, "innerError": {
            "date": date,
            "request-id": request_id,
            "client-request-id": client_id.or(request_id.as_deref()),
        } } });

        let mut response = (fault.status, Json(body)).into_response();
        if let Some(seconds) = fault.retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;

    #[test]
    fn the_next_n_answers_on_exactly_that_path_are_the_fault() {
        let faults = faults();
        wish(&faults, r#"{"path": "/v1.0/users", "status": 429, "retryAfter": 2, "times": 2}"#).unwrap();
        wish(&faults, r#"{"path": "/v1.0/users", "status": 503}"#).unwrap();

        assert_eq!(faults.next("/v1.0/users/"), None);
        assert_eq!(faults.next("/v1.0"), None);
        let seen: Vec<Option<u16>> =
            (0..4).map(|_| faults.next("/v1.0/users").map(|fault| fault.status.as_u16())).collect();
        assert_eq!(seen, [Some(429), Some(429), Some(503), None]);
    }

    #[test]
    fn nothing_asked_for_ends_all_and_nonsense_is_refused() {
        let faults = faults();
        wish(&faults, r#"{"path": "/x", "status": 500, "times": 9}"#).unwrap();
        wish(&faults, "{}").unwrap();
        assert_eq!(faults.next("/x"), None);

        for nonsense in [
            r#"{"path": "/x"}"#,
            r#"{"status": 500}"#,
            r#"{"path": "/x", "status": 200}"#,
            r#"{"path": "/x", "status": 600}"#,
            r#"{"path": "/_dev/reset", "status": 500}"#,
            r#"{"path": "x", "status": 500}"#,
            r#"{"smtp": "sideways"}"#,
            r#"{"smtp": "down", "path": "/x", "status": 500}"#,
            r#"{"paht": "/x"}"#,
            "[]",
        ] {
            assert!(wish(&faults, nonsense).is_err(), "{nonsense}");
        }
    }

    fn wish(faults: &Faults, text: &str) -> Result<(), String> {
        let wish = serde_json::from_str(text).map_err(|why| why.to_string())?;
        faults.take_wish(wish).map_err(str::to_owned)
    }

    fn faults() -> Faults {
        Faults::new(RelaySwitch::default(), Arc::new(SystemClock))
    }
}
