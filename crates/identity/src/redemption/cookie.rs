//! What stands in the cookies, and how they are set and read.
//!
//! Every value names its tenant, so that each look-up is inside one. A flow's value is either signed and self-contained
//! (nothing is stored until the first POST) or 256 random bits that name a record by their hash.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;
use vestibule_model::state::FLOW_IDLE;
use vestibule_model::{Digest, InvitationId, PurposeKeys, TenantId};

use super::{FLOW_COOKIE, NewCookie, SESSION_COOKIE};
use crate::Identity;
use crate::secret::{decode, encode, is_signed, random, sha256, sign};

/// Label of the signature of a self-contained flow.
const LABEL: &str = "flow cookie";
/// First character of a self-contained value.
const SIGNED: char = 'o';
/// First character of a value that names a record.
const RECORDED: char = 'r';

/// A flow that nothing is stored of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SignedFlow {
    pub(super) tenant: TenantId,
    pub(super) invitation: InvitationId,
    pub(super) ticket: Digest,
    /// Random: the flow's public id, and what tells two browsers with the same link apart.
    pub(super) public_id: Uuid,
    pub(super) opened_at: Timestamp,
}

impl SignedFlow {
    /// As a cookie's value.
    pub(super) fn write(&self, keys: &PurposeKeys) -> String {
        let facts = [
            self.tenant.as_bytes().as_slice(),
            self.invitation.as_bytes(),
            &self.ticket.0,
            self.public_id.as_bytes(),
            &self.opened_at.as_second().to_be_bytes(),
        ]
        .concat();
        let tag = sign(keys, LABEL, &[&facts]);
        format!("{SIGNED}{}", encode([facts.as_slice(), &tag.0].concat()))
    }

    /// Reads a cookie's value; `None` unless we signed it.
    fn read(value: &str, keys: &PurposeKeys) -> Option<Self> {
        let bytes = decode(value.strip_prefix(SIGNED)?)?;
        let (facts, tag) = bytes.split_at_checked(16 + 16 + 32 + 16 + 8)?;
        if !is_signed(keys, LABEL, &[facts], tag) {
            return None;
        }
        let (tenant, rest) = facts.split_first_chunk()?;
        let (invitation, rest) = rest.split_first_chunk()?;
        let (ticket, rest) = rest.split_first_chunk()?;
        let (public_id, rest) = rest.split_first_chunk()?;
        let (opened_at, _) = rest.split_first_chunk()?;
        Some(Self {
            tenant: Uuid::from_bytes(*tenant).into(),
            invitation: Uuid::from_bytes(*invitation).into(),
            ticket: Digest(*ticket),
            public_id: Uuid::from_bytes(*public_id),
            opened_at: Timestamp::from_second(i64::from_be_bytes(*opened_at)).ok()?,
        })
    }

    /// Whether its sixty minutes have not ended. One that was opened in the future was made under another clock.
    pub(super) fn is_live(&self, now: Timestamp) -> bool {
        let age = now.duration_since(self.opened_at);
        age < FLOW_IDLE && age > -FLOW_IDLE
    }
}

/// The name of a record: 256 random bits, its tenant and its public id beside them. Debugging output leaves the bits out.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct RecordName {
    pub(super) tenant: TenantId,
    /// The flow's; a session has none.
    pub(super) public_id: Uuid,
    value: String,
}

impl std::fmt::Debug for RecordName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RecordName").field("public_id", &self.public_id).finish_non_exhaustive()
    }
}

impl RecordName {
    /// A new one.
    pub(super) fn draw(tenant: TenantId, public_id: Uuid) -> Self {
        let bytes = [tenant.as_bytes().as_slice(), public_id.as_bytes(), &random::<32>()].concat();
        Self { tenant, public_id, value: format!("{RECORDED}{}", encode(bytes)) }
    }

