//! An invitation: what is asked for, what is kept, and its tickets.
//!
//! What may be asked is decided in `invitation/decide.rs`; how a guest redeems, in `redemption`.

pub mod decide;
mod mail;
mod outcome;
pub(crate) mod request;
mod rights;

pub use mail::MAIL_SERVICE;
pub use request::{LookUp, MAX_SPONSORS};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use url::Url;
use uuid::Uuid;

use crate::address::{Address, PlusAddressing};
use crate::caller::Caller;
use crate::id::{Digest, InvitationId, UserId};
use crate::secret::Secret;
use crate::user::{Inviter, UserType};

/// A redeemable offer to one address, kept for ever; a guest may have many in the course of time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Invitation {
    /// The `id` of the 201, and `user=` in the redeem URL.
    pub id: InvitationId,
    /// One more with every change.
    pub version: u64,
    /// The guest.
    pub user: UserId,
    /// As the caller wrote it.
    pub address: Address,
    /// As the caller wrote it: the guest's own display name may differ.
    pub display_name: Option<String>,
    /// Guest or member, as asked for.
    pub user_type: UserType,
    /// Where the guest lands, byte for byte as the caller wrote it.
    pub redirect_url: String,
    /// Whether a mail was asked for.
    pub sends_message: bool,
    /// The words and wishes for that mail.
    pub message: MessageInfo,
    /// Whether it was made by a reset.
    pub is_reset: bool,
    /// What Graph calls `status`, with what refines it.
    pub status: InvitationStatus,
    /// Who invited.
    pub inviter: Inviter,
    /// Who invited, as pages and mail name them at the time.
    pub inviter_name: String,
    /// Where answers to the mail go; `None` for app-only.
    pub inviter_mail: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it cannot be redeemed; `None` is never.
    pub expires_at: Option<Timestamp>,
}

impl Invitation {
    /// Whether its time has passed at `now`. Read from the clock wherever it is asked; only a sweeper stores it.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }

    /// Whether it leads to Microsoft's My Apps, which nearly every script names and in whose place ours can stand
    /// (`redemption.md` 2.6, S7).
    pub fn leads_to_microsofts_my_apps(&self) -> bool {
        const HOSTS: [&str; 3] = ["myapps.microsoft.com", "myapplications.microsoft.com", "myapps.azure.com"];

        let url = Url::parse(&self.redirect_url).ok();
        url.as_ref().and_then(Url::host_str).is_some_and(|host| HOSTS.contains(&host))
    }
}

/// `invitation.status` and `statusDetail` in one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum InvitationStatus {
    /// May be redeemed.
    Pending,
    /// Redeemed, or made for a guest who had accepted before.
    Completed {
        /// When.
        at: Timestamp,
    },
    /// Can no longer be redeemed.
    Ended {
        /// Why.
        why: Ended,
        /// When.
        at: Timestamp,
    },
}

impl InvitationStatus {
    /// `status` on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PendingAcceptance",
            Self::Completed { .. } => "Completed",
            Self::Ended { .. } => "Error",
        }
    }
}

/// `statusDetail` of an invitation in `Error`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the values of redemption.md 1.1")]
pub enum Ended {
    Expired,
    Revoked,
    Declined,
    Superseded,
    DomainBlocked,
    UserDeleted,
}

/// `invitedUserMessageInfo`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageInfo {
    /// Echoed as sent; the empty text is no wish.
    pub language: Option<String>,
    /// Plain text, at most 5,000 characters.
    pub body: Option<String>,
    /// Whoever is kept in the loop.
    pub cc: Vec<Recipient>,
}

/// One cc recipient that counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// Free text, at most 256 characters.
    pub name: Option<String>,
    /// Where the copy goes.
    pub address: Address,
}

/// The secret in a redeem link, as the store knows it: by hash only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// SHA-256 of the 32 random bytes' base64url text.
    pub hash: Digest,
    /// What it opens.
    pub invitation: InvitationId,
    /// Whose it is; the cap of five live tickets counts by guest.
    pub user: UserId,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it no longer works.
    pub expires_at: Option<Timestamp>,
    /// When it was withdrawn.
    pub revoked_at: Option<Timestamp>,
}

/// How many live tickets a guest may have; the next one kills the oldest (`redemption.md` 2.2).
pub const TICKETS_PER_GUEST: usize = 5;

