//! What the pages ask of this room: flows, form tokens, passcodes, sessions.
//!
//! Until the first POST a flow is a signed value in the cookie and nothing is stored. The first POST makes a record and a
//! new cookie; the proof renews it. Cookie values name their tenant, so that every look-up is inside one.

use jiff::{SignedDuration, Timestamp};
use vestibule_model::message::Organization;
use vestibule_model::state::{Flow, Intent, Session};
use vestibule_model::{
    Address, Context, Digest, InvitationId, MessageId, Proof, StateChange, Tenant, TenantId, User, UserId,
};
use vestibule_store::StoreError;

use crate::Identity;

/// Name of the flow cookie, with the prefix that `settings.has_secure_cookies` asks for.
pub const FLOW_COOKIE: &str = "vst_flow";
/// Name of the session cookie, likewise.
pub const SESSION_COOKIE: &str = "vst_session";

/// A `Set-Cookie` value and what forms of the page must carry.
#[derive(Clone, Debug)]
pub struct NewCookie {
    /// The whole header value: name, value, attributes, `Max-Age`.
    pub set_cookie: String,
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

/// The two hidden fields of every POST form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormToken {
    /// `flow`: the flow's public id.
    pub flow: String,
    /// `csrf`.
    pub csrf: String,
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

impl Identity {
    /// The signed cookie that GET S1 sets. Stores nothing.
    pub fn open_flow(
        &self,
        tenant: TenantId,
        invitation: InvitationId,
        ticket: Digest,
        now: Timestamp,
    ) -> NewCookie {
        let _ = (tenant, invitation, ticket, now);
        todo!()
    }

    /// The live flow of a `Cookie` header, if any. The error is the store's.
    pub async fn live_flow(
        &self,
        cookies: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<LiveFlow>, StoreError> {
        let _ = (cookies, now);
        todo!()
    }

    /// Form fields bound to the flow cookie in `cookies`, or to the one just made in `fresh`.
    pub fn form_token(&self, cookies: Option<&str>, fresh: Option<&NewCookie>) -> Option<FormToken> {
        let _ = (cookies, fresh);
        todo!()
    }

    /// Whether a posted form belongs to the flow cookie that came with it. Compared in constant time.
    pub fn is_own_form(&self, cookies: Option<&str>, form: &FormToken) -> bool {
        let _ = (cookies, form);
        todo!()
    }

    /// Form token of a page without a flow (block pages), bound to what it is about by `label`.
    pub fn label_token(&self, label: &str) -> String {
        let _ = label;
        todo!()
    }

    /// Whether `token` was made for `label`.
    pub fn is_label_token(&self, label: &str, token: &str) -> bool {
        let _ = (label, token);
        todo!()
    }

    /// The first POST: the signed value becomes a record under a new cookie; a record goes on with the new intent.
    /// `Err(None)` is a flow that is gone.
    pub async fn start_flow(
        &self,
        live: &LiveFlow,
        user: UserId,
        intent: Intent,
        language: &str,
        context: &Context,
    ) -> Result<(Flow, Option<NewCookie>), Option<StoreError>> {
        let _ = (live, user, intent, language, context);
        todo!()
    }

    /// Sends a new passcode for `flow` and waits for the relay, ten seconds at most.
    pub async fn send_passcode(
        &self,
        tenant: TenantId,
        flow: &Flow,
        facts: &PasscodeFacts,
        context: &Context,
    ) -> Result<MessageId, SendRefusal> {
        let _ = (tenant, flow, facts, context);
        todo!()
    }

    /// How long until a new code may be asked for; zero when now. For the hint on S2.
    pub async fn resend_wait(
        &self,
        tenant: TenantId,
        address: &Address,
        context: &Context,
    ) -> Result<SignedDuration, StoreError> {
        let _ = (tenant, address, context);
        todo!()
    }

    /// Checks a typed code: counts the try durably first, then compares.
    pub async fn check_passcode(
        &self,
        tenant: TenantId,
        flow: &Flow,
        address: &Address,
        typed: &str,
        context: &Context,
    ) -> Result<Proved, CodeRefusal> {
        let _ = (tenant, flow, address, typed, context);
        todo!()
    }

    /// The flow's end, for `directory` to make durable together with the acceptance or the refusal. The record stays
    /// until its sixty minutes end, for S7.
    pub fn end_flow(&self, flow: &Flow, context: &Context) -> StateChange {
        let _ = (flow, context);
        todo!()
    }

    /// Cancel: the flow goes on without an end, its proof kept.
    pub fn flow_cookie_gone(&self) -> NewCookie {
        todo!()
    }

    /// Opens a session of 24 hours, absolute.
    pub async fn open_session(
        &self,
        tenant: TenantId,
        user: UserId,
        proof: &Proof,
        context: &Context,
    ) -> Result<NewCookie, StoreError> {
        let _ = (tenant, user, proof, context);
        todo!()
    }

    /// Who is signed in by the session cookie in `cookies`.
    pub async fn signed_in(
        &self,
        cookies: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<SignedIn>, StoreError> {
        let _ = (cookies, now);
        todo!()
    }

    /// Ends the session, here and in the store.
    pub async fn sign_out(&self, cookies: Option<&str>, context: &Context) -> Result<NewCookie, StoreError> {
        let _ = (cookies, context);
        todo!()
    }
}
