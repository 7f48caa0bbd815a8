//! `vestibule init`: the first tenant of a store.

use std::io::{self, IsTerminal as _};

use clap::Args;
use secrecy::ExposeSecret as _;
use serde_json::{Map, Value, json};
use vestibule_directory::setup::First;
use vestibule_model::{Context, Permission};

use super::{Configuration, Failure, output};
use crate::config::{Mode, rules};
use crate::rooms::Workshop;
use crate::setup::{self, AppPlan, DomainName, TenantPlan};

/// What `init` and `tenant create` both take.
#[derive(Args, Debug)]
pub(super) struct NewTenant {
    /// The organisation's name, as guests read it
    #[arg(long, value_name = "NAME")]
    name: String,
    /// Its domain, such as contoso.com
    #[arg(long, value_name = "DOMAIN", value_parser = DomainName::parse)]
    domain: DomainName,
    /// Create an app too, and print its client id and secret, once
    #[arg(long, value_name = "NAME", requires = "permission")]
    app: Option<String>,
    /// An application permission of that app, such as User.Invite.All; can be repeated
    #[arg(long, value_name = "PERMISSION", requires = "app", value_parser = setup::permission)]
    permission: Vec<Permission>,
    #[command(flatten)]
    configuration: Configuration,
}

#[derive(Args, Debug)]
pub(super) struct Init {
    #[command(flatten)]
    tenant: NewTenant,
}

impl Init {
    pub(super) async fn run(self) -> Result<(), Failure> {
        self.tenant.make(First::Only).await
    }
}

impl NewTenant {
    /// Makes the tenant. What only this run can tell is printed before it is committed: a secret that nobody could read
    /// would be worse than one that never worked.
    pub(super) async fn make(self, first: First) -> Result<(), Failure> {
        let workshop = self.configuration.workshop(first).await?;
        let context = workshop.context();
        let there = workshop.directory.tenants().await.map_err(Failure::no)?;
        if first == First::Only && !there.is_empty() {
            return Err(Failure::No(
                "this store has a tenant already; further ones are made by `vestibule tenant create`".into(),
            ));
        }

        if workshop.has_domain(self.domain.as_str()).await.map_err(Failure::no)? {
            return Err(Failure::No(format!("{} is the domain of a tenant already", self.domain)));
        }

        let plan = self.plan(&context);
        output::print(&facts(&plan))?;
        let made = workshop.directory.create_tenant(plan.build(&context), first, &context).await;
        let closed = workshop.close().await;
        made.map_err(|why| Failure::No(format!("nothing was made, and what was printed is void: {why}")))?;
        closed.map_err(Failure::no)
    }

    fn plan(&self, context: &Context) -> TenantPlan {
        let mut plan = TenantPlan::bare(context.random_id(), self.name.clone(), self.domain.clone());
        let app = self.app.as_ref().map(|name| AppPlan::draw(name.clone(), self.permission.clone(), context));
        plan.apps.extend(app);
        plan
    }
}

impl Configuration {
    /// The store of this configuration, opened for a command. Only the first tenant makes one where none stands.
    pub(super) async fn workshop(&self, first: First) -> Result<Workshop, Failure> {
        let loaded = self.load(Mode::Production, []).map_err(Failure::no)?;
        rules::settle(&loaded.settings, Mode::Production).map_err(Failure::no)?;
        for warning in &loaded.warnings {
            tracing::warn!("{warning}");
        }
        let workshop = match first {
            First::Only => Workshop::open(&loaded.settings).await,
            First::OneOfMany => Workshop::enter(&loaded.settings).await,
        };
        workshop.map_err(Failure::no)
    }
}

/// JSON in a pipe, lines on a terminal.
fn facts(plan: &TenantPlan) -> String {
    let mut facts = Map::new();
    facts.insert("tenantId".into(), json!(plan.id));
    facts.insert("tenantDomain".into(), json!(plan.domain.as_str()));
    for app in &plan.apps {
        facts.insert("clientId".into(), json!(app.app));
        facts.insert("clientSecret".into(), json!(app.secret.expose_secret()));
    }
    if !io::stdout().is_terminal() {
        return output::json(&Value::Object(facts));
    }

    let label = |name: &str| match name {
        "tenantId" => "tenant id",
        "tenantDomain" => "tenant domain",
        "clientId" => "client id",
        _ => "client secret",
    };
    let line = |(name, value): (&String, &Value)| {
        format!("{:<14} {}\n", label(name), value.as_str().unwrap_or_default())
    };
    facts.iter().map(line).collect()
}
