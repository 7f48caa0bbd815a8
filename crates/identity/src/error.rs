//! How this room says no: OAuth errors with their AADSTS numbers, and failed token checks.

use vestibule_store::StoreError;

/// An OAuth error answer (`identity.md` 11).
#[derive(Debug)]
pub struct ProtocolError {}

/// Why a bearer token is not accepted. Graph gives each its 401 (`graph.md` 5.5).
#[derive(Debug)]
pub enum TokenError {
    /// No header, or an empty bearer.
    Empty,
    /// Not a JWT.
    NotWellFormed,
    /// Past its end by more than the skew, or not yet valid.
    Expired,
    /// For another resource.
    WrongAudience,
    /// Bad signature, unknown key, wrong issuer or tenant.
    Invalid,
    /// The store could not be asked.
    Store(StoreError),
}
