//! Whether a request was meant for this server: its `Host` (or `:authority`) against `public_url`, by name only.

use std::net::IpAddr;

use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, HOST};
use http::request::Parts;
use http::{StatusCode, uri::Authority};

use crate::config::{Mode, PublicUrl};

/// Which names are ours.
pub(crate) struct Hosts {
    public_url: PublicUrl,
    name: String,
    mode: Mode,
}

/// Why a request is not taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Refused {
    /// No `Host`, several, or one that is no name.
    Unclear,
    /// The name of somebody else.
    Misdirected,
}

/// What answers under any name: probes speak to addresses.
const ANY_HOST: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

impl Hosts {
    pub(crate) fn new(public_url: PublicUrl, mode: Mode) -> Self {
        let name = public_url.host();
        Self { public_url, name, mode }
    }

    /// Whether the request names this server; in dev mode any loopback name passes too.
    ///
    /// # Errors
    ///
    /// [`Refused`], which [`answer`](Self::answer) puts into words.
    pub(crate) fn check(&self, parts: &Parts) -> Result<(), Refused> {
        if ANY_HOST.contains(&parts.uri.path()) {
            return Ok(());
        }
        let mut headers = parts.headers.get_all(HOST).iter();
        let (header, second) = (headers.next(), headers.next());
        if second.is_some() {
            return Err(Refused::Unclear);
        }

        let from_header =
            header.map(|value| value.to_str().ok().and_then(name)).map(|n| n.ok_or(Refused::Unclear));
        let from_target = parts.uri.authority().map(|target| name(target.as_str()).ok_or(Refused::Unclear));
        let mut named = false;
        for name in [from_header, from_target].into_iter().flatten() {
            named = true;
            if !self.is_ours(&name?) {
                return Err(Refused::Misdirected);
            }
        }
        if named { Ok(()) } else { Err(Refused::Unclear) }
    }

    /// What a refused client reads.
    pub(crate) fn answer(&self, refused: Refused) -> Response {
        let (status, text) = match refused {
            Refused::Unclear => {
                (StatusCode::BAD_REQUEST, "The request must have exactly one Host header.\n".into())
            }
            Refused::Misdirected => (
                StatusCode::MISDIRECTED_REQUEST,
                format!(
                    "This server is {}. The request names another host. \
                     A proxy in front must pass the Host header on as the client sent it; \
                     otherwise set public_url to the name that clients use.\n",
                    self.public_url
                ),
            ),
        };
        (status, [(CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
    }

    fn is_ours(&self, name: &str) -> bool {
        name == self.name || (self.mode == Mode::Dev && is_loopback(name))
    }
}

/// The name in a `Host` value, in lower case, without port, brackets or trailing dot.
fn name(value: &str) -> Option<String> {
    if value.contains('@') {
        return None;
    }
    let authority: Authority = value.parse().ok()?;
    let host = authority.host();
    let host = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    let canonical = host.parse::<IpAddr>().map_or(host, |address| address.to_string());
    Some(canonical).filter(|host| !host.is_empty())
}

fn is_loopback(name: &str) -> bool {
    let is_name = name == "localhost" || name.ends_with(".localhost");
    is_name || name.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    #[test]
    fn the_host_is_compared_by_name_only() {
        use Mode::{Dev, Production};
        use Refused::{Misdirected, Unclear};
        for (mode, hosts, wanted) in [
            (Production, &["guests.example.com"][..], Ok(())),
            (Production, &["Guests.Example.COM:9999"], Ok(())),
            (Production, &["guests.example.com."], Ok(())),
            (Production, &["guests.example.com.:8443"], Ok(())),
            (Production, &["example.com"], Err(Misdirected)),
            (Production, &["guests.example.com.evil.example"], Err(Misdirected)),
            (Production, &["localhost:8443"], Err(Misdirected)),
            (Production, &[], Err(Unclear)),
            (Production, &["guests.example.com", "guests.example.com"], Err(Unclear)),
            (Production, &[""], Err(Unclear)),
            (Production, &["evil@guests.example.com"], Err(Unclear)),
            (Production, &["guests.example.com/x"], Err(Unclear)),
            (Dev, &["guests.example.com"], Ok(())),
            (Dev, &["localhost"], Ok(())),
            (Dev, &["contoso.localhost:1"], Ok(())),
            (Dev, &["127.0.0.1:8443"], Ok(())),
            (Dev, &["127.9.9.9"], Ok(())),
            (Dev, &["[::1]:8443"], Ok(())),
            (Dev, &["192.0.2.1"], Err(Misdirected)),
            (Dev, &["evil.example"], Err(Misdirected)),
        ] {
            assert_eq!(checked(mode, "/v1.0/users", hosts), wanted, "{mode:?} {hosts:?}");
        }
    }

    #[test]
    fn probes_answer_under_any_host_and_nothing_else_does() {
        for path in ["/healthz", "/readyz", "/metrics"] {
            assert_eq!(checked(Mode::Production, path, &["10.0.0.7:8443"]), Ok(()), "{path}");
            assert_eq!(checked(Mode::Production, path, &[]), Ok(()), "{path}");
        }
        assert!(checked(Mode::Production, "/healthz/x", &["10.0.0.7"]).is_err());
    }

    #[test]
    fn the_authority_of_http_2_counts_like_a_host_and_both_must_be_ours() {
        for (target, host, wanted) in [
            ("https://guests.example.com/", None, Ok(())),
            ("https://evil.example/", None, Err(Refused::Misdirected)),
            ("https://evil.example/", Some("guests.example.com"), Err(Refused::Misdirected)),
            ("https://guests.example.com/", Some("evil.example"), Err(Refused::Misdirected)),
        ] {
            let mut request = Request::get(target);
            if let Some(host) = host {
                request = request.header(HOST, host);
            }
            let (parts, ()) = request.body(()).unwrap().into_parts();
            assert_eq!(hosts(Mode::Production).check(&parts), wanted, "{target} {host:?}");
        }
    }

    fn checked(mode: Mode, path: &str, values: &[&str]) -> Result<(), Refused> {
        let mut request = Request::get(path);
        for value in values {
            request = request.header(HOST, *value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        hosts(mode).check(&parts)
    }

    fn hosts(mode: Mode) -> Hosts {
        Hosts::new(PublicUrl::parse("https://guests.example.com").unwrap(), mode)
    }
}
