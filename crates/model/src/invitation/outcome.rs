//! What an invitation writes: a new guest, the same guest again, or a guest reset (T1, T2, T3, T14 of `redemption.md` 1.4).

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::address::Address;
use crate::audit::{Activity, AuditEvent, AuditTrail, Initiator, Target};
use crate::change::{Change, ChangeSet, Guard, UserChange};
use crate::guest_name::GuestNames;
use crate::id::UserId;
use crate::invitation::decide::{Case, NewInvitation};
use crate::invitation::{
    Ended, Invitation, InvitationRequest, InvitationStatus, MessageInfo, Ticket, inviter_of, mail,
};
use crate::user::{CreationType, GuestState, Identity, Profile, SignInType, User, UserProperty, UserType};

/// `additionalDetails` of what is told about an invitation (`graph.md` 3.15).
pub(super) const INVITATION: &str = "invitationId";

/// `additionalDetails` of what is told about an invitation (`graph.md` 3.15).
pub(super) const INVITED_ADDRESS: &str = "InvitedUserEmailAddress";

/// How long a repeated request is answered as the first one was (`redemption.md` 5.6).
const REMEMBERED_FOR: SignedDuration = SignedDuration::from_hours(24);

/// A request whose every value was found right.
pub(super) struct Asked<'a> {
    pub(super) request: &'a InvitationRequest,
    pub(super) message: MessageInfo,
    pub(super) address: Address,
    pub(super) redirect_url: String,
    pub(super) user_type: UserType,
    pub(super) sponsors: Vec<UserId>,
}

/// T1: somebody new.
pub(super) fn first(case: &Case<'_>, asked: Asked<'_>) -> NewInvitation {
    let user = new_guest(case, &asked);
    let sponsors = user.sponsors.clone();
    let mut writing = Writing::begin(case, &asked, &user, InvitationStatus::Pending);
    writing.guard(Guard::AddressFree { key: asked.address.key().into() });
    writing.guard(Guard::UpnFree { key: user.user_principal_name.to_ascii_lowercase().into() });
    for sponsor in &sponsors {
        writing.guard(Guard::UserThere { user: *sponsor });
    }
    writing.change(Change::CreateUser(Box::new(user.clone())));
    writing.invite();

    let trail = AuditTrail::of(writing.event(Activity::AddUser).on(added(&user)))
        .then(writing.invited(Activity::InviteExternalUser, Target::user(&user)));
    let trail = sponsors.iter().fold(trail, |trail, sponsor| {
        let named = Target::user(&user).changing("Sponsor", json!([]), json!([sponsor.to_string()]));
        trail.then(writing.event(Activity::AddUserSponsor).on(named))
    });
    writing.end(trail)
}

/// T2 and T3: the same guest again, in the same state.
pub(super) fn again(case: &Case<'_>, asked: Asked<'_>, user: &User, state: GuestState) -> NewInvitation {
    match state {
        GuestState::PendingAcceptance { .. } if user.invited_address.as_ref() == Some(&asked.address) => {
            // Not merely pending: a reset, or an invitation to another address, must not leave this link alive beside it.
            let guard = Guard::UserVersion { user: user.id, version: user.version };
            unchanged(case, asked, user, InvitationStatus::Pending, guard)
        }
        GuestState::PendingAcceptance { .. } => elsewhere(case, asked, user),
        GuestState::Accepted { .. } => {
            let at = case.context.now_in_seconds();
            let status = InvitationStatus::Completed { at };
            unchanged(case, asked, user, status, Guard::UserAccepted { user: user.id })
        }
    }
}

/// Nothing of the guest changes, and no version moves: fifty at once must not starve each other.
fn unchanged(
    case: &Case<'_>,
    asked: Asked<'_>,
    user: &User,
    status: InvitationStatus,
    guard: Guard,
) -> NewInvitation {
    let mut writing = Writing::begin(case, &asked, user, status);
    writing.guard(guard);
    writing.invite();

    let trail = AuditTrail::of(writing.invited(Activity::InviteExternalUser, Target::user(user)));
    writing.end(trail)
}

