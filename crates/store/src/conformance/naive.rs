//! What a filter means, written as plainly as can be: the compiler is held against this.
//!
//! Three truths, as OData has them: a comparison with null is false, a text function of null is unknown, and unknown rows are left out.

use jiff::Timestamp;
use uuid::Uuid;
use vestibule_model::user::{PropertyValue, SignInType};
use vestibule_model::{User, UserProperty};
use vestibule_odata::{Element, Expr, Op, Quantifier, TextOp, Value};

/// Whether the list shows `user`.
pub(super) fn shows(filter: &Expr<UserProperty>, user: &User) -> bool {
    user.deleted_at.is_none() && holds(filter, user) == Some(true)
}

fn holds(filter: &Expr<UserProperty>, user: &User) -> Option<bool> {
    match filter {
        Expr::And(parts) => all(parts.iter().map(|part| holds(part, user))),
        Expr::Or(parts) => not(all(parts.iter().map(|part| not(holds(part, user))))),
        Expr::Not(part) => not(holds(part, user)),
        Expr::Compare { property, member, op, value } => {
            Some(compares(&single(user, *property, *member), *op, value))
        }
        Expr::In { property, member, values } => {
            let single = single(user, *property, *member);
            Some(values.iter().any(|value| compares(&single, Op::Eq, value)))
        }
        Expr::Text { property, member, op, value } => match single(user, *property, *member) {
            Single::Text(text) => Some(has(&text, *op, &value.to_lowercase())),
            Single::Null | Single::Bool(_) | Single::Instant(_) | Single::Id(_) => None,
        },
        Expr::Lambda { property, quantifier, body } => {
            let mut elements = elements(user, *property).into_iter();
            Some(match (quantifier, body) {
                (_, None) => elements.next().is_some(),
                (Quantifier::Any, Some(body)) => elements.any(|element| fits(body, &element)),
                (Quantifier::All, Some(body)) => elements.all(|element| fits(body, &element)),
            })
        }
        Expr::Empty { property, empty } => Some(elements(user, *property).is_empty() == *empty),
        Expr::Single { property, single } => Some((elements(user, *property).len() == 1) == *single),
    }
}

fn all(truths: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let truths: Vec<_> = truths.collect();
    if truths.contains(&Some(false)) {
        return Some(false);
    }
    if truths.contains(&None) { None } else { Some(true) }
}

fn not(truth: Option<bool>) -> Option<bool> {
    truth.map(|truth| !truth)
}

enum Single {
    Null,
    Text(String),
    Bool(bool),
    Instant(Timestamp),
    Id(Uuid),
}

fn single(user: &User, property: UserProperty, member: Option<&str>) -> Single {
    if property == UserProperty::Id {
        return Single::Id(user.id.0);
    }
    match user.value(property) {
        PropertyValue::Text(text) => Single::Text(text.to_lowercase()),
        PropertyValue::Made(text) => Single::Text(text.to_lowercase()),
        PropertyValue::Bool(truth) => Single::Bool(truth),
        PropertyValue::Instant(instant) => Single::Instant(instant),
        PropertyValue::ExtensionAttributes(attributes) => {
            let number =
                member.and_then(|member| member.strip_prefix("extensionAttribute")?.parse::<usize>().ok());
            match number.and_then(|number| attributes[number - 1].as_ref()) {
                Some(text) => Single::Text(text.to_lowercase()),
                None if member.is_none() && attributes.iter().any(Option::is_some) => {
                    Single::Text("\u{1}".into())
                }
                None => Single::Null,
            }
        }
        PropertyValue::Null
        | PropertyValue::Texts(_)
        | PropertyValue::Identities(_)
        | PropertyValue::Empty => Single::Null,
    }
}

fn compares(single: &Single, op: Op, value: &Value) -> bool {
    let order = match (single, value) {
        (Single::Null, Value::Null) => Some(std::cmp::Ordering::Equal),
        (Single::Text(text), Value::Text(literal)) => Some(text.as_str().cmp(&literal.to_lowercase())),
        (Single::Bool(truth), Value::Bool(literal)) => Some(truth.cmp(literal)),
        (Single::Instant(instant), Value::DateTime(literal)) => Some(instant.cmp(literal)),
        (Single::Id(id), Value::Guid(literal)) => Some(id.cmp(literal)),
        _ => None,
    };
    match op {
        Op::Eq => order.is_some_and(|order| order.is_eq()),
        Op::Ne => !order.is_some_and(|order| order.is_eq()),
        Op::Gt => order.is_some_and(|order| order.is_gt()),
        Op::Ge => order.is_some_and(|order| order.is_ge()),
        Op::Lt => order.is_some_and(|order| order.is_lt()),
        Op::Le => order.is_some_and(|order| order.is_le()),
    }
}

fn has(text: &str, op: TextOp, part: &str) -> bool {
    match op {
        TextOp::StartsWith => text.starts_with(part),
        TextOp::EndsWith => text.ends_with(part),
        TextOp::Contains => text.contains(part),
    }
}

/// An element by its members, folded; a text has its value under no name.
type Members = Vec<(Option<&'static str>, Option<String>)>;

fn elements(user: &User, property: UserProperty) -> Vec<Members> {
    if property == UserProperty::SignInNames {
        return sign_in_names(user);
    }
    match user.value(property) {
        PropertyValue::Texts(texts) => {
            texts.iter().map(|text| vec![(None, Some(text.to_lowercase()))]).collect()
        }
        PropertyValue::Identities(identities) => identities
            .iter()
            .map(|identity| {
                vec![
                    (Some("issuer"), Some(identity.issuer.to_lowercase())),
                    (
                        Some("issuerAssignedId"),
                        identity.issuer_assigned_id.as_ref().map(|id| id.to_lowercase()),
                    ),
                    (Some("signInType"), Some(identity.sign_in_type.as_str().to_lowercase())),
                ]
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn sign_in_names(user: &User) -> Vec<Members> {
    let typed = |name: &str, kind: &str| {
        let name = Some(name.to_lowercase());
        vec![(None, name.clone()), (Some("value"), name), (Some("type"), Some(kind.to_lowercase()))]
    };
    let own = match &user.invited_address {
        Some(address) => typed(address.key(), "emailAddress"),
        None => typed(&user.user_principal_name, "userPrincipalName"),
    };
    let local = user.identities.iter().filter_map(|identity| {
        let name = identity.issuer_assigned_id.as_deref()?;
        match identity.sign_in_type {
            SignInType::EmailAddress => Some(typed(name, "emailAddress")),
            SignInType::UserName => Some(typed(name, "userName")),
            SignInType::UserPrincipalName | SignInType::Federated => None,
        }
    });
    std::iter::once(own).chain(local).collect()
}

fn fits(body: &Element, element: &Members) -> bool {
    let member = |name: &Option<&'static str>| {
        element.iter().find(|(known, _)| known == name).and_then(|(_, value)| value.clone())
    };
    let single = |name| member(name).map_or(Single::Null, Single::Text);
    match body {
        Element::And(parts) => parts.iter().all(|part| fits(part, element)),
        Element::Or(parts) => parts.iter().any(|part| fits(part, element)),
        Element::Not(part) => !fits(part, element),
        Element::Compare { member: name, op, value } => compares(&single(name), *op, value),
        Element::In { member: name, values } => {
            values.iter().any(|value| compares(&single(name), Op::Eq, value))
        }
        Element::Text { member: name, op, value } => {
            member(name).is_some_and(|text| has(&text, *op, &value.to_lowercase()))
        }
    }
}
