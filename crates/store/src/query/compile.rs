//! One walk over a filter. Negation is carried down to the leaves, so that null means what it should at each:
//! a comparison with null is false (so `ne` and `not(… eq …)` keep nulls), a text function of null is null (so neither it nor
//! its negation holds). See `graph.md` 4.2.

use std::collections::BTreeSet;

use jiff::Timestamp;
use uuid::Uuid;
use vestibule_model::UserProperty;
use vestibule_odata::{Expr, Op, TextOp, Value as Literal};

use super::columns::{self, ATTRIBUTES, Column, Holds, Place};
use super::{address, element, text};
use crate::addresses::{fold, sought};
use crate::sql::{Bind, Value};

/// Always.
pub(super) const TRUE: &str = "1 = 1";
/// Never.
pub(super) const FALSE: &str = "1 = 0";

/// The parameters of a statement; `$1` is its tenant.
#[derive(Default)]
pub(crate) struct Params {
    values: Vec<Value>,
}

impl Params {
    /// One more; answers how the text refers to it.
    pub(super) fn add(&mut self, value: Value) -> String {
        self.values.push(value);
        format!("${}", self.values.len() + 1)
    }

    /// Several, as a list.
    pub(super) fn list(&mut self, values: impl IntoIterator<Item = Value>) -> String {
        values.into_iter().map(|value| self.add(value)).collect::<Vec<_>>().join(", ")
    }

    /// What stands for `$2 …`.
    pub(super) fn into_values(self) -> Vec<Value> {
        self.values
    }
}

/// The walk, and what it gathers.
#[derive(Default)]
pub(crate) struct Walk {
    pub(super) params: Params,
    /// Columns that the text names, without the id.
    pub(super) columns: BTreeSet<&'static str>,
}

type Filter = Expr<UserProperty>;

impl Walk {
    /// The condition on the user `u` that says what `expr` says, or its opposite.
    pub(super) fn condition(&mut self, expr: &Filter, is_negated: bool) -> String {
        match expr {
            Expr::And(parts) if is_negated => self.joined(parts, " OR ", true),
            Expr::And(parts) => self.joined(parts, " AND ", false),
            Expr::Or(parts) if is_negated => self.joined(parts, " AND ", true),
            Expr::Or(parts) => address::any_of(self, parts),
            Expr::Not(part) => self.condition(part, !is_negated),
            Expr::Compare { property, member, op, value } => {
                if !is_negated && address::is_probe(expr) && address::is_by_address(expr) {
                    return address::any_of(self, std::slice::from_ref(expr));
                }
                self.compare(subject(*property, *member), *op, value, is_negated)
            }
            Expr::In { property, member, values } => {
                if !is_negated && address::is_probe(expr) && address::is_by_address(expr) {
                    return address::any_of(self, std::slice::from_ref(expr));
                }
                self.one_of(subject(*property, *member), values, is_negated)
            }
            Expr::Text { property, member, op, value } => {
                self.text(subject(*property, *member), *op, value, is_negated)
            }
            Expr::Lambda { property, quantifier, body } => {
                element::lambda(self, columns::place(*property), *quantifier, body.as_ref(), is_negated)
            }
            Expr::Empty { property, empty } => {
                element::emptiness(self, columns::place(*property), *empty != is_negated)
            }
            Expr::Single { property, single } => {
                element::singleness(self, columns::place(*property), *single != is_negated)
            }
        }
    }

    fn joined(&mut self, parts: &[Filter], word: &str, is_negated: bool) -> String {
        let parts: Vec<_> = parts.iter().map(|part| self.condition(part, is_negated)).collect();
        format!("({})", parts.join(word))
    }

    fn compare(&mut self, subject: Subject, op: Op, value: &Literal, is_negated: bool) -> String {
        let is_equality = matches!(op, Op::Eq | Op::Ne);
        let says_equal = (op == Op::Eq) != is_negated;
        match subject {
            Subject::Column(column) if *value == Literal::Null => self.null(column, says_equal),
            Subject::Attributes if *value == Literal::Null => {
                let nulls: Vec<_> = ATTRIBUTES.map(|name| format!("{} IS NULL", self.column(name))).into();
                let all = nulls.join(" AND ");
                if says_equal { format!("({all})") } else { format!("NOT ({all})") }
            }
            Subject::Nothing if *value == Literal::Null => truth(says_equal),
            Subject::Attributes | Subject::Nothing => truth(is_negated != (op == Op::Ne)),
            Subject::Id if is_equality => self.id(std::slice::from_ref(value), says_equal),
            Subject::Id => truth(is_negated),
            Subject::Column(column) => match bound(column.holds, op, value) {
                Some(value) => self.ordered(column, op, value, is_negated),
                None => truth(is_negated != (op == Op::Ne)),
            },
        }
    }

    fn null(&mut self, column: Column, says_null: bool) -> String {
        if !column.is_nullable {
            return truth(!says_null);
        }
        let name = self.column(column.name);
        if says_null { format!("{name} IS NULL") } else { format!("{name} IS NOT NULL") }
    }

