//! Rows of tenants, domains, policies and applications.

use vestibule_model::{
    AppId, Application, Change, ClientSecret, Guard, Tenant, TenantPolicy, VerifiedDomain,
};

use super::{Draft, json};
use crate::StoreError;
use crate::driver::Expect;

impl Draft<'_> {
    /// The tenant begins with the default policies at version 1; every domain added raises it by one.
    pub(super) fn create_tenant(&mut self, tenant: &Tenant) -> Result<(), StoreError> {
        self.lock("tenants", None, &[], true);
        let sql =
            "INSERT INTO tenant (tenant_id, created_at, doc) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
        let insert = self.here(sql).bind(tenant.created_at).bind(json(tenant)?);
        self.check(insert, Expect::Some, Guard::State);
        let sql = "INSERT INTO policy (tenant_id, version, doc) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
        let insert = self.here(sql).bind(1_u64).bind(json(&TenantPolicy::default())?);
        self.run(insert);
        Ok(())
    }

    /// Guards the version before, but not in the unit that makes the tenant: nobody else can know it yet.
    pub(super) fn put_policy(&mut self, policy: &TenantPolicy, version: u64) -> Result<(), StoreError> {
        self.changes("policy", &[]);
        let before = version.saturating_sub(1);
        if self.creates_tenant() {
            let sql = "UPDATE policy SET version = $2, doc = $3 WHERE tenant_id = $1";
            let update = self.here(sql).bind(version).bind(json(policy)?);
            self.run(update);
            return Ok(());
        }
        let sql = "UPDATE policy SET version = $2, doc = $3 WHERE tenant_id = $1 AND version = $4";
        let update = self.here(sql).bind(version).bind(json(policy)?).bind(before);
        self.check(update, Expect::Some, Guard::TenantPolicy { version: before });
        Ok(())
    }

    pub(super) fn add_domain(&mut self, domain: &VerifiedDomain) {
        let name = domain.name.to_lowercase();
        self.lock("domain", None, name.as_bytes(), true);
        self.changes("policy", &[]);
        if domain.is_default {
            let update = self.here("UPDATE verified_domain SET is_default = 0 WHERE tenant_id = $1");
            self.run(update);
        }
        let sql =
            "INSERT INTO verified_domain (tenant_id, name, is_default, is_initial) VALUES ($1, $2, $3, $4)
                   ON CONFLICT DO NOTHING";
        let insert = self.here(sql).bind(&*name).bind(domain.is_default).bind(domain.is_initial);
        self.check(insert, Expect::Some, Guard::DomainFree { name: name.into() });
        let bump = self.here("UPDATE policy SET version = version + 1 WHERE tenant_id = $1");
        self.run(bump);
    }

    pub(super) fn create_application(&mut self, application: &Application) -> Result<(), StoreError> {
        let sql = "INSERT INTO application (tenant_id, app_id, created_at, doc) VALUES ($1, $2, $3, $4)
                   ON CONFLICT DO NOTHING";
        let insert =
            self.here(sql).bind(application.app).bind(application.created_at).bind(json(application)?);
        self.check(insert, Expect::Some, Guard::State);
        Ok(())
    }

    pub(super) fn add_secret(&mut self, app: AppId, secret: &ClientSecret) -> Result<(), StoreError> {
        let sql = "INSERT INTO application_secret (tenant_id, app_id, key_id, doc) VALUES ($1, $2, $3, $4)
                   ON CONFLICT DO NOTHING";
        let insert = self.here(sql).bind(app).bind(secret.key_id).bind(json(secret)?);
        self.check(insert, Expect::Some, Guard::State);
        Ok(())
    }

    fn creates_tenant(&self) -> bool {
        let set = self.unit.change.as_ref();
        set.is_some_and(|set| set.changes().iter().any(|change| matches!(change, Change::CreateTenant(_))))
    }
}
