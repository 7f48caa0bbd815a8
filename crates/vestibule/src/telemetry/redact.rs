//! What of a request target may stand in a log.

/// Query parameters whose values say nothing about anybody. Every other value is replaced, so that a parameter nobody
/// thought of is a gap in the log and not a leak: `ticket`, `rd`, `t`, `code`, `state`, `id_token` (`redemption.md` 2.2),
/// and Graph's `$filter`, which holds addresses.
const HARMLESS: [&str; 12] = [
    "$count",
    "$orderby",
    "$select",
    "$top",
    "api-version",
    "lc",
    "mkt",
    "ui_locales",
    "tenant",
    "user",
    "ver",
    "format",
];

/// A request's path and query without secrets and without e-mail addresses.
pub(super) fn target(path: &str, query: Option<&str>) -> String {
    let path: Vec<&str> = path.split('/').map(segment).collect();
    let path = path.join("/");
    match query {
        None => path,
        Some(query) => {
            let pairs: Vec<String> = query.split('&').map(pair).collect();
            format!("{path}?{}", pairs.join("&"))
        }
    }
}

/// A path segment: what holds an address is left out, and what holds a parameter, as links do that a mail gateway has
/// encoded once too often.
fn segment(segment: &str) -> &str {
    const SIGNS: [&str; 5] = ["@", "%40", "=", "%3d", "%25"];

    let text = segment.to_ascii_lowercase();
    if SIGNS.iter().any(|sign| text.contains(sign)) { "…" } else { segment }
}

fn pair(pair: &str) -> String {
    match pair.split_once('=') {
        Some((name, value)) if is_harmless(name, value) => format!("{name}={value}"),
        Some((name, _)) => format!("{}=…", shortened(name)),
        None => shortened(pair),
    }
}

fn is_harmless(name: &str, value: &str) -> bool {
    let name = name.to_ascii_lowercase().replace("%24", "$");
    HARMLESS.contains(&name.as_str()) && segment(value) == value
}

/// A name as it stands when it is a plain one: a client that swaps names and values tells nothing either.
fn shortened(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "$%-_.".contains(c);
    let is_name = name.len() <= 24 && name.chars().all(is_plain);
    if is_name { name.to_owned() } else { "…".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_and_no_address_is_left() {
        for (path, query, wanted) in [
            ("/v1.0/users", None, "/v1.0/users"),
            ("/v1.0/users", Some("$top=5&$select=id,mail"), "/v1.0/users?$top=5&$select=id,mail"),
            ("/v1.0/users", Some("$filter=mail%20eq%20'a@b.c'"), "/v1.0/users?$filter=…"),
            ("/v1.0/users", Some("%24top=5"), "/v1.0/users?%24top=5"),
            ("/v1.0/users/taylor@fabrikam.com", None, "/v1.0/users/…"),
            ("/v1.0/users/taylor%40fabrikam.com/x", None, "/v1.0/users/…/x"),
            (
                "/invitations/redeem/",
                Some("tenant=1&user=2&ticket=SECRET&ver=2.0"),
                "/invitations/redeem/?tenant=1&user=2&ticket=…&ver=2.0",
            ),
            ("/redeem", Some("rd=https%3a%2f%2fhost%3fticket%3dSECRET"), "/redeem?rd=…"),
            ("/redeem", Some("TICKET=SECRET"), "/redeem?TICKET=…"),
            ("/redeem", Some("%74icket=SECRET"), "/redeem?%74icket=…"),
            ("/invitations/redeem/%3Ftenant=1&ticket=SECRET", None, "/invitations/redeem/…"),
            ("/redeem%3Frd%3Dhttps%3A%2F%2Fhost%3Fticket%3DSECRET", None, "/…"),
            ("/redeem%253Fticket%253DSECRET", None, "/…"),
            ("/invitations/unsubscribe", Some("t=SECRET"), "/invitations/unsubscribe?t=…"),
            ("/x", Some("code=SECRET&state=SECRET&id_token=SECRET"), "/x?code=…&state=…&id_token=…"),
            ("/x", Some("client_secret=SECRET;ticket=SECRET"), "/x?client_secret=…"),
            ("/x", Some("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), "/x?…"),
            ("/x", Some("tenant=a@b.c"), "/x?tenant=…"),
        ] {
            assert_eq!(target(path, query), wanted);
        }
    }
}
