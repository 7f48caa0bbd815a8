//! A write is a value: what changes, what must still be true, and what is told about it.

use jiff::Timestamp;

use crate::address::Address;
use crate::application::{Application, ClientSecret};
use crate::audit::AuditTrail;
use crate::id::{AppId, Digest, InvitationId, UserId};
use crate::invitation::{Ended, Invitation, Ticket};
use crate::policy::TenantPolicy;
use crate::secret::Secret;
use crate::tenant::{Tenant, VerifiedDomain};
use crate::user::{User, UserProperty};

/// Everything one decision changes in the directory, with its audit trail. Applied whole or not at all.
#[derive(Clone, Debug)]
pub struct ChangeSet {
    changes: Vec<Change>,
    audit: AuditTrail,
}

impl ChangeSet {
    /// The most changes that one set may hold; what touches more is a set-wise [`Change`].
    pub const MAX_CHANGES: usize = 256;

    /// Changes that belong together. There is always something to tell: hence the trail.
    ///
    /// # Panics
    ///
    /// With more than [`MAX_CHANGES`](Self::MAX_CHANGES): a bug of the rule that built it.
    pub fn new(changes: Vec<Change>, audit: AuditTrail) -> Self {
        assert!(
            changes.len() <= Self::MAX_CHANGES,
            "a change set holds at most {} changes",
            Self::MAX_CHANGES
        );
        Self { changes, audit }
    }

    /// What changes, in the order of application.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// What is told about it.
    pub fn audit(&self) -> &AuditTrail {
        &self.audit
    }
}

/// One object put or removed, or one set-wise change.
#[derive(Clone, Debug)]
pub enum Change {
    /// A new user, with its addresses.
    CreateUser(Box<User>),
    /// The user as it is from now on: `user.version` is one more than the stored version, which is thereby guarded.
    UpdateUser {
        /// All of it.
        user: Box<User>,
        /// For the change log.
        kind: UserChange,
        /// For the change log.
        properties: Vec<UserProperty>,
    },
    /// A new invitation.
    CreateInvitation(Box<Invitation>),
    /// The invitation as it is from now on; `version` as with users.
    UpdateInvitation(Box<Invitation>),
    /// A new ticket; beyond [`TICKETS_PER_GUEST`](crate::invitation::TICKETS_PER_GUEST) live ones the oldest die.
    AddTicket(Ticket),
    /// All tickets of a guest die.
    RevokeTickets {
        /// Whose.
        user: UserId,
        /// When.
        at: Timestamp,
    },
    /// All pending invitations of a guest end.
    EndInvitations {
        /// Whose.
        user: UserId,
        /// Why.
        why: Ended,
        /// When.
        at: Timestamp,
    },
    /// What a guest consented to.
    RecordConsent(Box<Consent>),
    /// Nobody of this tenant sends invitation mail to `address` any more. Does nothing when it stands.
    Block {
        /// Whom.
        address: Address,
        /// Since when.
        at: Timestamp,
    },
    /// The block is lifted.
    Unblock {
        /// Whom.
        address: Address,
    },
    /// The policies as they are from now on; `version` is the new one and guards the old.
    PutPolicy {
        /// All of them.
        policy: Box<TenantPolicy>,
        /// One more than the stored version.
        version: u64,
    },
    /// A new tenant.
    CreateTenant(Box<Tenant>),
    /// A verified domain.
    AddDomain(VerifiedDomain),
    /// A new application.
    CreateApplication(Box<Application>),
    /// A secret of an application.
    AddSecret {
        /// Whose.
        app: AppId,
        /// What is kept of it.
        secret: ClientSecret,
    },
    /// A repeatable request is remembered, its ticket sealed by the store.
    Remember {
        /// Scope of the key.
        scope: Digest,
        /// SHA-256 of the parsed body.
        body: Digest,
        /// What was made.
        invitation: InvitationId,
        /// The guest, with whom the record dies.
        user: UserId,
        /// The store seals it.
        ticket: Secret,
        /// When the record ends.
        expires_at: Timestamp,
    },
    /// The idempotency records of a guest die.
    ForgetRequests {
        /// Whose.
        user: UserId,
    },
}

/// What kind of change of a user the change log tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words say it")]
pub enum UserChange {
    Updated,
    SoftDeleted,
    Restored,
}

/// What must still be true when a unit is applied. Each is a row count, never an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guard {
    /// No user of the tenant that is not deleted has `key` as an address of any kind.
    AddressFree {
        /// [`Address::key`].
        key: Box<str>,
    },
    /// No user of the tenant that is not deleted has `key` as mail or as a proxy address; other mails may say it.
    MailFree {
        /// [`Address::key`].
        key: Box<str>,
    },
    /// No user has this user principal name.
    UpnFree {
        /// In lower case.
        key: Box<str>,
    },
    /// The user stands at `version`.
    UserVersion {
        /// Which.
        user: UserId,
        /// Which version.
        version: u64,
    },
    /// The user is there, not deleted, enabled, and in state `PendingAcceptance`.
    UserPending {
        /// Which.
        user: UserId,
    },
    /// The user is there, not deleted, enabled, and in state `Accepted`.
    UserAccepted {
        /// Which.
        user: UserId,
    },
    /// The user is there and not deleted.
    UserThere {
        /// Which.
        user: UserId,
    },
    /// The invitation is pending.
    InvitationPending {
        /// Which.
        invitation: InvitationId,
    },
    /// The ticket is there, not revoked, and not expired at `now`.
    TicketLive {
        /// Its hash.
        ticket: Digest,
        /// Now.
        now: Timestamp,
    },
    /// The tenant's policies and verified domains stand at `version`.
    TenantPolicy {
        /// Which version.
        version: u64,
    },
    /// The idempotency key is unused, or its record has ended at `now`.
    KeyUnused {
        /// Scope of the key.
        scope: Digest,
        /// Now.
        now: Timestamp,
    },
    /// The address has not blocked this tenant (`is_blocked` false), or has.
    Blocked {
        /// Whom.
        key: Box<str>,
        /// Which of the two.
        is_blocked: bool,
    },
    /// A state change of this unit found nothing to do; only ever reported, never asked for.
    State,
    /// No tenant stands yet in the store; for `init`.
    NoTenant,
    /// No tenant has this verified domain.
    DomainFree {
        /// In lower case.
        name: Box<str>,
    },
}

/// A consent record: what a guest agreed to, when and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// Whose.
    pub user: UserId,
    /// In which redemption.
    pub invitation: InvitationId,
    /// When.
    pub at: Timestamp,
    /// Where from.
    pub client: Option<std::net::IpAddr>,
    /// The `User-Agent`, at most 512 characters.
    pub browser: Option<String>,
    /// Language tag of the page.
    pub language: String,
    /// The statement that was linked.
    pub privacy_url: Option<String>,
    /// SHA-256 of that URL's text (the document itself is never fetched).
    pub privacy_hash: Option<Digest>,
    /// Version of the words shown.
    pub wording_version: u32,
    /// `TenantPolicy::consent_version`.
    pub consent_version: u32,
}
