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

/// Why a request that arrived gets no answer of its own; each surface says it in its own form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// A bug ended what should have answered: 500.
    Broken,
    /// It took longer than `limits.request_seconds`: 408.
    TooLong,
}
