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
        let workshop = self.configuration.workshop(First::OneOfMany).await?;
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

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(subcommand)]
        tenant: Tenant,
    }

    #[tokio::test]
    async fn a_folder_mistyped_is_no_new_store() {
        let folder = tempfile::tempdir().unwrap();
        for (command, data) in [
            ("list", folder.path().join("none")),
            ("list", folder.path().to_owned()),
            ("create --name Fabrikam --domain fabrikam.com", folder.path().join("none")),
        ] {
            let line = format!("x {command} --data {}", data.display());
            let wrong = Line::parse_from(line.split_whitespace()).tenant.run().await.unwrap_err();

            let said = wrong.to_string();
            assert!(
                said.starts_with(&format!("there is no store in {}", data.display())),
                "{command}: {said}"
            );
            assert_eq!(
                std::fs::read_dir(folder.path()).unwrap().count(),
                0,
                "{command}: nothing was written"
            );
        }
    }
}
