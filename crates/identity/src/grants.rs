//! The token endpoint: one request, one grant. The order of checks is tenant, grant type, client, its credential, then
//! the grant's own (`identity.md` 7).

mod client;
mod client_credentials;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use http::header::AUTHORIZATION;

use crate::http::{Exchange, Form};
use crate::tenants::Authority;
use crate::{Identity, ProtocolError};
use client::Presented;

/// `POST /{tenant}/oauth2/v2.0/token`.
pub(crate) async fn token(
    State(identity): State<Identity>,
    tenant: Result<Path<String>, PathRejection>,
    Extension(exchange): Extension<Exchange>,
    request: Request,
) -> Result<Response, ProtocolError> {
    let authority = identity.authority(tenant, &exchange).await.map_err(at_token_endpoint)?;
    let authorization = request.headers().get(AUTHORIZATION).cloned();
    let form = Form::read(request, &exchange).await?;
    if form.need("grant_type")? != "client_credentials" {
        return Err(ProtocolError::UnsupportedGrant);
    }

    let presented = Presented::read(&form, authorization.as_ref())?;
    let tenant = match authority {
        Authority::Tenant(tenant) => tenant,
        Authority::Common | Authority::Organizations => identity.tenant_of(&presented).await?,
    };
    let application = identity.authenticate(tenant, presented, &exchange).await?;
    let granted = identity.client_credentials(tenant, &application, &form, exchange.now()).await?;
    Ok(Json(granted).into_response())
}

fn at_token_endpoint(error: ProtocolError) -> ProtocolError {
    match error {
        ProtocolError::UnknownTenant => ProtocolError::UnknownTokenTenant,
        other => other,
    }
}

#[cfg(test)]
mod tests;
