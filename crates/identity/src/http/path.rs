//! Which paths are this room's, however many slashes they were written with (`identity.md` 1.6).

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::Uri;
use http::uri::PathAndQuery;
use tower::ServiceExt as _;

/// Whether `path` is a login endpoint, of whatever tenant, or looks like one.
pub(crate) fn is_login(path: &str) -> bool {
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    match (segments.next(), segments.next()) {
        (Some(".well-known" | "metadata" | "oidc"), Some(_)) => true,
        (Some(_), Some("oauth2" | "v2.0" | ".well-known" | "discovery" | "adminconsent")) => true,
        (_, _) => false,
    }
}

/// Finds a login endpoint whose path came with a slash too many: an authority typed with one at its end, and joined naively.
pub(super) async fn forgive(State(ours): State<Router>, mut request: Request, next: Next) -> Response {
    match tidied(request.uri()) {
        Some(uri) => {
            *request.uri_mut() = uri;
            ours.oneshot(request).await.unwrap_or_else(|never| match never {})
        }
        None => next.run(request).await,
    }
}

/// The same without the slashes that say nothing; `None` where there are none, and for paths of others.
fn tidied(uri: &Uri) -> Option<Uri> {
    let path = uri.path();
    if !(path.contains("//") || path.ends_with('/')) || !is_login(path) {
        return None;
    }
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    let mut tidy: String = segments.flat_map(|segment| ["/", segment]).collect();
    if let Some(query) = uri.query() {
        tidy.push('?');
        tidy.push_str(query);
    }
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(tidy.parse::<PathAndQuery>().ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_path_loses_its_empty_segments_and_nobody_else_s_does() {
        for (path, tidy) in [
            ("//t/oauth2/v2.0/token", Some("/t/oauth2/v2.0/token")),
            ("/t//oauth2/v2.0/token", Some("/t/oauth2/v2.0/token")),
            ("/t/oauth2/v2.0/token/", Some("/t/oauth2/v2.0/token")),
            (
                "/t/v2.0/.well-known/openid-configuration/?a=b//c",
                Some("/t/v2.0/.well-known/openid-configuration?a=b//c"),
            ),
            ("https://x.example//t/discovery/keys", Some("https://x.example/t/discovery/keys")),
            ("/t/oauth2/v2.0/token", None),
            ("/invitations/redeem/", None),
            ("/myapps/", None),
            ("/v1.0//users", None),
            ("//", None),
            ("//evil.example/", None),
        ] {
            let uri: Uri = path.parse().unwrap();
            assert_eq!(tidied(&uri).map(|uri| uri.to_string()).as_deref(), tidy, "{path}");
        }
    }
}
