//! Mail that a decision causes. It leaves later, by `courier`, from the outbox.

use std::fmt;
use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::address::Address;
use crate::id::{Digest, InvitationId, MessageId, UserId};
use crate::invitation::Recipient;

/// One outbox row: one mail to one envelope recipient.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Fixes the `Message-ID` of every attempt (cc copies have an id of their own).
    pub id: MessageId,
    /// Which queue.
    pub lane: Lane,
    /// Who takes it from the relay.
    pub to: Address,
    /// Not before.
    pub due_at: Timestamp,
    /// Given up at.
    pub ends_at: Timestamp,
    /// What it says. Sealed in the store, since it holds live secrets, and erased on hand-over.
    pub payload: Payload,
    /// The guest whom the audit event of delivery names.
    pub about: UserId,
    /// Joins the delivery's audit event to the request that caused it.
    pub correlation: Uuid,
    /// The ticket that the mail is about: when it dies before the mail has left, the mail does not leave.
    #[serde(default)]
    pub ticket: Option<Digest>,
}

/// Passcodes have people waiting; everything else does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Lane {
    /// One-time passcodes: a connection of their own, tried at once, dead after 10 seconds.
    Passcode,
    /// Everything else.
    Ordinary,
}

/// What a mail says, as facts. The words are `courier`'s and `wording`'s.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Payload {
    /// The invitation itself, to the guest.
    Invitation(Box<InvitationMail>),
    /// A cc recipient's copy: the same without any way to redeem.
    InvitationCopy(Box<InvitationMail>),
    /// A one-time passcode.
    Passcode(Box<PasscodeMail>),
}

/// The facts of an invitation mail. Debugging output leaves out the links, which are secrets.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct InvitationMail {
    /// For `X-Vestibule-Invitation`.
    pub invitation: InvitationId,
    /// The guest's own address, `To:` of every copy.
    pub invited: Address,
    /// The guest's display name, `None` when it was derived.
    pub invited_name: Option<String>,
    /// `Cc:` of every copy.
    pub cc: Vec<Recipient>,
    /// A BCP 47 tag of the language wished for, by the rule of `redemption.md` 3.2 as far as the directory knows;
    /// in the order of preference.
    pub languages: Vec<String>,
    /// The inviting organisation.
    pub organization: Organization,
    /// Who invites: a person, or an application by its name.
    pub inviter: MailInviter,
    /// The inviter's own words.
    pub body: Option<String>,
    /// Exactly the string that the API returned; empty in a copy.
    pub redeem_url: String,
    /// Where the guest will land.
    pub redirect_url: String,
    /// When the link ends.
    pub expires_at: Option<Timestamp>,
    /// The one-click block link; empty in a copy.
    pub block_url: String,
}

impl fmt::Debug for InvitationMail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InvitationMail")
            .field("invitation", &self.invitation)
            .field("invited", &self.invited)
            .field("cc", &self.cc)
            .field("languages", &self.languages)
            .finish_non_exhaustive()
    }
}

/// What mail says about the organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    /// Its display name, maybe empty.
    pub name: String,
    /// Its primary domain.
    pub domain: String,
    /// Its privacy statement.
    pub privacy_url: Option<String>,
}

/// Who invites, as mail says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MailInviter {
    /// A person; answers go to their address.
    Person {
        /// Display name.
        name: String,
        /// `Reply-To:`.
        mail: Option<String>,
    },
    /// An application.
    Application {
        /// Display name.
        name: String,
    },
}

/// The facts of a passcode mail. Debugging output leaves out the code.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct PasscodeMail {
    /// Eight digits.
    pub code: String,
    /// How long it works, in minutes.
    pub minutes: u32,
    /// The language of the page that asked.
    pub language: String,
    /// The organisation at whose page it is typed.
    pub organization: Organization,
    /// The `User-Agent` of the browser that asked.
    pub browser: Option<String>,
    /// Where it asked from.
    pub client: Option<IpAddr>,
    /// When.
    pub asked_at: Timestamp,
}

impl fmt::Debug for PasscodeMail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasscodeMail")
            .field("minutes", &self.minutes)
            .field("language", &self.language)
            .field("asked_at", &self.asked_at)
            .finish_non_exhaustive()
    }
}

/// How far an outbox row has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Delivery {
    /// Waiting, or waiting again.
    Queued,
    /// Taken by the relay.
    Sent,
    /// Refused for good by the relay, with its words.
    Failed,
    /// Given up.
    Dead,
}
