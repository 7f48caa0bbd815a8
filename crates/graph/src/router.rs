//! Which path is which resource, and what may be done with it.
//!
//! Graph answers an unknown path with 400 and names the segment, matches segments in any case, and takes keys as
//! `/users/{key}` and `/users('{key}')`; so the way from path to resource is a match of ours and not a router's.

use http::Method;

/// A version of the surface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// `v1.0`
    V1,
    /// `beta`
    Beta,
}

impl Version {
    /// As it stands in paths.
    pub fn segment(self) -> &'static str {
        match self {
            Self::V1 => "v1.0",
            Self::Beta => "beta",
        }
    }
}

/// What a path names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resource {
    /// `/invitations`
    Invitations,
    /// `/invitations/{id}`, `/invitations/$count`: never there.
    Invitation,
    /// `/users`
    Users,
    /// `/users/$count`
    UsersCount,
    /// `/users/{key}`
    User(String),
    /// `/me`
    Me,
    /// `/organization`
    Organizations,
    /// `/organization/{id}`
    Organization(String),
    /// `/domains`
    Domains,
    /// `/domains/{name}`
    Domain(String),
    /// `/auditLogs/directoryAudits`
    DirectoryAudits,
    /// `/auditLogs/directoryAudits/{id}`
    DirectoryAudit(String),
}

/// One method of one resource: the list that the authorisation test covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// The method.
    pub method: &'static str,
    /// The path under the version, with `{…}` for keys.
    pub path: &'static str,
}

/// Every route that answers with more than an error.
pub const ROUTES: &[Route] = &[
    Route { method: "POST", path: "/invitations" },
    Route { method: "GET", path: "/users" },
    Route { method: "GET", path: "/users/$count" },
    Route { method: "GET", path: "/users/{key}" },
    Route { method: "PATCH", path: "/users/{key}" },
    Route { method: "DELETE", path: "/users/{key}" },
    Route { method: "GET", path: "/organization" },
    Route { method: "GET", path: "/organization/{id}" },
    Route { method: "GET", path: "/domains" },
    Route { method: "GET", path: "/domains/{name}" },
    Route { method: "GET", path: "/auditLogs/directoryAudits" },
    Route { method: "GET", path: "/auditLogs/directoryAudits/{id}" },
];

impl Resource {
    /// As [`ROUTES`] writes it; `None` for what only ever answers with an error.
    pub fn path(&self) -> Option<&'static str> {
        Some(match self {
            Self::Invitations => "/invitations",
            Self::Invitation | Self::Me => return None,
            Self::Users => "/users",
            Self::UsersCount => "/users/$count",
            Self::User(_) => "/users/{key}",
            Self::Organizations => "/organization",
            Self::Organization(_) => "/organization/{id}",
            Self::Domains => "/domains",
            Self::Domain(_) => "/domains/{name}",
            Self::DirectoryAudits => "/auditLogs/directoryAudits",
            Self::DirectoryAudit(_) => "/auditLogs/directoryAudits/{id}",
        })
    }

    /// The methods that work, for `Allow`.
    pub fn methods(&self) -> Vec<&'static str> {
        match self.path() {
            Some(path) => {
                ROUTES.iter().filter(|route| route.path == path).map(|route| route.method).collect()
            }
            None => vec!["GET"],
        }
    }

    /// Whether `method` works; HEAD does where GET does.
    pub fn allows(&self, method: &Method) -> bool {
        let asked = if method == Method::HEAD { "GET" } else { method.as_str() };
        self.methods().contains(&asked)
    }
}

/// Why a path is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoRoute {
    /// The version.
    Version,
    /// This segment.
    Segment(String),
}

/// Reads the version of a path, in any case.
///
/// # Errors
///
/// [`NoRoute::Version`] when its first segment is none of ours.
pub fn version(path: &str) -> Result<Version, NoRoute> {
    let first = first_segment(path);
    [Version::V1, Version::Beta]
        .into_iter()
        .find(|version| first.eq_ignore_ascii_case(version.segment()))
        .ok_or(NoRoute::Version)
}

