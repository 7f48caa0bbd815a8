//! What every request passes through on its way to a page and back.

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, SET_COOKIE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use vestibule_model::{Context, Silence};

use crate::Pages;
use crate::error::Trouble;
use crate::visit::Visit;

/// Answers a prefetch with nothing, turns a [`Trouble`] into its page, keeps a language that was asked for, and adds the
/// headers of `redemption.md` 2.3.
pub(crate) async fn around(State(pages): State<Pages>, request: Request, next: Next) -> Response {
    if is_prefetch(request.headers()) {
        return with_headers(StatusCode::NO_CONTENT.into_response());
    }
    let (mut parts, body) = request.into_parts();
    let Some(context) = parts.extensions.get::<Context>().cloned() else {
        tracing::error!("a request came without a context");
        return with_headers(StatusCode::INTERNAL_SERVER_ERROR.into_response());
    };

    let visit = Visit::read(&parts, context, pages.settings());
    let kept = visit.language_to_keep(pages.settings());
    parts.extensions.insert(visit.clone());
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if let Some(trouble) = response.extensions_mut().remove::<Trouble>() {
        response = pages.show(trouble, &visit, response);
    }
    if let Some(cookie) = kept.and_then(|cookie| cookie.parse().ok()) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }

    with_headers(response)
}

impl Pages {
    /// What a browser shows when its request, `asked`, has no answer: S-E13 after a bug.
    pub fn without_answer(&self, asked: &Parts, why: Silence) -> Response {
        let trouble = Trouble::without_answer(why);
        let bare = trouble.clone().into_response();
        let Some(context) = asked.extensions.get::<Context>().cloned() else { return with_headers(bare) };
        let visit = Visit::read(asked, context, self.settings());
        with_headers(self.show(trouble, &visit, bare))
    }
}

/// Browsers that load a page before anybody asked for it say so; counting or keeping anything for them would be wrong.
fn is_prefetch(headers: &HeaderMap) -> bool {
    ["sec-purpose", "purpose", "x-moz"].into_iter().any(|name| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.to_ascii_lowercase().starts_with("prefetch"))
    })
}

/// A page may have set one of them itself: S7 sends no referrer, the stylesheet may be kept.
fn with_headers(mut response: Response) -> Response {
    const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");
    const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; \
                          frame-ancestors 'none'; base-uri 'none'";

    for (name, value) in [
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "same-origin"),
        (ROBOTS, "noindex"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CONTENT_SECURITY_POLICY, POLICY),
    ] {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}
