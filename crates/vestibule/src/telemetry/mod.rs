//! Logs and metrics. The names of all spans, fields and metrics stand here and in [`metrics`], and nowhere else.
//!
//! A request is one line when it is answered: what was asked (without any secret, see [`redact`]), how it ended, how long
//! it took, and the `request-id` that the client saw too. E-mail addresses and tokens never become fields.

pub(crate) mod metrics;
mod redact;

use std::io::{self, IsTerminal as _};
use std::time::Duration;

use axum::extract::Request;
use http::{Method, StatusCode};
use tracing::Span;
use tracing_subscriber::EnvFilter;
use vestibule_model::Arrival;

use crate::config::operations::{Log, LogFormat};

/// What of a request may be logged and counted.
pub(crate) struct Seen {
    method: Method,
    target: String,
    surface: &'static str,
}

impl Seen {
    pub(crate) fn of(request: &Request) -> Self {
        let uri = request.uri();
        Self {
            method: request.method().clone(),
            target: redact::target(uri.path(), uri.query()),
            surface: surface(uri.path()),
        }
    }
}

/// Starts logging to standard error. Only the first call has an effect.
pub(crate) fn start_logging(log: &Log) {
    let is_terminal = io::stderr().is_terminal();
    let format = log.format.unwrap_or(if is_terminal { LogFormat::Text } else { LogFormat::Json });
    let has_colours = is_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());

    // A full disk under the log is no reason to end: unwritable lines are dropped without a word.
    let subscriber = tracing_subscriber::fmt().log_internal_errors(false);
    let subscriber = subscriber.with_env_filter(filter(&log.level)).with_writer(io::stderr);
    let _ = match format {
        LogFormat::Text => subscriber.with_ansi(has_colours).with_target(false).try_init(),
        LogFormat::Json => {
            subscriber.json().flatten_event(true).with_current_span(true).with_span_list(false).try_init()
        }
    };
}

/// A level alone is ours: what libraries say in detail may hold what we would never log.
fn filter(level: &str) -> EnvFilter {
    let is_level = level.parse::<tracing::Level>().is_ok();
    let directives = if is_level { format!("warn,{}", ours(level)) } else { level.to_owned() };
    EnvFilter::try_new(directives).unwrap_or_else(|_| EnvFilter::new("info"))
}

/// One directive for every room.
fn ours(level: &str) -> String {
    const ROOMS: [&str; 7] = ["", "_store", "_directory", "_identity", "_graph", "_pages", "_courier"];
    ROOMS.map(|room| format!("vestibule{room}={level}")).join(",")
}

/// The span in which a request is answered: whatever is logged inside carries its id.
pub(crate) fn request_span(arrival: &Arrival) -> Span {
    tracing::info_span!("request", request_id = %arrival.request_id)
}

/// The one line of a request.
pub(crate) fn answered(seen: &Seen, status: StatusCode, took: Duration) {
    let status = status.as_u16();
    let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    tracing::info!(method = %seen.method, target_url = seen.target, status, took_us, "{} {} {status}", seen.method, seen.target);
}

/// Which surface a path belongs to, as a label of few values.
fn surface(path: &str) -> &'static str {
    let first = path.trim_start_matches('/').split('/').next().unwrap_or("");
    match first {
        "v1.0" | "beta" => "graph",
        "invitations" | "redeem" | "myapps" | "assets" => "pages",
        "_dev" => "dev",
        "healthz" | "readyz" | "metrics" => "operations",
        _ if path.contains("/oauth2/") || path.contains("/discovery/") || path.contains("/.well-known/") => {
            "identity"
        }
        _ => "other",
    }
}
