//! What the operator decides about the use cases.

use jiff::SignedDuration;
use url::Url;
use vestibule_model::PurposeKeys;
use vestibule_model::invitation::InvitationRules;

pub use vestibule_model::invitation::CustomMessage;

/// The operator's part, handed in by the binary.
#[derive(Clone, Debug)]
pub struct Settings {
    /// An origin without a path: what redeem and block links begin with.
    pub public_url: Url,
    /// `invitations.*` and `redemption.redirect_*`.
    pub invitations: InvitationRules,
    /// Signs the one-click block links.
    pub link_keys: PurposeKeys,
    /// `mail.custom_message`: whether an application's words are left out as in Entra.
    pub custom_message: CustomMessage,
    /// `limits.scan_ms`: how long one list may read; past it the filter counts as too expensive.
    pub read_deadline: SignedDuration,
}
