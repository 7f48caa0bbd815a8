//! Why the model says no. Knows nothing of HTTP or storage; every surface gives each its words.

use crate::address::Address;
use crate::audit::AuditEvent;
use crate::id::UserId;
use crate::invitation::Malformed;
use crate::user::UserProperty;

/// A refusal that may leave an audit record, and nothing else.
#[derive(Clone, Debug)]
pub struct Refused<R = Refusal> {
    /// Why not.
    pub why: R,
    /// What is recorded of it.
    pub record: Option<Box<AuditEvent>>,
}

impl<R> Refused<R> {
    /// A refusal without a record.
    pub fn silently(why: R) -> Self {
        Self { why, record: None }
    }
}

impl<R> From<R> for Refused<R> {
    fn from(why: R) -> Self {
        Self::silently(why)
    }
}

/// Why an object may not be read or changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The token lacks every permission that would do, or the user lacks the role.
    NotAllowed,
    /// The caller's application or user is gone or disabled, or its tokens were revoked.
    CallerRevoked,
    /// There is no such object for this caller.
    NotFound {
        /// As the caller named it.
        key: String,
    },
    /// The property cannot be set.
    ReadOnly {
        /// Which.
        property: UserProperty,
    },
    /// The property must have a value.
    Required {
        /// Which.
        property: UserProperty,
    },
    /// The value is too long, empty, or not one of those that may be.
    InvalidValue {
        /// Which.
        property: UserProperty,
    },
    /// More than one value was invalid.
    InvalidValues,
    /// Another user has that user principal name or address.
    Taken {
        /// `UserPrincipalName` or `ProxyAddresses`.
        property: UserProperty,
    },
    /// The user principal name is not one that this tenant can give.
    InvalidUserPrincipalName,
    /// The mail address would be one proxy address too many.
    TooManyProxyAddresses {
        /// How many there would be.
        count: usize,
        /// How many there may be.
        most: usize,
    },
    /// The filter would read too much.
    TooExpensive,
    /// The page token is not one of ours, or belongs to another query.
    BadPageToken,
}

/// Why an invitation may not be made, in the order in which it is checked (`graph.md` 1.12).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvitationRefusal {
    /// The caller is gone, disabled or revoked: the token no longer counts.
    CallerRevoked,
    /// E1: no permission to invite.
    NotPermitted,
    /// E2: `allowInvitesFrom`.
    InvitesOff,
    /// 415, 413, E0, malformed JSON, unknown property, E20, malformed key.
    Malformed(Malformed),
    /// E22: the key was used with another body.
    KeyReused,
    /// E18.
    TooManyCc {
        /// How many there may be.
        at_most: usize,
    },
    /// E19.
    InvalidValue {
        /// Wire name of the property; a word of the contract's text.
        property: &'static str,
    },
    /// E3.
    NoAddress,
    /// E3b.
    BadAddress,
    /// E4.
    NoRedirectUrl,
    /// E5.
    BadRedirectUrl,
    /// E9, the text.
    BadUserType,
    /// E9, the right.
    MayNotInviteMembers,
    /// E13.
    ResetWithoutUser,
    /// E14.
    MayNotReset,
    /// E12, as the caller named it.
    NoSuchUser {
        /// The id.
        id: String,
    },
    /// 1.11.
    NoSuchSponsor {
        /// The id.
        id: String,
    },
    /// E11.
    NotAnAddressOfUser,
    /// E6.
    DomainBlocked,
    /// E17.
    Ambiguous,
    /// E16.
    AccountDisabled {
        /// Whose.
        user: UserId,
    },
    /// E15.
    AlreadyInDirectory {
        /// Who.
        user: UserId,
    },
    /// E8.
    VerifiedDomain,
    /// Conversion of internal users is not built yet: 501.
    ConversionNotBuilt,
}

/// Why a guest cannot go on redeeming. Each is a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RedemptionRefusal {
    /// S-E1: the link leads to nothing.
    NoSuchLink,
    /// S-E2: the page was open too long, or this was done before in another tab.
    FlowGone,
    /// S-E3: the link was right but is dead.
    Ended(crate::invitation::Ended),
    /// S-E8.
    DomainBlocked {
        /// The address that was invited.
        address: Address,
    },
    /// S-E9.
    AccountDisabled,
    /// There is no proof, or it is of somebody else.
    NotProved,
    /// S-E11: the block was lifted [`LIFTS_PER_HOUR`](crate::redemption::LIFTS_PER_HOUR) times.
    LiftedTooOften {
        /// How long until it may be lifted again.
        wait: jiff::SignedDuration,
    },
}
