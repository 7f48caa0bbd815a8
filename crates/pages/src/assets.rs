//! The one stylesheet. Its address holds a hash of its content, so that browsers may keep it for ever.

use aws_lc_rs::digest::{SHA256, digest};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::Pages;
use crate::error::Trouble;
use crate::layout::Answer;

const CSS: &str = include_str!("../static/style.css");

/// Where the stylesheet is.
pub(crate) struct Stylesheet {
    path: String,
}

impl Stylesheet {
    pub(crate) fn new() -> Self {
        let hash = URL_SAFE_NO_PAD.encode(&digest(&SHA256, CSS.as_bytes()).as_ref()[..12]);
        Self { path: format!("/assets/style-{hash}.css") }
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }
}

pub(crate) fn routes() -> Router<Pages> {
    Router::new().route("/assets/{name}", get(show))
}

async fn show(State(pages): State<Pages>, Path(name): Path<String>) -> Answer {
    if pages.parts.stylesheet.path().strip_prefix("/assets/") != Some(name.as_str()) {
        return Err(Trouble::missing());
    }

    let headers =
        [(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, "public, max-age=31536000, immutable")];
    Ok((headers, CSS).into_response())
}
