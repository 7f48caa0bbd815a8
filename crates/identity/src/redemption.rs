//! What the pages ask of this room: flows, form tokens, passcodes, sessions.
//!
//! Until the first POST a flow is a signed value in the cookie and nothing is stored. The first POST makes a record and a
//! new cookie; the proof renews it. Cookie values name their tenant, so that every look-up is inside one.

mod code;
mod cookie;
mod dispatch;
mod flow;
mod form;
mod limits;
mod passcode;
mod session;

use std::time::Duration;

use jiff::SignedDuration;
use vestibule_model::message::Organization;
use vestibule_model::state::{Flow, Session};
use vestibule_model::{Address, Digest, InvitationId, Proof, Tenant, TenantId, User, UserId};
use vestibule_store::StoreError;

/// Name of the flow cookie, with the prefix that `settings.has_secure_cookies` asks for.
pub const FLOW_COOKIE: &str = "vst_flow";
/// Name of the session cookie, likewise.
pub const SESSION_COOKIE: &str = "vst_session";

/// How long a page waits for its passcode mail to leave (`redemption.md` 3.6).
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// So many pages wait at a time; the next one is told to come back.
pub(crate) const MOST_WAITING_PAGES: usize = 500;

/// A `Set-Cookie` value. Debugging output leaves it out.
#[derive(Clone)]
pub struct NewCookie {
    /// The whole header value: name, value, attributes, `Max-Age`.
    pub set_cookie: String,
}

impl std::fmt::Debug for NewCookie {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewCookie").finish_non_exhaustive()
    }
}

/// The flow that a browser's cookie stands for.
#[derive(Clone, Debug)]
pub enum LiveFlow {
    /// Before the first POST: signed, self-contained.
    Opened {
        /// In whose directory.
        tenant: TenantId,
        /// What the link opened.
        invitation: InvitationId,
        /// By which ticket.
        ticket: Digest,
    },
    /// After it: a record.
    Started {
        /// In whose directory.
        tenant: TenantId,
        /// The record.
        flow: Box<Flow>,
    },
}

/// The two hidden fields of every POST form. Debugging output leaves out the one that is a proof.
#[derive(Clone, PartialEq, Eq)]
pub struct FormToken {
    /// `flow`: the flow's public id.
    pub flow: String,
    /// `csrf`.
    pub csrf: String,
}

impl std::fmt::Debug for FormToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FormToken").field("flow", &self.flow).finish_non_exhaustive()
    }
}

/// What a passcode mail needs to say.
#[derive(Clone, Debug)]
pub struct PasscodeFacts {
    /// To whom.
    pub address: Address,
    /// The guest, for the outbox row.
    pub user: UserId,
    /// At whose page it is typed.
    pub organization: Organization,
    /// Language tag of the page.
    pub language: String,
    /// The `User-Agent`.
    pub browser: Option<String>,
}

/// Why no passcode was sent. Each is S2 with a status.
#[derive(Debug)]
pub enum SendRefusal {
    /// 429: the address is locked, or a limit was reached.
    Wait(SignedDuration),
    /// 503: the mail did not leave in ten seconds, or the lane is failing, or too many pages wait.
    NotDelivered,
    /// S-E5: no passcodes here.
    NoMethod,
    /// S-E2: the flow moved on in another tab.
    FlowGone,
    /// The store.
    Store(StoreError),
}

/// Why a typed passcode was not accepted.
#[derive(Debug)]
pub enum CodeRefusal {
    /// 422: not eight digits; no try was counted.
    NotEightDigits,
    /// 422.
    Wrong {
        /// Tries left for this code.
        left: u32,
    },
    /// 422: too many wrong tries for this code, or there is none any more.
    Dead,
    /// 422.
    Expired,
    /// 429: the address is locked.
    Locked(SignedDuration),
    /// S-E2.
    FlowGone,
    /// The store.
    Store(StoreError),
}

/// A flow with a proof in it, under a new cookie.
#[derive(Clone, Debug)]
pub struct Proved {
    /// As it is now.
    pub flow: Flow,
    /// What was shown.
    pub proof: Proof,
    /// The renewed cookie.
    pub cookie: NewCookie,
}

/// A signed-in browser with who that is.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The session.
    pub session: Session,
    /// The guest: neither deleted nor disabled, and not revoked since.
    pub user: User,
    /// In whose directory.
    pub tenant: Tenant,
}
