//! `/auditLogs/directoryAudits`: what was recorded.

use serde_json::{Value, json};
use vestibule_directory::audit_logs::ListAudits;
use vestibule_model::audit::{Initiator, Modified, Outcome, Target};
use vestibule_model::reading::Reading;
use vestibule_model::{AuditEvent, AuditId, Caller};
use vestibule_odata::filter;
use vestibule_odata::orderby::Direction;
use vestibule_odata::paging::parse_top;
use vestibule_odata::{Advanced, Options};

use crate::Graph;
use crate::answer::Answer;
use crate::entity::{self, Entity, Kind};
use crate::error::GraphError;
use crate::facts::Facts;
use crate::page_token::{Continued, next_link};
use crate::schema::audit::AuditSchema;
use crate::users::{guid, options};

const KIND: Kind = Kind { set: "auditLogs/directoryAudits", type_name: "microsoft.graph.directoryAudit" };
const PATH: &str = "/auditLogs/directoryAudits";
/// The most of `$top` on audit logs.
const MOST: u32 = 1000;

pub(crate) async fn list(
    graph: &Graph,
    facts: &mut Facts,
    caller: &Caller,
    query: &str,
) -> Result<Answer, GraphError> {
    let opened = graph.parts.directory.check_before(caller, Reading::Audit).await;
    opened.map_err(|error| GraphError::directory(error, facts.context.now))?;
    let options = options(facts, query)?;
    let continued =
        Continued { version: facts.version, tenant: caller.tenant, path: PATH, options: &options };
    let after = options.skiptoken.as_ref().map(|token| graph.read_dated_page_token(&continued, token));
    let list = read_list(graph.parts.settings.page_size, facts, &options, after.transpose()?)?;
    entity::check_select(&KIND, options.select.as_deref(), &template())?;

    let found = graph.parts.directory.audit_events(caller, list, &facts.context).await;
    let (events, next) = found.map_err(|error| GraphError::directory(error, facts.context.now))?;

    let link = match next {
        Some(id) => Some(next_link(&facts.base, PATH, query, &graph.dated_page_token(&continued, id)?)),
        None => None,
    };
    let entities: Vec<Entity> = events.iter().map(event).collect();
    entity::collection(facts, &KIND, options.select.as_deref(), &entities, (None, link), &template())
}

pub(crate) async fn get(
    graph: &Graph,
    facts: &mut Facts,
    caller: &Caller,
    id: &str,
    query: &str,
) -> Result<Answer, GraphError> {
    let opened = graph.parts.directory.check_before(caller, Reading::Audit).await;
    opened.map_err(|error| GraphError::directory(error, facts.context.now))?;
    let options = options(facts, query)?;
    entity::check_select(&KIND, options.select.as_deref(), &template())?;
    if guid(id).is_none() {
        return Err(GraphError::invalid_object_identifier(id));
    }
    let found = graph.parts.directory.audit_event(caller, id, &facts.context).await;
    let found = found.map_err(|error| GraphError::directory(error, facts.context.now))?;
    entity::single(facts, &KIND, options.select.as_deref(), &event(&found))
}

fn read_list(
    page_size: u32,
    facts: &Facts,
    options: &Options,
    after: Option<AuditId>,
) -> Result<ListAudits, GraphError> {
    let order = options.order(&AuditSchema, Advanced::Yes)?;
    let filter = options.filter.as_deref().map(|text| filter::parse(text, &AuditSchema, Advanced::Yes));
    let top = match &options.top {
        Some(top) => parse_top(top, MOST)?,
        None => facts.max_page_size.unwrap_or(page_size).min(MOST),
    };

    Ok(ListAudits {
        filter: filter.transpose()?,
        oldest_first: order.first().is_some_and(|key| key.direction == Direction::Ascending),
        top: top as usize,
        after,
    })
}

fn template() -> Entity {
    [
        "id",
        "category",
        "correlationId",
        "result",
        "resultReason",
        "activityDisplayName",
        "activityDateTime",
        "loggedByService",
        "operationType",
        "initiatedBy",
        "targetResources",
        "additionalDetails",
    ]
    .map(|name| (name, Value::Null))
    .to_vec()
}

fn event(event: &AuditEvent) -> Entity {
    let reason = match &event.outcome {
        Outcome::Success => "",
        Outcome::Failure { reason } => reason.as_str(),
    };
    let details = event.details.iter().map(|(key, value)| json!({"key": key, "value": value}));
    vec![
        ("id", json!(event.id)),
        ("category", json!(event.activity.category())),
        ("correlationId", json!(event.correlation)),
        ("result", json!(event.outcome.as_str())),
        ("resultReason", json!(reason)),
        ("activityDisplayName", json!(event.activity.name())),
        ("activityDateTime", json!(event.at.strftime("%Y-%m-%dT%H:%M:%S%.7fZ").to_string())),
        ("loggedByService", json!(event.activity.service())),
        ("operationType", json!(event.activity.operation())),
        ("initiatedBy", initiated_by(&event.initiator)),
        ("targetResources", event.targets.iter().map(target).collect()),
        ("additionalDetails", details.collect()),
    ]
}

fn initiated_by(initiator: &Initiator) -> Value {
    match initiator {
        Initiator::User { id, display_name, user_principal_name, user_type, address } => json!({
            "user": {
                "id": id,
                "displayName": display_name,
                "userPrincipalName": user_principal_name,
                "ipAddress": address,
                "userType": user_type.as_str(),
                "homeTenantId": null,
                "homeTenantName": null,
            },
            "app": null,
        }),
        Initiator::App { app, display_name, service_principal } => json!({
            "user": null,
            "app": {
                "appId": app,
                "displayName": display_name,
                "servicePrincipalId": service_principal,
                "servicePrincipalName": null,
            },
        }),
        Initiator::Service { name } => json!({
            "user": null,
            "app": {"appId": null, "displayName": name, "servicePrincipalId": null, "servicePrincipalName": null},
        }),
    }
}

fn target(target: &Target) -> Value {
    json!({
        "id": target.id,
        "displayName": target.display_name,
        "type": target.kind.as_str(),
        "userPrincipalName": target.user_principal_name,
        "groupType": null,
        "modifiedProperties": target.modified.iter().map(modified).collect::<Vec<_>>(),
    })
}

/// Both values are JSON text, as `"[\"Guest\"]"`.
fn modified(modified: &Modified) -> Value {
    let text = |value: &Value| if value.is_null() { Value::Null } else { json!(value.to_string()) };
    json!({"displayName": modified.property, "oldValue": text(&modified.old), "newValue": text(&modified.new)})
}
