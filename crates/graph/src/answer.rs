//! How a success looks on the wire.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use vestibule_odata::paging::Metadata;

use crate::error::GraphError;
use crate::facts::Facts;

/// A success, rendered.
pub(crate) struct Answer {
    status: StatusCode,
    body: AnswerBody,
    /// `x-ms-resource-unit`: what the request costs under throttling.
    cost: u32,
    extra: Vec<(HeaderName, HeaderValue)>,
}

enum AnswerBody {
    Json(Bytes, Metadata),
    Text(String),
    None,
}

impl Answer {
    /// 200 or 201 with an entity or a collection.
    pub(crate) fn json(
        status: StatusCode,
        facts: &Facts,
        entity: &impl Serialize,
    ) -> Result<Self, GraphError> {
        let bytes = serde_json::to_vec(entity).map_err(|error| GraphError::internal(error.to_string()))?;
        Ok(Self { status, body: AnswerBody::Json(bytes.into(), facts.metadata), cost: 1, extra: Vec::new() })
    }

    /// 200 with plain text.
    pub(crate) fn text(text: String) -> Self {
        Self { status: StatusCode::OK, body: AnswerBody::Text(text), cost: 1, extra: Vec::new() }
    }

    /// 204.
    pub(crate) fn nothing() -> Self {
        Self { status: StatusCode::NO_CONTENT, body: AnswerBody::None, cost: 1, extra: Vec::new() }
    }

    /// With another cost than 1 (`graph.md` 5.8).
    pub(crate) fn costing(mut self, units: i32) -> Self {
        self.cost = u32::try_from(units).unwrap_or(0).max(1);
        self
    }

    /// With one more header.
    pub(crate) fn with(mut self, name: &'static str, value: HeaderValue) -> Self {
        self.extra.push((HeaderName::from_static(name), value));
        self
    }

    pub(crate) fn into_response(self, facts: &Facts) -> Response {
        let mut response = match self.body {
            AnswerBody::Json(bytes, metadata) => json_response(bytes, metadata),
            AnswerBody::Text(text) => text_response(text),
            AnswerBody::None => Body::empty().into_response(),
        };
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert("x-ms-resource-unit", self.cost.into());
        headers.extend(self.extra);
        if facts.wants_representation && self.status == StatusCode::OK {
            headers.insert("preference-applied", HeaderValue::from_static("return=representation"));
        }
        response
    }
}

fn json_response(bytes: Bytes, metadata: Metadata) -> Response {
    let content_type = match metadata {
        Metadata::Minimal => {
            "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
        }
        Metadata::None => {
            "application/json;odata.metadata=none;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
        }
        Metadata::Full => {
            "application/json;odata.metadata=full;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
        }
    };
    let mut response = Body::from(bytes).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response.headers_mut().insert("odata-version", HeaderValue::from_static("4.0"));
    response
}

fn text_response(text: String) -> Response {
    let mut response = Body::from(text).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    response
}
