//! Whether an invitation's mail leaves, to whom, and what it says (`redemption.md` 3.1–3.5, T20, T21).

use jiff::SignedDuration;

use crate::address::Address;
use crate::audit::{Activity, AuditEvent, Initiator, Target};
use crate::change::Guard;
use crate::invitation::decide::{Case, Snapshot};
use crate::invitation::outcome::{INVITATION, INVITED_ADDRESS};
use crate::invitation::{Invitation, InvitationStatus, Recipient};
use crate::message::{InvitationMail, Lane, MailInviter, Message, Organization, Payload};
use crate::user::User;

/// How long the outbox tries (`redemption.md` 3.6).
const TRIED_FOR: SignedDuration = SignedDuration::from_hours(48);

/// The initiator of what mail delivery tells.
pub const MAIL_SERVICE: &str = "Invitation mail";

/// What an invitation sends, or why it sends nothing.
#[derive(Debug, Default)]
pub(super) struct Sending {
    pub(super) mail: Vec<Message>,
    pub(super) event: Option<AuditEvent>,
    pub(super) guards: Vec<Guard>,
}

/// The guest's mail and one copy for everybody kept in the loop. Nothing for a guest who accepted before (T3), for one who
/// blocked the organisation (T20), or when the server has no way to send (T21).
pub(super) fn send(case: &Case<'_>, invitation: &Invitation, guest: &User) -> Sending {
    if !invitation.sends_message || invitation.status != InvitationStatus::Pending {
        return Sending::default();
    }
    let block = |key: &str, is_blocked| Guard::Blocked { key: key.into(), is_blocked };
    let key = invitation.address.key();
    if case.snapshot.is_blocked {
        let initiator = Initiator::caller(case.question.caller, case.context);
        let event = AuditEvent::new(Activity::EmailNotSent, initiator, case.context)
            .on(Target::user(guest))
            .with(INVITATION, invitation.id.to_string())
            .with(INVITED_ADDRESS, invitation.address.as_typed());
        return Sending { event: Some(event), guards: vec![block(key, true)], mail: Vec::new() };
    }
    if !case.given.rules.sends_mail {
        return Sending { event: Some(unsent(case, invitation, guest)), ..Sending::default() };
    }

    let mail = letter(case, invitation, guest);
    let guards = std::iter::once(key)
        .chain(mail.cc.iter().map(|copied| copied.address.key()))
        .map(|key| block(key, false));
    Sending { guards: guards.collect(), mail: envelopes(case, guest, &mail), event: None }
}

fn unsent(case: &Case<'_>, invitation: &Invitation, guest: &User) -> AuditEvent {
    let initiator = Initiator::Service { name: MAIL_SERVICE.into() };
    AuditEvent::new(Activity::InvitationEmail, initiator, case.context)
        .failed("no mail server is configured")
        .on(Target::user(guest))
        .with(INVITATION, invitation.id.to_string())
        .with("recipient", invitation.address.as_typed())
}

fn envelopes(case: &Case<'_>, guest: &User, mail: &InvitationMail) -> Vec<Message> {
    let envelope = |to: &Address, payload| Message {
        id: case.context.new_id(),
        lane: Lane::Ordinary,
        to: to.clone(),
        due_at: case.context.now,
        ends_at: case.context.now + TRIED_FOR,
        payload,
        about: guest.id,
        correlation: case.context.correlation,
        ticket: Some(case.given.drawn.ticket_hash),
    };
    // A copy has no way to redeem, nor to block in the guest's name.
    let copy = InvitationMail { redeem_url: String::new(), block_url: String::new(), ..mail.clone() };
    let to_guest = envelope(&mail.invited, Payload::Invitation(Box::new(mail.clone())));
    let copies =
        mail.cc.iter().map(|to| envelope(&to.address, Payload::InvitationCopy(Box::new(copy.clone()))));

    std::iter::once(to_guest).chain(copies).collect()
}

fn letter(case: &Case<'_>, invitation: &Invitation, guest: &User) -> InvitationMail {
    let caller = case.question.caller;
    let inviter = match case.standing.user() {
        Some(user) => MailInviter::Person { name: user.display_name.clone(), mail: user.mail.clone() },
        None => MailInviter::Application { name: caller.app.display_name.clone() },
    };
    InvitationMail {
        invitation: invitation.id,
        invited: invitation.address.clone(),
        invited_name: (!guest.is_display_name_derived).then(|| guest.display_name.clone()),
        cc: copied(case.snapshot, invitation),
        languages: languages(case.snapshot, invitation, guest),
        organization: organization(case.snapshot),
        inviter,
        body: case.given.custom_message.words_of(invitation).map(str::to_owned),
        redeem_url: case.given.drawn.redeem_url.expose().to_owned(),
        redirect_url: invitation.redirect_url.clone(),
        expires_at: invitation.expires_at,
        block_url: case.given.drawn.block_url.expose().to_owned(),
    }
}

/// Each address once, without the guest's own and without those who blocked the organisation.
fn copied(snapshot: &Snapshot<'_>, invitation: &Invitation) -> Vec<Recipient> {
    let mut kept: Vec<Recipient> = Vec::new();
    for recipient in &invitation.message.cc {
        let address = &recipient.address;
        let is_left_out = *address == invitation.address
            || snapshot.blocked_cc.iter().any(|key| key == address.key())
            || kept.iter().any(|other| other.address == *address);
        if !is_left_out {
            kept.push(recipient.clone());
        }
    }
    kept
}

/// The wishes in the order of `redemption.md` 3.2; the last resort is the courier's.
fn languages(snapshot: &Snapshot<'_>, invitation: &Invitation, guest: &User) -> Vec<String> {
    let wishes = [
        invitation.message.language.as_deref(),
        guest.profile.preferred_language.as_deref(),
        snapshot.home_language,
        snapshot.tenant.preferred_language.as_deref(),
    ];
    wishes.into_iter().flatten().filter(|tag| !tag.is_empty()).map(str::to_owned).collect()
}

fn organization(snapshot: &Snapshot<'_>) -> Organization {
    let primary = snapshot.domains.iter().find(|domain| domain.is_default);
    Organization {
        name: snapshot.tenant.display_name.clone(),
        domain: primary.map_or_else(|| snapshot.tenant.initial_domain.clone(), |domain| domain.name.clone()),
        privacy_url: snapshot.tenant.privacy_statement_url.clone(),
    }
}