/// A pending guest invited at another of its addresses: the invited address moves, and links sent to the old one die
/// (`redemption.md` 2.2).
fn elsewhere(case: &Case<'_>, asked: Asked<'_>, user: &User) -> NewInvitation {
    let moved =
        User { version: user.version + 1, invited_address: Some(asked.address.clone()), ..user.clone() };
    let mut writing = Writing::begin(case, &asked, &moved, InvitationStatus::Pending);
    writing.guard(Guard::UserPending { user: user.id });
    writing.change(Change::UpdateUser {
        user: Box::new(moved.clone()),
        kind: UserChange::Updated,
        properties: vec![UserProperty::SignInNames],
    });
    writing.end_earlier_links();
    writing.invite();

    let trail = AuditTrail::of(writing.invited(Activity::InviteExternalUser, Target::user(&moved)));
    writing.end(trail)
}

/// T14: the same object starts anew, with another way to sign in.
pub(super) fn reset(case: &Case<'_>, asked: Asked<'_>, user: &User) -> NewInvitation {
    let now = case.context.now_in_seconds();
    let anew = User {
        version: user.version + 1,
        guest_state: Some(GuestState::PendingAcceptance { since: now }),
        invited_address: Some(asked.address.clone()),
        identities: user
            .identities
            .iter()
            .filter(|identity| identity.sign_in_type != SignInType::Federated)
            .cloned()
            .collect(),
        sign_in_sessions_valid_from: case.context.now,
        ..user.clone()
    };
    let mut writing = Writing::begin(case, &asked, &anew, InvitationStatus::Pending);
    writing.change(Change::UpdateUser {
        user: Box::new(anew.clone()),
        kind: UserChange::Updated,
        properties: vec![
            UserProperty::ExternalUserState,
            UserProperty::ExternalUserStateChangeDateTime,
            UserProperty::Identities,
            UserProperty::SignInNames,
            UserProperty::SignInSessionsValidFromDateTime,
        ],
    });
    writing.end_earlier_links();
    writing.invite();

    let pending = Target::user(&anew).changing("UserState", state(user), state(&anew));
    let trail = AuditTrail::of(writing.invited(Activity::ResetInvitation, pending));
    writing.end(trail)
}

/// A decision's parts while they are put together.
struct Writing<'a> {
    case: &'a Case<'a>,
    initiator: Initiator,
    invitation: Invitation,
    guest: User,
    guards: Vec<Guard>,
    changes: Vec<Change>,
}

impl<'a> Writing<'a> {
    fn begin(case: &'a Case<'a>, asked: &Asked<'_>, guest: &User, status: InvitationStatus) -> Self {
        let mut guards = vec![Guard::TenantPolicy { version: case.snapshot.policy_version }];
        if let Some(key) = case.question.key {
            guards.push(Guard::KeyUnused { scope: key.scope, now: case.context.now });
        }
        Self {
            case,
            initiator: Initiator::caller(case.question.caller, case.context),
            invitation: new_invitation(case, asked, guest, status),
            guest: guest.clone(),
            guards,
            changes: Vec::new(),
        }
    }

    fn guard(&mut self, guard: Guard) {
        self.guards.push(guard);
    }

    fn change(&mut self, change: Change) {
        self.changes.push(change);
    }

    /// Whatever was sent before leads nowhere any more.
    fn end_earlier_links(&mut self) {
        let (user, at) = (self.guest.id, self.case.context.now_in_seconds());
        self.change(Change::RevokeTickets { user, at });
        self.change(Change::EndInvitations { user, why: Ended::Superseded, at });
        self.change(Change::ForgetRequests { user });
    }

    /// The invitation, its ticket, and what is remembered of the request.
    fn invite(&mut self) {
        let drawn = self.case.given.drawn;
        let now = self.case.context.now;
        let (user, invitation) = (self.guest.id, self.invitation.id);
        self.change(Change::CreateInvitation(Box::new(self.invitation.clone())));
        self.change(Change::AddTicket(Ticket {
            hash: drawn.ticket_hash,
            invitation,
            user,
            created_at: now,
            expires_at: self.invitation.expires_at,
            revoked_at: None,
        }));
        if let Some(key) = self.case.question.key {
            self.change(Change::Remember {
                scope: key.scope,
                body: key.body,
                invitation,
                user,
                ticket: drawn.ticket.clone(),
                expires_at: now + REMEMBERED_FOR,
            });
        }
    }

    fn event(&self, activity: Activity) -> AuditEvent {
        AuditEvent::new(activity, self.initiator.clone(), self.case.context)
    }

    fn invited(&self, activity: Activity, guest: Target) -> AuditEvent {
        let event = self
            .event(activity)
            .on(guest)
            .with(INVITATION, self.invitation.id.to_string())
            .with(INVITED_ADDRESS, self.invitation.address.as_typed());
        if self.invitation.message.body.as_deref().is_none_or(str::is_empty) {
            return event;
        }
        event.with("customMessage", self.case.given.custom_message.as_str())
    }

