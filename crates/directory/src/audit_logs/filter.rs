//! What a filter of the audit log means: the part that columns answer, and the rest, looked for by reading.

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;
use vestibule_model::audit::{AuditProperty as P, Initiator, Target};
use vestibule_model::{Activity, AuditEvent, AuditId};
use vestibule_odata::filter::{Element, Expr, Op, Quantifier, TextOp, Value};
use vestibule_store::read::audit::AuditQuery;

/// Adds to `query` what columns can answer of `filter`; the parts that are left must all hold too.
pub(super) fn split(mut query: AuditQuery, filter: Option<Expr<P>>) -> (AuditQuery, Vec<Expr<P>>) {
    let parts = match filter {
        None => Vec::new(),
        Some(Expr::And(parts)) => parts,
        Some(one) => vec![one],
    };
    let rest = parts.into_iter().filter(|part| !narrow(&mut query, part)).collect();
    (query, rest)
}

/// Whether `event` is one of those that `filter` asks for.
pub(super) fn fits(filter: &Expr<P>, event: &AuditEvent) -> bool {
    holds(filter, &|property, member| fact(event, property, member), &event.targets)
}

/// Whether the query now says all that `part` says.
fn narrow(query: &mut AuditQuery, part: &Expr<P>) -> bool {
    let is_met = match part {
        Expr::Compare { property: P::ActivityDateTime, op, value: Value::DateTime(at), .. } => {
            between(query, *op, *at);
            true
        }
        Expr::Compare { property: P::Id, op: Op::Eq, value: Value::Guid(id), .. } => {
            only(&mut query.id, AuditId(*id))
        }
        Expr::Compare { property: P::CorrelationId, op: Op::Eq, value: Value::Guid(id), .. } => {
            only(&mut query.correlation, *id)
        }
        Expr::Lambda { property: P::TargetResources, quantifier: Quantifier::Any, body: Some(body) } => {
            let Element::Compare { member: Some("id"), op: Op::Eq, value: Value::Text(id) } = body else {
                return false;
            };
            // Of two targets the second is looked for by reading: one event may have both.
            if query.target.as_ref().is_some_and(|other| !other.eq_ignore_ascii_case(id)) {
                return false;
            }
            only(&mut query.target, id.to_ascii_lowercase())
        }
        _ if part.names_only(&is_of_the_activity) => {
            let was = query.activities.take().unwrap_or_else(|| Activity::ALL.to_vec());
            query.activities = Some(was.into_iter().filter(|activity| suits(part, *activity)).collect());
            true
        }
        _ => return false,
    };
    if !is_met {
        query.activities = Some(Vec::new()); // Two values for what has one: nothing can be found.
    }
    true
}

/// Whether `slot` can be this value and nothing else.
fn only<T: PartialEq + Clone>(slot: &mut Option<T>, value: T) -> bool {
    *slot.get_or_insert_with(|| value.clone()) == value
}

/// Both ends are inclusive; instants are kept to the microsecond.
fn between(query: &mut AuditQuery, op: Op, at: Timestamp) {
    let step = SignedDuration::from_micros(1);
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

fn is_of_the_activity(property: P) -> bool {
    matches!(property, P::ActivityDisplayName | P::Category | P::LoggedByService)
}

fn suits(part: &Expr<P>, activity: Activity) -> bool {
    holds(part, &|property, _| activity_fact(activity, property), &[])
}

/// What an event says of one property.
enum Fact<'a> {
    Text(Cow<'a, str>),
    Instant(Timestamp),
    Id(Uuid),
    /// Nothing, or many things.
    Unsaid,
}

fn text<'a>(text: impl Into<Cow<'a, str>>) -> Fact<'a> {
    Fact::Text(text.into())
}

fn fact<'a>(event: &'a AuditEvent, property: P, member: Option<&str>) -> Fact<'a> {
    match property {
        P::Id => Fact::Id(event.id.0),
        P::ActivityDateTime => Fact::Instant(event.at),
        P::CorrelationId => Fact::Id(event.correlation),
        P::InitiatedBy => initiator_fact(&event.initiator, member.unwrap_or_default()),
        P::Result => text(event.outcome.as_str()),
        P::ActivityDisplayName | P::Category | P::LoggedByService => activity_fact(event.activity, property),
        P::TargetResources => Fact::Unsaid,
    }
}

