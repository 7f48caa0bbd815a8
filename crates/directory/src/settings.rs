//! What the operator decides about the use cases.

use url::Url;
use vestibule_model::PurposeKeys;
use vestibule_model::invitation::InvitationRules;

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
    /// Languages that mail can be written in, as BCP 47 tags; the first is the last resort.
    pub languages: Vec<String>,
}

/// `mail.custom_message`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CustomMessage {
    /// Always inserted.
    Always,
    /// Left out when the inviter has no mail address or is an application.
    Entra,
}
