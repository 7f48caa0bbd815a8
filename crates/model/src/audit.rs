//! Audit events: typed, so that a directory change without one cannot be built.

mod property;

pub use property::AuditProperty;

use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::caller::Caller;
use crate::clock::Context;
use crate::id::{AppId, AuditId, ServicePrincipalId, UserId};
use crate::user::{User, UserType};

/// One audit event or more, in the order in which they happened.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditTrail {
    first: AuditEvent,
    rest: Vec<AuditEvent>,
}

impl AuditTrail {
    /// A trail of one.
    pub fn of(first: AuditEvent) -> Self {
        Self { first, rest: Vec::new() }
    }

    /// The same with `event` at its end.
    #[must_use]
    pub fn then(mut self, event: AuditEvent) -> Self {
        self.rest.push(event);
        self
    }

    /// The events in order.
    pub fn iter(&self) -> impl Iterator<Item = &AuditEvent> {
        std::iter::once(&self.first).chain(&self.rest)
    }
}

/// Something that happened, for ever. Never holds a ticket, a passcode or a redeem URL.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuditEvent {
    /// Ascends with time.
    pub id: AuditId,
    /// With the fraction of the second.
    pub at: Timestamp,
    /// What happened.
    pub activity: Activity,
    /// Whether it did.
    pub outcome: Outcome,
    /// Who did it.
    pub initiator: Initiator,
    /// To whom or what; the first is the one that matters most.
    pub targets: Vec<Target>,
    /// `additionalDetails`, in order.
    pub details: Vec<(String, String)>,
    /// Joins the events of one request.
    pub correlation: Uuid,
}

impl AuditEvent {
    /// A success of `activity` by `initiator`, now.
    pub fn new(activity: Activity, initiator: Initiator, context: &Context) -> Self {
        Self {
            id: context.new_id(),
            at: context.now,
            activity,
            outcome: Outcome::Success,
            initiator,
            targets: Vec::new(),
            details: Vec::new(),
            correlation: context.correlation,
        }
    }

    /// The same, but it failed.
    #[must_use]
    pub fn failed(mut self, reason: impl Into<String>) -> Self {
        self.outcome = Outcome::Failure { reason: reason.into() };
        self
    }

    /// The same, with one more target.
    #[must_use]
    pub fn on(mut self, target: Target) -> Self {
        self.targets.push(target);
        self
    }

    /// The same, with one more detail.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.details.push((key.into(), value.into()));
        self
    }
}

/// `result` and `resultReason`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// It happened.
    Success,
    /// It was tried.
    Failure {
        /// Why not, in plain words.
        reason: String,
    },
}

impl Outcome {
    /// `result`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure { .. } => "failure",
        }
    }
}

/// `initiatedBy`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Initiator {
    /// A user, through an application or at a page.
    User {
        /// The object id.
        id: UserId,
        /// At the time.
        display_name: String,
        /// At the time.
        user_principal_name: String,
        /// Guest or member.
        user_type: UserType,
        /// Where from.
        address: Option<IpAddr>,
    },
    /// An application by itself.
    App {
        /// The client id.
        app: AppId,
        /// At the time.
        display_name: String,
        /// Its object id.
        service_principal: ServicePrincipalId,
    },
    /// A service of our own, such as mail delivery.
    Service {
        /// Its name.
        name: String,
    },
}

impl Initiator {
    /// Whoever calls.
    pub fn caller(caller: &Caller, context: &Context) -> Self {
        match &caller.user {
            Some(user) => Self::User {
                id: user.id,
                display_name: user.display_name.clone(),
                user_principal_name: user.user_principal_name.clone(),
                user_type: user.user_type,
                address: context.client,
            },
            None => Self::App {
                app: caller.app.app,
                display_name: caller.app.display_name.clone(),
                service_principal: caller.app.service_principal,
            },
        }
    }

    /// The guest at the browser.
    pub fn guest(user: &User, context: &Context) -> Self {
        Self::User {
            id: user.id,
            display_name: user.display_name.clone(),
            user_principal_name: user.user_principal_name.clone(),
            user_type: user.user_type,
            address: context.client,
        }
    }
}

/// One of `targetResources`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// What kind of object it is.
    pub kind: TargetKind,
    /// Its id, as text: policies have names.
    pub id: String,
    /// At the time.
    pub display_name: Option<String>,
    /// Users only.
    pub user_principal_name: Option<String>,
    /// What changed.
    pub modified: Vec<Modified>,
}

impl Target {
    /// A user, without changes.
    pub fn user(user: &User) -> Self {
        Self {
            kind: TargetKind::User,
            id: user.id.to_string(),
            display_name: Some(user.display_name.clone()),
            user_principal_name: Some(user.user_principal_name.clone()),
            modified: Vec::new(),
        }
    }

    /// Anything that is not a user.
    pub fn of(kind: TargetKind, id: impl Into<String>, display_name: impl Into<String>) -> Self {
        Self {
            kind,
            id: id.into(),
            display_name: Some(display_name.into()),
            user_principal_name: None,
            modified: Vec::new(),
        }
    }

    /// The same, with one more changed property.
    #[must_use]
    pub fn changing(mut self, property: &str, old: Value, new: Value) -> Self {
        self.modified.push(Modified { property: property.into(), old, new });
        self
    }
}

/// `targetResources.type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the published values")]
pub enum TargetKind {
    User,
    Policy,
    ServicePrincipal,
    Other,
}

