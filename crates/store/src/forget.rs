//! Forgetting a tenant as if it had never been: dev mode's reset, and nobody else's.

use vestibule_model::{Guard, TenantId};

use crate::driver::{Expect, Prepared, Step};
use crate::sql::Statement;
use crate::{CommitError, Store, StoreError};

/// Every table with rows of a tenant.
const TABLES: [&str; 20] = [
    "directory_user",
    "user_address",
    "user_word",
    "invitation",
    "ticket",
    "consent",
    "block_list",
    "change_log",
    "audit",
    "audit_target",
    "outbox",
    "flow",
    "passcode",
    "counter_event",
    "session",
    "idempotency",
    "application",
    "application_secret",
    "policy",
    "verified_domain",
];

impl Store {
    /// Forgets `tenant` and everything that is its own, audit trail included. Keys, settings and the epoch stay.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; nothing was forgotten then.
    pub async fn forget_tenant(&self, tenant: TenantId) -> Result<(), StoreError> {
        let step = |table: &str| {
            let delete = Statement::in_tenant(tenant, format!("DELETE FROM {table} WHERE tenant_id = $1"));
            Step { statement: delete.once(), expect: Expect::Any, guard: Guard::State }
        };
        let steps = TABLES.into_iter().chain(["tenant"]).map(step).collect();
        match self.apply(Prepared { locks: Vec::new(), steps }).await {
            Ok(_) => Ok(()),
            Err(CommitError::Store(error)) => Err(error),
            Err(CommitError::Stale(_)) => Err(StoreError::busy()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::MIGRATIONS;

    #[test]
    fn no_table_with_rows_of_a_tenant_is_left_out() {
        let schema: String = MIGRATIONS.iter().map(|(_, text)| *text).collect();
        let tables = schema.split("CREATE TABLE ").skip(1);
        let of_tenants = tables.filter(|table| table.split(';').next().unwrap().contains("tenant_id"));
        let mut names: Vec<&str> = of_tenants.filter_map(|table| table.split_whitespace().next()).collect();
        let mut forgotten: Vec<&str> = TABLES.into_iter().chain(["tenant"]).collect();

        names.sort_unstable();
        forgotten.sort_unstable();
        assert_eq!(forgotten, names);
    }
}
