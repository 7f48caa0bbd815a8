//! Who may invite (`graph.md` 1.8), and who may reset (1.9).

use super::super::*;
use super::scene::Scene;
use crate::change::Change;
use crate::invitation::AppInvites;
use crate::permission::{DirectoryRole as Role, Permission as P};
use crate::policy::AllowInvitesFrom as From;
use crate::testing::{administrator, guest, member, member_with};
use crate::user::UserType;

/// Bends a scene, given a moment after the token was issued.
type Bend = fn(&mut Scene, jiff::Timestamp);

/// Whether an invitation succeeds under each policy, from the strictest to the most open: `y` or `-`.
fn under_each_policy(scene: &Scene) -> String {
    [From::None, From::AdminsAndGuestInviters, From::AdminsGuestInvitersAndAllMembers, From::Everyone]
        .map(|policy| match scene.clone().with(|scene| scene.policy.allow_invites_from = policy).decide() {
            Ok(_) => 'y',
            Err(Refused { why: No::InvitesOff, .. }) => '-',
            Err(refused) => panic!("{refused:?}"),
        })
        .iter()
        .collect()
}

#[test]
fn allow_invites_from_is_the_table_of_the_contract() {
    let external_member = User { user_type: UserType::Member, ..guest("kim@partner.example") };
    let inviting_guest = User { roles: vec![Role::GuestInviter], ..guest("kim@partner.example") };
    for (who, user, expected) in [
        ("Global Administrator", administrator(), "-yyy"),
        ("User Administrator", member_with(Role::UserAdministrator), "-yyy"),
        ("Guest Inviter", member_with(Role::GuestInviter), "-yyy"),
        ("Directory Writers", member_with(Role::DirectoryWriters), "-yyy"),
        ("another role", member_with(Role::ReportsReader), "--yy"),
        ("member", member(), "--yy"),
        ("external member", external_member, "--yy"),
        ("guest", guest("kim@partner.example"), "---y"),
        ("guest with the role", inviting_guest, "-yyy"),
    ] {
        let scene = Scene::new().with(|scene| scene.signed_in(&user, &[P::UserInviteAll]));

        assert_eq!(under_each_policy(&scene), expected, "{who}");
    }
    for (permission, expected) in
        [(P::UserInviteAll, "-yyy"), (P::UserReadWriteAll, "--yy"), (P::DirectoryReadWriteAll, "--yy")]
    {
        let scene = Scene::new().with(|scene| scene.caller.permissions = vec![permission]);

        assert_eq!(under_each_policy(&scene), expected, "{permission} app-only");
    }
}

#[test]
fn the_documented_reading_keeps_applications_out_where_only_administrators_may() {
    let scene = Scene::new().with(|scene| scene.rules.apps_when_restricted = AppInvites::Refused);
    let of_person =
        scene.clone().with(|scene| scene.signed_in(&member_with(Role::GuestInviter), &[P::UserInviteAll]));

    assert_eq!(under_each_policy(&scene), "--yy");
    assert_eq!(under_each_policy(&of_person), "-yyy");
}

#[test]
fn other_permissions_do_not_invite() {
    for permission in P::ALL {
        let may = matches!(permission, P::UserInviteAll | P::UserReadWriteAll | P::DirectoryReadWriteAll);
        let decided = Scene::new().with(|scene| scene.caller.permissions = vec![*permission]).decide();

        assert_eq!(decided.is_ok(), may, "{permission}");
    }
}

#[test]
fn members_are_invited_by_administrators_and_by_apps_that_write_users() {
    let asked = |scene: &mut Scene| scene.body(|body| body.user_type = Some("MEMBER".into()));
    for (user, may) in [
        (administrator(), true),
        (member_with(Role::UserAdministrator), true),
        (member_with(Role::GuestInviter), false),
        (member(), false),
    ] {
        let scene = Scene::new().with(asked).with(|scene| scene.signed_in(&user, &[P::UserReadWriteAll]));

        assert_eq!(scene.decide().is_ok(), may, "{:?}", user.roles);
    }
    let scene =
        Scene::new().with(asked).with(|scene| scene.caller.permissions = vec![P::DirectoryReadWriteAll]);
    let new = scene.invites();
    let Change::CreateUser(user) = &new.change.changes()[0] else { panic!("nobody was made") };
    assert_eq!(user.user_type, UserType::Member);
}

#[test]
fn resets_need_the_permission_the_role_and_a_target_without_roles() {
    let plain = guest("taylor@fabrikam.com");
    let powerful = User { roles: vec![Role::ReportsReader], ..plain.clone() };
    let app = None;
    let by = |role| Some(member_with(role));
    for (caller, permission, target, may) in [
        (app.clone(), P::UserReadWriteAll, &plain, true),
        (app.clone(), P::DirectoryReadWriteAll, &plain, true),
        (app.clone(), P::UserInviteAll, &plain, false),
        (app.clone(), P::UserReadWriteAll, &powerful, false),
        (by(Role::HelpdeskAdministrator), P::UserReadWriteAll, &plain, true),
        (by(Role::UserAdministrator), P::UserReadWriteAll, &plain, true),
        (by(Role::GuestInviter), P::UserReadWriteAll, &plain, false),
        (by(Role::GlobalAdministrator), P::UserInviteAll, &plain, false),
        (by(Role::UserAdministrator), P::UserReadWriteAll, &powerful, false),
        (by(Role::GlobalAdministrator), P::UserReadWriteAll, &powerful, true),
    ] {
        let scene = Scene::new().with(|scene| {
            scene.caller.permissions = vec![permission];
            if let Some(user) = &caller {
                scene.signed_in(user, &[permission]);
            }
            scene.naming(target.clone());
            scene.body(|body| body.reset_redemption = true);
        });

        let roles = caller.as_ref().map(|user| &user.roles);
        assert_eq!(scene.decide().is_ok(), may, "{roles:?} {permission} {:?}", target.roles);
    }
}

#[test]
fn a_guest_is_named_again_without_the_right_to_reset_but_an_internal_user_is_not() {
    let guest = Scene::new().with(|scene| scene.naming(guest("taylor@fabrikam.com")));
    let internal = Scene::new().with(|scene| scene.naming(member()));

    assert!(guest.decide().is_ok());
    assert_eq!(internal.refusal(), No::MayNotReset);
}

#[test]
fn a_caller_who_was_disabled_deleted_or_revoked_is_noticed_first() {
    let ann = member();
    let signed_in = Scene::new().with(|scene| scene.signed_in(&ann, &[P::UserInviteAll]));
    let later = signed_in.caller.issued_at + jiff::SignedDuration::from_secs(1);
    let gone: [(&str, Bend); 5] = [
        ("application disabled", |scene, _| scene.app.as_mut().unwrap().is_enabled = false),
        ("user gone", |scene, _| scene.user = None),
        ("user disabled", |scene, _| scene.user.as_mut().unwrap().account_enabled = false),
        ("user deleted", |scene, at| scene.user.as_mut().unwrap().deleted_at = Some(at)),
        ("tokens revoked", |scene, at| scene.user.as_mut().unwrap().sign_in_sessions_valid_from = at),
    ];
    assert!(signed_in.decide().is_ok());
    for (what, bend) in gone {
        let refusal = signed_in.clone().with(|scene| bend(scene, later)).refusal();

        assert_eq!(refusal, No::CallerRevoked, "{what}");
    }
}
