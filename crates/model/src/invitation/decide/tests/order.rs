//! The order of `graph.md` 1.12: each failure alone, and any two at once.

use super::super::*;
use super::scene::Scene;
use crate::invitation::RequestedRecipient;
use crate::permission::Permission;
use crate::policy::{AllowInvitesFrom, DomainList};
use crate::testing::{accepted_guest, guest, member};

/// One way to fail: its name in the contract, how to get there, and what is answered.
type Failure = (&'static str, fn(&mut Scene), fn(&No) -> bool);

/// In the order of the contract. Each bends something of its own, so that any two can be had at once, but for those of
/// which one makes the other impossible: they are in [`EXCLUSIVE`].
const FAILURES: &[Failure] = &[
    ("revoked", |scene| scene.app = None, |no| *no == No::CallerRevoked),
    ("E1", |scene| scene.caller.permissions.clear(), |no| *no == No::NotPermitted),
    ("E2", |scene| scene.policy.allow_invites_from = AllowInvitesFrom::None, |no| *no == No::InvitesOff),
    ("E0", |scene| scene.request = Err(Malformed::Empty), |no| *no == No::Malformed(Malformed::Empty)),
    ("E22", reuse_key, |no| *no == No::KeyReused),
    ("E18", |scene| scene.body(copy_eleven), |no| *no == No::TooManyCc { at_most: 10 }),
    (
        "E19",
        |scene| scene.body(|body| body.message_body = Some("\u{7}".into())),
        |no| *no == No::InvalidValue { property: "customizedMessageBody" },
    ),
    ("E3", |scene| scene.body(|body| body.email_address = None), |no| *no == No::NoAddress),
    (
        "E3b",
        |scene| scene.body(|body| body.email_address = Some("tay lor@fabrikam.com".into())),
        |no| *no == No::BadAddress,
    ),
    ("E4", |scene| scene.body(|body| body.redirect_url = Some(String::new())), |no| *no == No::NoRedirectUrl),
    (
        "E5",
        |scene| scene.body(|body| body.redirect_url = Some("javascript:alert(1)".into())),
        |no| *no == No::BadRedirectUrl,
    ),
    (
        "E9, the text",
        |scene| scene.body(|body| body.user_type = Some("Owner".into())),
        |no| *no == No::BadUserType,
    ),
    (
        "E9, the right",
        |scene| scene.body(|body| body.user_type = Some("member".into())),
        |no| *no == No::MayNotInviteMembers,
    ),
    (
        "E13",
        |scene| scene.body(|body| (body.reset_redemption, body.user) = (true, None)),
        |no| *no == No::ResetWithoutUser,
    ),
    ("E14", reset_with_too_little, |no| *no == No::MayNotReset),
    (
        "E12",
        |scene| {
            scene.body(|body| body.user = Some("nobody".into()));
            scene.target = None;
        },
        |no| *no == No::NoSuchUser { id: "nobody".into() },
    ),
    (
        "sponsor",
        |scene| scene.body(|body| body.sponsors = Some(vec!["nobody".into()])),
        |no| *no == No::NoSuchSponsor { id: "nobody".into() },
    ),
    ("E11", name_somebody_else, |no| *no == No::NotAnAddressOfUser),
    (
        "E6",
        |scene| scene.policy.domain_list = DomainList::Allow(vec!["partner.example".into()]),
        |no| *no == No::DomainBlocked,
    ),
    ("E17", |scene| scene.users_at = vec![guest("taylor@fabrikam.com"), member()], |no| *no == No::Ambiguous),
    (
        "E16",
        |scene| scene.users_at = vec![User { account_enabled: false, ..guest("taylor@fabrikam.com") }],
        |no| matches!(no, No::AccountDisabled { .. }),
    ),
    ("E15", |scene| scene.users_at = vec![member()], |no| matches!(no, No::AlreadyInDirectory { .. })),
    (
        "E8",
        |scene| {
            scene.domains[0].name = "fabrikam.com".into();
            scene.users_at.clear();
        },
        |no| *no == No::VerifiedDomain,
    ),
];

/// Pairs that cannot be had at once: two values of one property, or two answers about the same user.
const EXCLUSIVE: &[(&str, &str)] = &[
    ("E3", "E3b"),
    ("E4", "E5"),
    ("E9, the text", "E9, the right"),
    ("E9, the right", "E14"),
    ("E13", "E14"),
    ("E13", "E12"),
    ("E13", "E11"),
    ("E14", "E11"),
    ("E12", "E11"),
    ("E17", "E16"),
    ("E17", "E15"),
    ("E17", "E8"),
    ("E16", "E15"),
    ("E16", "E8"),
    ("E15", "E8"),
];

fn reuse_key(scene: &mut Scene) {
    scene.key = Some(IdempotencyKey { scope: Digest([1; 32]), body: Digest([2; 32]) });
    scene.remembered = Some(remembered(Digest([3; 32])));
}

fn remembered(body: Digest) -> Remembered {
    Remembered {
        body,
        invitation: InvitationId(uuid::Uuid::from_u128(5)),
        ticket: "the first ticket".into(),
        expires_at: crate::testing::long_ago(),
        correlation: uuid::Uuid::nil(),
    }
}

fn copy_eleven(body: &mut InvitationRequest) {
    let copied = |n| RequestedRecipient { name: None, address: Some(format!("cc{n}@contoso.com")) };
    body.cc = (0..11).map(copied).collect();
}

fn reset_with_too_little(scene: &mut Scene) {
    scene.body(|body| {
        body.reset_redemption = true;
        body.user = Some("20".into());
    });
}

fn name_somebody_else(scene: &mut Scene) {
    let other = guest("other@fabrikam.com");
    scene.body(|body| body.user = Some(other.id.to_string()));
    scene.target = Some(other);
}

#[test]
fn every_failing_case_is_refused_as_the_contract_says() {
    for (name, bend, is_expected) in FAILURES {
        let refusal = Scene::new().with(*bend).refusal();

        assert!(is_expected(&refusal), "{name}: {refusal:?}");
    }
}

#[test]
fn of_two_failures_at_once_the_earlier_one_answers() {
    for (at, (first, bend_first, is_first)) in FAILURES.iter().enumerate() {
        for (second, bend_second, _) in &FAILURES[at + 1..] {
            if EXCLUSIVE.contains(&(first, second)) {
                continue;
            }
            // Bent in both orders: what a request holds must not depend on how the test wrote it.
            for scene in [
                Scene::new().with(*bend_first).with(*bend_second),
                Scene::new().with(*bend_second).with(*bend_first),
            ] {
                let refusal = scene.refusal();

                assert!(is_first(&refusal), "{first} and {second}: {refusal:?}");
            }
        }
    }
}

#[test]
fn refusals_about_rights_and_policy_leave_a_record_and_others_none() {
    let recorded = ["E2", "E9, the right", "E14", "E6"];
    for (name, bend, _) in FAILURES {
        let scene = Scene::new().with(*bend);
        let tried = match &scene.request {
            Ok(request) if request.reset_redemption => Activity::ResetInvitation,
            Ok(_) | Err(_) => Activity::InviteExternalUser,
        };

        let refused = scene.refused();

        assert_eq!(refused.record.is_some(), recorded.contains(name), "{name}");
        let Some(record) = refused.record else { continue };
        assert_eq!(record.activity, tried, "{name}");
        assert!(matches!(record.outcome, crate::audit::Outcome::Failure { .. }), "{name}");
    }
}

#[test]
fn every_value_with_a_limit_names_itself() {
    let long = || Some("x".repeat(257));
    let cc = |name, address: &str| vec![RequestedRecipient { name, address: Some(address.into()) }];
    for (property, body) in [
        ("messageLanguage", InvitationRequest { message_language: Some("no language".into()), ..blank() }),
        ("invitedUserDisplayName", InvitationRequest { display_name: long(), ..blank() }),
        ("ccRecipients", InvitationRequest { cc: cc(long(), "ann@contoso.com"), ..blank() }),
        ("ccRecipients", InvitationRequest { cc: cc(None, "ann"), ..blank() }),
        ("invitedUserSponsors", InvitationRequest { sponsors: Some(vec![String::new(); 6]), ..blank() }),
    ] {
        let refusal = Scene::new().with(|scene| scene.request = Ok(body.clone())).refusal();

        assert_eq!(refusal, No::InvalidValue { property }, "{body:?}");
    }
}

fn blank() -> InvitationRequest {
    InvitationRequest::default()
}

#[test]
fn entries_without_an_address_are_no_recipients() {
    let empty = RequestedRecipient { name: Some("Nobody".into()), address: Some(String::new()) };
    let scene = Scene::new().with(|scene| {
        scene.rules.max_cc_recipients = 0;
        scene.body(|body| body.cc = vec![RequestedRecipient::default(), empty]);
    });

    assert!(scene.invites().invitation.message.cc.is_empty());
}

#[test]
fn the_same_key_and_body_are_answered_as_before() {
    let scene = Scene::new().with(reuse_key).with(|scene| {
        scene.remembered = Some(remembered(Digest([2; 32])));
    });

    let Ok(Decision::Replay(remembered)) = scene.decide() else { panic!("should have been a replay") };
    assert_eq!(remembered.ticket.expose(), "the first ticket");
}

#[test]
fn the_domain_list_spares_guests_who_accepted_until_they_are_reset() {
    let accepted = accepted_guest("taylor@fabrikam.com");
    let scene = Scene::new().with(|scene| {
        scene.caller.permissions = vec![Permission::UserReadWriteAll];
        scene.policy.domain_list = DomainList::Deny(vec!["fabrikam.com".into()]);
        scene.naming(accepted);
    });

    assert_eq!(scene.invites().invitation.status.as_str(), "Completed");
    let reset = scene.with(|scene| scene.body(|body| body.reset_redemption = true));
    assert_eq!(reset.refusal(), No::DomainBlocked);
}

#[test]
fn an_internal_user_is_not_converted_yet() {
    for reset_redemption in [false, true] {
        let scene = Scene::new().with(|scene| {
            scene.caller.permissions = vec![Permission::UserReadWriteAll];
            scene.naming(member());
            scene.body(|body| body.reset_redemption = reset_redemption);
        });

        assert_eq!(scene.refusal(), No::ConversionNotBuilt, "reset: {reset_redemption}");
    }
}
