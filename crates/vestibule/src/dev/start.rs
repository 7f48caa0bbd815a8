//! How a dev server begins and ends: its tenants, its passwords, and what it leaves behind.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};
use vestibule_directory::setup::First;
use vestibule_directory::{Directory, Error};
use vestibule_model::{Context, TenantId, UserId};

use super::DevOptions;
use super::clock::DevClock;
use super::derived::Derived;
use super::facts::DevFacts;
use super::relay::RelaySwitch;
use super::seed::{self, SeedError};
use crate::server_key::ServerKeys;
use crate::setup::TenantPlan;
use crate::setup::password::Hasher;

/// A dev server's beginning, known before anything is made.
pub(crate) struct DevStart {
    /// Contoso first.
    pub(crate) plans: Arc<[TenantPlan]>,
    pub(crate) clock: Arc<DevClock>,
    pub(crate) relay: RelaySwitch,
    token: String,
    is_ephemeral: bool,
}

impl DevStart {
    /// Reads the seed.
    ///
    /// # Errors
    ///
    /// [`SeedError`].
    pub(crate) fn new(options: DevOptions, keys: &ServerKeys) -> Result<Self, SeedError> {
        let derived = Derived(keys);
        Ok(Self {
            plans: seed::plans(options.seed.as_deref(), derived)?.into(),
            clock: Arc::new(DevClock::new()),
            relay: RelaySwitch::default(),
            token: derived.secret("token").expose_secret().to_owned(),
            is_ephemeral: options.is_ephemeral,
        })
    }

    /// What `/_dev/*` asks for when the server listens beyond loopback.
    pub(crate) fn token(&self) -> String {
        self.token.clone()
    }

    /// Makes the tenants that are not there yet.
    pub(crate) async fn seed(&self, directory: &Directory, context: &Context) -> Result<(), Error> {
        seed_missing(&self.plans, directory, context).await
    }

    /// Clears up after a clean stop.
    pub(crate) fn leave(&self, data: &Path) {
        DevFacts::remove(data);
        if self.is_ephemeral {
            remove_own_files(data);
        }
    }
}

/// Gives every planned user who has no password yet the planned one: after ready, since each takes tens of milliseconds.
pub(crate) async fn hash_passwords(plans: Arc<[TenantPlan]>, directory: Directory, context: Context) {
    if let Err(why) = try_hash_passwords(&plans, &directory, &context).await {
        tracing::warn!("the passwords could not be kept: {why}");
    }
}

async fn try_hash_passwords(
    plans: &[TenantPlan],
    directory: &Directory,
    context: &Context,
) -> Result<(), Error> {
    let mut lacking = Vec::new();
    for plan in plans {
        for user in &plan.users {
            if let Some(password) = &user.password
                && directory.lacks_password(plan.id, user.id).await?
            {
                lacking.push((plan.id, user.id, password.clone()));
            }
        }
    }
    if lacking.is_empty() {
        return Ok(());
    }

    let hashed = tokio::task::spawn_blocking(move || {
        let mut hasher = Hasher::new();
        let hash = |(tenant, user, password): (TenantId, UserId, SecretString)| {
            Some((tenant, user, hasher.hash(password.expose_secret()).ok()?))
        };
        lacking.into_iter().filter_map(hash).collect::<Vec<_>>()
    });
    for (tenant, user, hash) in hashed.await.unwrap_or_default() {
        directory.give_password(tenant, user, hash, context).await?;
    }
    Ok(())
}

/// How many users a tenant is made with; the rest follow one by one.
const USERS_AT_ONCE: usize = 50;

/// Makes those of `plans` that are not there yet.
pub(crate) async fn seed_missing(
    plans: &[TenantPlan],
    directory: &Directory,
    context: &Context,
) -> Result<(), Error> {
    let there = directory.tenants().await?;
    for plan in plans.iter().filter(|plan| there.iter().all(|tenant| tenant.id != plan.id)) {
        let mut new = plan.build(context);
        let further = new.users.split_off(new.users.len().min(USERS_AT_ONCE));
        directory.create_tenant(new, First::OneOfMany, context).await?;
        for user in further {
            directory.add_user(plan.id, user, context).await?;
        }
    }
    Ok(())
}

/// Everything that we made but `ca.pem`. What somebody else put into the folder stays.
fn remove_own_files(data: &Path) {
    const OWN: [&str; 4] = ["server.key", "server.pem", "server-key.pem", "lock"];
    let Ok(entries) = fs::read_dir(data) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if OWN.contains(&name.as_str()) || name.starts_with("vestibule.db") {
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ephemeral_server_leaves_its_ca_and_what_is_not_its_own() {
        let data = tempfile::tempdir().unwrap();
        for name in [
            "ca.pem",
            "server.key",
            "server.pem",
            "server-key.pem",
            "lock",
            "vestibule.db",
            "vestibule.db-wal",
            "notes.txt",
        ] {
            fs::write(data.path().join(name), "").unwrap();
        }

        remove_own_files(data.path());

        let mut left: Vec<String> = fs::read_dir(data.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        assert_eq!(left, ["ca.pem", "notes.txt"]);
    }
}
