//! The tenant that every dev server begins with.

use vestibule_model::{DirectoryRole, Permission, UserType};

use super::derived::Derived;
use crate::setup::{AppPlan, DomainName, TenantPlan, UserPlan};

/// Its one verified domain.
pub(crate) const DOMAIN: &str = "contoso.localhost";

/// What its app is called.
pub(crate) const APP: &str = "contoso app";

/// Local part, name in `dev.json`, display name and roles of its users.
const USERS: [(&str, &str, &[DirectoryRole]); 3] = [
    ("admin", "Ada Admin", &[DirectoryRole::GlobalAdministrator]),
    ("inviter", "Ivy Inviter", &[DirectoryRole::GuestInviter]),
    ("member", "Max Member", &[]),
];

const PERMISSIONS: [Permission; 5] = [
    Permission::UserInviteAll,
    Permission::UserReadWriteAll,
    Permission::DirectoryReadWriteAll,
    Permission::AuditLogReadAll,
    Permission::PolicyReadWriteAuthorization,
];

/// Contoso, the same for the same server key.
pub(crate) fn plan(derived: Derived<'_>) -> TenantPlan {
    let domain = DomainName::parse(DOMAIN).expect("a literal domain name");
    let mut plan = TenantPlan::bare(derived.random_id(DOMAIN), "contoso".into(), domain);
    plan.apps = vec![app(derived, DOMAIN, APP, PERMISSIONS.to_vec())];
    plan.users = USERS.iter().map(|(local, name, roles)| user(derived, local, name, roles)).collect();
    plan
}

/// An app whose ids and secret come from its tenant and name.
pub(crate) fn app(derived: Derived<'_>, domain: &str, name: &str, permissions: Vec<Permission>) -> AppPlan {
    let label = format!("{domain} app {name}");
    AppPlan {
        name: name.into(),
        app: derived.random_id(&label),
        id: derived.row_id(&format!("{label} object")),
        service_principal: derived.row_id(&format!("{label} service principal")),
        secret_id: derived.random_id(&format!("{label} secret id")),
        secret: derived.secret(&label),
        secret_ends_at: None,
        is_enabled: true,
        is_public: false,
        permissions,
    }
}

fn user(derived: Derived<'_>, local: &str, name: &str, roles: &[DirectoryRole]) -> UserPlan {
    let upn = format!("{local}@{DOMAIN}");
    UserPlan {
        id: derived.row_id(&upn),
        display_name: name.into(),
        mail: Some(upn.clone()),
        user_type: UserType::Member,
        roles: roles.to_vec(),
        is_enabled: true,
        preferred_language: None,
        password: Some(derived.password(&upn)),
        user_principal_name: upn,
    }
}
