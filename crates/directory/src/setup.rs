//! Setting up: tenants, applications, members, policies. For `init`, `tenant create` and `--seed`; no caller, so never
//! reachable from the network.

use serde_json::json;
use vestibule_model::audit::{Target, TargetKind};
use vestibule_model::change::UserChange;
use vestibule_model::{
    Activity, Application, AuditEvent, AuditTrail, Change, ChangeSet, ClientSecret, Context, Guard,
    Initiator, Tenant, TenantId, TenantPolicy, User, UserId, UserProperty, VerifiedDomain,
};
use vestibule_store::Unit;
use vestibule_store::read::users::UserKey;

use crate::retry::Written;
use crate::{Directory, Error, SERVICE};

/// A new tenant with everything that is its own from the start.
#[derive(Clone, Debug)]
pub struct NewTenant {
    /// The organisation.
    pub tenant: Tenant,
    /// Its verified domains; one is initial, one default.
    pub domains: Vec<VerifiedDomain>,
    /// Its policies.
    pub policy: TenantPolicy,
    /// Its first applications with their secrets.
    pub applications: Vec<(Application, Vec<ClientSecret>)>,
    /// Its first users.
    pub users: Vec<User>,
}

/// Whether another tenant may stand already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum First {
    /// `init`: refuses when there is one.
    Only,
    /// `tenant create` and seeds.
    OneOfMany,
}

impl Directory {
    /// Makes a tenant, whole or not at all. It has room for some 200 domains, applications, secrets and users; further
    /// users come by [`add_user`](Self::add_user).
    ///
    /// # Errors
    ///
    /// [`Error::Stale`] when a tenant stands already and this is to be the only one, or one of its domains is another's.
    pub async fn create_tenant(&self, new: NewTenant, first: First, context: &Context) -> Result<(), Error> {
        let tenant = new.tenant.id;
        let mut guards: Vec<_> = new
            .domains
            .iter()
            .map(|domain| Guard::DomainFree { name: domain.name.as_str().into() })
            .collect();
        if first == First::Only {
            guards.insert(0, Guard::NoTenant);
        }
        let trail = told(&new, context);
        let unit = Unit { guards, change: Some(ChangeSet::new(changes(new), trail)), ..Unit::new(tenant) };
        match self.write(unit).await? {
            Written::Durably => Ok(()),
            Written::Stale(_) => Err(Error::Stale),
        }
    }

    /// A member or guest as a seed describes it, when it is not there yet.
    ///
    /// # Errors
    ///
    /// [`Error::Store`].
    pub async fn add_user(&self, tenant: TenantId, user: User, context: &Context) -> Result<(), Error> {
        let key = UserKey::Upn(user.user_principal_name.clone());
        if self.store.user(tenant, &key, None).await?.1.is_some() {
            return Ok(());
        }
        let guard = Guard::UpnFree { key: user.user_principal_name.to_lowercase().into() };
        let trail = AuditTrail::of(added(&user, context));
        let unit = Unit {
            guards: vec![guard],
            change: Some(ChangeSet::new(vec![Change::CreateUser(Box::new(user))], trail)),
            ..Unit::new(tenant)
        };
        // Whoever was first seeded the same user.
        self.write(unit).await.map(drop).map_err(Error::from)
    }

    /// Whether a user is there who has no password.
    ///
    /// # Errors
    ///
    /// [`Error::Store`].
    pub async fn lacks_password(&self, tenant: TenantId, user: UserId) -> Result<bool, Error> {
        let (_, found) = self.store.user(tenant, &UserKey::Id(user), None).await?;
        Ok(found.is_some_and(|user| user.password_hash.is_none()))
    }

    /// Gives a user who has no password the one with this hash. Nobody there, or a password, changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Stale`] when the user changed under our hands.
    pub async fn give_password(
        &self,
        tenant: TenantId,
        user: UserId,
        hash: String,
        context: &Context,
    ) -> Result<(), Error> {
        let (_, found) = self.store.user(tenant, &UserKey::Id(user), None).await?;
        let Some(user) = found.filter(|user| user.password_hash.is_none()) else { return Ok(()) };
        let user = User { version: user.version + 1, password_hash: Some(hash), ..user };
        let event = by_ourselves(Activity::UpdateUser, context).on(Target::user(&user));
        let update = Change::UpdateUser {
            user: Box::new(user),
            kind: UserChange::Updated,
            properties: vec![UserProperty::PasswordProfile],
        };
        let unit =
            Unit { change: Some(ChangeSet::new(vec![update], AuditTrail::of(event))), ..Unit::new(tenant) };
        match self.write(unit).await? {
            Written::Durably => Ok(()),
            Written::Stale(_) => Err(Error::Stale),
        }
    }

    /// Every tenant, oldest first.
    ///
    /// # Errors
    ///
    /// [`Error::Store`].
    pub async fn tenants(&self) -> Result<Vec<Tenant>, Error> {
        self.store.tenants().await.map_err(Error::Store)
    }
}

fn changes(new: NewTenant) -> Vec<Change> {
    let applications = new.applications.into_iter().flat_map(|(application, secrets)| {
        let app = application.app;
        let secrets = secrets.into_iter().map(move |secret| Change::AddSecret { app, secret });
        std::iter::once(Change::CreateApplication(Box::new(application))).chain(secrets)
    });
    [
        Change::CreateTenant(Box::new(new.tenant)),
        Change::PutPolicy { policy: Box::new(new.policy), version: 1 },
    ]
    .into_iter()
    .chain(new.domains.into_iter().map(Change::AddDomain))
    .chain(applications)
    .chain(new.users.into_iter().map(|user| Change::CreateUser(Box::new(user))))
    .collect()
}

fn told(new: &NewTenant, context: &Context) -> AuditTrail {
    let event = |activity, kind, id: String, name: &str| {
        by_ourselves(activity, context).on(Target::of(kind, id, name))
    };
    let company = event(
        Activity::CreateCompany,
        TargetKind::Other,
        new.tenant.id.to_string(),
        &new.tenant.display_name,
    );
    let domains = new.domains.iter().map(|domain| {
        event(Activity::AddVerifiedDomain, TargetKind::Other, domain.name.clone(), &domain.name)
    });
    let applications = new.applications.iter().map(|(app, _)| {
        event(Activity::AddApplication, TargetKind::Other, app.id.to_string(), &app.display_name)
    });
    let users = new.users.iter().map(|user| added(user, context));

    domains.chain(applications).chain(users).fold(AuditTrail::of(company), AuditTrail::then)
}

fn added(user: &User, context: &Context) -> AuditEvent {
    let target = Target::user(user)
        .changing("DisplayName", json!([]), json!([user.display_name]))
        .changing("UserPrincipalName", json!([]), json!([user.user_principal_name]))
        .changing("UserType", json!([]), json!([user.user_type.as_str()]));
    by_ourselves(Activity::AddUser, context).on(target)
}

fn by_ourselves(activity: Activity, context: &Context) -> AuditEvent {
    AuditEvent::new(activity, Initiator::Service { name: SERVICE.into() }, context)
}