/// Whether a path begins like those of this surface: with a known version, or with `v` and numbers, such as `v2.0`.
/// No tenant is called so, since a name's last label is not all digits.
pub fn names_a_version(path: &str) -> bool {
    let first = first_segment(path);
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_numbered = first.strip_prefix(['v', 'V']).is_some_and(|rest| rest.split('.').all(is_number));

    is_numbered || version(path).is_ok()
}

fn first_segment(path: &str) -> &str {
    path.trim_start_matches('/').split('/').next().unwrap_or_default()
}

/// Reads a whole path, still percent-encoded, as a resource.
///
/// # Errors
///
/// The first segment that does not exist.
pub fn resource(path: &str) -> Result<Resource, NoRoute> {
    let segments: Vec<String> = path.split('/').filter(|s| !s.is_empty()).skip(1).map(decode).collect();
    let mut names: Vec<String> = Vec::new();
    for segment in segments {
        match keyed(&segment) {
            Some((name, key)) => names.extend([name.to_owned(), format!("={key}")]),
            None => names.push(segment),
        }
    }

    find(&names.iter().map(String::as_str).collect::<Vec<_>>())
}

fn find(names: &[&str]) -> Result<Resource, NoRoute> {
    let is = |at: usize, word: &str| names.get(at).is_some_and(|name| name.eq_ignore_ascii_case(word));
    let key = |at: usize| names[at].strip_prefix('=').unwrap_or(names[at]).to_owned();
    let unknown = |at: usize| {
        let name = names.get(at).copied().unwrap_or_default();
        Err(NoRoute::Segment(name.trim_start_matches('=').trim_end_matches("()").to_owned()))
    };
    let is_member = |at: usize| names.get(at).is_some_and(|name| is_member(name));

    match names.len() {
        0 => unknown(0),
        _ if is_member(1) && !is(0, "auditLogs") => unknown(1),
        _ if is_member(2) && is(0, "auditLogs") => unknown(2),
        1 if is(0, "invitations") => Ok(Resource::Invitations),
        2 if is(0, "invitations") => Ok(Resource::Invitation),
        1 if is(0, "users") => Ok(Resource::Users),
        2 if is(0, "users") && is(1, "$count") => Ok(Resource::UsersCount),
        2.. if is(0, "users") && (is(1, "delta") || names[1].starts_with('$')) => unknown(1),
        2 if is(0, "users") => Ok(Resource::User(key(1))),
        1 if is(0, "me") => Ok(Resource::Me),
        1 if is(0, "organization") => Ok(Resource::Organizations),
        2 if is(0, "organization") => Ok(Resource::Organization(key(1))),
        1 if is(0, "domains") => Ok(Resource::Domains),
        2 if is(0, "domains") => Ok(Resource::Domain(key(1))),
        2 if is(0, "auditLogs") && is(1, "directoryAudits") => Ok(Resource::DirectoryAudits),
        3 if is(0, "auditLogs") && is(1, "directoryAudits") => Ok(Resource::DirectoryAudit(key(2))),
        _ if is(0, "auditLogs") => unknown(if is(1, "directoryAudits") { 3 } else { 1 }),
        _ if ["invitations", "users", "organization", "domains"].iter().any(|name| is(0, name)) => unknown(2),
        _ if is(0, "me") => unknown(1),
        _ => unknown(0),
    }
}

/// Whether a segment after a collection names a bound function or a cast and no key: `delta()`, `microsoft.graph.user`.
/// A key that looks so can be written in quotes, and a user principal name tells itself by its `@`.
fn is_member(name: &str) -> bool {
    const NAMESPACE: &str = "microsoft.graph.";

    let is_qualified = name.get(..NAMESPACE.len()).is_some_and(|start| start.eq_ignore_ascii_case(NAMESPACE));
    !name.starts_with('=') && (name.ends_with("()") || (is_qualified && !name.contains('@')))
}

/// Splits `users('a''b')` into `users` and `a'b`.
fn keyed(segment: &str) -> Option<(&str, String)> {
    let (name, rest) = segment.split_once('(')?;
    let inner = rest.strip_suffix(')')?;
    let key = inner.strip_prefix('\'').and_then(|key| key.strip_suffix('\'')).unwrap_or(inner);

    (!name.is_empty() && !key.is_empty()).then(|| (name, key.replace("''", "'")))
}

