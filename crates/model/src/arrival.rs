//! What the listener knows of a request before any room has looked at it.

use std::net::IpAddr;

use uuid::Uuid;

/// Put among a request's extensions by the listener, so that every surface answers with the same `request-id` and counts
/// limits against the same client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Version 4; the answer's `request-id` header.
    pub request_id: Uuid,
    /// Who asks, as far as trusted proxies tell.
    pub client: Option<IpAddr>,
}