    fn ordered(&mut self, column: Column, op: Op, value: Value, is_negated: bool) -> String {
        let name = self.column(column.name);
        let place = self.params.add(value);
        let (sign, takes_null) = match (op, is_negated) {
            (Op::Eq, false) | (Op::Ne, true) => ("=", false),
            (Op::Ne, false) | (Op::Eq, true) => ("<>", true),
            (Op::Gt, false) => (">", false),
            (Op::Ge, false) => (">=", false),
            (Op::Lt, false) => ("<", false),
            (Op::Le, false) => ("<=", false),
            (Op::Gt, true) => ("<=", true),
            (Op::Ge, true) => ("<", true),
            (Op::Lt, true) => (">=", true),
            (Op::Le, true) => (">", true),
        };
        if takes_null && column.is_nullable {
            return format!("({name} {sign} {place} OR {name} IS NULL)");
        }
        format!("{name} {sign} {place}")
    }

    fn one_of(&mut self, subject: Subject, values: &[Literal], is_negated: bool) -> String {
        match subject {
            Subject::Id => self.id(values, !is_negated),
            Subject::Nothing | Subject::Attributes => truth(is_negated),
            Subject::Column(column) => {
                let values: Vec<_> =
                    values.iter().filter_map(|value| bound(column.holds, Op::Eq, value)).collect();
                if values.is_empty() {
                    return truth(is_negated);
                }
                let list = self.params.list(values);
                let name = self.column(column.name);
                match (is_negated, column.is_nullable) {
                    (false, _) => format!("{name} IN ({list})"),
                    (true, true) => format!("({name} NOT IN ({list}) OR {name} IS NULL)"),
                    (true, false) => format!("{name} NOT IN ({list})"),
                }
            }
        }
    }

    fn text(&mut self, subject: Subject, op: TextOp, part: &str, is_negated: bool) -> String {
        match subject {
            Subject::Column(column) if column.holds == Holds::Text => {
                let name = self.column(column.name);
                text::test(&name, op, &fold(part), is_negated, &mut self.params)
            }
            // Of the other kinds no text function is offered; of null neither it nor its opposite holds.
            Subject::Column(_) | Subject::Id | Subject::Attributes | Subject::Nothing => FALSE.into(),
        }
    }

    fn id(&mut self, values: &[Literal], says_equal: bool) -> String {
        let ids: Vec<_> = values.iter().filter_map(guid).map(Bind::bound).collect();
        if ids.is_empty() {
            return truth(!says_equal);
        }
        let list = self.params.list(ids);
        if says_equal { format!("u.id IN ({list})") } else { format!("u.id NOT IN ({list})") }
    }

    pub(super) fn column(&mut self, name: &'static str) -> String {
        self.columns.insert(name);
        format!("u.{name}")
    }
}

/// A single value to be compared.
#[derive(Clone, Copy)]
enum Subject {
    Id,
    Column(Column),
    /// All attributes at once.
    Attributes,
    /// Always null.
    Nothing,
}

fn subject(property: UserProperty, member: Option<&'static str>) -> Subject {
    match (columns::place(property), member) {
        (Place::Id, _) => Subject::Id,
        (Place::Column(column), _) => Subject::Column(column),
        (Place::Attributes, None) => Subject::Attributes,
        (Place::Attributes, Some(member)) => {
            columns::attribute(member).map_or(Subject::Nothing, Subject::Column)
        }
        // Collections are reached by lambdas only; the property table sees to it.
        (
            Place::Nothing
            | Place::NoElements
            | Place::Addresses(_)
            | Place::Proxies
            | Place::SignInNames
            | Place::Identities,
            _,
        ) => Subject::Nothing,
    }
}

fn truth(is_true: bool) -> String {
    if is_true { TRUE.into() } else { FALSE.into() }
}

/// The literal as the column holds it; `None` when no row can hold such a value.
fn bound(holds: Holds, op: Op, value: &Literal) -> Option<Value> {
    match (holds, value) {
        (Holds::Text, Literal::Text(text)) => comparable(text),
        (Holds::Text, Literal::Guid(id)) => Some(id.to_string().bound()),
        (Holds::Bool, Literal::Bool(truth)) => Some(truth.bound()),
        (Holds::Instant, Literal::DateTime(instant)) => micros(*instant, op),
        (Holds::Instant, Literal::Text(text)) => micros(text.parse().ok()?, op),
        (
            Holds::Text | Holds::Bool | Holds::Instant,
            Literal::Null
            | Literal::Text(_)
            | Literal::Bool(_)
            | Literal::Number(_)
            | Literal::DateTime(_)
            | Literal::Guid(_),
        ) => None,
    }
}

/// Text folded; `None` for text that no row can hold.
pub(super) fn comparable(text: &str) -> Option<Value> {
    sought(text).map(Bind::bound)
}

/// Rows hold microseconds. A literal between two of them equals none, and bounds are moved to the side where they still say the
/// same.
fn micros(instant: Timestamp, op: Op) -> Option<Value> {
    let nanos = instant.as_nanosecond();
    let floor = nanos.div_euclid(1000);
    let is_exact = nanos.rem_euclid(1000) == 0;
    let micros = match op {
        Op::Eq | Op::Ne if !is_exact => return None,
        Op::Ge | Op::Lt if !is_exact => floor + 1,
        Op::Eq | Op::Ne | Op::Gt | Op::Ge | Op::Lt | Op::Le => floor,
    };
    i64::try_from(micros).ok().map(Bind::bound)
}

fn guid(value: &Literal) -> Option<Uuid> {
    match value {
        Literal::Guid(id) => Some(*id),
        Literal::Text(text) => Uuid::try_parse(text).ok(),
        Literal::Null | Literal::Bool(_) | Literal::Number(_) | Literal::DateTime(_) => None,
    }
}
