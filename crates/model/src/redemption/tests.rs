use uuid::Uuid;

use super::*;
use crate::id::{Digest, InvitationId};
use crate::invitation::MessageInfo;
use crate::policy::DomainList;
use crate::testing::{self, accepted_guest, address, context, guest, long_ago, tenant};
use crate::user::{Inviter, UserType};

/// A guest with one invitation and one ticket, to be bent one way at a time.
struct Scene {
    ticket: Ticket,
    invitation: Invitation,
    user: User,
    tenant: Tenant,
    policy: TenantPolicy,
}

impl Scene {
    fn new() -> Self {
        Self::of(guest("taylor@fabrikam.com"), InvitationStatus::Pending)
    }

    fn accepted() -> Self {
        Self::of(accepted_guest("taylor@fabrikam.com"), InvitationStatus::Completed { at: long_ago() })
    }

    fn of(user: User, status: InvitationStatus) -> Self {
        let invitation = InvitationId(Uuid::from_u128(0x99));
        Self {
            ticket: Ticket {
                hash: Digest([9; 32]),
                invitation,
                user: user.id,
                created_at: long_ago(),
                expires_at: None,
                revoked_at: None,
            },
            invitation: Invitation {
                id: invitation,
                version: 1,
                user: user.id,
                address: address("taylor@fabrikam.com"),
                display_name: None,
                user_type: UserType::Guest,
                redirect_url: "https://myapp.contoso.com".into(),
                sends_message: false,
                message: MessageInfo::default(),
                is_reset: false,
                status,
                inviter: Inviter::User(testing::member().id),
                inviter_name: "Ann".into(),
                inviter_mail: None,
                created_at: long_ago(),
                expires_at: None,
            },
            user,
            tenant: tenant(),
            policy: TenantPolicy::default(),
        }
    }

    fn with(mut self, bend: impl FnOnce(&mut Self)) -> Self {
        bend(&mut self);
        self
    }

    fn redeeming(&self) -> Redeeming<'_> {
        Redeeming {
            ticket: &self.ticket,
            invitation: &self.invitation,
            user: &self.user,
            tenant: &self.tenant,
            policy: &self.policy,
            policy_version: 7,
        }
    }

    fn accept(&self) -> Result<Outcome, Refused<No>> {
        let consent = ConsentFacts { browser: Some("b".repeat(600)), ..ConsentFacts::default() };
        self.redeeming().accept(&proof("Taylor@fabrikam.com"), &consent, testing::hash, &context())
    }
}

fn proof(typed: &str) -> Proof {
    Proof::established_by(Method::EmailPasscode, address(typed), context().now)
}

fn taken(outcome: Outcome) -> Step {
    match outcome {
        Outcome::Taken(step) => *step,
        Outcome::AcceptedBefore => panic!("should have been a step"),
    }
}

fn told(step: &Step) -> Vec<&'static str> {
    step.change.audit().iter().map(|event| event.activity.name()).collect()
}

#[test]
fn a_dead_link_says_how_it_died_and_a_good_one_how_far_the_guest_has_come() {
    let ended = |why| InvitationStatus::Ended { why, at: long_ago() };
    let blocked =
        |scene: &mut Scene| scene.policy.domain_list = DomainList::Deny(vec!["fabrikam.com".into()]);
    let died = |why| Err(No::Ended(why));
    for (what, scene, expected) in [
        ("pending", Scene::new(), Ok(Stage::Open)),
        ("accepted", Scene::accepted(), Ok(Stage::Accepted)),
        ("deleted", Scene::new().with(|s| s.user.deleted_at = Some(long_ago())), died(Ended::UserDeleted)),
        (
            "accepted, then deleted",
            Scene::accepted().with(|s| s.user.deleted_at = Some(long_ago())),
            died(Ended::UserDeleted),
        ),
        (
            "declined",
            Scene::new().with(|s| s.invitation.status = ended(Ended::Declined)),
            died(Ended::Declined),
        ),
        ("revoked", Scene::new().with(|s| s.invitation.status = ended(Ended::Revoked)), died(Ended::Revoked)),
        (
            "one of six tickets",
            Scene::new().with(|s| s.ticket.revoked_at = Some(long_ago())),
            died(Ended::Superseded),
        ),
        (
            "accepted, then reset",
            Scene::accepted().with(|s| {
                s.user = guest("taylor@fabrikam.com");
                s.ticket.revoked_at = Some(long_ago());
            }),
            died(Ended::Superseded),
        ),
        (
            "invitation past its time",
            Scene::new().with(|s| s.invitation.expires_at = Some(context().now)),
            died(Ended::Expired),
        ),
        (
            "ticket past its time",
            Scene::new().with(|s| s.ticket.expires_at = Some(context().now)),
            died(Ended::Expired),
        ),
        (
            "accepted, then past its time",
            Scene::accepted().with(|s| {
                s.invitation.expires_at = Some(context().now);
                s.ticket.expires_at = Some(context().now);
            }),
            Ok(Stage::Accepted),
        ),
        ("disabled", Scene::new().with(|s| s.user.account_enabled = false), Err(No::AccountDisabled)),
        (
            "accepted, then disabled",
            Scene::accepted().with(|s| s.user.account_enabled = false),
            Err(No::AccountDisabled),
        ),
        (
            "domain blocked meanwhile",
            Scene::new().with(blocked),
            Err(No::DomainBlocked { address: address("taylor@fabrikam.com") }),
        ),
        ("domain blocked after acceptance", Scene::accepted().with(blocked), Ok(Stage::Accepted)),
        (
            "declined one of two, accepted the other",
            Scene::accepted().with(|s| s.invitation.status = ended(Ended::Declined)),
            Ok(Stage::Accepted),
        ),
    ] {
        assert_eq!(scene.redeeming().standing(&context()), expected, "{what}");
    }
}

