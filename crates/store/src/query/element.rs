//! Conditions on the elements of a collection, which are rows of `user_address` (called `a`).

use vestibule_odata::{Element, Op, Quantifier, TextOp, Value as Literal};

use super::columns::Place;
use super::compile::{FALSE, TRUE, Walk, comparable};
use super::text;
use crate::addresses::{NOBODY, SEPARATOR, SMTP, fold, kind};
use crate::sql::Bind;

/// Elements of one kind: which rows, and how their text reads.
#[derive(Clone, Copy)]
struct Variant {
    kinds: i64,
    reads: Reads,
}

/// How the text of an element comes from its key.
#[derive(Clone, Copy)]
enum Reads {
    /// It is the key.
    Key,
    /// It is the key behind `smtp:`.
    Smtp,
    /// It is the key, and its member `type` is this.
    Typed(&'static str),
    /// Its three members are parts of the key.
    Identity,
}

/// `any` or `all`, or its opposite.
pub(super) fn lambda(
    walk: &mut Walk,
    place: Place,
    quantifier: Quantifier,
    body: Option<&Element>,
    is_negated: bool,
) -> String {
    let Some(body) = body else { return emptiness(walk, place, is_negated) };
    let variants = variants(place, body);
    if variants.is_empty() {
        let holds = quantifier == Quantifier::All;
        return if holds != is_negated { TRUE.into() } else { FALSE.into() };
    }
    match quantifier {
        Quantifier::Any if !is_negated && is_keyed(place, body) => {
            format!("u.id IN ({})", keyed_source(walk, place, body))
        }
        Quantifier::Any => exists(walk, &variants, Some((body, false)), !is_negated),
        // All fit: there is none that does not.
        Quantifier::All => exists(walk, &variants, Some((body, true)), is_negated),
    }
}

/// The collection has no element, or has one.
pub(super) fn emptiness(walk: &mut Walk, place: Place, is_empty: bool) -> String {
    let variants = every_variant(place);
    if variants.is_empty() {
        return if is_empty { TRUE.into() } else { FALSE.into() };
    }
    exists(walk, &variants, None, !is_empty)
}

/// The collection has exactly one element, or not. Elements that differ by case only count once.
pub(super) fn singleness(walk: &mut Walk, place: Place, is_single: bool) -> String {
    let variants = every_variant(place);
    if variants.is_empty() {
        return if is_single { FALSE.into() } else { TRUE.into() };
    }
    let rows = rows(walk, &variants, None);
    let sign = if is_single { "=" } else { "<>" };
    format!(
        "(SELECT count(*) FROM user_address a WHERE a.tenant_id = $1 AND a.user_id = u.id AND {rows}) {sign} 1"
    )
}

/// Whether the condition leads to few keys by itself.
pub(super) fn is_keyed(place: Place, body: &Element) -> bool {
    match (place, body) {
        (Place::NoElements | Place::Nothing, _) => false,
        (_, Element::And(parts)) => parts.iter().any(|part| is_keyed(place, part)),
        (_, Element::Or(parts)) => parts.iter().all(|part| is_keyed(place, part)),
        (Place::Identities, Element::Compare { member, op, .. }) => {
            *member == Some("issuer") && *op == Op::Eq
        }
        (Place::Identities, _) | (_, Element::Not(_)) => false,
        (_, Element::Compare { member, op, value }) => {
            *member != Some("type") && *op == Op::Eq && text_of(value).is_some_and(|text| !text.is_empty())
        }
        (_, Element::In { member, .. }) => *member != Some("type"),
        (Place::Proxies, Element::Text { op, value, .. }) => {
            *op == TextOp::StartsWith && value.len() > SMTP.len()
        }
        (_, Element::Text { member, op, value }) => {
            *member != Some("type") && *op == TextOp::StartsWith && !value.is_empty()
        }
    }
}

/// The ids of whoever has an element that fits.
pub(super) fn keyed_source(walk: &mut Walk, place: Place, body: &Element) -> String {
    let variants = variants(place, body);
    let rows = rows(walk, &variants, Some((body, false)));
    format!("SELECT a.user_id FROM user_address a WHERE a.tenant_id = $1 AND {rows}")
}

fn exists(walk: &mut Walk, variants: &[Variant], body: Option<(&Element, bool)>, is_there: bool) -> String {
    let rows = rows(walk, variants, body);
    let word = if is_there { "EXISTS" } else { "NOT EXISTS" };
    format!("{word} (SELECT 1 FROM user_address a WHERE a.tenant_id = $1 AND a.user_id = u.id AND {rows})")
}

/// The rows that are elements of one of the variants and fit.
fn rows(walk: &mut Walk, variants: &[Variant], body: Option<(&Element, bool)>) -> String {
    let mut branches = Vec::new();
    for variant in variants {
        let kinds = walk.params.add(variant.kinds.bound());
        let is_one = format!("(a.kinds & {kinds}) <> 0");
        branches.push(match body {
            Some((body, is_negated)) => format!("{} AND {is_one}", fits(walk, *variant, body, is_negated)),
            None => is_one,
        });
    }
    match branches.as_slice() {
        [one] => one.clone(),
        several => format!("(({}))", several.join(") OR (")),
    }
}

fn variants(place: Place, body: &Element) -> Vec<Variant> {
    match place {
        Place::SignInNames if !names_type(body) => vec![Variant { kinds: kind::SIGN_IN, reads: Reads::Key }],
        _ => every_variant(place),
    }
}

fn every_variant(place: Place) -> Vec<Variant> {
    match place {
        Place::Addresses(kinds) => vec![Variant { kinds, reads: Reads::Key }],
        Place::Proxies => vec![
            Variant { kinds: kind::PROXY, reads: Reads::Smtp },
            Variant { kinds: kind::OTHER_PROXY, reads: Reads::Key },
        ],
        Place::SignInNames => vec![
            Variant { kinds: kind::SIGN_IN_EMAIL, reads: Reads::Typed("emailAddress") },
            Variant { kinds: kind::SIGN_IN_USER_NAME, reads: Reads::Typed("userName") },
            Variant { kinds: kind::SIGN_IN_UPN, reads: Reads::Typed("userPrincipalName") },
        ],
        Place::Identities => vec![Variant { kinds: kind::IDENTITY, reads: Reads::Identity }],
        // The property table offers lambdas over collections only, and those that are not here are always empty.
        Place::Id | Place::Column(_) | Place::Attributes | Place::Nothing | Place::NoElements => Vec::new(),
    }
}

fn names_type(body: &Element) -> bool {
    match body {
        Element::And(parts) | Element::Or(parts) => parts.iter().any(names_type),
        Element::Not(part) => names_type(part),
        Element::Compare { member, .. } | Element::In { member, .. } | Element::Text { member, .. } => {
            *member == Some("type")
        }
    }
}

fn fits(walk: &mut Walk, variant: Variant, body: &Element, is_negated: bool) -> String {
    match body {
        Element::And(parts) if !is_negated && matches!(variant.reads, Reads::Identity) => {
            identity_and(walk, variant, parts)
        }
        Element::And(parts) => {
            joined(walk, variant, parts, is_negated, if is_negated { " OR " } else { " AND " })
        }
        Element::Or(parts) => {
            joined(walk, variant, parts, is_negated, if is_negated { " AND " } else { " OR " })
        }
        Element::Not(part) => fits(walk, variant, part, !is_negated),
        Element::Compare { member, op, value } => {
            let Some(value) = text_of(value) else {
                return if is_negated { TRUE.into() } else { FALSE.into() };
            };
            compare(walk, variant, *member, *op, value, is_negated)
        }
        Element::In { member, values } => {
            let word = if is_negated { " AND " } else { " OR " };
            let each = values.iter().filter_map(text_of);
            let each: Vec<_> =
                each.map(|value| compare(walk, variant, *member, Op::Eq, value, is_negated)).collect();
            format!("({})", each.join(word))
        }
        Element::Text { member, op, value } => part(walk, variant, *member, *op, value, is_negated),
    }
}

fn joined(walk: &mut Walk, variant: Variant, parts: &[Element], is_negated: bool, word: &str) -> String {
    let parts: Vec<_> = parts.iter().map(|part| fits(walk, variant, part, is_negated)).collect();
    format!("({})", parts.join(word))
}

fn compare(
    walk: &mut Walk,
    variant: Variant,
    member: Option<&'static str>,
    op: Op,
    value: &str,
    is_negated: bool,
) -> String {
    let value = fold(value);
    let known = |holds: bool| if holds != is_negated { TRUE.to_owned() } else { FALSE.to_owned() };
    match (variant.reads, member) {
        (Reads::Typed(type_name), Some("type")) => known(compares(fold(type_name).as_str(), op, &value)),
        (Reads::Identity, member) => identity(walk, member, op, &value, is_negated),
        (Reads::Smtp, _) if matches!(op, Op::Eq | Op::Ne) => match value.strip_prefix(SMTP) {
            Some(address) => sign(walk, "a.key", op, address, is_negated),
            None => known(op == Op::Ne),
        },
        (Reads::Smtp, _) => sign(walk, "('smtp:' || a.key)", op, &value, is_negated),
        (Reads::Key | Reads::Typed(_), _) => sign(walk, "a.key", op, &value, is_negated),
    }
}

fn compares(left: &str, op: Op, right: &str) -> bool {
    match op {
        Op::Eq => left == right,
        Op::Ne => left != right,
        Op::Gt => left > right,
        Op::Ge => left >= right,
        Op::Lt => left < right,
        Op::Le => left <= right,
    }
}

fn sign(walk: &mut Walk, subject: &str, op: Op, value: &str, is_negated: bool) -> String {
    let Some(value) = comparable(value) else {
        return if is_negated != (op == Op::Ne) { TRUE.into() } else { FALSE.into() };
    };
    let place = walk.params.add(value);
    let sign = match (op, is_negated) {
        (Op::Eq, false) | (Op::Ne, true) => "=",
        (Op::Ne, false) | (Op::Eq, true) => "<>",
        (Op::Gt, false) | (Op::Le, true) => ">",
        (Op::Ge, false) | (Op::Lt, true) => ">=",
        (Op::Lt, false) | (Op::Ge, true) => "<",
        (Op::Le, false) | (Op::Gt, true) => "<=",
    };
    format!("{subject} {sign} {place}")
}

fn part(
    walk: &mut Walk,
    variant: Variant,
    member: Option<&'static str>,
    op: TextOp,
    value: &str,
    is_negated: bool,
) -> String {
    let value = fold(value);
    let known = |holds: bool| if holds != is_negated { TRUE.to_owned() } else { FALSE.to_owned() };
    match (variant.reads, member) {
        (Reads::Typed(type_name), Some("type")) => known(match op {
            TextOp::StartsWith => fold(type_name).starts_with(&value),
            TextOp::EndsWith => fold(type_name).ends_with(&value),
            TextOp::Contains => fold(type_name).contains(&value),
        }),
        (Reads::Smtp, _) if op == TextOp::StartsWith => match value.strip_prefix(SMTP) {
            Some(address) => text::test("a.key", op, address, is_negated, &mut walk.params),
            None => known(SMTP.starts_with(&value)),
        },
        (Reads::Smtp, _) => text::test("('smtp:' || a.key)", op, &value, is_negated, &mut walk.params),
        (Reads::Key | Reads::Typed(_), _) => text::test("a.key", op, &value, is_negated, &mut walk.params),
        // The property table offers `eq` only on members of identities.
        (Reads::Identity, _) => FALSE.into(),
    }
}

/// Issuer and assigned id together are the beginning of the key: one range of the index.
fn identity_and(walk: &mut Walk, variant: Variant, parts: &[Element]) -> String {
    let (mut issuer, mut name, mut rest) = (None, None, Vec::new());
    for part in parts {
        match part {
            Element::Compare { member: Some("issuer"), op: Op::Eq, value } if issuer.is_none() => {
                issuer = text_of(value);
            }
            Element::Compare { member: Some("issuerAssignedId"), op: Op::Eq, value } if name.is_none() => {
                name = text_of(value);
            }
            other => rest.push(other),
        }
    }
    let mut conditions: Vec<String> = rest.into_iter().map(|part| fits(walk, variant, part, false)).collect();
    match (issuer, name) {
        (Some(issuer), Some(name)) if is_name(name) => {
            let beginning = format!("{}{SEPARATOR}{}{SEPARATOR}", segment(issuer), segment(name));
            conditions
                .insert(0, text::test("a.key", TextOp::StartsWith, &beginning, false, &mut walk.params));
        }
        (issuer, name) => {
            let members = [("issuer", issuer), ("issuerAssignedId", name)];
            for (member, value) in members.into_iter().filter_map(|(member, value)| Some((member, value?))) {
                conditions.push(identity(walk, Some(member), Op::Eq, &fold(value), false));
            }
        }
    }
    format!("({})", conditions.join(" AND "))
}

fn identity(walk: &mut Walk, member: Option<&'static str>, op: Op, value: &str, is_negated: bool) -> String {
    let is_negated = is_negated != (op == Op::Ne);
    if !matches!(op, Op::Eq | Op::Ne) {
        return FALSE.into(); // The property table offers `eq` only.
    }
    let value = segment(value);
    match member {
        Some("issuer") => {
            let beginning = format!("{value}{SEPARATOR}");
            text::test("a.key", TextOp::StartsWith, &beginning, is_negated, &mut walk.params)
        }
        Some("signInType") => {
            let end = format!("{SEPARATOR}{value}");
            text::test("a.key", TextOp::EndsWith, &end, is_negated, &mut walk.params)
        }
        _ if !is_name(&value) => {
            if is_negated {
                TRUE.into()
            } else {
                FALSE.into()
            }
        }
        _ => {
            let middle = format!("{SEPARATOR}{value}{SEPARATOR}");
            text::test("a.key", TextOp::Contains, &middle, is_negated, &mut walk.params)
        }
    }
}

fn segment(text: &str) -> String {
    fold(text).replace(SEPARATOR, " ")
}

fn is_name(text: &str) -> bool {
    text != NOBODY
}

fn text_of(value: &Literal) -> Option<&str> {
    match value {
        Literal::Text(text) => Some(text),
        Literal::Null | Literal::Bool(_) | Literal::Number(_) | Literal::DateTime(_) | Literal::Guid(_) => {
            None
        }
    }
}
