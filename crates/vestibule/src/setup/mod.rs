//! What a new tenant begins with, as a plan: for `init`, `tenant create`, dev mode's contoso and `--seed`.
//!
//! A plan holds secrets in clear, because somebody has to be told them once; what the store gets is made by
//! [`TenantPlan::build`] and holds their hashes.

pub(crate) mod password;
pub(crate) mod secret;

use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;
use vestibule_directory::setup::NewTenant;
use vestibule_model::address::PlusAddressing;
use vestibule_model::user::{Identity, Profile, SignInType};
use vestibule_model::{
    Address, AppId, Application, ApplicationId, ClientSecret, Context, DirectoryRole, Permission,
    ServicePrincipalId, Tenant, TenantId, TenantPolicy, User, UserId, UserType, VerifiedDomain,
};

/// A tenant to be made.
#[derive(Clone, Debug)]
pub(crate) struct TenantPlan {
    pub(crate) id: TenantId,
    pub(crate) name: String,
    /// The initial domain.
    pub(crate) domain: DomainName,
    /// Further verified domains.
    pub(crate) domains: Vec<DomainName>,
    pub(crate) preferred_language: Option<String>,
    pub(crate) privacy_statement_url: Option<String>,
    pub(crate) privacy_contact: Option<String>,
    pub(crate) policy: TenantPolicy,
    pub(crate) apps: Vec<AppPlan>,
    pub(crate) users: Vec<UserPlan>,
}

/// An application to be made, with its secret in clear.
#[derive(Clone, Debug)]
pub(crate) struct AppPlan {
    pub(crate) name: String,
    pub(crate) app: AppId,
    pub(crate) id: ApplicationId,
    pub(crate) service_principal: ServicePrincipalId,
    pub(crate) secret_id: Uuid,
    pub(crate) secret: SecretString,
    /// When the secret ends; after a hundred years, unless told.
    pub(crate) secret_ends_at: Option<Timestamp>,
    pub(crate) is_enabled: bool,
    /// Without a secret: one cannot be kept on a device of somebody else's.
    pub(crate) is_public: bool,
    pub(crate) permissions: Vec<Permission>,
}

/// A member to be made, with the password in clear.
#[derive(Clone, Debug)]
pub(crate) struct UserPlan {
    pub(crate) id: UserId,
    pub(crate) user_principal_name: String,
    pub(crate) display_name: String,
    pub(crate) mail: Option<String>,
    pub(crate) user_type: UserType,
    pub(crate) roles: Vec<DirectoryRole>,
    pub(crate) is_enabled: bool,
    pub(crate) preferred_language: Option<String>,
    pub(crate) password: Option<SecretString>,
}

/// How long a client secret lives. Entra's portal offers 24 months at most; a setup that dies in two years is a trap.
const SECRET_LIFETIME: SignedDuration = SignedDuration::from_hours(24 * 365 * 100);

impl TenantPlan {
    /// A tenant with a name, a domain, and nothing else.
    pub(crate) fn bare(id: TenantId, name: String, domain: DomainName) -> Self {
        Self {
            id,
            name,
            domain,
            domains: Vec::new(),
            preferred_language: None,
            privacy_statement_url: None,
            privacy_contact: None,
            policy: TenantPolicy::default(),
            apps: Vec::new(),
            users: Vec::new(),
        }
    }

    /// What the store is given. Passwords are left out: hashing them takes longer than a start may.
    pub(crate) fn build(&self, context: &Context) -> NewTenant {
        let now = context.now_in_seconds();
        NewTenant {
            tenant: self.tenant(now),
            domains: self.domains(),
            policy: self.policy.clone(),
            applications: self.apps.iter().map(|app| app.build(now)).collect(),
            users: self.users.iter().map(|user| user.build(self, now)).collect(),
        }
    }

    fn tenant(&self, now: Timestamp) -> Tenant {
        Tenant {
            id: self.id,
            display_name: self.name.clone(),
            initial_domain: self.domain.to_string(),
            created_at: now,
            preferred_language: self.preferred_language.clone(),
            privacy_statement_url: self.privacy_statement_url.clone(),
            privacy_contact: self.privacy_contact.clone(),
            technical_notification_mails: Vec::new(),
            country_letter_code: None,
        }
    }

    fn domains(&self) -> Vec<VerifiedDomain> {
        let domain = |name: &DomainName, is_initial| VerifiedDomain {
            name: name.to_string(),
            is_default: is_initial,
            is_initial,
        };
        let further = self.domains.iter().map(|name| domain(name, false));
        std::iter::once(domain(&self.domain, true)).chain(further).collect()
    }
}

