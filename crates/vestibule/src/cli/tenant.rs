//! `vestibule tenant`: further tenants, and which there are.

use std::io::{self, IsTerminal as _};

use clap::{Args, Subcommand};
use serde_json::json;
use vestibule_directory::setup::First;

use super::init::NewTenant;
use super::output::{self, Format, Object};
use super::{Configuration, Failure};

#[derive(Debug, Subcommand)]
pub(super) enum Tenant {
    /// Create a tenant, and perhaps an app that may use it
    Create(NewTenant),
    /// List the tenants of the store
    List(List),
}

#[derive(Args, Debug)]
pub(super) struct List {
    #[command(flatten)]
    configuration: Configuration,
}

impl Tenant {
    pub(super) async fn run(self) -> Result<(), Failure> {
        match self {
            Self::Create(tenant) => tenant.make(First::OneOfMany).await,
            Self::List(list) => list.run().await,
        }
    }
}

impl List {
    async fn run(self) -> Result<(), Failure> {
        let workshop = self.configuration.workshop().await?;
        let tenants = workshop.directory.tenants().await.map_err(Failure::no)?;
        workshop.close().await.map_err(Failure::no)?;

        let object = |tenant: &vestibule_model::Tenant| -> Object {
            let facts = [
                ("id", json!(tenant.id)),
                ("displayName", json!(tenant.display_name)),
                ("domain", json!(tenant.initial_domain)),
                ("createdDateTime", json!(tenant.created_at)),
            ];
            facts.into_iter().map(|(name, fact)| (name.to_owned(), fact)).collect()
        };
        let objects: Vec<Object> = tenants.iter().map(object).collect();
        let format = if io::stdout().is_terminal() { Format::Table } else { Format::Json };
        output::print(&output::render(&objects, &["id", "displayName", "domain", "createdDateTime"], format))
    }
}
