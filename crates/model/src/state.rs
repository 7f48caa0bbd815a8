//! Short-lived protocol state: flows, passcodes, sessions, counters. Needs no audit event and cannot carry a directory
//! object. `identity` builds these values; `pages` passes one of them on to `directory` without looking inside.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::id::{Digest, InvitationId, UserId};
use crate::proof::Proof;

/// One change of protocol state. Each is one statement with a row count; a count of none is a broken guard.
#[derive(Clone, Debug, PartialEq)]
pub enum StateChange {
    /// A new flow. Broken when its id is taken. Of the same invitation the dead ones go, and beyond
    /// [`FLOWS_WITHOUT_PASSCODE`] those without a code go too, the longest idle first.
    OpenFlow(Box<Flow>),
    /// The flow goes on under `flow.id`; broken unless `was` is there with version `flow.version - 1`.
    MoveFlow {
        /// The id that it had; differs from `flow.id` when the cookie is renewed.
        was: Digest,
        /// What it is from now on.
        flow: Box<Flow>,
    },
    /// A new passcode; the older ones of the same flow die. Never broken.
    PutPasscode(Box<Passcode>),
    /// One try is counted; broken when the code is dead, used, too old, or has no try left.
    TryPasscode {
        /// The code.
        id: Uuid,
        /// Tries allowed per code.
        at_most: u32,
        /// Now.
        now: Timestamp,
    },
    /// The code is spent; broken when it was before.
    SpendPasscode {
        /// The code.
        id: Uuid,
        /// Now.
        now: Timestamp,
    },
    /// One event is counted; broken when `at_most` or more of that kind and key were counted since `since`.
    Count {
        /// What is counted, and under which key.
        counter: Counter,
        /// Names the event, so that it can be taken back.
        id: Uuid,
        /// When it happened.
        at: Timestamp,
        /// Start of the window.
        since: Timestamp,
        /// The limit.
        at_most: u32,
    },
    /// A counted event is taken back. Never broken.
    Uncount {
        /// As it was counted.
        counter: Counter,
        /// As it was counted.
        id: Uuid,
    },
    /// A new session.
    OpenSession(Box<Session>),
    /// A session ends. Never broken.
    CloseSession {
        /// SHA-256 of the cookie's value.
        id: Digest,
    },
}

/// One browser's passage through the redemption pages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Flow {
    /// SHA-256 of the cookie's value.
    pub id: Digest,
    /// In forms, beside the anti-forgery token.
    pub public_id: Uuid,
    /// One more with every change.
    pub version: u64,
    /// What is being redeemed.
    pub invitation: InvitationId,
    /// By whom.
    pub user: UserId,
    /// The ticket that opened it.
    pub ticket: Digest,
    /// What the guest is about to do.
    pub intent: Intent,
    /// What was shown about the person, once it was.
    pub proof: Option<Proof>,
    /// Language tag of the pages.
    pub language: String,
    /// Whether the invitation was accepted or declined in it.
    pub is_done: bool,
    /// When the first POST made it.
    pub created_at: Timestamp,
    /// It ends when idle.
    pub expires_at: Timestamp,
}

/// Where a flow leads after the proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Intent {
    /// Review permissions and accept.
    Accept,
    /// Decline the invitation.
    Decline,
    /// Block the organisation.
    Block,
}

/// A one-time passcode, known by its HMAC only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passcode {
    /// Names it.
    pub id: Uuid,
    /// The flow's public id: only there it works.
    pub flow: Uuid,
    /// HMAC-SHA-256 over tenant, flow, address key and code.
    pub hash: Digest,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Tries already counted.
    pub tries: u32,
    /// When it was spent.
    pub used_at: Option<Timestamp>,
}

/// What is counted over time, durably and over all nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counter {
    /// What kind of event.
    pub kind: CounterKind,
    /// SHA-256 of the address key or network.
    pub key: Digest,
}

/// Kinds of counted events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CounterKind {
    /// A wrong passcode, by address.
    WrongPasscode,
    /// A lock of an address after too many wrong passcodes.
    PasscodeLock,
    /// A passcode sent, by address.
    PasscodeSent,
    /// A passcode sent, by client network.
    PasscodeSentTo,
    /// A block lifted, by address.
    BlockLifted,
}

impl CounterKind {
    /// As the store keeps it; the same in every release.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WrongPasscode => "wrong-passcode",
            Self::PasscodeLock => "passcode-lock",
            Self::PasscodeSent => "passcode-sent",
            Self::PasscodeSentTo => "passcode-sent-to",
            Self::BlockLifted => "block-lifted",
        }
    }
}

/// How far a counter has come in a window: what a page needs to say how long to wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Events in the window.
    pub events: u32,
    /// The oldest of them.
    pub oldest: Option<Timestamp>,
    /// The newest of them.
    pub newest: Option<Timestamp>,
}

/// A signed-in browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// SHA-256 of the cookie's value.
    pub id: Digest,
    /// Who.
    pub user: UserId,
    /// By which proof, and when.
    pub proof: Proof,
    /// When it was opened; void when the user's `sign_in_sessions_valid_from` is later.
    pub created_at: Timestamp,
    /// Absolute.
    pub expires_at: Timestamp,
}

/// How many live flows of one invitation may stand without a passcode in them: whoever holds a ticket can begin as many
/// as they like, but only so many are kept. A flow with a code is not pushed out, and codes have limits of their own.
pub const FLOWS_WITHOUT_PASSCODE: u32 = 10;

/// How long a flow may lie idle (`redemption.md` 2.4).
pub const FLOW_IDLE: SignedDuration = SignedDuration::from_mins(60);
