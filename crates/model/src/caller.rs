//! Who asks: an application by itself, or a user through an application.

use jiff::Timestamp;

use crate::id::{AppId, ServicePrincipalId, TenantId, UserId};
use crate::permission::{DirectoryRole, Permission};
use crate::user::UserType;

/// A caller whose token was checked. Surfaces get one from `identity` and cannot make one themselves.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The tenant whose token it is. Every query of this caller names it.
    pub tenant: TenantId,
    /// The application, always there.
    pub app: CallingApp,
    /// The signed-in user; `None` for app-only calls.
    pub user: Option<CallingUser>,
    /// What the token carries: application permissions for app-only, scopes for a user.
    pub permissions: Vec<Permission>,
    /// When the token was issued, to compare with `signInSessionsValidFrom`.
    pub issued_at: Timestamp,
}

/// The application half of a [`Caller`].
#[derive(Clone, Debug)]
pub struct CallingApp {
    /// The client id.
    pub app: AppId,
    /// Its service principal in the caller's tenant.
    pub service_principal: ServicePrincipalId,
    /// Its display name, for audit and mail.
    pub display_name: String,
}

/// The user half of a [`Caller`]. The roles are re-read from the store for every write.
#[derive(Clone, Debug)]
pub struct CallingUser {
    /// The user's object id.
    pub id: UserId,
    /// Guest or member.
    pub user_type: UserType,
    /// Directory roles held.
    pub roles: Vec<DirectoryRole>,
    /// For audit and mail.
    pub user_principal_name: String,
    /// For audit and mail.
    pub display_name: String,
}

impl Caller {
    /// Whether the token carries at least one of `any`.
    pub fn has_any(&self, any: &[Permission]) -> bool {
        any.iter().any(|permission| self.permissions.contains(permission))
    }

    /// Whether no user stands behind the application.
    pub fn is_app_only(&self) -> bool {
        self.user.is_none()
    }
}
