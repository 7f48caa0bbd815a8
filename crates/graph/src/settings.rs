//! What the operator decides about this surface.

use url::Url;
use vestibule_model::PurposeKeys;

/// The operator's part, handed in by the binary.
#[derive(Clone, Debug)]
pub struct Settings {
    /// An origin without a path: what `@odata.context` and next links begin with.
    pub public_url: Url,
    /// Authenticate page tokens.
    pub page_keys: PurposeKeys,
    /// The most octets that a body may have; 4 MiB in `graph.md` 5.4.
    pub body_octets: usize,
    /// `limits.page_size`: how many objects a page has when nobody asks for another number.
    pub page_size: u32,
    /// Names this process in `x-ms-ags-diagnostic`.
    pub node: String,
}

impl Settings {
    /// `public_url` without its trailing slash.
    pub(crate) fn origin(&self) -> &str {
        self.public_url.as_str().trim_end_matches('/')
    }
}
