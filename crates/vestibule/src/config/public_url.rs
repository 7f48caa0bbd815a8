//! The origin under which the world reaches this server.

use std::fmt;
use std::net::IpAddr;

use url::{Host, Url};

/// An origin without a path: scheme, host, perhaps a port. Its text has no trailing slash.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct PublicUrl {
    url: Url,
    text: String,
}

/// Why a text is no public URL.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum PublicUrlError {
    #[error("must be a URL such as https://guests.example.com")]
    NotAUrl,
    #[error("must begin with https:// (or http:// where tls.mode is off)")]
    Scheme,
    #[error(
        "must not have a path: sign-in libraries take the first path segment for the tenant; give the server a host name of its own"
    )]
    HasPath,
    #[error("must be an origin alone, without user, query or fragment")]
    HasMore,
}

impl PublicUrl {
    /// Reads an origin.
    ///
    /// # Errors
    ///
    /// Which part was too much, or missing.
    pub(crate) fn parse(text: &str) -> Result<Self, PublicUrlError> {
        let url = Url::parse(text).map_err(|_| PublicUrlError::NotAUrl)?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(PublicUrlError::Scheme);
        }
        if !matches!(url.path(), "" | "/") {
            return Err(PublicUrlError::HasPath);
        }
        let has_user = !url.username().is_empty() || url.password().is_some();
        if has_user || url.query().is_some() || url.fragment().is_some() {
            return Err(PublicUrlError::HasMore);
        }

        let text = url.origin().ascii_serialization();
        Ok(Self { url, text })
    }

    /// What a server without a `public_url` is called.
    pub(crate) fn local(is_https: bool, port: u16) -> Self {
        let scheme = if is_https { "https" } else { "http" };
        Self::parse(&format!("{scheme}://localhost:{port}")).expect("a literal origin and a number")
    }

    /// The origin, without a trailing slash.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The host's name in lower case, an IPv6 address without brackets.
    pub(crate) fn host(&self) -> String {
        match self.url.host() {
            Some(Host::Domain(name)) => name.trim_end_matches('.').to_owned(),
            Some(Host::Ipv4(address)) => address.to_string(),
            Some(Host::Ipv6(address)) => address.to_string(),
            None => String::new(),
        }
    }

    /// Whether browsers reach it by TLS, ours or a proxy's.
    pub(crate) fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Whether browsers may be told to come back by https only (`graph.md` 5.2): never for localhost, names inside a house
    /// and addresses, where it would bind every other port too.
    pub(crate) fn pins_https(&self) -> bool {
        let host = self.host();
        let is_public =
            host.contains('.') && !host.ends_with(".localhost") && host.parse::<IpAddr>().is_err();
        self.is_https() && is_public
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_taken_and_anything_more_is_named() {
        for (text, wanted) in [
            ("https://guests.example.com", Ok("https://guests.example.com")),
            ("https://Guests.Example.com/", Ok("https://guests.example.com")),
            ("https://guests.example.com:443", Ok("https://guests.example.com")),
            ("http://localhost:8080", Ok("http://localhost:8080")),
            ("https://[::1]:8443", Ok("https://[::1]:8443")),
            ("https://example.com/guests", Err(PublicUrlError::HasPath)),
            ("https://example.com/?a", Err(PublicUrlError::HasMore)),
            ("https://me@example.com", Err(PublicUrlError::HasMore)),
            ("ftp://example.com", Err(PublicUrlError::Scheme)),
            ("example.com", Err(PublicUrlError::NotAUrl)),
        ] {
            let read = PublicUrl::parse(text);
            assert_eq!(read.as_ref().map(PublicUrl::as_str).map_err(|e| *e), wanted, "{text}");
        }
    }

    #[test]
    fn only_an_https_name_of_the_public_dns_is_pinned_to_https() {
        for (text, is_pinned) in [
            ("https://guests.example.com", true),
            ("https://guests.example.com:8443", true),
            ("http://guests.example.com", false),
            ("https://localhost:8443", false),
            ("https://a.localhost", false),
            ("https://a.localhost.", false),
            ("https://vestibule", false),
            ("https://192.0.2.7", false),
            ("https://[2001:db8::1]", false),
        ] {
            assert_eq!(PublicUrl::parse(text).unwrap().pins_https(), is_pinned, "{text}");
        }
    }
}
