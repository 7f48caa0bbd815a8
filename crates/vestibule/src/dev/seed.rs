//! `--seed FILE`: tenants, users, apps and policies besides contoso, from TOML or JSON.
//!
//! The format is described in `docs/seed.md`, with an example in `examples/seed.toml`. What a seed leaves out (ids, secrets,
//! passwords) is derived from the server key, so it is the same at every start.

mod file;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use vestibule_model::address::PlusAddressing;
use vestibule_model::policy::{DomainList, PasscodePolicy};
use vestibule_model::{Address, DirectoryRole, TenantPolicy, UserType};

use super::contoso;
use super::derived::Derived;
use crate::setup::{self, AppPlan, DomainName, TenantPlan, UserPlan};

/// Why a seed cannot be used: where, and what would have been right.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SeedError {
    #[error("the seed {} cannot be read: {why}", path.display())]
    Unreadable { path: PathBuf, why: std::io::Error },
    #[error("the seed {} cannot be understood: {why}", path.display())]
    Malformed { path: PathBuf, why: String },
    #[error("the seed {}, {place}: {why}", path.display())]
    Wrong { path: PathBuf, place: String, why: String },
}

/// What is wrong, and where in the file: `tenants[1].users[0]`.
struct Wrong {
    place: String,
    why: String,
}

/// Contoso, and what the file at `path` adds to it and beside it.
///
/// # Errors
///
/// The first thing that is wrong; nothing is made then.
pub(crate) fn plans(path: Option<&Path>, derived: Derived<'_>) -> Result<Vec<TenantPlan>, SeedError> {
    let mut plans = vec![contoso::plan(derived)];
    let Some(path) = path else { return Ok(plans) };

    let text = fs::read_to_string(path).map_err(|why| SeedError::Unreadable { path: path.into(), why })?;
    let is_json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    let seed: Result<file::Seed, String> = if is_json {
        serde_json::from_str(&text).map_err(|why| why.to_string())
    } else {
        toml::from_str(&text).map_err(|why| why.to_string())
    };
    let seed = seed.map_err(|why| SeedError::Malformed { path: path.into(), why })?;
    add(seed, &mut plans, derived)
        .and_then(|()| unique(&plans))
        .map_err(|Wrong { place, why }| SeedError::Wrong { path: path.into(), place, why })?;
    Ok(plans)
}

fn add(seed: file::Seed, plans: &mut Vec<TenantPlan>, derived: Derived<'_>) -> Result<(), Wrong> {
    for (index, tenant) in seed.tenants.into_iter().enumerate() {
        let place = format!("tenants[{index}]");
        let domain = domain(&tenant.domain, &place)?;
        if domain.as_str() == contoso::DOMAIN {
            let own = &mut plans[0];
            if tenant.id.is_some_and(|id| id != own.id.0) {
                return Err(wrong(
                    &place,
                    format!("{domain} is made by every dev server, and its id is fixed"),
                ));
            }
            extend(own, tenant, &place, derived)?;
        } else {
            let id = tenant.id.map_or_else(|| derived.random_id(domain.as_str()), Into::into);
            let mut plan =
                TenantPlan::bare(id, tenant.name.clone().unwrap_or_else(|| domain.to_string()), domain);
            extend(&mut plan, tenant, &place, derived)?;
            plans.push(plan);
        }
    }
    Ok(())
}

/// Adds what the file says of a tenant to its plan.
fn extend(plan: &mut TenantPlan, said: file::Tenant, place: &str, derived: Derived<'_>) -> Result<(), Wrong> {
    if let Some(name) = said.name {
        plan.name = name;
    }
    for (index, name) in said.domains.iter().enumerate() {
        plan.domains.push(domain(name, &format!("{place}.domains[{index}]"))?);
    }
    plan.preferred_language = said.preferred_language.or(plan.preferred_language.take());
    plan.privacy_statement_url = said.privacy_statement_url.or(plan.privacy_statement_url.take());
    plan.privacy_contact = said.privacy_contact.or(plan.privacy_contact.take());
    if let Some(said) = said.policy {
        plan.policy = policy(said, &format!("{place}.policy"))?;
    }
    for (index, said) in said.users.into_iter().enumerate() {
        let user = user(said, plan, &format!("{place}.users[{index}]"), derived)?;
        plan.users.push(user);
    }
    for (index, said) in said.apps.into_iter().enumerate() {
        let app = app(said, plan, &format!("{place}.apps[{index}]"), derived)?;
        plan.apps.push(app);
    }
    Ok(())
}

