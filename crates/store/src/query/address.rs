//! The fold: an `or` of look-ups of one address becomes one probe of `user_address`, however many kinds it names.
//!
//! It is an optimisation only. Besides addresses, an `or` whose every branch is led by an index becomes the union of what those
//! indexes find; any other branch stays a condition of its own.

use std::collections::BTreeMap;

use vestibule_model::UserProperty as P;
use vestibule_odata::{Element, Expr, Op, Quantifier, TextOp, Value as Literal};

use super::columns::{Place, place};
use super::compile::{TRUE, Walk};
use super::{element, text};
use crate::addresses::{SMTP, fold, kind, sought};
use crate::sql::Bind;

type Filter = Expr<P>;

/// Some of `parts` holds.
pub(super) fn any_of(walk: &mut Walk, parts: &[Filter]) -> String {
    let mut probes: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    let mut kinds: BTreeMap<String, i64> = BTreeMap::new();
    let mut sources = Vec::new();
    let mut others = Vec::new();
    for part in parts {
        if let Some(found) = at_addresses(part) {
            for (key, bits) in found {
                *kinds.entry(key).or_default() |= bits;
            }
        } else if is_probe(part) {
            sources.push(part);
        } else {
            others.push(part);
        }
    }
    for (key, bits) in kinds {
        probes.entry(bits).or_default().push(key);
    }

    let mut found: Vec<String> = probes.into_iter().map(|(bits, keys)| probe(walk, bits, keys)).collect();
    if others.is_empty() {
        found.extend(sources.iter().map(|part| source(walk, part)));
        sources.clear();
    }
    let union = (!found.is_empty()).then(|| format!("u.id IN ({})", found.join(" UNION ALL ")));
    let rest = sources.into_iter().chain(others).map(|part| walk.condition(part, false));
    let branches: Vec<String> = union.into_iter().chain(rest).collect();
    match branches.as_slice() {
        [one] => one.clone(),
        several => format!("({})", several.join(" OR ")),
    }
}

/// Whether an index leads straight to the users for whom this holds.
pub(super) fn is_probe(expr: &Filter) -> bool {
    match expr {
        Expr::Or(parts) => parts.iter().all(is_probe),
        Expr::Text { property: P::Mail | P::UserPrincipalName | P::DisplayName, member: None, op, value } => {
            *op == TextOp::StartsWith && !value.is_empty() && !value.contains('\0')
        }
        Expr::Compare { property: P::DisplayName, op: Op::Eq, value, .. } => *value != Literal::Null,
        Expr::In { property: P::DisplayName | P::Id, .. } => true,
        Expr::Compare { property: P::Id, op: Op::Eq, .. } => true,
        Expr::Lambda { property, quantifier: Quantifier::Any, body: Some(body) } => {
            at_addresses(expr).is_some() || element::is_keyed(place(*property), body)
        }
        Expr::Compare { .. } | Expr::In { .. } => at_addresses(expr).is_some(),
        Expr::And(_)
        | Expr::Not(_)
        | Expr::Text { .. }
        | Expr::Lambda { .. }
        | Expr::Empty { .. }
        | Expr::Single { .. } => false,
    }
}

/// Whether it is looked up among addresses, not in a column.
pub(super) fn is_by_address(expr: &Filter) -> bool {
    at_addresses(expr).is_some()
}

/// Whether it asks for one address and nothing else, under however many kinds.
pub(super) fn is_of_one(expr: &Filter) -> bool {
    let parts = match expr {
        Expr::Or(parts) => parts.as_slice(),
        one => std::slice::from_ref(one),
    };
    let mut keys = Vec::new();
    for part in parts {
        let Some(found) = at_addresses(part) else { return false };
        keys.extend(found.into_iter().map(|(key, _)| key));
    }
    keys.dedup();
    keys.len() == 1
}

