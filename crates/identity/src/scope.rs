//! Scopes: which resource they belong to, and which permission of it (`identity.md` 8).

use url::Url;
use uuid::{Uuid, uuid};
use vestibule_model::AppId;

use crate::ProtocolError;

/// Microsoft Graph's own appId, which also names our Graph.
const GRAPH: Uuid = uuid!("00000003-0000-0000-c000-000000000000");
/// The address under which unconfigured clients know Graph.
const GRAPH_URL: &str = "https://graph.microsoft.com";
/// "All that was granted".
const DEFAULT: &str = ".default";

/// Who a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resource {
    /// Our Graph, under any of its names.
    Graph,
    /// The API of an application of the tenant.
    Application(AppId),
}

/// Reads the scope of a `client_credentials` request: `.default` of exactly one resource.
pub(crate) fn default_of_one_resource(scope: &str, public_url: &Url) -> Result<Resource, ProtocolError> {
    let mut found = None;
    for item in scope.split_whitespace() {
        if !item.bytes().all(is_scope_byte) {
            return Err(ProtocolError::MalformedScope);
        }
        let (resource, permission) = item.rsplit_once('/').unwrap_or(("", item));
        if !permission.eq_ignore_ascii_case(DEFAULT) {
            return Err(ProtocolError::NotDefaultScope);
        }
        let resource = resolve(resource, public_url).ok_or(ProtocolError::UnknownResource)?;
        if found.replace(resource).is_some_and(|other| other != resource) {
            return Err(ProtocolError::TwoResources);
        }
    }
    found.ok_or(ProtocolError::NotDefaultScope)
}

/// RFC 6749, section 3.3: printable ASCII but `"` and `\`.
fn is_scope_byte(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E)
}

fn resolve(name: &str, public_url: &Url) -> Option<Resource> {
    let name = name.trim_end_matches('/').to_ascii_lowercase();
    if name.is_empty() || name == GRAPH_URL || is_ours(&name, public_url) {
        return Some(Resource::Graph);
    }
    let app = Uuid::try_parse(name.strip_prefix("api://").unwrap_or(&name)).ok()?;
    Some(if app == GRAPH { Resource::Graph } else { Resource::Application(AppId(app)) })
}

/// Whether `name` is our origin, or our host without its port: kiota drops it.
fn is_ours(name: &str, public_url: &Url) -> bool {
    let Ok(named) = Url::parse(name) else { return false };
    let is_bare = named.path() == "/" && named.query().is_none() && named.fragment().is_none();
    let is_scheme_ours = named.scheme() == "https" || named.scheme() == public_url.scheme();
    let is_port_ours = named.port().is_none() || named.port() == public_url.port();

    is_bare
        && is_scheme_ours
        && is_port_ours
        && named.username().is_empty()
        && named.password().is_none()
        && named.host().is_some()
        && named.host() == public_url.host()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_our_graph_is_one_resource() {
        for scope in [
            "https://localhost:8443/.default",
            "https://localhost:8443//.default",
            "HTTPS://LOCALHOST:8443/.Default",
            "https://localhost/.default",
            "https://graph.microsoft.com/.default",
            "https://graph.microsoft.com//.default",
            "00000003-0000-0000-c000-000000000000/.default",
            ".default",
            "https://localhost/.default https://graph.microsoft.com/.default",
        ] {
            assert_eq!(read(scope).unwrap(), Resource::Graph, "{scope}");
        }
    }

    #[test]
    fn an_api_of_the_tenant_is_named_by_its_app_id() {
        let app = uuid!("0d0d0d0d-1111-4222-8333-444444444444");
        for scope in [format!("{app}/.default"), format!("api://{app}/.default")] {
            assert_eq!(read(&scope).unwrap(), Resource::Application(AppId(app)), "{scope}");
        }
    }

    #[test]
    fn what_is_not_the_default_of_one_known_resource_is_refused() {
        for (scope, number) in [
            ("  ", 1002012),
            ("User.Read", 1002012),
            ("https://localhost:8443/User.Invite.All", 1002012),
            ("openid https://localhost:8443/.default", 1002012),
            ("https://localhost:8443/.default/x", 1002012),
            ("https://localhost:9999/.default", 500011),
            ("https://localhost:8443/v1.0/.default", 500011),
            ("https://u@localhost:8443/.default", 500011),
            ("ftp://localhost:8443/.default", 500011),
            ("https://management.azure.com/.default", 500011),
            ("https://localhost.evil/.default", 500011),
            ("https://localhost/.default 0d0d0d0d-1111-4222-8333-444444444444/.default", 28000),
            ("https://localhost/\"/.default", 70011),
            ("https://localhost/ü/.default", 70011),
        ] {
            assert_eq!(read(scope).unwrap_err().number(), number, "{scope}");
        }
    }

    fn read(scope: &str) -> Result<Resource, ProtocolError> {
        default_of_one_resource(scope, &"https://localhost:8443".parse().unwrap())
    }
}
