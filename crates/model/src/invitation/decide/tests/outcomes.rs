//! What an invitation writes, tells and mails.

use super::super::*;
use super::scene::Scene;
use crate::change::Change;
use crate::invitation::RequestedRecipient;
use crate::message::{InvitationMail, MailInviter, Payload};
use crate::permission::Permission as P;
use crate::testing::{accepted_guest, administrator, guest, member};
use crate::user::{Inviter, SignInType, UserType};

fn made(new: &NewInvitation) -> &User {
    let Change::CreateUser(user) = &new.change.changes()[0] else { panic!("nobody was made") };
    user
}

fn kinds(new: &NewInvitation) -> Vec<&'static str> {
    new.change
        .changes()
        .iter()
        .map(|change| match change {
            Change::CreateUser(_) => "user",
            Change::UpdateUser { .. } => "update",
            Change::CreateInvitation(_) => "invitation",
            Change::AddTicket(_) => "ticket",
            Change::RevokeTickets { .. } => "revoke",
            Change::EndInvitations { .. } => "end",
            Change::Remember { .. } => "remember",
            Change::ForgetRequests { .. } => "forget",
            other => panic!("{other:?}"),
        })
        .collect()
}

fn told(new: &NewInvitation) -> Vec<&'static str> {
    new.change.audit().iter().map(|event| event.activity.name()).collect()
}

#[test]
fn a_new_guest_looks_as_the_contract_says() {
    let new = Scene::new().invites();

    let user = made(&new);
    let upn = "Taylor_fabrikam.com#EXT#@contoso.onmicrosoft.com";
    assert_eq!(user.user_principal_name, upn);
    assert_eq!(user.mail_nickname, "Taylor_fabrikam.com#EXT#");
    assert_eq!((user.display_name.as_str(), user.is_display_name_derived), ("Taylor", true));
    assert_eq!(user.mail.as_deref(), Some("Taylor@fabrikam.com"));
    assert_eq!(user.other_mails, ["Taylor@fabrikam.com"]);
    assert_eq!(user.proxy_addresses, ["SMTP:Taylor@fabrikam.com"]);
    assert_eq!(user.user_type, UserType::Guest);
    assert_eq!(user.created_at.to_string(), "2026-11-20T12:00:00Z");
    assert_eq!(user.guest_state, Some(GuestState::PendingAcceptance { since: user.created_at }));
    assert_eq!(user.identities.len(), 1);
    assert_eq!(user.identities[0].issuer, "contoso.onmicrosoft.com");
    assert_eq!(user.identities[0].issuer_assigned_id.as_deref(), Some(upn));
    assert!(user.sponsors.is_empty());
    assert!(user.account_enabled);
    assert!(matches!(user.invited_by, Some(Inviter::Application(_))));
    assert_eq!(new.invitation.status.as_str(), "PendingAcceptance");
    assert_eq!(kinds(&new), ["user", "invitation", "ticket"]);
    assert!(new.mail.is_empty());
}

#[test]
fn an_address_that_another_object_owns_is_kept_in_other_mails_only() {
    let new = Scene::new().with(|scene| scene.proxy_is_taken = true).invites();

    let user = made(&new);
    assert_eq!((&user.mail, &user.proxy_addresses[..]), (&None, &[][..]));
    assert_eq!(user.other_mails, ["Taylor@fabrikam.com"]);
}

#[test]
fn a_user_principal_name_that_is_taken_gets_a_number() {
    let taken = vec!["taylor_fabrikam.com#ext#@contoso.onmicrosoft.com".to_owned()];
    let new = Scene::new().with(|scene| scene.taken_upns = taken).invites();

    assert_eq!(made(&new).user_principal_name, "Taylor_fabrikam.com_2#EXT#@contoso.onmicrosoft.com");
}

#[test]
fn a_first_invitation_is_guarded_by_address_name_and_policy() {
    let new = Scene::new().invites();

    assert_eq!(
        new.guards,
        [
            Guard::TenantPolicy { version: 7 },
            Guard::AddressFree { key: "taylor@fabrikam.com".into() },
            Guard::UpnFree { key: "taylor_fabrikam.com#ext#@contoso.onmicrosoft.com".into() },
        ]
    );
}

#[test]
fn what_is_told_comes_in_the_order_seen_at_the_real_service() {
    let ann = member();
    let new = Scene::new().with(|scene| scene.signed_in(&ann, &[P::UserInviteAll])).invites();

    assert_eq!(told(&new), ["Add user", "Invite external user", "Add user sponsor"]);
    assert_eq!(made(&new).sponsors, [ann.id], "who invites becomes the sponsor");
    let invited = new.change.audit().iter().nth(1).unwrap();
    assert_eq!(invited.details[0], ("invitationId".into(), new.invitation.id.to_string()));
    assert_eq!(invited.details[1], ("InvitedUserEmailAddress".into(), "Taylor@fabrikam.com".into()));
}