fn user(said: file::User, tenant: &TenantPlan, place: &str, derived: Derived<'_>) -> Result<UserPlan, Wrong> {
    let upn = said.user_principal_name;
    let domain = address(&upn).and_then(|_| upn.split_once('@').map(|(_, domain)| domain));
    let own = std::iter::once(&tenant.domain).chain(&tenant.domains);
    if !domain.is_some_and(|domain| own.clone().any(|own| own.as_str().eq_ignore_ascii_case(domain))) {
        let domains: Vec<&str> = own.map(DomainName::as_str).collect();
        let why = format!(
            "'{upn}' is no user principal name of this tenant: it must end with @{}",
            domains.join(" or @")
        );
        return Err(wrong(place, why));
    }
    if let Some(mail) = said.mail.as_deref().filter(|mail| address(mail).is_none()) {
        return Err(wrong(place, format!("'{mail}' is no mail address")));
    }
    let roles = said.roles.iter().map(|name| role(name).map_err(|why| wrong(place, why)));

    Ok(UserPlan {
        id: said.id.map_or_else(|| derived.row_id(&upn), Into::into),
        display_name: said.display_name.unwrap_or_else(|| upn.clone()),
        mail: said.mail,
        user_type: match said.user_type {
            file::UserType::Member => UserType::Member,
            file::UserType::Guest => UserType::Guest,
        },
        roles: roles.collect::<Result<_, _>>()?,
        is_enabled: said.account_enabled,
        preferred_language: said.preferred_language,
        password: Some(said.password.map_or_else(|| derived.password(&upn), SecretString::from)),
        user_principal_name: upn,
    })
}

fn app(said: file::App, tenant: &TenantPlan, place: &str, derived: Derived<'_>) -> Result<AppPlan, Wrong> {
    let permissions =
        said.permissions.iter().map(|name| setup::permission(name).map_err(|why| wrong(place, why)));
    let mut app =
        contoso::app(derived, tenant.domain.as_str(), &said.name, permissions.collect::<Result<_, _>>()?);
    app.app = said.client_id.map_or(app.app, Into::into);
    app.service_principal = said.service_principal_id.map_or(app.service_principal, Into::into);
    app.secret_ends_at = said.client_secret_ends;
    (app.is_enabled, app.is_public) = (said.account_enabled, said.public_client);
    if let Some(secret) = said.client_secret {
        if secret.len() < MIN_SECRET {
            return Err(wrong(place, format!("client_secret must have {MIN_SECRET} characters at least")));
        }
        app.secret = secret.into();
    }
    Ok(app)
}

/// Short enough to be typed into a test, long enough not to be a habit.
const MIN_SECRET: usize = 8;

fn policy(said: file::Policy, place: &str) -> Result<TenantPolicy, Wrong> {
    let default = TenantPolicy::default();
    let domain_list = match (said.allowed_domains, said.blocked_domains) {
        (None, None) => DomainList::Any,
        (Some(allowed), None) => DomainList::Allow(listed(&allowed, place)?),
        (None, Some(blocked)) => DomainList::Deny(listed(&blocked, place)?),
        (Some(_), Some(_)) => {
            return Err(wrong(place, "give allowed_domains or blocked_domains: there is one list".into()));
        }
    };
    Ok(TenantPolicy {
        allow_invites_from: said.allow_invites_from.unwrap_or(default.allow_invites_from),
        guest_user_role: said.guest_user_role_id.unwrap_or(default.guest_user_role),
        domain_list,
        passcodes: match said.passcodes {
            None => default.passcodes,
            Some(true) => PasscodePolicy::Enabled,
            Some(false) => PasscodePolicy::Disabled,
        },
        consent_version: said.consent_version.unwrap_or(default.consent_version),
    })
}

/// Domains of a list; `*.example.com` stands for subdomains.
fn listed(names: &[String], place: &str) -> Result<Vec<String>, Wrong> {
    let entry = |name: &String| match name.strip_prefix("*.") {
        Some(parent) => domain(parent, place).map(|parent| format!("*.{parent}")),
        None => domain(name, place).map(|name| name.to_string()),
    };
    names.iter().map(entry).collect()
}

fn role(name: &str) -> Result<DirectoryRole, String> {
    DirectoryRole::find(name).ok_or_else(|| {
        let names: Vec<&str> = DirectoryRole::ALL.iter().map(|role| role.display_name()).collect();
        format!("'{name}' is no directory role; there are {}", names.join(", "))
    })
}

/// What no two tenants may share, and what `dev.json` could not tell apart.
fn unique(plans: &[TenantPlan]) -> Result<(), Wrong> {
    let mut seen = BTreeSet::new();
    let mut once = |what: &str, value: String| {
        let why = format!("the {what} '{value}' stands twice");
        seen.insert((what.to_owned(), value.to_ascii_lowercase()))
            .then_some(())
            .ok_or(wrong("as a whole", why))
    };
    for plan in plans {
        once("tenant id", plan.id.to_string())?;
        for domain in std::iter::once(&plan.domain).chain(&plan.domains) {
            once("domain", domain.to_string())?;
        }
        for user in &plan.users {
            once("user id", user.id.to_string())?;
            once("user principal name", user.user_principal_name.clone())?;
        }
        for app in &plan.apps {
            once("client id", app.app.to_string())?;
            once("service principal id", app.service_principal.to_string())?;
            once("app name", app.name.clone())?;
        }
    }
    Ok(())
}