/// Undoes percent-encoding once; what is not valid stays as it was written.
fn decode(segment: &str) -> String {
    let bytes = segment.as_bytes();
    let hex = |at: usize| {
        bytes.get(at).and_then(|b| char::from(*b).to_digit(16)).and_then(|d| u8::try_from(d).ok())
    };
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], hex(at + 1), hex(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                decoded.push(high << 4 | low);
                at += 3;
            }
            (byte, ..) => {
                decoded.push(byte);
                at += 1;
            }
        }
    }

    String::from_utf8(decoded).unwrap_or_else(|_| segment.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_a_resource_in_any_case_and_with_either_form_of_key() {
        for (path, wanted) in [
            ("/v1.0/users", Resource::Users),
            ("/v1.0/Users/", Resource::Users),
            ("/v1.0/users/$count", Resource::UsersCount),
            ("/v1.0/users/a%23EXT%23@x.y", Resource::User("a#EXT#@x.y".into())),
            ("/v1.0/users('a''b@x.y')", Resource::User("a'b@x.y".into())),
            ("/v1.0/users('$x@x.y')", Resource::User("$x@x.y".into())),
            ("/beta/auditlogs/directoryaudits", Resource::DirectoryAudits),
            ("/v1.0/users('microsoft.graph.user')", Resource::User("microsoft.graph.user".into())),
            ("/v1.0/users/microsoft.graph.fan@x.y", Resource::User("microsoft.graph.fan@x.y".into())),
            ("/v1.0/invitations/$count", Resource::Invitation),
            ("/v1.0/domains/contoso.com", Resource::Domain("contoso.com".into())),
        ] {
            assert_eq!(resource(path), Ok(wanted), "{path}");
        }
    }

    #[test]
    fn a_path_of_this_surface_begins_with_a_version() {
        for (path, is_ours, known) in [
            ("/v1.0/users", true, Some(Version::V1)),
            ("/V1.0", true, Some(Version::V1)),
            ("/bETA/users", true, Some(Version::Beta)),
            ("/v10.0/users", true, None),
            ("/v2.0/", true, None),
            ("/v1/users", true, None),
            ("/V1.0.1", true, None),
            ("/v/users", false, None),
            ("/v1.example/oauth2/v2.0/token", false, None),
            ("/vestibule/v1/invitations", false, None),
            ("/common/v2.0/.well-known/openid-configuration", false, None),
            ("/1.0/users", false, None),
            ("/", false, None),
        ] {
            assert_eq!(names_a_version(path), is_ours, "{path}");
            assert_eq!(version(path).ok(), known, "{path}");
        }
    }

    #[test]
    fn an_unknown_segment_is_named() {
        for (path, segment) in [
            ("/v1.0/foo", "foo"),
            ("/v1.0/", ""),
            ("/v1.0/users/1/foo", "foo"),
            ("/v1.0/users/delta", "delta"),
            ("/v1.0/users/delta()", "delta"),
            ("/v1.0/users/delta(token='x')", "delta"),
            ("/v1.0/users/microsoft.graph.delta()", "microsoft.graph.delta"),
            ("/v1.0/users/Microsoft.Graph.user", "Microsoft.Graph.user"),
            ("/v1.0/users/microsoft.graph.user/$count", "microsoft.graph.user"),
            ("/v1.0/organization/delta()", "delta"),
            ("/v1.0/domains/microsoft.graph.domain", "microsoft.graph.domain"),
            ("/v1.0/auditLogs/directoryAudits/delta()", "delta"),
            ("/v1.0/auditLogs/signIns", "signIns"),
            ("/v1.0/auditLogs", ""),
            ("/v1.0/groups", "groups"),
            ("/v1.0/$batch", "$batch"),
        ] {
            assert_eq!(resource(path), Err(NoRoute::Segment(segment.into())), "{path}");
        }
    }

    #[test]
    fn every_route_belongs_to_a_resource_that_allows_it() {
        for route in ROUTES {
            let path = format!("/v1.0{}", route.path.replace(['{', '}'], ""));
            let method: Method = route.method.parse().unwrap();
            assert!(resource(&path).unwrap().allows(&method), "{} {path}", route.method);
        }
    }
}