#[test]
fn sponsors_who_are_named_replace_the_inviter_and_must_still_be_there_at_the_commit() {
    let kim = administrator();
    let new = Scene::new()
        .with(|scene| {
            scene.signed_in(&member(), &[P::UserInviteAll]);
            scene.sponsors = vec![kim.id];
            scene.body(|body| body.sponsors = Some(vec![kim.id.to_string(), kim.id.to_string()]));
        })
        .invites();

    assert_eq!(made(&new).sponsors, [kim.id]);
    assert!(new.guards.contains(&Guard::UserThere { user: kim.id }));
}

#[test]
fn a_pending_guest_is_invited_again_without_being_changed() {
    let taylor = guest("taylor@fabrikam.com");
    let new = Scene::new().with(|scene| scene.users_at = vec![taylor.clone()]).invites();

    assert_eq!(new.invitation.user, taylor.id);
    assert_eq!(kinds(&new), ["invitation", "ticket"]);
    assert_eq!(told(&new), ["Invite external user"]);
    let as_it_was = Guard::UserVersion { user: taylor.id, version: taylor.version };
    assert!(new.guards.contains(&as_it_was), "a reset in between would have killed this link");
}

#[test]
fn a_pending_guest_invited_at_another_address_of_its_own_can_use_only_the_new_link() {
    let taylor = User { other_mails: vec!["taylor@home.example".into()], ..guest("taylor@fabrikam.com") };
    let new = Scene::new()
        .with(|scene| {
            scene.users_at = vec![taylor.clone()];
            scene.body(|body| body.email_address = Some("taylor@home.example".into()));
        })
        .invites();

    assert_eq!(kinds(&new), ["update", "revoke", "end", "forget", "invitation", "ticket"]);
    let Change::UpdateUser { user, .. } = &new.change.changes()[0] else { panic!("no update") };
    assert_eq!(user.sign_in_names(), ["taylor@home.example"]);
    assert_eq!(user.guest_state, taylor.guest_state, "the time of the state stays");
    assert_eq!(told(&new), ["Invite external user"]);
}

#[test]
fn a_guest_who_accepted_gets_a_completed_invitation_and_no_mail() {
    let taylor = accepted_guest("taylor@fabrikam.com");
    let new = Scene::new()
        .with(|scene| {
            scene.users_at = vec![taylor.clone()];
            scene.body(|body| body.sends_message = true);
        })
        .invites();

    assert_eq!(new.invitation.status.as_str(), "Completed");
    assert!(new.mail.is_empty());
    assert!(new.guards.contains(&Guard::UserAccepted { user: taylor.id }));
}

#[test]
fn a_reset_keeps_the_object_and_drops_every_way_in() {
    let taylor = User {
        other_mails: vec!["taylor@fabrikam.com".into(), "taylor@home.example".into()],
        ..accepted_guest("taylor@fabrikam.com")
    };
    let new = Scene::new()
        .with(|scene| {
            scene.caller.permissions = vec![P::UserReadWriteAll];
            scene.naming(taylor.clone());
            scene.body(|body| {
                body.reset_redemption = true;
                body.email_address = Some("Taylor@Home.example".into());
            });
        })
        .invites();

    assert_eq!(kinds(&new), ["update", "revoke", "end", "forget", "invitation", "ticket"]);
    assert_eq!(told(&new), ["Invite external user with reset invitation status"]);
    let Change::UpdateUser { user, .. } = &new.change.changes()[0] else { panic!("no update") };
    assert_eq!((user.id, user.version), (taylor.id, taylor.version + 1));
    assert_eq!(user.user_principal_name, taylor.user_principal_name);
    assert!(user.identities.iter().all(|identity| identity.sign_in_type != SignInType::Federated));
    assert_eq!(user.sign_in_names(), ["taylor@home.example"]);
    assert_eq!(user.guest_state.map(GuestState::as_str), Some("PendingAcceptance"));
    assert!(user.sign_in_sessions_valid_from > taylor.sign_in_sessions_valid_from);
    assert!(new.invitation.is_reset);
    assert_eq!(new.invitation.status.as_str(), "PendingAcceptance");
}

#[test]
fn a_lifetime_ends_invitation_and_ticket_alike() {
    let new = Scene::new().with(|scene| scene.rules.lifetime_days = 30).invites();

    assert_eq!(new.invitation.expires_at.unwrap().to_string(), "2026-12-20T12:00:00Z");
    let Change::AddTicket(ticket) = &new.change.changes()[2] else { panic!("no ticket") };
    assert_eq!(ticket.expires_at, new.invitation.expires_at);
    assert_eq!(Scene::new().invites().invitation.expires_at, None);
}

