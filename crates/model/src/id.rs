//! Identifiers, one type for each kind of thing, so that they cannot be taken for one another.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// The sixteen bytes that the store keeps.
            pub fn as_bytes(&self) -> &[u8; 16] { self.0.as_bytes() }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.fmt(f) }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> { Uuid::try_parse(text).map(Self) }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self { Self(id) }
        }
    )*};
}

ids! {
    /// A tenant: an organisation with a directory of its own. Version 4.
    TenantId;
    /// A user of one tenant, guest or member. Version 7.
    UserId;
    /// One invitation; Graph's `invitation.id`, and `user=` in the redeem URL. Version 7.
    InvitationId;
    /// The client id of an application (`appId`). Version 4.
    AppId;
    /// The object id of an application registration. Version 7.
    ApplicationId;
    /// The object id of an application's service principal in its tenant; the `oid` of its tokens. Version 7.
    ServicePrincipalId;
    /// One audit event. Version 7, so that events ascend as they were written.
    AuditId;
    /// One outbox row, that is one envelope recipient of one mail. Version 7.
    MessageId;
}

/// The SHA-256 of a secret, or an HMAC under a server key: what is kept where the secret itself must not be.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Digest(pub [u8; 32]);

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(…)")
    }
}
