//! How a control says no.

use axum::Json;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use jiff::Timestamp;
use serde_json::json;
use vestibule_model::Arrival;

/// In one sentence. The code is the status's own name, written as Graph writes codes: `BadRequest`.
pub(crate) fn refusal(status: StatusCode, why: &str) -> Response {
    let code = status.canonical_reason().unwrap_or_default().replace(' ', "");
    (status, Json(json!({ "error": { "code": code, "message": why } }))).into_response()
}

/// How Graph would say no (`graph.md` 5.3).
pub(crate) fn graph_refusal(
    status: StatusCode,
    code: &str,
    message: &str,
    arrival: &Arrival,
    now: Timestamp,
) -> Response {
    let date = now.strftime("%Y-%m-%dT%H:%M:%S").to_string();
    let id = arrival.request_id;
    let inner = json!({ "date": date, "request-id": id, "client-request-id": id });
    let body = json!({ "error": { "code": code, "message": message, "innerError": inner } });
    (status, Json(body)).into_response()
}