    fn read(value: &str) -> Option<Self> {
        let bytes = decode(value.strip_prefix(RECORDED)?)?;
        let (tenant, rest) = bytes.split_first_chunk()?;
        let (public_id, rest) = rest.split_first_chunk()?;
        let is_whole = rest.len() == 32;
        is_whole.then(|| Self {
            tenant: Uuid::from_bytes(*tenant).into(),
            public_id: Uuid::from_bytes(*public_id),
            value: value.to_owned(),
        })
    }

    /// By which the store knows it.
    pub(super) fn hash(&self) -> Digest {
        sha256(self.value.as_bytes())
    }

    /// As a cookie's value.
    pub(super) fn as_str(&self) -> &str {
        &self.value
    }
}

/// What a flow cookie says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FlowCookie {
    Signed(SignedFlow),
    Recorded(RecordName),
}

impl FlowCookie {
    /// The flow's public id, `flow` in forms.
    pub(super) fn public_id(&self) -> Uuid {
        match self {
            Self::Signed(flow) => flow.public_id,
            Self::Recorded(name) => name.public_id,
        }
    }
}

impl Identity {
    /// The value of the flow cookie, and what it says.
    pub(super) fn flow_cookie<'a>(&self, cookies: Option<&'a str>) -> Option<(&'a str, FlowCookie)> {
        let value = self.cookie(FLOW_COOKIE, cookies)?;
        self.read_flow(value).map(|read| (value, read))
    }

    /// Reads a flow cookie's value.
    pub(super) fn read_flow(&self, value: &str) -> Option<FlowCookie> {
        let signed = SignedFlow::read(value, &self.parts.settings.keys).map(FlowCookie::Signed);
        signed.or_else(|| RecordName::read(value).map(FlowCookie::Recorded))
    }

    /// The session that the cookie names.
    pub(super) fn session_cookie(&self, cookies: Option<&str>) -> Option<RecordName> {
        RecordName::read(self.cookie(SESSION_COOKIE, cookies)?)
    }

    fn cookie<'a>(&self, name: &str, cookies: Option<&'a str>) -> Option<&'a str> {
        let name = self.cookie_name(name);
        let pairs = cookies?.split(';').filter_map(|pair| pair.trim().split_once('='));
        pairs.into_iter().find(|(found, _)| *found == name).map(|(_, value)| value.trim_matches('"'))
    }

    /// Sets the flow cookie for another sixty minutes.
    pub(super) fn set_flow(&self, value: &str) -> NewCookie {
        self.set(FLOW_COOKIE, value, FLOW_IDLE)
    }

    /// Sets the session cookie.
    pub(super) fn set_session(&self, value: &str, lifetime: SignedDuration) -> NewCookie {
        self.set(SESSION_COOKIE, value, lifetime)
    }

    /// Takes the cookie `name` back.
    pub(super) fn unset(&self, name: &str) -> NewCookie {
        self.set(name, "", SignedDuration::ZERO)
    }

    fn set(&self, name: &str, value: &str, lifetime: SignedDuration) -> NewCookie {
        let name = self.cookie_name(name);
        let seconds = lifetime.as_secs();
        let secure = if self.parts.settings.has_secure_cookies { "; Secure" } else { "" };
        NewCookie {
            set_cookie: format!("{name}={value}; Max-Age={seconds}; Path=/; HttpOnly{secure}; SameSite=Lax"),
        }
    }

    /// With the prefix that binds it to this host, HTTPS and the root path (RFC 6265bis, section 4.1.3).
    fn cookie_name(&self, name: &str) -> String {
        let prefix = if self.parts.settings.has_secure_cookies { "__Host-" } else { "" };
        format!("{prefix}{name}")
    }
}

impl NewCookie {
    /// The value alone.
    pub(super) fn value(&self) -> Option<&str> {
        let (pair, _) = self.set_cookie.split_once(';')?;
        pair.split_once('=').map(|(_, value)| value)
    }
}
