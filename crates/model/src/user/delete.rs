//! Deleting a user (T11 of `redemption.md` 1.4; `graph.md` 3.4): softly, and every way in ends.

use crate::audit::{Activity, AuditEvent, AuditTrail, Initiator, Target};
use crate::change::{Change, ChangeSet, UserChange};
use crate::clock::Context;
use crate::invitation::Ended;
use crate::permission::{DirectoryRole as Role, Permission};
use crate::refusal::Refusal;
use crate::standing::Standing;
use crate::user::{User, UserProperty};

/// Whether `standing` may delete users at all.
///
/// # Errors
///
/// [`Refusal::NotAllowed`].
pub fn may_delete(standing: &Standing<'_>) -> Result<(), Refusal> {
    let roles = &[Role::GlobalAdministrator, Role::UserAdministrator];
    if standing.may(&[Permission::UserReadWriteAll], roles) { Ok(()) } else { Err(Refusal::NotAllowed) }
}

/// Deletes `user`: it is kept for 30 days under another name, so that its own is free.
///
/// # Errors
///
/// [`Refusal::NotAllowed`], also when the user holds a directory role and the caller is no Global Administrator.
pub fn delete(user: &User, standing: &Standing<'_>, context: &Context) -> Result<ChangeSet, Refusal> {
    may_delete(standing)?;
    if !standing.may_touch(user) {
        return Err(Refusal::NotAllowed);
    }

    let now = context.now_in_seconds();
    let deleted = User {
        version: user.version + 1,
        user_principal_name: format!("{}{}", user.id.0.simple(), user.user_principal_name),
        deleted_at: Some(now),
        sign_in_sessions_valid_from: context.now,
        ..user.clone()
    };
    let changes = vec![
        Change::UpdateUser {
            user: Box::new(deleted),
            kind: UserChange::SoftDeleted,
            properties: vec![
                UserProperty::DeletedDateTime,
                UserProperty::SignInSessionsValidFromDateTime,
                UserProperty::UserPrincipalName,
            ],
        },
        Change::RevokeTickets { user: user.id, at: now },
        Change::EndInvitations { user: user.id, why: Ended::UserDeleted, at: now },
        Change::ForgetRequests { user: user.id },
    ];
    Ok(ChangeSet::new(changes, trail(user, standing, context)))
}

fn trail(user: &User, standing: &Standing<'_>, context: &Context) -> AuditTrail {
    let event = |activity| {
        AuditEvent::new(activity, Initiator::caller(standing.caller(), context), context)
            .on(Target::user(user))
    };
    let trail = AuditTrail::of(event(Activity::DeleteUser));
    if user.is_invited() { trail.then(event(Activity::DeleteExternalUser)) } else { trail }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{
        administrator, app_with, application, context, guest, member, member_with, user_with,
    };

    fn delete_as(caller: Option<User>, permission: Permission, target: &User) -> Result<ChangeSet, Refusal> {
        let asks = match &caller {
            Some(user) => user_with(&[permission], user),
            None => app_with(&[permission]),
        };
        let app = application();
        let standing = Standing::of(&asks, Some(&app), caller.as_ref()).unwrap();
        delete(target, &standing, &context())
    }

    #[test]
    fn a_deleted_guest_frees_its_name_and_loses_every_way_in() {
        let taylor = guest("taylor@fabrikam.com");
        let change = delete_as(None, Permission::UserReadWriteAll, &taylor).unwrap();

        let [
            Change::UpdateUser { user, kind: UserChange::SoftDeleted, .. },
            Change::RevokeTickets { .. },
            Change::EndInvitations { why: Ended::UserDeleted, .. },
            Change::ForgetRequests { .. },
        ] = change.changes()
        else {
            panic!("{:?}", change.changes())
        };
        assert_eq!(
            user.user_principal_name,
            "00000000000000000000000000000020taylor_fabrikam.com#EXT#@contoso.onmicrosoft.com"
        );
        assert_eq!(user.guest_state, taylor.guest_state, "the state is kept for a restore");
        assert!(user.deleted_at.is_some());
        assert_eq!(user.sign_in_sessions_valid_from, context().now);
    }

    #[test]
    fn deleting_somebody_who_was_invited_is_told_twice() {
        let told = |target: &User| {
            let change = delete_as(None, Permission::UserReadWriteAll, target).unwrap();
            change.audit().iter().map(|event| event.activity.name()).collect::<Vec<_>>()
        };

        assert_eq!(told(&guest("taylor@fabrikam.com")), ["Delete user", "Delete external user"]);
        assert_eq!(told(&member()), ["Delete user"]);
    }

    #[test]
    fn deleting_needs_permission_role_and_a_target_without_roles() {
        let plain = member();
        let powerful = member_with(Role::ReportsReader);
        let by = |role| Some(member_with(role));
        for (caller, permission, target, may) in [
            (None, Permission::UserReadWriteAll, &plain, true),
            (None, Permission::DirectoryReadWriteAll, &plain, false),
            (None, Permission::UserReadWriteAll, &powerful, false),
            (by(Role::UserAdministrator), Permission::UserReadWriteAll, &plain, true),
            (by(Role::HelpdeskAdministrator), Permission::UserReadWriteAll, &plain, false),
            (by(Role::UserAdministrator), Permission::UserReadWriteAll, &powerful, false),
            (Some(administrator()), Permission::UserReadWriteAll, &powerful, true),
        ] {
            let decided = delete_as(caller.clone(), permission, target);

            let roles = caller.map(|user| user.roles);
            assert_eq!(decided.is_ok(), may, "{roles:?} {permission} {:?}", target.roles);
        }
    }
}
