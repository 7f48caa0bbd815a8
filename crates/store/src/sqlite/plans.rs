//! No statement walks through all rows of a tenant: SQLite's plans for whatever the conformance suite asks.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::driver::{Applied, Driver, Prepared};
use crate::sql::{Across, Rows, Statement};
use crate::testing::{fixed_keys, folder};
use crate::{CommitError, Durability, Engine, Options, Store, StoreError, StoreKind, conformance};

/// Tables in which a tenant, or the whole store, has few rows; `t` is what questions call `tenant`.
const FEW_ROWS: [&str; 9] = [
    "policy",
    "tenant",
    "t",
    "application",
    "application_secret",
    "verified_domain",
    "signing_key",
    "setting",
    "server_meta",
];

/// What sees all of a tenant's rows by what it asks: the audit trail, page by page, and questions of the suite itself.
const MAY_WALK: [&str; 3] =
    ["FROM audit a WHERE", "SELECT count(*) FROM ", "SELECT object_kind, change, properties, epoch"];

/// Plans by the statement's text.
type Plans = Arc<Mutex<BTreeMap<String, String>>>;

/// An engine that also tells how it would find what it is asked for.
struct Telling {
    engine: Box<dyn Driver>,
    plans: Plans,
}

impl Telling {
    async fn tell<'a>(&self, statements: impl Iterator<Item = &'a Statement>) {
        for statement in statements.filter(|statement| statement.is_kept()) {
            if self.plans.lock().unwrap().contains_key(statement.sql()) {
                continue;
            }
            let sql = format!("EXPLAIN QUERY PLAN {}", statement.sql());
            let explain = Statement::across_tenants(Across::Reference, sql)
                .bind_all(statement.params().iter().cloned());
            let rows = self.engine.fetch(vec![explain], None).await.unwrap().concat();
            let lines: Vec<String> = rows.iter().map(|row| row.get(3).unwrap()).collect();
            self.plans.lock().unwrap().insert(statement.sql().to_owned(), lines.join("; "));
        }
    }
}

impl Driver for Telling {
    fn takes_locks(&self) -> bool {
        self.engine.takes_locks()
    }

    fn fetch(
        &self,
        statements: Vec<Statement>,
        deadline: Option<Duration>,
    ) -> BoxFuture<'_, Result<Vec<Rows>, StoreError>> {
        async move {
            self.tell(statements.iter()).await;
            self.engine.fetch(statements, deadline).await
        }
        .boxed()
    }

    fn apply(&self, unit: Prepared) -> BoxFuture<'_, Result<Applied, CommitError>> {
        async move {
            self.tell(unit.steps.iter().map(|step| &step.statement)).await;
            self.engine.apply(unit).await
        }
        .boxed()
    }

    fn close(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.engine.close()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_statement_walks_through_all_rows_of_a_tenant() {
    let plans = Plans::default();
    conformance::run(|| async {
        let folder = folder().unwrap();
        let engine = Engine::Sqlite { folder: folder.path().to_owned(), durability: Durability::Volatile };
        let options = Options { engine, keys: fixed_keys(), kind: StoreKind::Dev, scan_rows: 200_000 };
        let plans = Arc::clone(&plans);
        let store = Store::open_through(options, |engine| Box::new(Telling { engine, plans })).await.unwrap();
        store.keep(crate::testing::Leftovers(folder));
        store
    })
    .await;

    let plans = plans.lock().unwrap();
    assert!(plans.len() > 50, "the suite asks more than that: {}", plans.len());
    let walkers: Vec<_> = plans
        .iter()
        .filter(|(sql, plan)| walks(plan) && !MAY_WALK.iter().any(|known| sql.contains(known)))
        .collect();
    assert!(walkers.is_empty(), "{walkers:#?}");
}

/// Whether a line of the plan narrows a large table by nothing but the tenant.
fn walks(plan: &str) -> bool {
    plan.split("; ").any(|line| {
        let (step, table) = line.split_once(' ').unwrap_or_default();
        let table = table.split(' ').next().unwrap_or_default();
        let is_table =
            include_str!("../migrations/0001_base.sql").contains(&format!("CREATE TABLE {table} ("));
        let is_whole = step == "SCAN" && is_table || line.contains("(tenant_id=?)");
        is_whole && !FEW_ROWS.contains(&table)
    })
}