/// The keys, with the kinds of which one must be there, if that is all it asks.
fn at_addresses(expr: &Filter) -> Option<Vec<(String, i64)>> {
    match expr {
        Expr::Compare { property: P::Mail, op: Op::Eq, value, .. } => Some(vec![(key(value)?, kind::MAIL)]),
        Expr::Compare { property: P::UserPrincipalName, op: Op::Eq, value, .. } => {
            Some(vec![(key(value)?, kind::UPN)])
        }
        Expr::In { property: P::Mail, values, .. } => keys(values, kind::MAIL),
        Expr::In { property: P::UserPrincipalName, values, .. } => keys(values, kind::UPN),
        Expr::Lambda { property, quantifier: Quantifier::Any, body: Some(body) } => {
            let Element::Compare { member: None | Some("value"), op: Op::Eq, value } = body else {
                return None;
            };
            let key = key(value)?;
            match place(*property) {
                Place::Addresses(bits) => Some(vec![(key, bits)]),
                Place::SignInNames => Some(vec![(key, kind::SIGN_IN)]),
                Place::Proxies => Some(vec![match key.strip_prefix(SMTP) {
                    Some(address) => (address.to_owned(), kind::PROXY),
                    None => (key, kind::OTHER_PROXY),
                }]),
                Place::Id
                | Place::Column(_)
                | Place::Attributes
                | Place::Identities
                | Place::Nothing
                | Place::NoElements => None,
            }
        }
        Expr::Compare { .. }
        | Expr::In { .. }
        | Expr::Lambda { .. }
        | Expr::And(_)
        | Expr::Or(_)
        | Expr::Not(_)
        | Expr::Text { .. }
        | Expr::Empty { .. }
        | Expr::Single { .. } => None,
    }
}

fn keys(values: &[Literal], bits: i64) -> Option<Vec<(String, i64)>> {
    values.iter().map(|value| Some((key(value)?, bits))).collect()
}

fn key(value: &Literal) -> Option<String> {
    match value {
        Literal::Text(text) => sought(text),
        Literal::Null | Literal::Bool(_) | Literal::Number(_) | Literal::DateTime(_) | Literal::Guid(_) => {
            None
        }
    }
}

/// The ids of whoever has one of `keys` as one of `bits`.
fn probe(walk: &mut Walk, bits: i64, keys: Vec<String>) -> String {
    let keys = walk.params.list(keys.into_iter().map(Bind::bound));
    let bits = walk.params.add(bits.bound());
    format!(
        "SELECT a.user_id FROM user_address a
          WHERE a.tenant_id = $1 AND a.key IN ({keys}) AND (a.kinds & {bits}) <> 0"
    )
}

/// The ids of those for whom this probe holds.
fn source(walk: &mut Walk, expr: &Filter) -> String {
    match expr {
        Expr::Or(parts) => {
            let all = any_of(walk, parts);
            all.strip_prefix("u.id IN (").and_then(|all| all.strip_suffix(')')).unwrap_or(TRUE).to_owned()
        }
        Expr::Text { property: P::Mail, op, value, .. } => by_prefix(walk, kind::MAIL, *op, value),
        Expr::Text { property: P::UserPrincipalName, op, value, .. } => {
            by_prefix(walk, kind::UPN, *op, value)
        }
        Expr::Lambda { property, body: Some(body), .. } => {
            element::keyed_source(walk, place(*property), body)
        }
        Expr::And(_)
        | Expr::Not(_)
        | Expr::Compare { .. }
        | Expr::In { .. }
        | Expr::Text { .. }
        | Expr::Lambda { .. }
        | Expr::Empty { .. }
        | Expr::Single { .. } => {
            let condition = walk.condition(expr, false);
            format!(
                "SELECT u.id FROM directory_user u WHERE u.tenant_id = $1 AND u.deleted_at IS NULL AND {condition}"
            )
        }
    }
}

fn by_prefix(walk: &mut Walk, bits: i64, op: TextOp, prefix: &str) -> String {
    let condition = text::test("a.key", op, &fold(prefix), false, &mut walk.params);
    let bits = walk.params.add(bits.bound());
    format!(
        "SELECT a.user_id FROM user_address a
          WHERE a.tenant_id = $1 AND {condition} AND (a.kinds & {bits}) <> 0"
    )
}
