//! `/organization`: a collection of exactly one.

use serde_json::{Value, json};
use vestibule_model::{Caller, Tenant, VerifiedDomain};

use crate::Graph;
use crate::answer::Answer;
use crate::entity::{self, Entity, Kind};
use crate::error::GraphError;
use crate::facts::Facts;
use crate::users::{guid, options};
use crate::whole::Whole;
use crate::wire::user::seconds;

const KIND: Kind = Kind { set: "organization", type_name: "microsoft.graph.organization" };

pub(crate) async fn list(
    graph: &Graph,
    facts: &mut Facts,
    caller: &Caller,
    query: &str,
) -> Result<Answer, GraphError> {
    let organization = find(graph, facts, caller).await?;
    Whole { kind: &KIND, path: "/organization", template: organization.clone(), entities: vec![organization] }
        .answer(graph, facts, caller, query)
}

pub(crate) async fn get(
    graph: &Graph,
    facts: &mut Facts,
    caller: &Caller,
    id: &str,
    query: &str,
) -> Result<Answer, GraphError> {
    let organization = find(graph, facts, caller).await?;
    let options = options(facts, query)?;
    entity::check_select(&KIND, options.select.as_deref(), &organization)?;
    let Some(wanted) = guid(id) else {
        return Err(GraphError::invalid_object_identifier(id));
    };
    if wanted != caller.tenant.0 {
        return Err(GraphError::not_found(id));
    }

    entity::single(facts, &KIND, options.select.as_deref(), &organization)
}

async fn find(graph: &Graph, facts: &Facts, caller: &Caller) -> Result<Entity, GraphError> {
    let found = graph.parts.directory.organization(caller, &facts.context).await;
    let (tenant, domains) = found.map_err(|error| GraphError::directory(error, facts.context.now))?;
    Ok(organization(&tenant, &domains))
}

/// Every property of the published type; what we do not keep is null or empty.
fn organization(tenant: &Tenant, domains: &[VerifiedDomain]) -> Entity {
    vec![
        ("id", json!(tenant.id)),
        ("deletedDateTime", Value::Null),
        ("assignedPlans", json!([])),
        ("businessPhones", json!([])),
        ("city", Value::Null),
        ("country", Value::Null),
        ("countryLetterCode", json!(tenant.country_letter_code)),
        ("createdDateTime", json!(seconds(tenant.created_at).to_string())),
        ("defaultUsageLocation", Value::Null),
        ("displayName", json!(tenant.display_name)),
        ("isMultipleDataLocationsForServicesEnabled", Value::Null),
        ("marketingNotificationEmails", json!([])),
        ("mobileDeviceManagementAuthority", Value::Null),
        ("onPremisesLastSyncDateTime", Value::Null),
        ("onPremisesSyncEnabled", Value::Null),
        ("partnerTenantType", Value::Null),
        ("postalCode", Value::Null),
        ("preferredLanguage", json!(tenant.preferred_language)),
        ("privacyProfile", privacy_profile(tenant)),
        ("provisionedPlans", json!([])),
        ("securityComplianceNotificationMails", json!([])),
        ("securityComplianceNotificationPhones", json!([])),
        ("state", Value::Null),
        ("street", Value::Null),
        ("technicalNotificationMails", json!(tenant.technical_notification_mails)),
        ("tenantType", json!("AAD")),
        ("verifiedDomains", domains.iter().map(verified_domain).collect()),
    ]
}

fn privacy_profile(tenant: &Tenant) -> Value {
    match (&tenant.privacy_statement_url, &tenant.privacy_contact) {
        (None, None) => Value::Null,
        (url, contact) => json!({"contactEmail": contact, "statementUrl": url}),
    }
}

fn verified_domain(domain: &VerifiedDomain) -> Value {
    json!({
        "capabilities": "",
        "isDefault": domain.is_default,
        "isInitial": domain.is_initial,
        "name": domain.name,
        "type": "Managed",
    })
}