#[test]
fn accepting_stores_state_identity_consent_and_completion_together() {
    let step = taken(Scene::new().accept().unwrap());

    assert_eq!(step.user.version, 2);
    assert_eq!(step.user.guest_state.map(GuestState::as_str), Some("Accepted"));
    assert_eq!(step.user.guest_state.unwrap().changed_at().to_string(), "2026-11-20T12:00:00Z");
    let federated = step.user.identities.last().unwrap();
    assert_eq!(federated.sign_in_type, SignInType::Federated);
    assert_eq!(federated.issuer, "mail");
    assert_eq!(federated.issuer_assigned_id.as_deref(), Some("Taylor@fabrikam.com"));
    assert_eq!((step.invitation.status.as_str(), step.invitation.version), ("Completed", 2));
    let [Change::UpdateUser { .. }, Change::UpdateInvitation(_), Change::RecordConsent(consent)] =
        step.change.changes()
    else {
        panic!("{:?}", step.change.changes())
    };
    assert_eq!(consent.browser.as_ref().map(String::len), Some(512));
    assert_eq!(consent.privacy_hash, Some(testing::hash(b"https://contoso.com/privacy")));
    assert_eq!(consent.consent_version, 1);
}

#[test]
fn accepting_is_told_in_order_and_with_its_proof() {
    let step = taken(Scene::new().accept().unwrap());

    assert_eq!(told(&step), ["Update user", "Redeem external user invite"]);
    let [updated, redeemed] = step.change.audit().iter().collect::<Vec<_>>()[..] else {
        panic!("two events")
    };
    let modified: Vec<_> = updated.targets[0].modified.iter().map(|one| one.property.as_str()).collect();
    assert_eq!(modified, ["UserState", "AcceptedOn"]);
    assert_eq!(updated.targets[0].modified[0].old, json!(["PendingAcceptance"]));
    assert!(redeemed.details.contains(&("proof".into(), "otp".into())));
    assert!(redeemed.details.contains(&("invitationId".into(), step.invitation.id.to_string())));
    assert!(matches!(&redeemed.initiator, Initiator::User { id, .. } if *id == step.user.id));
}

#[test]
fn accepting_is_guarded_by_ticket_invitation_guest_and_policy() {
    let step = taken(Scene::new().accept().unwrap());

    assert_eq!(
        step.guards,
        [
            Guard::TicketLive { ticket: Digest([9; 32]), now: context().now },
            Guard::InvitationPending { invitation: step.invitation.id },
            Guard::UserPending { user: step.user.id },
            Guard::TenantPolicy { version: 7 },
        ]
    );
}

#[test]
fn accepting_twice_writes_nothing_the_second_time() {
    assert!(matches!(Scene::accepted().accept(), Ok(Outcome::AcceptedBefore)));
}

#[test]
fn a_proof_of_another_address_accepts_nothing_and_is_told() {
    let scene = Scene::new();
    let consent = ConsentFacts::default();

    let refused = scene
        .redeeming()
        .accept(&proof("mallory@fabrikam.com"), &consent, testing::hash, &context())
        .unwrap_err();

    assert_eq!(refused.why, No::NotProved);
    let record = refused.record.unwrap();
    assert_eq!(record.activity, Activity::RedeemInvite);
    let reason = "the proof is not of the invited address".to_owned();
    assert_eq!(record.outcome, crate::audit::Outcome::Failure { reason });
}

#[test]
fn declining_ends_the_invitation_and_leaves_the_guest_alone() {
    let scene = Scene::new();
    let reason = format!("  {}", "한".repeat(600));

    let step =
        taken(scene.redeeming().decline(&proof("taylor@fabrikam.com"), Some(&reason), &context()).unwrap());

    assert_eq!(step.user, scene.user);
    assert!(matches!(step.invitation.status, InvitationStatus::Ended { why: Ended::Declined, .. }));
    assert_eq!(told(&step), ["Decline external user invite"]);
    let details = &step.change.audit().iter().next().unwrap().details;
    assert!(details.contains(&("reason".into(), "한".repeat(500))));
}

#[test]
fn who_accepted_has_nothing_left_to_decline() {
    let scene = Scene::accepted();

    let declined = scene.redeeming().decline(&proof("taylor@fabrikam.com"), None, &context());

    assert!(matches!(declined, Ok(Outcome::AcceptedBefore)));
}

#[test]
fn blocking_and_its_undo_are_told_once() {
    let Scene { invitation, user, .. } = Scene::new();
    for (blocking, is_blocked, activity) in [
        (Blocking::Block, false, Some("Email unsubscribed")),
        (Blocking::Block, true, None),
        (Blocking::Unblock, true, Some("Email subscribed")),
        (Blocking::Unblock, false, None),
    ] {
        let decided = blocking.decide(&invitation, &user, is_blocked, &context());

        let told = decided.as_ref().map(|(_, change)| change.audit().iter().next().unwrap().activity.name());
        assert_eq!(told, activity, "{blocking:?} {is_blocked}");
        let guard = decided.map(|(guard, _)| guard);
        let expected = Guard::Blocked { key: "taylor@fabrikam.com".into(), is_blocked };
        assert_eq!(guard, activity.map(|_| expected), "{blocking:?} {is_blocked}");
    }
}
