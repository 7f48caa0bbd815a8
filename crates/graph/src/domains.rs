//! `/domains`, read-only.

use serde_json::{Value, json};
use vestibule_model::{Caller, VerifiedDomain};

use crate::Graph;
use crate::answer::Answer;
use crate::entity::{self, Entity, Kind};
use crate::error::GraphError;
use crate::facts::Facts;
use crate::users::options;
use crate::whole::Whole;

const KIND: Kind = Kind { set: "domains", type_name: "microsoft.graph.domain" };

pub(crate) async fn list(
    graph: &Graph,
    facts: &mut Facts,
    caller: &Caller,
    query: &str,
) -> Result<Answer, GraphError> {
    let domains = find(graph, facts, caller).await?;
    let template = domains.first().cloned().unwrap_or_default();
    Whole { kind: &KIND, path: "/domains", template, entities: domains }.answer(graph, facts, caller, query)
}

pub(crate) async fn get(
    graph: &Graph,
    facts: &mut Facts,
    caller: &Caller,
    name: &str,
    query: &str,
) -> Result<Answer, GraphError> {
    let domains = find(graph, facts, caller).await?;
    let options = options(facts, query)?;
    let select = options.select.as_deref();
    domains.first().map_or(Ok(()), |template| entity::check_select(&KIND, select, template))?;
    let is_it = |domain: &&Entity| {
        domain.iter().any(|(key, value)| {
            *key == "id" && value.as_str().is_some_and(|id| id.eq_ignore_ascii_case(name))
        })
    };
    let domain = domains.iter().find(is_it).ok_or_else(|| GraphError::not_found(name))?;
    entity::single(facts, &KIND, select, domain)
}

async fn find(graph: &Graph, facts: &Facts, caller: &Caller) -> Result<Vec<Entity>, GraphError> {
    let found = graph.parts.directory.domains(caller, &facts.context).await;
    let domains = found.map_err(|error| GraphError::directory(error, facts.context.now))?;
    Ok(domains.iter().map(domain).collect())
}

fn domain(domain: &VerifiedDomain) -> Entity {
    vec![
        ("authenticationType", json!("Managed")),
        ("availabilityStatus", Value::Null),
        ("id", json!(domain.name)),
        ("isAdminManaged", json!(true)),
        ("isDefault", json!(domain.is_default)),
        ("isInitial", json!(domain.is_initial)),
        ("isRoot", json!(true)),
        ("isVerified", json!(true)),
        ("manufacturer", Value::Null),
        ("model", Value::Null),
        // 2147483647 is "never", as the published type documents it: members' passwords do not expire here.
        ("passwordNotificationWindowInDays", json!(14)),
        ("passwordValidityPeriodInDays", json!(i32::MAX)),
        ("state", Value::Null),
        ("supportedServices", json!([])),
    ]
}
