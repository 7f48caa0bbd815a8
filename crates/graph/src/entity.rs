//! Small entities whose whole wire form is a list of names and values: what they show, and `$select` on them.

use http::StatusCode;
use serde_json::{Map, Value};
use vestibule_odata as odata;
use vestibule_odata::error::Clause;
use vestibule_odata::paging::Metadata;

use crate::answer::Answer;
use crate::error::GraphError;
use crate::facts::Facts;

/// Properties in the order of the answer.
pub(crate) type Entity = Vec<(&'static str, Value)>;

/// A kind of small entity.
pub(crate) struct Kind {
    /// As `@odata.context` names the set.
    pub(crate) set: &'static str,
    /// As messages name the type.
    pub(crate) type_name: &'static str,
}

/// 200 with a collection, of which `total` and a link to the next page may be told.
pub(crate) fn collection(
    facts: &Facts,
    kind: &Kind,
    select: Option<&str>,
    entities: &[Entity],
    (total, next_link): (Option<usize>, Option<String>),
    template: &Entity,
) -> Result<Answer, GraphError> {
    let selection = Selection::read(select, kind, template)?;
    let mut body = Map::new();
    if facts.metadata != Metadata::None {
        body.insert("@odata.context".into(), selection.context(facts, kind).into());
    }
    if let Some(total) = total {
        body.insert("@odata.count".into(), total.into());
    }
    if let Some(link) = next_link {
        body.insert("@odata.nextLink".into(), link.into());
    }
    body.insert(
        "value".into(),
        entities.iter().map(|entity| Value::Object(selection.apply(entity))).collect(),
    );
    Answer::json(StatusCode::OK, facts, &body)
}

/// Whether `select` names only what there is: said before it is known whether the one asked for is there.
pub(crate) fn check_select(kind: &Kind, select: Option<&str>, template: &Entity) -> Result<(), GraphError> {
    Selection::read(select, kind, template).map(drop)
}

/// 200 with one.
pub(crate) fn single(
    facts: &Facts,
    kind: &Kind,
    select: Option<&str>,
    entity: &Entity,
) -> Result<Answer, GraphError> {
    let selection = Selection::read(select, kind, entity)?;
    let mut body = Map::new();
    if facts.metadata != Metadata::None {
        body.insert("@odata.context".into(), format!("{}/$entity", selection.context(facts, kind)).into());
    }
    body.extend(selection.apply(entity));
    Answer::json(StatusCode::OK, facts, &body)
}

/// Names that were selected, in the order of the request; all when none were.
struct Selection(Vec<&'static str>);

impl Selection {
    fn read(select: Option<&str>, kind: &Kind, template: &Entity) -> Result<Self, GraphError> {
        let mut names = Vec::new();
        for name in select.unwrap_or_default().split(',').map(str::trim).filter(|name| !name.is_empty()) {
            if name == "*" {
                return Ok(Self(Vec::new()));
            }
            match template.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
                Some((known, _)) => names.push(*known),
                None => return Err(unknown(name, kind)),
            }
        }
        Ok(Self(names))
    }

    fn context(&self, facts: &Facts, kind: &Kind) -> String {
        match self.0.is_empty() {
            true => format!("{}/$metadata#{}", facts.base, kind.set),
            false => format!("{}/$metadata#{}({})", facts.base, kind.set, self.0.join(",")),
        }
    }

    fn apply(&self, entity: &Entity) -> Map<String, Value> {
        let is_shown = |name: &str| self.0.is_empty() || self.0.contains(&name);
        entity
            .iter()
            .filter(|(name, _)| is_shown(name))
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect()
    }
}

fn unknown(name: &str, kind: &Kind) -> GraphError {
    odata::Error::UnknownProperty { clause: Clause::Select, name: name.to_owned(), type_name: kind.type_name }
        .into()
}