fn activity_fact(activity: Activity, property: P) -> Fact<'static> {
    match property {
        P::ActivityDisplayName => text(activity.name()),
        P::Category => text(activity.category()),
        P::LoggedByService => text(activity.service()),
        P::Id | P::ActivityDateTime | P::CorrelationId | P::InitiatedBy | P::Result | P::TargetResources => {
            Fact::Unsaid
        }
    }
}

fn initiator_fact<'a>(initiator: &'a Initiator, member: &str) -> Fact<'a> {
    match (initiator, member) {
        (Initiator::User { id, .. }, "user/id") => text(id.to_string()),
        (Initiator::User { display_name, .. }, "user/displayName") => text(display_name),
        (Initiator::User { user_principal_name, .. }, "user/userPrincipalName") => text(user_principal_name),
        (Initiator::App { app, .. }, "app/appId") => text(app.to_string()),
        (Initiator::App { display_name, .. }, "app/displayName") => text(display_name),
        (Initiator::Service { name }, "app/displayName") => text(name),
        _ => Fact::Unsaid,
    }
}

fn holds<'a>(
    filter: &Expr<P>,
    facts: &impl Fn(P, Option<&'static str>) -> Fact<'a>,
    targets: &[Target],
) -> bool {
    match filter {
        Expr::And(parts) => parts.iter().all(|part| holds(part, facts, targets)),
        Expr::Or(parts) => parts.iter().any(|part| holds(part, facts, targets)),
        Expr::Not(part) => !holds(part, facts, targets),
        Expr::Compare { property, member, op, value } => compares(&facts(*property, *member), *op, value),
        Expr::In { property, member, values } => {
            let fact = facts(*property, *member);
            values.iter().any(|value| compares(&fact, Op::Eq, value))
        }
        Expr::Text { property, member, op, value } => match facts(*property, *member) {
            Fact::Text(text) => has(&text, *op, value),
            Fact::Instant(_) | Fact::Id(_) | Fact::Unsaid => false,
        },
        Expr::Lambda { quantifier, body, .. } => {
            let fits = |target: &Target| body.as_ref().is_none_or(|body| target_holds(body, target));
            match quantifier {
                Quantifier::Any => targets.iter().any(fits),
                Quantifier::All => targets.iter().all(fits),
            }
        }
        Expr::Empty { empty, .. } => targets.is_empty() == *empty,
        Expr::Single { single, .. } => (targets.len() == 1) == *single,
    }
}

fn target_holds(body: &Element, target: &Target) -> bool {
    let named = |member: &Option<&str>| match member {
        Some("id") => text(target.id.as_str()),
        Some("displayName") => target.display_name.as_deref().map_or(Fact::Unsaid, text),
        _ => Fact::Unsaid,
    };
    match body {
        Element::And(parts) => parts.iter().all(|part| target_holds(part, target)),
        Element::Or(parts) => parts.iter().any(|part| target_holds(part, target)),
        Element::Not(part) => !target_holds(part, target),
        Element::Compare { member, op, value } => compares(&named(member), *op, value),
        Element::In { member, values } => values.iter().any(|value| compares(&named(member), Op::Eq, value)),
        Element::Text { member, op, value } => match named(member) {
            Fact::Text(text) => has(&text, *op, value),
            Fact::Instant(_) | Fact::Id(_) | Fact::Unsaid => false,
        },
    }
}

fn compares(fact: &Fact<'_>, op: Op, value: &Value) -> bool {
    let order = match (fact, value) {
        (Fact::Text(text), Value::Text(value)) => text.to_lowercase().cmp(&value.to_lowercase()),
        (Fact::Instant(instant), Value::DateTime(value)) => instant.cmp(value),
        (Fact::Id(id), Value::Guid(value)) => id.cmp(value),
        _ => return op == Op::Ne,
    };
    match op {
        Op::Eq => order.is_eq(),
        Op::Ne => order.is_ne(),
        Op::Gt => order.is_gt(),
        Op::Ge => order.is_ge(),
        Op::Lt => order.is_lt(),
        Op::Le => order.is_le(),
    }
}

fn has(text: &str, op: TextOp, part: &str) -> bool {
    let (text, part) = (text.to_lowercase(), part.to_lowercase());
    match op {
        TextOp::StartsWith => text.starts_with(&part),
        TextOp::EndsWith => text.ends_with(&part),
        TextOp::Contains => text.contains(&part),
    }
}
