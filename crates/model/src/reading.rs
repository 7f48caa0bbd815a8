//! Who may read what (`graph.md` 3.1, 3.9, 3.15).

use crate::caller::Caller;
use crate::id::UserId;
use crate::permission::{DirectoryRole as Role, Permission as P};
use crate::refusal::Refusal;
use crate::standing::Standing;
use crate::user::UserProperty;

/// Permissions that show every property of every user.
const USERS: &[P] = &[P::UserReadAll, P::UserReadWriteAll, P::DirectoryReadAll, P::DirectoryReadWriteAll];

/// Delegated permissions that show people themselves.
const OWN: &[P] = &[P::UserRead, P::UserReadWrite];

const ORGANIZATION: &[P] =
    &[P::UserRead, P::OrganizationReadAll, P::DirectoryReadAll, P::DirectoryReadWriteAll];

const DOMAINS: &[P] =
    &[P::DomainReadAll, P::DomainReadWriteAll, P::DirectoryReadAll, P::DirectoryReadWriteAll];

const AUDITORS: &[Role] = &[Role::ReportsReader, Role::GlobalReader, Role::GlobalAdministrator];

/// How much of a user a caller sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// Everything.
    Full,
    /// `displayName`, `givenName`, `surname`, `mail`, `userPrincipalName` and `id`; the rest reads as null.
    Basic,
}

impl Sight {
    /// Whether `property` is shown.
    pub fn shows(self, property: UserProperty) -> bool {
        use UserProperty as U;
        const BASIC: &[U] = &[U::DisplayName, U::GivenName, U::Surname, U::Mail, U::UserPrincipalName, U::Id];
        self == Self::Full || BASIC.contains(&property)
    }
}

/// What is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Many users, or how many there are.
    Users,
    /// One user by key. Whether it is the caller's own is not known before it is found: see [`sight_of_user`].
    OneUser,
    /// The organisation.
    Organization,
    /// Its domains.
    Domains,
    /// Audit events.
    Audit,
}

impl Reading {
    /// Whether `standing` may read this at all, and how much of it.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotAllowed`].
    pub fn sight(self, standing: &Standing<'_>) -> Result<Sight, Refusal> {
        let is_kept_out = match self {
            Self::Users => standing.is_plain_guest(),
            Self::Audit => !standing.may(&[P::AuditLogReadAll], AUDITORS),
            Self::OneUser | Self::Organization | Self::Domains => false,
        };
        if is_kept_out {
            return Err(Refusal::NotAllowed);
        }
        self.sight_by_token(standing.caller())
    }

    /// Whether the token of `caller` carries any permission for this: what can be said before a query is read or the
    /// directory asked, so that a caller without permission learns that first.
    pub fn is_permitted(self, caller: &Caller) -> bool {
        let may_be_own = self == Self::OneUser && caller.has_any(OWN);
        may_be_own || self.sight_by_token(caller).is_ok()
    }

    /// Whether a query of `caller` may name `property`: what is not shown must not be told either by who is found, by how
    /// many they are, or by the order in which they stand.
    pub fn may_name(self, caller: &Caller, property: UserProperty) -> bool {
        self.sight_by_token(caller).is_ok_and(|sight| sight.shows(property))
    }

    fn sight_by_token(self, caller: &Caller) -> Result<Sight, Refusal> {
        let (permissions, has_basic) = match self {
            Self::Users | Self::OneUser => (USERS, true),
            Self::Organization => (ORGANIZATION, false),
            Self::Domains => (DOMAINS, false),
            Self::Audit => (&[P::AuditLogReadAll][..], false),
        };
        if caller.has_any(permissions) {
            return Ok(Sight::Full);
        }
        if has_basic && caller.has_any(&[P::UserReadBasicAll]) {
            return Ok(Sight::Basic);
        }
        Err(Refusal::NotAllowed)
    }
}

/// How much of the user `id` the caller sees; `None` is a user that was not found. People see themselves in full.
///
/// # Errors
///
/// [`Refusal::NotAllowed`].
pub fn sight_of_user(id: Option<UserId>, standing: &Standing<'_>) -> Result<Sight, Refusal> {
    let is_self = id.is_some_and(|id| standing.is_self(id));
    if is_self && standing.caller().has_any(OWN) {
        return Ok(Sight::Full);
    }
    Reading::OneUser.sight(standing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{administrator, app_with, application, guest, user_with};
    use crate::user::User;

    /// What `Reading` answers to a caller with these permissions, as a letter for each kind.
    fn seen(permissions: &[P], user: Option<&User>) -> String {
        let caller = match user {
            Some(user) => user_with(permissions, user),
            None => app_with(permissions),
        };
        let app = application();
        let standing = Standing::of(&caller, Some(&app), user).unwrap();
        [Reading::Users, Reading::OneUser, Reading::Organization, Reading::Domains, Reading::Audit]
            .map(|reading| match reading.sight(&standing) {
                Ok(Sight::Full) => 'F',
                Ok(Sight::Basic) => 'b',
                Err(_) => '-',
            })
            .iter()
            .collect()
    }

    #[test]
    fn each_permission_opens_what_the_contract_says_and_no_more() {
        for (permissions, expected) in [
            (&[][..], "-----"),
            (&[P::UserInviteAll], "-----"),
            (&[P::UserReadBasicAll], "bb---"),
            (&[P::UserReadAll], "FF---"),
            (&[P::UserReadWriteAll], "FF---"),
            (&[P::DirectoryReadAll], "FFFF-"),
            (&[P::DirectoryReadWriteAll], "FFFF-"),
            (&[P::UserReadBasicAll, P::UserReadAll], "FF---"),
            (&[P::OrganizationReadAll], "--F--"),
            (&[P::DomainReadAll], "---F-"),
            (&[P::DomainReadWriteAll], "---F-"),
            (&[P::AuditLogReadAll], "----F"),
        ] {
            assert_eq!(seen(permissions, None), expected, "{permissions:?}");
        }
    }

    #[test]
    fn users_need_a_role_for_the_audit_log_and_guests_list_nobody() {
        let all = &[P::UserReadAll, P::AuditLogReadAll];

        assert_eq!(seen(all, Some(&administrator())), "FF--F");
        assert_eq!(seen(all, Some(&guest("taylor@fabrikam.com"))), "-F---");
    }

    #[test]
    fn people_see_themselves_with_user_read() {
        let taylor = guest("taylor@fabrikam.com");
        let caller = user_with(&[P::UserRead], &taylor);
        let app = application();
        let standing = Standing::of(&caller, Some(&app), Some(&taylor)).unwrap();

        assert_eq!(sight_of_user(Some(taylor.id), &standing), Ok(Sight::Full));
        assert_eq!(sight_of_user(Some(administrator().id), &standing), Err(Refusal::NotAllowed));
        assert_eq!(sight_of_user(None, &standing), Err(Refusal::NotAllowed));
    }
}
