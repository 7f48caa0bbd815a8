//! A clock that tests can move, and the control that moves it.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};
use vestibule_model::Clock;

use super::refusal::refusal;
use crate::clock::SystemClock;

/// The real clock and an offset. It may move either way; it cannot stand still.
pub(crate) struct DevClock {
    real: SystemClock,
    offset_us: AtomicI64,
    /// Two moves at once are one after the other.
    moving: Mutex<()>,
}

/// How far the clock may be moved: a century, so that no arithmetic with it overflows.
const FARTHEST: SignedDuration = SignedDuration::from_hours(24 * 365 * 100);

impl DevClock {
    pub(crate) fn new() -> Self {
        Self { real: SystemClock, offset_us: AtomicI64::new(0), moving: Mutex::new(()) }
    }

    /// Back to the real time.
    pub(crate) fn reset(&self) {
        self.offset_us.store(0, Ordering::SeqCst);
    }

    fn offset(&self) -> SignedDuration {
        SignedDuration::from_micros(self.offset_us.load(Ordering::SeqCst))
    }

    fn apply(&self, step: &Move) -> Result<(), String> {
        let _one_at_a_time = self.moving.lock().unwrap_or_else(PoisonError::into_inner);
        let offset = match (step.advance_seconds, step.now, step.reset) {
            (Some(seconds), None, None) => self.offset().checked_add(SignedDuration::from_secs(seconds)),
            (None, Some(now), None) => Some(now.duration_since(self.real.now())),
            (None, None, Some(true)) => Some(SignedDuration::ZERO),
            _ => return Err("Give one of advanceSeconds, now, or reset: true.".into()),
        };
        let offset = offset.filter(|offset| offset.abs() <= FARTHEST);
        let offset = offset.ok_or("The clock can be moved by a hundred years at most.")?;
        let offset_us = i64::try_from(offset.as_micros()).map_err(|_| "That is too far.")?;
        self.offset_us.store(offset_us, Ordering::SeqCst);
        Ok(())
    }
}

impl Clock for DevClock {
    fn now(&self) -> Timestamp {
        self.real.now().saturating_add(self.offset()).unwrap_or(Timestamp::MAX)
    }
}

/// One move of the clock.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Move {
    advance_seconds: Option<i64>,
    now: Option<Timestamp>,
    reset: Option<bool>,
}

/// `GET /_dev/clock`
pub(crate) async fn read(State(clock): State<Arc<DevClock>>) -> Json<Value> {
    shown(&clock)
}

/// `POST /_dev/clock`
pub(crate) async fn set(State(clock): State<Arc<DevClock>>, body: axum::body::Bytes) -> Response {
    let step = serde_json::from_slice(&body).map_err(|why| why.to_string());
    match step.and_then(|step| clock.apply(&step)) {
        Ok(()) => shown(&clock).into_response(),
        Err(why) => refusal(StatusCode::BAD_REQUEST, &why),
    }
}

/// In whole seconds, which every language's date parser reads.
fn shown(clock: &DevClock) -> Json<Value> {
    let now = whole_seconds(clock.now()).to_string();
    Json(json!({ "now": now, "offsetSeconds": clock.offset().as_secs() }))
}

/// `instant` without the fraction of its second.
fn whole_seconds(instant: Timestamp) -> Timestamp {
    Timestamp::from_second(instant.as_second()).unwrap_or(instant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_in_whole_seconds() {
        for (instant, told) in [
            ("2026-11-20T06:00:00.999999999Z", "2026-11-20T06:00:00Z"),
            ("2026-11-20T06:00:00Z", "2026-11-20T06:00:00Z"),
        ] {
            assert_eq!(whole_seconds(instant.parse().unwrap()).to_string(), told);
        }
    }

    #[test]
    fn it_moves_either_way_and_back_and_says_what_it_does_not_understand() {
        let clock = DevClock::new();
        let moved = |text: &str| {
            let step = serde_json::from_str(text).map_err(|why: serde_json::Error| why.to_string());
            step.and_then(|step| clock.apply(&step)).map(|()| clock.offset().as_secs())
        };

        assert_eq!(moved(r#"{"advanceSeconds": 3600}"#), Ok(3600));
        assert_eq!(moved(r#"{"advanceSeconds": -7200}"#), Ok(-3600));
        assert_eq!(moved(r#"{"reset": true}"#), Ok(0));
        assert!(moved(r#"{"now": "2030-01-01T00:00:00Z"}"#).unwrap() > 0);
        for wrong in [
            "{}",
            r#"{"reset": false}"#,
            r#"{"advanceSeconds": 1, "reset": true}"#,
            r#"{"advanceSeconds": 9223372036854775807}"#,
            r#"{"advanceSeconds": 3200000000}"#,
            r#"{"now": "tomorrow"}"#,
            r#"{"stop": true}"#,
        ] {
            assert!(moved(wrong).is_err(), "{wrong}");
        }
    }
}
