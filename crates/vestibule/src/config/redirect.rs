//! Where an invitation may lead: the hosts and schemes that an operator may name.

use url::Host;

/// A host as a URL carries it: lower case, A-labels, an IPv6 address in brackets. `None` for a port, a path or a `*`.
pub(super) fn host(text: &str) -> Option<String> {
    match Host::parse(text).ok()? {
        Host::Domain(name) => name.split('.').all(is_label).then_some(name),
        address @ (Host::Ipv4(_) | Host::Ipv6(_)) => Some(address.to_string()),
    }
}

/// One is enough: `localhost`, or the name behind an app's own scheme.
fn is_label(label: &str) -> bool {
    let is_letter = |b: u8| b.is_ascii_alphanumeric() || b"-_".contains(&b);
    !label.is_empty() && label.bytes().all(is_letter) && !label.starts_with('-') && !label.ends_with('-')
}

/// Schemes that lead nowhere but run or open something in the guest's own browser.
const NEVER: [&str; 4] = ["javascript", "data", "vbscript", "file"];

/// A scheme of RFC 3986, in lower case, that may stand in a link.
pub(super) fn scheme(text: &str) -> Option<String> {
    let scheme = text.to_ascii_lowercase();
    let is_rest = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.chars().all(is_rest);
    (is_scheme && !NEVER.contains(&scheme.as_str())).then_some(scheme)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_or_an_address_and_nothing_around_it() {
        for (text, wanted) in [
            ("app.example", Some("app.example")),
            ("APP.Example", Some("app.example")),
            ("localhost", Some("localhost")),
            ("münchen.example", Some("xn--mnchen-3ya.example")),
            ("192.0.2.7", Some("192.0.2.7")),
            ("[2001:DB8::1]", Some("[2001:db8::1]")),
            ("https://x", None),
            ("app.example:443", None),
            ("app.example/path", None),
            ("*.app.example", None),
            ("*.a b", None),
            ("[\"app.example\"]", None),
            ("me@app.example", None),
            ("-", None),
        ] {
            assert_eq!(host(text).as_deref(), wanted, "{text}");
        }
    }

    #[test]
    fn a_scheme_is_one_of_rfc_3986_that_leads_somewhere() {
        for (text, wanted) in [
            ("myapp", Some("myapp")),
            ("MS-Teams", Some("ms-teams")),
            ("web+app", Some("web+app")),
            ("https", Some("https")),
            ("javascript", None),
            ("JavaScript", None),
            ("data", None),
            ("vbscript", None),
            ("file", None),
            ("a b", None),
            ("1app", None),
            ("myapp:", None),
            ("myapp://", None),
        ] {
            assert_eq!(scheme(text).as_deref(), wanted, "{text}");
        }
    }
}
