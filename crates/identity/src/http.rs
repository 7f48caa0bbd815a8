//! The endpoints of the identity platform (`identity.md` 2): which exist, by which methods, in what frame.

mod exchange;
mod form;
mod page;
mod path;

pub(crate) use exchange::Exchange;
pub(crate) use exchange::without_answer;
pub(crate) use form::Form;
pub(crate) use path::is_login;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::handler::Handler;
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any, get, options, post};
use axum::{Extension, Json, Router};
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW, CACHE_CONTROL, PRAGMA};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::discovery::{Document, host};
use crate::tenants::Authority;
use crate::{Identity, ProtocolError, grants};

/// Every path of `identity.md` 2, built or not, so that none falls through to somebody else's 404.
pub(crate) fn router(identity: Identity) -> Router {
    published()
        .merge(token_endpoint())
        .merge(not_built())
        .merge(not_served())
        .route_layer(from_fn_with_state(identity.clone(), exchange::frame))
        .with_state(identity)
}

/// The same, found also by paths with a slash too many, before `others`.
pub(crate) fn before(identity: Identity, others: Router) -> Router {
    let ours = router(identity);
    others.merge(ours.clone()).layer(from_fn_with_state(ours, path::forgive))
}

fn published() -> Router<Identity> {
    Router::new()
        .route("/{tenant}/v2.0/.well-known/openid-configuration", open_to_all(document))
        .route("/{tenant}/.well-known/openid-configuration", open_to_all(document))
        .route("/.well-known/oauth-authorization-server/{tenant}/v2.0", open_to_all(document))
        .route("/{tenant}/discovery/v2.0/keys", open_to_all(keys))
        .route("/{tenant}/discovery/keys", open_to_all(keys))
        .route("/error", only_get(get(page::explain)))
}

fn token_endpoint() -> Router<Identity> {
    let token = post(grants::token).fallback(|| refused_method("POST")).layer(map_response(not_to_be_stored));
    Router::new().route("/{tenant}/oauth2/v2.0/token", token)
}

/// Published by the real service and not built here yet: a program reads the OAuth error, a person a page.
fn not_built() -> Router<Identity> {
    Router::new()
        .route("/{tenant}/oauth2/v2.0/authorize", get_and_post(page::not_built))
        .route("/{tenant}/oauth2/v2.0/devicecode", post(not_built_json).fallback(|| refused_method("POST")))
        .route("/devicelogin", get_and_post(page::not_built))
        .route("/{tenant}/oauth2/deviceauth", get_and_post(page::not_built))
        .route("/{tenant}/oauth2/v2.0/logout", get_and_post(page::not_built))
        .route("/oidc/userinfo", get_and_post(not_built_json))
        .route("/{tenant}/v2.0/adminconsent", only_get(get(page::not_built)))
        .route("/{tenant}/adminconsent", only_get(get(page::not_built)))
        .route("/common/discovery/instance", open_to_all(not_built_json))
        .route("/metadata/endpoints", only_get(get(not_built_json)))
        .route("/subscriptions", only_get(get(not_built_json)))
        .route("/tenants", only_get(get(not_built_json)))
}

/// The v1 endpoints, and what only a password grant would ask.
fn not_served() -> Router<Identity> {
    Router::new()
        .route("/{tenant}/oauth2/authorize", any(not_served_json))
        .route("/{tenant}/oauth2/token", any(not_served_json))
        .route("/{tenant}/oauth2/devicecode", any(not_served_json))
        .route("/common/userrealm/{user}", any(not_served_json))
}

/// `GET …/openid-configuration`.
async fn document(
    State(identity): State<Identity>,
    tenant: Result<Path<String>, PathRejection>,
    Extension(exchange): Extension<Exchange>,
) -> Result<impl IntoResponse, ProtocolError> {
    let authority = identity.authority(tenant, &exchange).await?;
    Ok((CACHED, Json(Document::of(authority, &identity.parts.origin))))
}

/// `GET …/keys`.
async fn keys(
    State(identity): State<Identity>,
    tenant: Result<Path<String>, PathRejection>,
    Extension(exchange): Extension<Exchange>,
) -> Result<impl IntoResponse, ProtocolError> {
    let authority = identity.authority(tenant, &exchange).await?;
    let ring = identity.parts.keys.ring(&identity.parts.store, exchange.now()).await?;
    let origin = &identity.parts.origin;
    Ok((CACHED, Json(ring.published(&authority.issuer(origin), host(origin))).into_response()))
}

impl Identity {
    /// What the tenant segment of a path names. One that is not even text names nothing.
    pub(crate) async fn authority(
        &self,
        segment: Result<Path<String>, PathRejection>,
        exchange: &Exchange,
    ) -> Result<Authority, ProtocolError> {
        let Ok(Path(segment)) = segment else { return Err(ProtocolError::UnknownTenant) };
        let (tenants, store) = (&self.parts.tenants, &self.parts.store);
        tenants.authority(&segment, store, exchange.now()).await?.ok_or(ProtocolError::UnknownTenant)
    }
}

async fn not_built_json() -> ProtocolError {
    ProtocolError::NotBuilt
}

async fn not_served_json() -> ProtocolError {
    ProtocolError::NotServed
}

/// Discovery and keys may be cached for an hour.
const CACHED: [(HeaderName, &str); 1] = [(CACHE_CONTROL, "public, max-age=3600")];

/// `GET` for everybody, pages of other origins included; errors too.
fn open_to_all<H, T>(handler: H) -> MethodRouter<Identity>
where
    H: Handler<T, Identity>,
    T: 'static,
{
    let allow_all = |mut answer: Response| async {
        answer.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        answer
    };
    get(handler)
        .merge(options(preflight))
        .fallback(|| refused_method("GET, HEAD"))
        .layer(map_response(allow_all))
}

/// Answers a browser that asks before it sends; an `OPTIONS` that is none is a wrong method.
async fn preflight(headers: HeaderMap) -> Response {
    if !headers.contains_key("access-control-request-method") {
        return refused_method("GET, HEAD").await;
    }
    let asked = headers.get("access-control-request-headers").cloned();
    let mut answer = StatusCode::NO_CONTENT.into_response();
    let allowed = answer.headers_mut();
    allowed.insert("access-control-allow-methods", HeaderValue::from_static("GET"));
    allowed.insert("access-control-max-age", HeaderValue::from_static("600"));
    if let Some(asked) = asked {
        allowed.insert("access-control-allow-headers", asked);
    }
    answer
}

fn only_get(methods: MethodRouter<Identity>) -> MethodRouter<Identity> {
    methods.fallback(|| refused_method("GET, HEAD"))
}

fn get_and_post<H, T>(handler: H) -> MethodRouter<Identity>
where
    H: Handler<T, Identity>,
    T: 'static,
{
    get(handler.clone()).post(handler).fallback(|| refused_method("GET, HEAD, POST"))
}

async fn refused_method(allowed: &'static str) -> Response {
    ([(ALLOW, allowed)], ProtocolError::WrongMethod(allowed)).into_response()
}

/// RFC 6749, section 5.1: nothing that may hold a token is kept.
async fn not_to_be_stored(mut answer: Response) -> Response {
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer.headers_mut().insert(PRAGMA, HeaderValue::from_static("no-cache"));
    answer
}

#[cfg(test)]
mod tests;
