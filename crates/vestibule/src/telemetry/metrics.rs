//! What is counted, for Prometheus.

use std::time::Duration;

use http::StatusCode;
use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};

use super::Seen;

const REQUESTS: &str = "vestibule_http_requests_total";
const SECONDS: &str = "vestibule_http_request_duration_seconds";
const CONNECTIONS: &str = "vestibule_http_connections";

/// Bounds of the histogram, in seconds.
const BUCKETS: [f64; 11] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 1.0, 5.0, 10.0];

/// How often measurements are folded into their histogram. Until then each takes room of its own, scraped or not.
const FOLD: Duration = Duration::from_secs(5);

/// Starts counting, on the runtime that it is called on. Once a process.
///
/// # Errors
///
/// When something is counting already.
pub(crate) fn start() -> Result<PrometheusHandle, BuildError> {
    let handle = PrometheusBuilder::new().set_buckets(&BUCKETS)?.install_recorder()?;
    describe_counter!(REQUESTS, "Requests answered, by surface, method and status.");
    describe_histogram!(SECONDS, Unit::Seconds, "From the head of a request to its answer, by surface.");
    describe_gauge!(CONNECTIONS, "Connections open now.");
    tokio::spawn(fold(handle.clone()));
    Ok(handle)
}

async fn fold(handle: PrometheusHandle) {
    let mut turns = tokio::time::interval(FOLD);
    loop {
        turns.tick().await;
        handle.run_upkeep();
    }
}

/// Counts one answer.
pub(crate) fn answered(seen: &Seen, status: StatusCode, took: Duration) {
    let method = match seen.method.as_str() {
        known @ ("GET" | "HEAD" | "POST" | "PATCH" | "PUT" | "DELETE" | "OPTIONS") => known.to_owned(),
        _ => "other".to_owned(),
    };
    counter!(REQUESTS, "surface" => seen.surface, "method" => method, "status" => status.as_u16().to_string())
        .increment(1);
    histogram!(SECONDS, "surface" => seen.surface).record(took);
}

/// Counts a connection as open until what this returns is dropped.
pub(crate) fn open_connection() -> OpenConnection {
    gauge!(CONNECTIONS).increment(1.0);
    OpenConnection
}

/// One open connection.
pub(crate) struct OpenConnection;

impl Drop for OpenConnection {
    fn drop(&mut self) {
        gauge!(CONNECTIONS).decrement(1.0);
    }
}
