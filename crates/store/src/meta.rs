//! Facts of the store itself: who wrote it, whether it is for development, which keys sealed it, its epoch.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher, RandomState};

use vestibule_model::Guard;

use crate::driver::{Driver, Expect, Prepared, Step};
use crate::schema;
use crate::seal::{Seal, hex};
use crate::sql::{Across, Statement};
use crate::{CommitError, StoreError, StoreKind};

/// This binary's version.
const THIS: &str = env!("CARGO_PKG_VERSION");

/// What stands in `server_meta`, by name.
type Facts = BTreeMap<String, String>;

/// Checks that this binary may use the store, notes what is new, and answers the store's epoch.
pub(crate) async fn admit(driver: &dyn Driver, seal: &Seal, kind: StoreKind) -> Result<u64, StoreError> {
    let facts = facts(driver).await?;
    check_version(&facts)?;
    let is_marked = facts.get("kind").is_some_and(|kind| kind == "dev");
    check_kind(driver, kind, is_marked).await?;
    check_keys(driver, seal, &facts).await?;

    let mut news = Facts::new();
    let mut note = |name: &str, value: String| {
        if facts.get(name) != Some(&value) {
            news.insert(name.to_owned(), value);
        }
    };
    note("schema", schema::VERSION.to_string());
    note("written_by", THIS.to_owned());
    note(&format!("key {}", hex(&seal.id())), "seen".to_owned());
    if kind == StoreKind::Dev {
        note("kind", "dev".to_owned());
    }
    if !facts.contains_key("epoch") {
        note("epoch", drawn().to_string());
    }
    put(driver, &news).await?;

    // Another node may have been first with the epoch, so it is read again when we offered one.
    let facts = if news.contains_key("epoch") { self::facts(driver).await? } else { facts };
    facts
        .get("epoch")
        .and_then(|epoch| epoch.parse().ok())
        .ok_or_else(|| StoreError::Corrupt("the store has no epoch".into()))
}

async fn facts(driver: &dyn Driver) -> Result<Facts, StoreError> {
    let statement = Statement::across_tenants(Across::Reference, "SELECT name, value FROM server_meta");
    let rows = driver.fetch(vec![statement], None).await?;
    rows.iter().flatten().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

fn check_version(facts: &Facts) -> Result<(), StoreError> {
    let schema: u32 = facts.get("schema").and_then(|number| number.parse().ok()).unwrap_or(0);
    if schema <= schema::VERSION {
        return Ok(());
    }
    let written_by = facts.get("written_by").cloned().unwrap_or_default();
    Err(StoreError::Newer { written_by, this: THIS.into() })
}

async fn check_kind(driver: &dyn Driver, kind: StoreKind, is_marked: bool) -> Result<(), StoreError> {
    match (kind, is_marked) {
        (StoreKind::Dev, true) | (StoreKind::Production, false) => Ok(()),
        (StoreKind::Production, true) => Err(StoreError::WrongKind(
            "this store was made by serve --dev: start it with --dev, or use another one".into(),
        )),
        (StoreKind::Dev, false) => {
            let any = Statement::across_tenants(Across::Reference, "SELECT 1 FROM tenant LIMIT 1");
            if driver.fetch(vec![any], None).await?.concat().is_empty() {
                return Ok(());
            }
            Err(StoreError::WrongKind(
                "this store has a tenant and was not made by serve --dev: start it without --dev, or use another one"
                    .into(),
            ))
        }
    }
}

/// Every key that ever sealed something must be at hand, unless nothing is sealed with it any more.
async fn check_keys(driver: &dyn Driver, seal: &Seal, facts: &Facts) -> Result<(), StoreError> {
    for id in key_ids(facts.keys()).filter(|id| !seal.knows(id)) {
        let [from, until] = sealed_range(&id);
        let is_in_use = Statement::across_tenants(Across::Reference, IS_IN_USE).bind(&*from).bind(&*until);
        if !driver.fetch(vec![is_in_use], None).await?.concat().is_empty() {
            return Err(StoreError::UnknownKey { id: hex(&id) });
        }
    }
    Ok(())
}

/// The names in `server_meta` of the keys that ever sealed something.
pub(crate) const KEY_NAMES: &str = "SELECT name FROM server_meta WHERE name LIKE 'key %'";

/// A row when anything between `$1` and `$2` is sealed.
pub(crate) const IS_IN_USE: &str = "SELECT 1 WHERE
    EXISTS (SELECT 1 FROM signing_key WHERE sealed >= $1 AND sealed <= $2)
    OR EXISTS (SELECT 1 FROM setting WHERE sealed >= $1 AND sealed <= $2)
    OR EXISTS (SELECT 1 FROM outbox WHERE sealed >= $1 AND sealed <= $2)
    OR EXISTS (SELECT 1 FROM idempotency WHERE sealed >= $1 AND sealed <= $2)";

/// The ids among names of `server_meta`.
pub(crate) fn key_ids<'a>(names: impl Iterator<Item = &'a String>) -> impl Iterator<Item = Vec<u8>> {
    names.filter_map(|name| name.strip_prefix("key ")).map(unhex)
}

/// What is sealed with a key begins with its id, so it lies between these two.
pub(crate) fn sealed_range(id: &[u8]) -> [Vec<u8>; 2] {
    [id.to_vec(), [id, &[0xff; 8]].concat()]
}

/// The epoch is never replaced, everything else is.
async fn put(driver: &dyn Driver, news: &Facts) -> Result<(), StoreError> {
    if news.is_empty() {
        return Ok(());
    }
    let step = |(name, value): (&String, &String)| {
        let sql = match name.as_str() {
            "epoch" => "INSERT INTO server_meta (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            _ => {
                "INSERT INTO server_meta (name, value) VALUES ($1, $2)
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value"
            }
        };
        let statement = Statement::across_tenants(Across::Reference, sql).bind(&**name).bind(&**value);
        Step { statement, expect: Expect::Any, guard: Guard::State }
    };
    let unit = Prepared { locks: Vec::new(), steps: news.iter().map(step).collect() };
    match driver.apply(unit).await {
        Ok(_) => Ok(()),
        Err(CommitError::Store(error)) => Err(error),
        Err(CommitError::Stale(_)) => Err(StoreError::busy()),
    }
}

/// A number that no other store has, as far as chance goes. No secret, so the hasher's own seed will do; 53 bits, to survive
/// JSON readers that know only doubles.
fn drawn() -> u64 {
    RandomState::new().build_hasher().finish() >> 11
}

fn unhex(text: &str) -> Vec<u8> {
    let digits = |at: usize| text.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    (0..text.len()).step_by(2).map_while(digits).collect()
}
