//! Who may invite, whom as what, and who may reset (`graph.md` 1.8, 1.9; `redemption.md` 4.1).

use super::AppInvites;
use crate::permission::{DirectoryRole as Role, Permission};
use crate::policy::AllowInvitesFrom;
use crate::standing::Standing;
use crate::user::{User, UserType};

const INVITE: &[Permission] =
    &[Permission::UserInviteAll, Permission::UserReadWriteAll, Permission::DirectoryReadWriteAll];

const WRITE_USERS: &[Permission] = &[Permission::UserReadWriteAll, Permission::DirectoryReadWriteAll];

const INVITING_ROLES: &[Role] =
    &[Role::GlobalAdministrator, Role::UserAdministrator, Role::GuestInviter, Role::DirectoryWriters];

const RESETTING_ROLES: &[Role] =
    &[Role::GlobalAdministrator, Role::UserAdministrator, Role::HelpdeskAdministrator];

const MEMBER_MAKING_ROLES: &[Role] = &[Role::GlobalAdministrator, Role::UserAdministrator];

/// Step 1: the token's permissions.
pub(super) fn has_permission(standing: &Standing<'_>) -> bool {
    standing.caller().has_any(INVITE)
}

/// Step 2: `allowInvitesFrom`.
pub(super) fn policy_lets(standing: &Standing<'_>, policy: AllowInvitesFrom, apps: AppInvites) -> bool {
    use AllowInvitesFrom as From;
    match policy {
        From::None => false,
        From::AdminsAndGuestInviters => match standing.user() {
            None => apps == AppInvites::Allowed && standing.caller().has_any(&[Permission::UserInviteAll]),
            Some(_) => standing.holds_any(INVITING_ROLES),
        },
        From::AdminsGuestInvitersAndAllMembers => standing
            .user()
            .is_none_or(|user| user.user_type == UserType::Member || standing.holds_any(INVITING_ROLES)),
        From::Everyone => true,
    }
}

/// Step 3: a guest made member is a privilege.
pub(super) fn may_invite_as(standing: &Standing<'_>, user_type: UserType) -> bool {
    let is_entitled = match standing.user() {
        None => standing.caller().has_any(WRITE_USERS),
        Some(_) => standing.holds_any(MEMBER_MAKING_ROLES),
    };
    user_type == UserType::Guest || is_entitled
}

/// Whether resets and conversions are allowed at all.
pub(super) fn may_reset(standing: &Standing<'_>) -> bool {
    standing.may(WRITE_USERS, RESETTING_ROLES)
}

/// Whether this very user may be reset or converted.
pub(super) fn may_reset_user(standing: &Standing<'_>, target: &User) -> bool {
    may_reset(standing) && standing.may_touch(target)
}