/// A body of `POST /invitations` whose JSON types were right; nothing else about it has been checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "Graph's invitation properties of the same name, as sent")]
pub struct InvitationRequest {
    pub email_address: Option<String>,
    pub display_name: Option<String>,
    pub redirect_url: Option<String>,
    pub sends_message: bool,
    pub user_type: Option<String>,
    pub reset_redemption: bool,
    /// `invitedUser.id`, as text: it need not be a GUID.
    pub user: Option<String>,
    pub message_language: Option<String>,
    pub message_body: Option<String>,
    pub cc: Vec<RequestedRecipient>,
    /// Ids of the sponsors, as text; `None` when the property is absent.
    pub sponsors: Option<Vec<String>>,
}

/// One entry of `ccRecipients`, as sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "Graph's emailAddress properties of the same name, as sent")]
pub struct RequestedRecipient {
    pub name: Option<String>,
    pub address: Option<String>,
}

/// Why a body could not be read as an [`InvitationRequest`]. The words are the surface's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// 415.
    ContentType(String),
    /// 413.
    TooLarge,
    /// E0.
    Empty,
    /// Not JSON, not an object, a duplicate property, U+0000, or invalid UTF-8.
    Json,
    /// A property that the type does not have.
    UnknownProperty {
        /// As sent.
        name: String,
        /// The type that lacks it, such as `microsoft.graph.invitation`.
        on: &'static str,
    },
    /// E20.
    WrongType {
        /// What was found.
        literal: String,
        /// What was wanted, as an Edm type.
        expected: &'static str,
    },
    /// E22, the header itself.
    IdempotencyKey,
}

/// A repeatable request's key: `Idempotency-Key` together with who sent it and what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// SHA-256 over client id, user id or none, and the key.
    pub scope: Digest,
    /// SHA-256 of the parsed body.
    pub body: Digest,
}

/// The operator's settings that decide about invitations: `invitations.*` and `redemption.redirect_*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitationRules {
    /// `invitations.max_cc_recipients`, default 10.
    pub max_cc_recipients: usize,
    /// `invitations.allow_plus_addressing`, default refused.
    pub plus_addressing: PlusAddressing,
    /// `invitations.lifetime_days`, 0 is never.
    pub lifetime_days: u32,
    /// `redemption.redirect_schemes`: admitted besides `http` and `https`.
    pub redirect_schemes: Vec<String>,
    /// `redemption.redirect_hosts`: empty admits all.
    pub redirect_hosts: Vec<String>,
    /// Whether mail can leave at all; if not, a wish for mail is recorded as failed.
    pub sends_mail: bool,
    /// `compat.app_invites_when_restricted`, default allowed.
    pub apps_when_restricted: AppInvites,
}

/// Whether applications with `User.Invite.All` may invite under `adminsAndGuestInviters`: public sources disagree
/// (`redemption.md` 4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AppInvites {
    /// As was seen of the real service.
    #[default]
    Allowed,
    /// As its page documents.
    Refused,
}

impl Default for InvitationRules {
    fn default() -> Self {
        Self {
            max_cc_recipients: 10,
            plus_addressing: PlusAddressing::Refused,
            lifetime_days: 0,
            redirect_schemes: Vec::new(),
            redirect_hosts: Vec::new(),
            sends_mail: true,
            apps_when_restricted: AppInvites::Allowed,
        }
    }
}

/// `mail.custom_message`: whether an inviter's own words stand in the mail, and on the page that it leads to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CustomMessage {
    /// Always inserted.
    #[default]
    Always,
    /// Left out when the inviter has no mail address or is an application.
    Entra,
}

impl CustomMessage {
    /// As the setting spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Entra => "entra",
        }
    }

    /// What `invitation` may say in its inviter's own words; none when it has none.
    pub fn words_of(self, invitation: &Invitation) -> Option<&str> {
        let are_left_out = self == Self::Entra && invitation.inviter_mail.is_none();
        invitation.message.body.as_deref().filter(|words| !words.is_empty() && !are_left_out)
    }
}

/// How `caller` stands in an invitation: who invites, and what pages and mail call them.
pub fn inviter_of(caller: &Caller) -> (Inviter, &str) {
    match &caller.user {
        Some(user) => (Inviter::User(user.id), &user.display_name),
        None => (Inviter::Application(caller.app.service_principal), &caller.app.display_name),
    }
}

/// A stored identity of a request that was seen before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// SHA-256 of the body that was sent then.
    pub body: Digest,
    /// The invitation that was made.
    pub invitation: InvitationId,
    /// Unsealed for this answer.
    pub ticket: Secret,
    /// When the record ends.
    pub expires_at: Timestamp,
    /// Names the row in logs.
    pub correlation: Uuid,
}
