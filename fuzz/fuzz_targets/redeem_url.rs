//! Any text is a redeem URL of ours or is not; one that is leads nowhere from another origin, and to the same place when
//! a mail gateway wraps it.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use url::{Url, form_urlencoded};
use vestibule_pages::TicketLink;

const ORIGIN: &str = "https://guests.example:8443";
const PAGE: &str = "https://guests.example:8443/invitations/redeem/?";

static OURS: LazyLock<Url> = LazyLock::new(|| Url::parse(ORIGIN).expect("an origin"));

fuzz_target!(|text: &str| {
    for url in [text.to_owned(), format!("{PAGE}{text}"), wrapped(text)] {
        let Some(link) = TicketLink::of_url(&url, &OURS) else { continue };
        let parsed = Url::parse(&url).expect("a link is a URL");
        assert_eq!(parsed.origin(), OURS.origin(), "{url}");
        if let Some(rest) = url.strip_prefix(ORIGIN) {
            let elsewhere = format!("https://elsewhere.example{rest}");
            assert_eq!(TicketLink::of_url(&elsewhere, &OURS), None, "{url}");
        }
        if url.starts_with(PAGE) && parsed.query_pairs().all(|(name, _)| name != "rd") {
            assert_eq!(TicketLink::of_url(&wrapped(&url), &OURS), Some(link), "{url}");
        }
    }
});

/// The wrapped form, as we write it.
fn wrapped(inner: &str) -> String {
    let inner: String = form_urlencoded::byte_serialize(inner.as_bytes()).collect();
    format!("{ORIGIN}/redeem?rd={inner}")
}
