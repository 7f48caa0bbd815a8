//! Setting up: tenants, applications, members, policies. For `init`, `tenant create` and `--seed`; no caller, so never
//! reachable from the network.

use vestibule_model::{
    Application, ClientSecret, Context, Tenant, TenantId, TenantPolicy, User, VerifiedDomain,
};

use crate::{Directory, Error};

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
    /// Makes a tenant, whole or not at all.
    pub async fn create_tenant(&self, new: NewTenant, first: First, context: &Context) -> Result<(), Error> {
        let _ = (new, first, context);
        todo!()
    }

    /// A member or guest as a seed describes it, when it is not there yet.
    pub async fn add_user(&self, tenant: TenantId, user: User, context: &Context) -> Result<(), Error> {
        let _ = (tenant, user, context);
        todo!()
    }

    /// Every tenant, oldest first.
    pub async fn tenants(&self) -> Result<Vec<Tenant>, Error> {
        self.store.tenants().await.map_err(Error::Store)
    }
}