fn address(typed: &str) -> Option<Address> {
    Address::parse(typed, PlusAddressing::Allowed).ok()
}

fn domain(typed: &str, place: &str) -> Result<DomainName, Wrong> {
    DomainName::parse(typed).map_err(|why| wrong(place, why))
}

fn wrong(place: &str, why: String) -> Wrong {
    Wrong { place: place.to_owned(), why }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;
    use vestibule_model::Permission;
    use vestibule_model::policy::AllowInvitesFrom;

    use super::*;
    use crate::server_key::ServerKeys;

    #[test]
    fn the_example_of_the_repository_is_understood() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/seed.toml");

        let plans = plans(Some(&path), Derived(&keys())).unwrap();

        let [contoso, fabrikam] = &plans[..] else { panic!("{} tenants", plans.len()) };
        assert_eq!(contoso.domain.as_str(), "contoso.localhost");
        assert!(contoso.apps.len() > 1, "the example adds an app to contoso");
        assert_eq!(fabrikam.policy.allow_invites_from, AllowInvitesFrom::AdminsAndGuestInviters);
        assert!(fabrikam.apps.iter().any(|app| app.permissions.contains(&Permission::UserInviteAll)));
        assert!(fabrikam.users.iter().any(|user| user.roles.contains(&DirectoryRole::GuestInviter)));
    }

    #[test]
    fn what_the_seed_leaves_out_is_the_same_at_every_start() {
        let keys = keys();
        let seed =
            file_with("[[tenants]]\ndomain = 'a.example'\n[[tenants.apps]]\nname = 'a'\npermissions = []\n");
        let plan = || plans(Some(seed.path()), Derived(&keys)).unwrap().remove(1);

        let (first, second) = (plan(), plan());

        assert_eq!(first.id, second.id);
        assert_eq!(first.apps[0].app, second.apps[0].app);
        assert_eq!(first.apps[0].secret.expose_secret(), second.apps[0].secret.expose_secret());
        assert_eq!(first.apps[0].secret.expose_secret().len(), 43);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (text, wanted) in [
            ("[[tenants]]\nname = 'a'", "missing field `domain`"),
            ("[[tenants]]\ndomain = 'a.example'\ncolour = 1", "unknown field `colour`"),
            ("[[tenants]]\ndomain = 'a'", "tenants[0]: 'a' is no domain name"),
            (
                "[[tenants]]\ndomain = 'a.example'\n[[tenants.users]]\nuser_principal_name = 'x@b.example'",
                "tenants[0].users[0]: 'x@b.example' is no user principal name of this tenant: it must end with @a.example",
            ),
            (
                "[[tenants]]\ndomain = 'a.example'\n[[tenants.users]]\nuser_principal_name = 'x@a.example'\nroles = ['King']",
                "tenants[0].users[0]: 'King' is no directory role; there are Global Administrator",
            ),
            (
                "[[tenants]]\ndomain = 'a.example'\n[[tenants.apps]]\nname = 'a'\npermissions = ['User.Fly']",
                "tenants[0].apps[0]: 'User.Fly' is no application permission",
            ),
            (
                "[[tenants]]\ndomain = 'a.example'\n[[tenants.apps]]\nname = 'a'\nclient_secret = 'short'",
                "tenants[0].apps[0]: client_secret must have 8 characters at least",
            ),
            (
                "[[tenants]]\ndomain = 'a.example'\n[tenants.policy]\nallowed_domains = []\nblocked_domains = []",
                "tenants[0].policy: give allowed_domains or blocked_domains",
            ),
            ("[[tenants]]\ndomain = 'a.example'\n[[tenants]]\ndomain = 'A.example'", "the tenant id"),
            (
                "[[tenants]]\ndomain = 'a.example'\ndomains = ['contoso.localhost']",
                "as a whole: the domain 'contoso.localhost' stands twice",
            ),
            (
                "[[tenants]]\nid = '11111111-1111-4111-8111-111111111111'\ndomain = 'contoso.localhost'",
                "tenants[0]: contoso.localhost is made by every dev server, and its id is fixed",
            ),
        ] {
            let seed = file_with(text);
            let said = plans(Some(seed.path()), Derived(&keys())).unwrap_err().to_string();
            assert!(said.contains(wanted), "{said}");
        }
    }

    fn keys() -> ServerKeys {
        let folder = tempfile::tempdir().unwrap();
        ServerKeys::read_or_make(&folder.path().join("server.key")).unwrap()
    }

    fn file_with(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::with_suffix(".toml").unwrap();
        fs::write(file.path(), text).unwrap();
        file
    }
}