#[test]
fn a_repeatable_request_is_remembered_with_its_guard() {
    let key = IdempotencyKey { scope: Digest([1; 32]), body: Digest([2; 32]) };
    let new = Scene::new().with(|scene| scene.key = Some(key)).invites();

    assert_eq!(kinds(&new), ["user", "invitation", "ticket", "remember"]);
    assert!(matches!(new.guards[1], Guard::KeyUnused { scope, .. } if scope == Digest([1; 32])));
}

/// Asks for a mail with three copies: one to the guest itself, one to somebody who blocked us, one that counts.
fn with_copies(scene: &mut Scene) {
    let copied = |typed: &str| RequestedRecipient { name: Some("Ann".into()), address: Some(typed.into()) };
    scene.blocked_cc = vec!["blocked@partner.example".into()];
    scene.body(|body| {
        body.sends_message = true;
        body.message_body = Some("Welcome!".into());
        body.message_language = Some("fr_CA".into());
        body.cc = ["TAYLOR@fabrikam.com", "Blocked@partner.example", "ann@contoso.com", "Ann@contoso.com"]
            .map(copied)
            .to_vec();
    });
}

fn letter(message: &Message) -> (&'static str, &InvitationMail) {
    match &message.payload {
        Payload::Invitation(mail) => ("to the guest", mail),
        Payload::InvitationCopy(mail) => ("a copy", mail),
        Payload::Passcode(_) => panic!("a passcode"),
    }
}

#[test]
fn each_recipient_gets_one_mail_and_only_the_guest_a_way_to_redeem() {
    let new = Scene::new().with(with_copies).invites();

    let envelopes: Vec<_> =
        new.mail.iter().map(|message| (letter(message).0, message.to.as_typed())).collect();
    assert_eq!(envelopes, [("to the guest", "Taylor@fabrikam.com"), ("a copy", "ann@contoso.com")]);
    let (_, to_guest) = letter(&new.mail[0]);
    let (_, copy) = letter(&new.mail[1]);
    assert_eq!(to_guest.redeem_url, "https://guests.example/redeem?rd=secret-ticket");
    assert!(!serde_json::to_string(&new.mail[1]).unwrap().contains("secret-ticket"));
    assert_eq!(new.mail.iter().map(|mail| mail.ticket).collect::<Vec<_>>(), [Some(Digest([9; 32])); 2]);
    assert_eq!(copy.cc, to_guest.cc);
    assert_eq!(to_guest.cc.len(), 1);
    assert_eq!(to_guest.languages, ["fr_CA", "ko-KR"]);
    assert_eq!(to_guest.organization.domain, "contoso.com");
    assert_eq!(to_guest.body.as_deref(), Some("Welcome!"));
    assert_eq!(to_guest.inviter, MailInviter::Application { name: "Onboarding".into() });
    assert_eq!(new.invitation.message.cc.len(), 4, "the answer echoes all that count");
}

#[test]
fn as_in_entra_an_application_may_send_no_words_of_its_own() {
    let new =
        Scene::new().with(with_copies).with(|scene| scene.custom_message = CustomMessage::Entra).invites();

    assert_eq!(letter(&new.mail[0]).1.body, None);
    let invited = new.change.audit().iter().nth(1).unwrap();
    assert!(invited.details.contains(&("customMessage".into(), "entra".into())));
}

#[test]
fn who_blocked_the_organisation_is_invited_but_gets_no_mail() {
    let new = Scene::new().with(with_copies).with(|scene| scene.is_blocked = true).invites();

    assert!(new.mail.is_empty());
    assert_eq!(told(&new), ["Add user", "Invite external user", "Email not sent, user unsubscribed"]);
    assert!(new.guards.contains(&Guard::Blocked { key: "taylor@fabrikam.com".into(), is_blocked: true }));
}

#[test]
fn without_a_mail_server_the_wish_for_mail_is_recorded_as_failed() {
    let new = Scene::new().with(with_copies).with(|scene| scene.rules.sends_mail = false).invites();

    assert!(new.mail.is_empty());
    assert!(new.invitation.sends_message);
    assert_eq!(told(&new), ["Add user", "Invite external user", "Invitation Email"]);
    let unsent = new.change.audit().iter().nth(2).unwrap();
    let reason = "no mail server is configured".to_owned();
    assert_eq!(unsent.outcome, crate::audit::Outcome::Failure { reason });
}

#[test]
fn audit_events_hold_no_secret() {
    let new = Scene::new().with(with_copies).invites();

    let told = serde_json::to_string(&new.change.audit().iter().collect::<Vec<_>>()).unwrap();
    assert!(!told.contains("secret-ticket"));
}