    fn end(mut self, trail: AuditTrail) -> NewInvitation {
        let sending = mail::send(self.case, &self.invitation, &self.guest);
        self.guards.extend(sending.guards);
        let trail = sending.event.into_iter().fold(trail, AuditTrail::then);
        NewInvitation {
            invitation: self.invitation,
            guards: self.guards,
            change: ChangeSet::new(self.changes, trail),
            mail: sending.mail,
        }
    }
}

fn new_guest(case: &Case<'_>, asked: &Asked<'_>) -> User {
    let now = case.context.now_in_seconds();
    let initial = &case.snapshot.tenant.initial_domain;
    let typed = asked.address.as_typed().to_owned();
    let name =
        GuestNames::of(&asked.address, case.given.sha256).first_free(case.snapshot.taken_upns, initial);
    let display_name = asked.request.display_name.clone().filter(|name| !name.is_empty());
    let is_taken = case.snapshot.proxy_is_taken;
    User {
        id: case.context.new_id(),
        version: 1,
        identities: vec![Identity {
            sign_in_type: SignInType::UserPrincipalName,
            issuer: initial.clone(),
            issuer_assigned_id: Some(name.user_principal_name.clone()),
        }],
        user_principal_name: name.user_principal_name,
        mail_nickname: name.mail_nickname,
        is_display_name_derived: display_name.is_none(),
        display_name: display_name.unwrap_or_else(|| asked.address.local().to_owned()),
        mail: (!is_taken).then(|| typed.clone()),
        proxy_addresses: (!is_taken).then(|| format!("SMTP:{typed}")).into_iter().collect(),
        other_mails: vec![typed],
        user_type: asked.user_type,
        guest_state: Some(GuestState::PendingAcceptance { since: now }),
        invited_address: Some(asked.address.clone()),
        invited_by: Some(inviter_of(case.question.caller).0),
        creation_type: Some(CreationType::Invitation),
        created_at: now,
        deleted_at: None,
        account_enabled: true,
        sponsors: asked.sponsors.clone(),
        roles: Vec::new(),
        sign_in_sessions_valid_from: now,
        password_hash: None,
        profile: Profile::default(),
    }
}

fn new_invitation(case: &Case<'_>, asked: &Asked<'_>, guest: &User, status: InvitationStatus) -> Invitation {
    let now = case.context.now_in_seconds();
    let (inviter, inviter_name) = inviter_of(case.question.caller);
    Invitation {
        id: case.given.drawn.invitation,
        version: 1,
        user: guest.id,
        address: asked.address.clone(),
        display_name: asked.request.display_name.clone().filter(|name| !name.is_empty()),
        user_type: asked.user_type,
        redirect_url: asked.redirect_url.clone(),
        sends_message: asked.request.sends_message,
        message: asked.message.clone(),
        is_reset: asked.request.reset_redemption,
        status,
        inviter,
        inviter_name: inviter_name.to_owned(),
        inviter_mail: case.standing.user().and_then(|user| user.mail.clone()),
        created_at: now,
        expires_at: ends(now, case.given.rules.lifetime_days),
    }
}

fn ends(now: Timestamp, lifetime_days: u32) -> Option<Timestamp> {
    let lifetime = SignedDuration::from_hours(24 * i64::from(lifetime_days));
    (lifetime_days > 0).then(|| now.saturating_add(lifetime).unwrap_or(Timestamp::MAX))
}

fn added(user: &User) -> Target {
    let texts = |text: Option<&str>| text.map_or_else(|| json!([]), |text| json!([text]));
    Target::user(user)
        .changing("AccountEnabled", json!([]), json!([user.account_enabled]))
        .changing("CreationType", json!([]), json!(["Invitation"]))
        .changing("DisplayName", json!([]), json!([user.display_name]))
        .changing("Mail", json!([]), texts(user.mail.as_deref()))
        .changing("OtherMail", json!([]), json!(user.other_mails))
        .changing("UserPrincipalName", json!([]), json!([user.user_principal_name]))
        .changing("UserState", json!([]), state(user))
        .changing("UserType", json!([]), json!([user.user_type.as_str()]))
}

fn state(user: &User) -> Value {
    user.guest_state.map_or_else(|| json!([]), |state| json!([state.as_str()]))
}
