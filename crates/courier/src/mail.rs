//! One mail, from the facts of an outbox row to the octets on the wire: `compose` decides what it says and in which
//! language, `render` puts the words into the templates, `wire` builds RFC 5322.

mod browser;
mod compose;
mod render;
mod wire;

use jiff::Timestamp;
use vestibule_model::MessageId;
use vestibule_wording::Language;

pub use compose::{Composer, Letterhead, NotAnAddress};
pub use render::RenderError;
pub use wire::WireError;

/// A mail as people see it, before it is encoded.
#[derive(Clone, Debug, PartialEq)]
pub struct Mail {
    /// The outbox row.
    pub id: MessageId,
    /// What it is for.
    pub kind: Kind,
    /// `From:`, never the inviter's own address (DMARC).
    pub from: Party,
    /// `Reply-To:`, the inviter.
    pub reply_to: Option<Party>,
    /// `To:`, the invitee in every copy.
    pub to: Party,
    /// `Cc:`.
    pub cc: Vec<Party>,
    /// Who takes this copy from the relay.
    pub envelope_to: String,
    /// `Subject:`, in clear.
    pub subject: String,
    /// The plain part.
    pub text: String,
    /// The HTML part.
    pub html: String,
    /// The language really used.
    pub language: Language,
    /// `Date:`.
    pub date: Timestamp,
    /// `Message-ID:` with its angle brackets, the same in every attempt.
    pub message_id: String,
    /// All other headers, in order.
    pub headers: Vec<(&'static str, String)>,
}

/// What a mail is for (`redemption.md` 3.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// An invitation, the copies for cc recipients too.
    Invitation,
    /// A one-time passcode.
    Passcode,
}

/// Somebody in a header: a cleaned display name, maybe, and an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// As shown.
    pub name: Option<String>,
    /// Where mail goes.
    pub address: String,
}
