//! The cluster that `cargo xtask bench` started: new databases, and what it knows about itself.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs};

use anyhow::{Context, Result};
use tokio_postgres::{NoTls, SimpleQueryMessage};

use crate::process;

/// A database of its own, dropped in the end.
pub(crate) struct Database {
    superuser: String,
    name: String,
    url: String,
    postmaster: Option<u32>,
}

impl Database {
    /// A new, empty one; `None`, said loudly, where there is no cluster.
    ///
    /// # Errors
    ///
    /// The cluster does not answer.
    pub(crate) fn fresh() -> Result<Option<Self>> {
        let Ok(superuser) = env::var("VESTIBULE_TEST_POSTGRES") else {
            eprintln!(
                "skipped: PostgreSQL is not here (VESTIBULE_TEST_POSTGRES is not set): run cargo xtask bench"
            );
            return Ok(None);
        };

        let postmaster = postmaster(&superuser);
        Ok(Some(Self::create(superuser, postmaster, "template0")?))
    }

    /// A new one with what this one holds; nobody may be connected to it.
    ///
    /// # Errors
    ///
    /// The cluster does not answer, or somebody is.
    pub(crate) fn copy(&self) -> Result<Self> {
        Self::create(self.superuser.clone(), self.postmaster, &self.name)
    }

    fn create(superuser: String, postmaster: Option<u32>, template: &str) -> Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("bench_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        query(&superuser, &format!("CREATE DATABASE {name} TEMPLATE {template}"))?;
        let (server, _) = superuser.rsplit_once('/').context("VESTIBULE_TEST_POSTGRES names no database")?;
        let url = format!("{server}/{name}");
        Ok(Self { superuser, name, url, postmaster })
    }

    /// Where to connect.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Processor seconds of the whole cluster, where it runs on this machine.
    pub(crate) fn cpu_seconds(&self) -> Option<f64> {
        self.postmaster.map(process::family_cpu_seconds)
    }

    /// Rows inserted into this database since it was made.
    ///
    /// # Errors
    ///
    /// The cluster does not answer.
    pub(crate) fn rows_inserted(&self) -> Result<i64> {
        let rows = query(&self.url, "SELECT coalesce(sum(n_tup_ins), 0)::bigint FROM pg_stat_user_tables")?;
        Ok(rows.parse()?)
    }

    /// Syncs of the cluster's log since it was made.
    ///
    /// # Errors
    ///
    /// The cluster does not answer, or is newer than version 17, which moved the count.
    pub(crate) fn log_syncs(&self) -> Result<i64> {
        Ok(query(&self.url, "SELECT wal_sync FROM pg_stat_wal")?.parse()?)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let _ = query(&self.superuser, &format!("DROP DATABASE {} WITH (FORCE)", self.name));
    }
}

/// The process that started all others of the cluster: its pid stands first in `postmaster.pid`.
fn postmaster(superuser: &str) -> Option<u32> {
    let folder = PathBuf::from(query(superuser, "SHOW data_directory").ok()?);
    let text = fs::read_to_string(folder.join("postmaster.pid")).ok()?;
    text.lines().next()?.trim().parse().ok()
}

/// The first value of the first row, as text; empty when there is none.
fn query(url: &str, sql: &str) -> Result<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.context("no PostgreSQL")?;
        tokio::spawn(connection);
        let messages = client.simple_query(sql).await.with_context(|| sql.to_owned())?;
        let first = messages.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        });
        Ok(first.unwrap_or_default())
    })
}