impl TargetKind {
    /// The canonical text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Policy => "Policy",
            Self::ServicePrincipal => "ServicePrincipal",
            Self::Other => "Other",
        }
    }
}

/// One changed property, both values as JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Modified {
    /// As Entra names it in audit logs.
    pub property: String,
    /// Before.
    pub old: Value,
    /// After.
    pub new: Value,
}

/// What an audit event tells of. The names are Entra's where it has one (`redemption.md` 1.4, `graph.md` 3.15).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "each says its name below")]
pub enum Activity {
    AddUser,
    UpdateUser,
    DeleteUser,
    DisableAccount,
    EnableAccount,
    AddUserSponsor,
    InviteExternalUser,
    ResetInvitation,
    RedeemInvite,
    DeleteExternalUser,
    DeclineInvite,
    InvitationEmail,
    EmailUnsubscribed,
    EmailSubscribed,
    EmailNotSent,
    UpdateAuthorizationPolicy,
    UpdatePolicy,
    CreateCompany,
    AddVerifiedDomain,
    AddApplication,
}

impl Activity {
    /// Every activity, for reading a filter.
    pub const ALL: &[Self] = &[
        Self::AddUser,
        Self::UpdateUser,
        Self::DeleteUser,
        Self::DisableAccount,
        Self::EnableAccount,
        Self::AddUserSponsor,
        Self::InviteExternalUser,
        Self::ResetInvitation,
        Self::RedeemInvite,
        Self::DeleteExternalUser,
        Self::DeclineInvite,
        Self::InvitationEmail,
        Self::EmailUnsubscribed,
        Self::EmailSubscribed,
        Self::EmailNotSent,
        Self::UpdateAuthorizationPolicy,
        Self::UpdatePolicy,
        Self::CreateCompany,
        Self::AddVerifiedDomain,
        Self::AddApplication,
    ];

    /// `activityDisplayName`.
    pub fn name(self) -> &'static str {
        match self {
            Self::AddUser => "Add user",
            Self::UpdateUser => "Update user",
            Self::DeleteUser => "Delete user",
            Self::DisableAccount => "Disable account",
            Self::EnableAccount => "Enable account",
            Self::AddUserSponsor => "Add user sponsor",
            Self::InviteExternalUser => "Invite external user",
            Self::ResetInvitation => "Invite external user with reset invitation status",
            Self::RedeemInvite => "Redeem external user invite",
            Self::DeleteExternalUser => "Delete external user",
            Self::DeclineInvite => "Decline external user invite",
            Self::InvitationEmail => "Invitation Email",
            Self::EmailUnsubscribed => "Email unsubscribed",
            Self::EmailSubscribed => "Email subscribed",
            Self::EmailNotSent => "Email not sent, user unsubscribed",
            Self::UpdateAuthorizationPolicy => "Update authorization policy",
            Self::UpdatePolicy => "Update policy",
            Self::CreateCompany => "Create company",
            Self::AddVerifiedDomain => "Add verified domain",
            Self::AddApplication => "Add application",
        }
    }

    /// `category`.
    pub fn category(self) -> &'static str {
        match self {
            Self::UpdateAuthorizationPolicy => "AuthorizationPolicy",
            Self::UpdatePolicy => "Policy",
            Self::CreateCompany | Self::AddVerifiedDomain => "DirectoryManagement",
            Self::AddApplication => "ApplicationManagement",
            Self::AddUser
            | Self::UpdateUser
            | Self::DeleteUser
            | Self::DisableAccount
            | Self::EnableAccount
            | Self::AddUserSponsor
            | Self::InviteExternalUser
            | Self::ResetInvitation
            | Self::RedeemInvite
            | Self::DeleteExternalUser
            | Self::DeclineInvite
            | Self::InvitationEmail
            | Self::EmailUnsubscribed
            | Self::EmailSubscribed
            | Self::EmailNotSent => "UserManagement",
        }
    }

    /// `loggedByService`.
    pub fn service(self) -> &'static str {
        match self {
            Self::AddUser
            | Self::UpdateUser
            | Self::DeleteUser
            | Self::DisableAccount
            | Self::EnableAccount
            | Self::AddUserSponsor
            | Self::UpdateAuthorizationPolicy
            | Self::UpdatePolicy
            | Self::CreateCompany
            | Self::AddVerifiedDomain
            | Self::AddApplication => "Core Directory",
            Self::InviteExternalUser
            | Self::ResetInvitation
            | Self::RedeemInvite
            | Self::DeleteExternalUser
            | Self::DeclineInvite
            | Self::InvitationEmail
            | Self::EmailUnsubscribed
            | Self::EmailSubscribed
            | Self::EmailNotSent => "Invited Users",
        }
    }

    /// `operationType`.
    pub fn operation(self) -> &'static str {
        match self {
            Self::AddUser
            | Self::InviteExternalUser
            | Self::CreateCompany
            | Self::AddVerifiedDomain
            | Self::AddApplication => "Add",
            Self::DeleteUser | Self::DeleteExternalUser => "Delete",
            Self::AddUserSponsor => "Assign",
            Self::UpdateUser
            | Self::DisableAccount
            | Self::EnableAccount
            | Self::ResetInvitation
            | Self::RedeemInvite
            | Self::DeclineInvite
            | Self::InvitationEmail
            | Self::EmailUnsubscribed
            | Self::EmailSubscribed
            | Self::EmailNotSent
            | Self::UpdateAuthorizationPolicy
            | Self::UpdatePolicy => "Update",
        }
    }
}
