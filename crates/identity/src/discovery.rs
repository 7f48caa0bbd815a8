//! The discovery document (`identity.md` 3). It names every endpoint that clients insist on, and in its lists only what
//! works.

use serde::Serialize;

use crate::tenants::Authority;

/// OpenID Provider metadata, and RFC 8414 metadata, which are the same facts.
#[derive(Debug, Serialize)]
pub(crate) struct Document {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    device_authorization_endpoint: String,
    end_session_endpoint: String,
    userinfo_endpoint: String,
    token_endpoint_auth_methods_supported: [&'static str; 2],
    /// Empty until `/authorize` works; RFC 8414 wants the field all the same.
    response_types_supported: [&'static str; 0],
    grant_types_supported: [&'static str; 1],
    subject_types_supported: [&'static str; 1],
    id_token_signing_alg_values_supported: [&'static str; 1],
    claims_supported: [&'static str; 8],
    authorization_response_iss_parameter_supported: bool,
    request_uri_parameter_supported: bool,
    http_logout_supported: bool,
    frontchannel_logout_supported: bool,
    tenant_region_scope: Option<&'static str>,
    cloud_instance_name: String,
    cloud_graph_host_name: String,
    msgraph_host: String,
}

impl Document {
    /// The document of `authority` below `origin`, the `public_url` without a trailing slash.
    pub(crate) fn of(authority: Authority, origin: &str) -> Self {
        let login = format!("{origin}/{}", authority.segment());
        let host = host(origin).to_owned();

        Self {
            issuer: authority.issuer(origin),
            authorization_endpoint: format!("{login}/oauth2/v2.0/authorize"),
            token_endpoint: format!("{login}/oauth2/v2.0/token"),
            jwks_uri: format!("{login}/discovery/v2.0/keys"),
            device_authorization_endpoint: format!("{login}/oauth2/v2.0/devicecode"),
            end_session_endpoint: format!("{login}/oauth2/v2.0/logout"),
            userinfo_endpoint: format!("{origin}/oidc/userinfo"),
            token_endpoint_auth_methods_supported: ["client_secret_post", "client_secret_basic"],
            response_types_supported: [],
            grant_types_supported: ["client_credentials"],
            subject_types_supported: ["pairwise"],
            id_token_signing_alg_values_supported: ["RS256"],
            claims_supported: ["sub", "iss", "aud", "exp", "iat", "tid", "ver", "oid"],
            authorization_response_iss_parameter_supported: true,
            request_uri_parameter_supported: false,
            http_logout_supported: false,
            frontchannel_logout_supported: false,
            tenant_region_scope: None,
            cloud_instance_name: host.clone(),
            cloud_graph_host_name: host.clone(),
            msgraph_host: host,
        }
    }
}

/// Host and port of an origin.
pub(crate) fn host(origin: &str) -> &str {
    origin.split_once("://").map_or(origin, |(_, host)| host)
}