impl AppPlan {
    /// An app with drawn ids and a drawn secret.
    pub(crate) fn draw(name: String, permissions: Vec<Permission>, context: &Context) -> Self {
        Self {
            name,
            app: context.random_id(),
            id: context.new_id(),
            service_principal: context.new_id(),
            secret_id: context.ids.random(),
            secret: secret::draw(),
            secret_ends_at: None,
            is_enabled: true,
            is_public: false,
            permissions,
        }
    }

    fn build(&self, now: Timestamp) -> (Application, Vec<ClientSecret>) {
        let application = Application {
            app: self.app,
            id: self.id,
            service_principal: self.service_principal,
            display_name: self.name.clone(),
            is_enabled: self.is_enabled,
            is_public: self.is_public,
            permissions: self.permissions.clone(),
            created_at: now,
        };
        let text = self.secret.expose_secret();
        let secret = ClientSecret {
            key_id: self.secret_id,
            hash: secret::hash(text),
            hint: text.chars().take(3).collect(),
            starts_at: now,
            ends_at: self.secret_ends_at.unwrap_or(now + SECRET_LIFETIME),
        };
        let secrets = if self.is_public { Vec::new() } else { vec![secret] };
        (application, secrets)
    }
}

impl UserPlan {
    fn build(&self, tenant: &TenantPlan, now: Timestamp) -> User {
        let local = self.user_principal_name.split('@').next().unwrap_or_default();
        User {
            id: self.id,
            version: 1,
            user_principal_name: self.user_principal_name.clone(),
            mail_nickname: local.chars().take(64).collect(),
            display_name: self.display_name.clone(),
            is_display_name_derived: false,
            mail: self.mail.clone(),
            other_mails: Vec::new(),
            proxy_addresses: self.mail.iter().map(|mail| format!("SMTP:{mail}")).collect(),
            user_type: self.user_type,
            guest_state: None,
            invited_address: None,
            invited_by: None,
            creation_type: None,
            created_at: now,
            deleted_at: None,
            account_enabled: self.is_enabled,
            identities: vec![Identity {
                sign_in_type: SignInType::UserPrincipalName,
                issuer: tenant.domain.to_string(),
                issuer_assigned_id: Some(self.user_principal_name.clone()),
            }],
            sponsors: Vec::new(),
            roles: self.roles.clone(),
            sign_in_sessions_valid_from: now,
            password_hash: None,
            profile: Profile { preferred_language: self.preferred_language.clone(), ..Profile::default() },
        }
    }
}

/// The name of a domain, in lower case.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct DomainName(String);

impl DomainName {
    /// Reads a name such as `contoso.com`.
    ///
    /// # Errors
    ///
    /// A sentence that names what was typed.
    pub(crate) fn parse(typed: &str) -> Result<Self, String> {
        let name = typed.to_ascii_lowercase();
        // What may stand behind the @ of an address is what may be a domain here.
        match Address::parse(&format!("somebody@{name}"), PlusAddressing::Refused) {
            Ok(_) if name.contains('.') => Ok(Self(name)),
            _ => Err(format!("'{typed}' is no domain name such as contoso.com")),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for DomainName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Reads an application permission by its published name.
///
/// # Errors
///
/// A sentence with the names there are.
pub(crate) fn permission(name: &str) -> Result<Permission, String> {
    let known = || Permission::ALL.iter().filter(|permission| permission.app_role().is_some());
    let found = Permission::find(name).filter(|permission| permission.app_role().is_some());
    found.ok_or_else(|| {
        let names: Vec<&str> = known().map(|permission| permission.name()).collect();
        format!("'{name}' is no application permission; there are {}", names.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_a_host_name_with_a_dot_in_lower_case() {
        for (typed, wanted) in [
            ("Contoso.COM", Some("contoso.com")),
            ("contoso.localhost", Some("contoso.localhost")),
            ("contoso", None),
            ("", None),
            ("con toso.com", None),
            ("a@contoso.com", None),
            (".com", None),
            ("contoso.com/x", None),
        ] {
            assert_eq!(DomainName::parse(typed).ok().as_ref().map(DomainName::as_str), wanted, "{typed}");
        }
    }

    #[test]
    fn a_permission_is_known_by_name_and_must_be_one_for_applications() {
        assert_eq!(permission("user.invite.all"), Ok(Permission::UserInviteAll));
        assert!(permission("User.Read").unwrap_err().contains("User.Invite.All"));
        assert!(permission("Everything").is_err());
    }
}
