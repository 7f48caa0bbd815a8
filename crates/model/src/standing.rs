//! Whether a caller still counts, and what it may do as it is known now.

use crate::application::Application;
use crate::caller::Caller;
use crate::id::UserId;
use crate::permission::{DirectoryRole, Permission};
use crate::user::{User, UserType};

/// A caller compared with the directory of this moment: its application is there and enabled, and so is its user.
///
/// Whoever decides about a caller takes one of these, so a revoked caller is noticed before anything else is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Standing<'a> {
    caller: &'a Caller,
    user: Option<&'a User>,
}

impl<'a> Standing<'a> {
    /// Compares `caller` with what is there now. `None` when its token no longer counts: the application or the user is
    /// gone or disabled, or the user's tokens were revoked after this one was issued.
    pub fn of(caller: &'a Caller, app: Option<&Application>, user: Option<&'a User>) -> Option<Self> {
        app.filter(|app| app.is_enabled)?;
        match &caller.user {
            None => Some(Self { caller, user: None }),
            Some(_) => {
                let user = user.filter(|user| {
                    user.account_enabled
                        && user.deleted_at.is_none()
                        && user.sign_in_sessions_valid_from <= caller.issued_at
                })?;
                Some(Self { caller, user: Some(user) })
            }
        }
    }

    /// The caller itself.
    pub fn caller(&self) -> &'a Caller {
        self.caller
    }

    /// The user of a delegated call, as known now.
    pub fn user(&self) -> Option<&'a User> {
        self.user
    }

    /// Whether the user of a delegated call holds one of `roles`. Never true for an application: roles on a service
    /// principal widen nothing (`graph.md` 1.8).
    pub fn holds_any(&self, roles: &[DirectoryRole]) -> bool {
        self.user.is_some_and(|user| user.roles.iter().any(|role| roles.contains(role)))
    }

    /// Whether `id` is the signed-in user.
    pub fn is_self(&self, id: UserId) -> bool {
        self.user.is_some_and(|user| user.id == id)
    }

    /// Whether the signed-in user is a guest without any role.
    pub fn is_plain_guest(&self) -> bool {
        self.user.is_some_and(|user| user.user_type == UserType::Guest && !user.holds_a_role())
    }

    /// Whether the token carries one of `permissions`, and, if a user stands behind it, the user holds one of `roles`.
    pub fn may(&self, permissions: &[Permission], roles: &[DirectoryRole]) -> bool {
        self.caller.has_any(permissions) && (self.caller.is_app_only() || self.holds_any(roles))
    }

    /// Whether this caller may touch what could make somebody an administrator: whoever holds a directory role is changed
    /// by a Global Administrator only, never by an application alone.
    pub fn may_touch(&self, target: &User) -> bool {
        !target.holds_a_role() || self.holds_any(&[DirectoryRole::GlobalAdministrator])
    }
}
