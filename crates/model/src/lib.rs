//! What is true: types, rules and decisions. Pure: no IO, no clock, no randomness, no HTTP, SQL or language.
//!
//! A rule lives here and nowhere else. Surfaces translate requests into the types of this room, `directory` loads a
//! snapshot, a `decide` function answers with a value ([`ChangeSet`] or a refusal), and `store` makes it durable.
//! Start reading at [`invitation`] for what may be asked, [`change`] for what a write is, [`refusal`] for how we say no.

pub mod address;
pub mod application;
pub mod arrival;
pub mod audit;
pub mod caller;
pub mod change;
pub mod clock;
pub mod guest_name;
pub mod id;
pub mod invitation;
pub mod keys;
pub mod message;
pub mod permission;
pub mod policy;
pub mod proof;
pub mod reading;
pub mod redemption;
pub mod refusal;
pub mod secret;
pub mod standing;
pub mod state;
pub mod tenant;
pub mod user;

#[cfg(test)]
mod testing;

pub use address::{Address, AddressError};
pub use application::{Application, ClientSecret};
pub use arrival::{Arrival, Silence};
pub use audit::{Activity, AuditEvent, AuditTrail, Initiator, Outcome};
pub use caller::{Caller, CallingApp, CallingUser};
pub use change::{Change, ChangeSet, Guard, UserChange};
pub use clock::{Clock, Context, Ids};
pub use id::{
    AppId, ApplicationId, AuditId, Digest, InvitationId, MessageId, ServicePrincipalId, TenantId, UserId,
};
pub use invitation::{Invitation, InvitationStatus, Ticket};
pub use keys::{PurposeKey, PurposeKeys};
pub use message::{Lane, Message, Payload};
pub use permission::{DirectoryRole, Permission};
pub use policy::TenantPolicy;
pub use proof::{Method, Proof};
pub use refusal::Refusal;
pub use secret::Secret;
pub use standing::Standing;
pub use state::StateChange;
pub use tenant::{Tenant, VerifiedDomain};
pub use user::{GuestState, User, UserProperty, UserType};
