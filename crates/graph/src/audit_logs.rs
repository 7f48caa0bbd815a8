//! `/auditLogs/directoryAudits`: what was recorded.

use jiff::Timestamp;
use serde_json::{Value, json};
use vestibule_directory::AuditQuery;
use vestibule_model::audit::{Initiator, Modified, Outcome, Target};
use vestibule_model::reading::Reading;
use vestibule_model::{Activity, AuditEvent, Caller};
use vestibule_odata::filter::{self, Element, Expr, Op, Quantifier, Value as Literal};
use vestibule_odata::orderby::Direction;
use vestibule_odata::paging::parse_top;
use vestibule_odata::schema::Schema as _;
use vestibule_odata::{Advanced, Options};

use crate::Graph;
use crate::answer::Answer;
use crate::entity::{self, Entity, Kind};
use crate::error::GraphError;
use crate::facts::Facts;
use crate::page_token::{Continued, next_link};
use crate::schema::audit::{AuditProperty, AuditSchema};
use crate::users::options;

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
    let Some(mut asked) = read_query(graph.parts.settings.page_size, facts, &options)? else {
        return entity::collection(facts, &KIND, options.select.as_deref(), &[], None, &template());
    };
    if let Some(token) = &options.skiptoken {
        asked.after = Some(graph.read_page_token(&continued, token)?);
    }

    let found = graph.parts.directory.audit_events(caller, asked, &facts.context).await;
    let (events, next) = found.map_err(|error| GraphError::directory(error, facts.context.now))?;

    let link = match next {
        Some(id) => Some(next_link(&facts.base, PATH, query, &graph.page_token(&continued, &id)?)),
        None => None,
    };
    let entities: Vec<Entity> = events.iter().map(event).collect();
    entity::collection(facts, &KIND, options.select.as_deref(), &entities, link, &template())
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
    let found = graph.parts.directory.audit_event(caller, id, &facts.context).await;
    let found = found.map_err(|error| GraphError::directory(error, facts.context.now))?;
    entity::single(facts, &KIND, options.select.as_deref(), &event(&found))
}

/// `None` when nothing can match: an activity that we never record.
fn read_query(page_size: u32, facts: &Facts, options: &Options) -> Result<Option<AuditQuery>, GraphError> {
    let mut query = AuditQuery {
        top: match (&options.top, facts.max_page_size) {
            (Some(top), _) => parse_top(top, MOST)? as usize,
            (None, preferred) => preferred.unwrap_or(page_size).min(MOST) as usize,
        },
        oldest_first: options
            .order(&AuditSchema, Advanced::Yes)?
            .first()
            .is_some_and(|key| key.direction == Direction::Ascending),
        ..AuditQuery::default()
    };
    let Some(text) = &options.filter else { return Ok(Some(query)) };
    let parts = match filter::parse(text, &AuditSchema, Advanced::Yes)? {
        Expr::And(parts) => parts,
        one => vec![one],
    };
    for part in &parts {
        if !narrow(&mut query, part)? {
            return Ok(None);
        }
    }

    Ok(Some(query))
}

/// Adds one condition; `false` when it cannot hold together with what is there.
fn narrow(query: &mut AuditQuery, part: &Expr<AuditProperty>) -> Result<bool, GraphError> {
    use AuditProperty as P;
    match part {
        Expr::Compare {
            property: P::ActivityDisplayName, op: Op::Eq, value: Literal::Text(name), ..
        } => {
            let Some(activity) = Activity::ALL.iter().find(|a| a.name().eq_ignore_ascii_case(name)) else {
                return Ok(false);
            };
            Ok(*query.activity.get_or_insert(*activity) == *activity)
        }
        Expr::Compare { property: P::ActivityDateTime, op, value: Literal::DateTime(at), .. } => {
            between(query, *op, *at);
            Ok(true)
        }
        Expr::Lambda { property: P::TargetResources, quantifier: Quantifier::Any, body: Some(body) } => {
            let Element::Compare { op: Op::Eq, value: Literal::Text(id), .. } = body else {
                return Err(unsupported(P::TargetResources));
            };
            let id = id.to_ascii_lowercase();
            Ok(*query.target.get_or_insert_with(|| id.clone()) == id)
        }
        Expr::Compare { property, .. }
        | Expr::In { property, .. }
        | Expr::Text { property, .. }
        | Expr::Lambda { property, .. }
        | Expr::Empty { property, .. }
        | Expr::Single { property, .. } => Err(unsupported(*property)),
        Expr::And(_) | Expr::Or(_) | Expr::Not(_) => Err(unsupported(P::ActivityDisplayName)),
    }
}

/// Both ends are inclusive; instants are kept to the microsecond.
fn between(query: &mut AuditQuery, op: Op, at: Timestamp) {
    let step = jiff::SignedDuration::from_micros(1);
    let (from, until) = match op {
        Op::Eq | Op::Ne => (Some(at), Some(at)),
        Op::Ge => (Some(at), None),
        Op::Gt => (Some(at.checked_add(step).unwrap_or(at)), None),
        Op::Le => (None, Some(at)),
        Op::Lt => (None, Some(at.checked_sub(step).unwrap_or(at))),
    };
    query.from = query.from.max(from);
    query.until = match (query.until, until) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
}

fn unsupported(property: AuditProperty) -> GraphError {
    let name = AuditSchema.properties().iter().find(|row| row.id == property).map_or("", |row| row.name);
    vestibule_odata::Error::ClauseUnsupported { property: name, resource: AuditSchema.resource() }.into()
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
    let (result, reason) = match &event.outcome {
        Outcome::Success => ("success", ""),
        Outcome::Failure { reason } => ("failure", reason.as_str()),
    };
    let details = event.details.iter().map(|(key, value)| json!({"key": key, "value": value}));
    vec![
        ("id", json!(event.id)),
        ("category", json!(event.activity.category())),
        ("correlationId", json!(event.correlation)),
        ("result", json!(result)),
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
        "type": format!("{:?}", target.kind),
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
