//! From a tree of words to a tree of properties: names are resolved, literals typed, and what is not supported is refused.

use std::slice;

use crate::error::{Clause, Error, Paired};
use crate::filter::{Element, Expr, Op, Quantifier, TextOp, Value};
use crate::literal::{self, Literal};
use crate::schema::{Advanced, EdmType, ElementRule, Property, Schema, Support};
use crate::syntax::{Counted, Node, Operand, Scope};

/// Gives `node` the meaning that `schema` has for it.
///
/// # Errors
///
/// As [`filter::parse`](crate::filter::parse), but for syntax.
pub(crate) fn expression<S: Schema>(
    node: &Node<'_>,
    schema: &S,
    pair: Advanced,
) -> Result<Expr<S::Id>, Error> {
    Binder { schema, pair, is_negated: false }.expr(node)
}

struct Binder<'s, S> {
    schema: &'s S,
    pair: Advanced,
    is_negated: bool,
}

/// What a path leads to.
struct Target<P: 'static> {
    property: &'static Property<P>,
    member: Option<&'static str>,
    edm: EdmType,
}

/// The lambda that an element condition stands in.
struct Lambda<'t, P: 'static> {
    property: &'static Property<P>,
    variable: &'t str,
    quantifier: Quantifier,
}

impl<S: Schema> Binder<'_, S> {
    fn expr(&self, node: &Node<'_>) -> Result<Expr<S::Id>, Error> {
        Ok(match node {
            Node::And(parts) => Expr::And(each(parts, |part| self.expr(part))?),
            Node::Or(parts) => Expr::Or(each(parts, |part| self.expr(part))?),
            Node::Not(part) => {
                Expr::Not(Box::new(self.paired(Paired::Not.refusal(), self.negated().expr(part))?))
            }
            Node::Compare { left, op, right } => {
                let (target, op, value) = self.compare(left, *op, right, |path| self.target(path))?;
                Expr::Compare { property: target.property.id, member: target.member, op, value }
            }
            Node::In { path, values } => {
                let target = self.target(path)?;
                let values = self.list(&target, values)?;
                Expr::In { property: target.property.id, member: target.member, values }
            }
            Node::Text { op, path, part } => {
                let target = self.target(path)?;
                self.text(&target, *op)?;
                let value = part.clone();
                Expr::Text { property: target.property.id, member: target.member, op: *op, value }
            }
            Node::Lambda { path, quantifier, scope } => self.lambda(path, *quantifier, scope.as_ref())?,
            Node::Count { path, op, number } => self.count(path, *op, *number)?,
        })
    }

    fn lambda(
        &self,
        path: &str,
        quantifier: Quantifier,
        scope: Option<&Scope<'_>>,
    ) -> Result<Expr<S::Id>, Error> {
        let property = self.collection(path)?;
        let body = match scope {
            None => self.paired(Paired::Any.refusal(), self.reaches(property).map(|()| None))?,
            Some(Scope { variable, body }) => {
                let lambda = Lambda { property, variable, quantifier };
                let body = self.element(body, &lambda).and_then(|body| {
                    self.obeys_rule(property, &body)?;
                    Ok(Some(body))
                });
                match quantifier {
                    Quantifier::Any => body?,
                    Quantifier::All => self.paired(Paired::All.refusal(), body)?,
                }
            }
        };

        Ok(Expr::Lambda { property: property.id, quantifier, body })
    }

    fn count(&self, path: &str, op: Op, number: Counted) -> Result<Expr<S::Id>, Error> {
        let collection = self.collection(path).and_then(|property| {
            self.reaches(property)?;
            Ok(property.id)
        });
        let property = self.paired(Paired::Count.refusal(), collection)?;

        Ok(match number {
            Counted::Zero => Expr::Empty { property, empty: op == Op::Eq },
            Counted::One => Expr::Single { property, single: op == Op::Eq },
        })
    }

    fn element(&self, node: &Node<'_>, lambda: &Lambda<'_, S::Id>) -> Result<Element, Error> {
        Ok(match node {
            Node::And(parts) => Element::And(each(parts, |part| self.element(part, lambda))?),
            Node::Or(parts) => Element::Or(each(parts, |part| self.element(part, lambda))?),
            Node::Not(part) => {
                let part = self.negated().element(part, lambda);
                Element::Not(Box::new(self.paired(Paired::Not.refusal(), part)?))
            }
            Node::Compare { left, op, right } => {
                let (target, op, value) =
                    self.compare(left, *op, right, |path| self.element_target(path, lambda))?;
                // To say that no element is 'v', the whole lambda is negated.
                if value == Value::Null || (op == Op::Ne && lambda.quantifier == Quantifier::Any) {
                    return Err(self.unsupported(lambda.property));
                }
                Element::Compare { member: target.member, op, value }
            }
            Node::In { path, values } => {
                let target = self.element_target(path, lambda)?;
                Element::In { member: target.member, values: self.list(&target, values)? }
            }
            Node::Text { op, path, part } => {
                let target = self.element_target(path, lambda)?;
                self.text(&target, *op)?;
                Element::Text { member: target.member, op: *op, value: part.clone() }
            }
            Node::Lambda { .. } | Node::Count { .. } => return Err(self.unsupported(lambda.property)),
        })
    }

    fn obeys_rule(&self, property: &'static Property<S::Id>, body: &Element) -> Result<(), Error> {
        if property.edm != EdmType::ComplexCollection {
            return Ok(());
        }

        match self.schema.element_rule(property.id) {
            ElementRule::Single if is_single(body) => Ok(()),
            ElementRule::Single => Err(Error::ComplexQuery { property: property.name }),
            ElementRule::With(member) if joins_equalities_with(member, body) => Ok(()),
            ElementRule::With(_) => Err(self.unsupported(property)),
        }
    }

    /// Types `left op right`, one side of which `resolve` finds; the other becomes the value.
    fn compare(
        &self,
        left: &Operand<'_>,
        op: Op,
        right: &Operand<'_>,
        resolve: impl Fn(&str) -> Result<Target<S::Id>, Error>,
    ) -> Result<(Target<S::Id>, Op, Value), Error> {
        let (operand, literal, mirrored) = match (left, right) {
            (operand, Operand::Literal(literal)) => (operand, literal, op),
            (Operand::Literal(literal), operand) => (operand, literal, op.mirrored()),
            (Operand::Path(left) | Operand::Folded(left), Operand::Path(right) | Operand::Folded(right)) => {
                let left = resolve(left)?;
                resolve(right)?;
                return Err(self.unsupported(left.property));
            }
        };
        let target = match operand {
            Operand::Path(path) => resolve(path)?,
            Operand::Folded(path) => self.foldable(resolve(path)?)?,
            // The grammar has no comparison of two literals.
            Operand::Literal(_) => return Err(incompatible(literal.type_name(), literal.type_name(), op)),
        };

        let support = column(target.property, mirrored, literal);
        let value = match support {
            Support::Never => None,
            Support::Default | Support::Advanced => Some(self.typed(&target, literal).ok_or_else(|| {
                let (property, given) = (target.edm.name(), literal.type_name());
                match left {
                    Operand::Literal(_) => incompatible(given, property, op),
                    Operand::Path(_) | Operand::Folded(_) => incompatible(property, given, op),
                }
            })?),
        };
        if op == Op::Ne && self.pair == Advanced::No {
            return Err(Error::NotEqualsNeedsPair);
        }
        self.allows(target.property, support)?;

        match value {
            Some(value) => Ok((target, mirrored, value)),
            None => Err(self.unsupported(target.property)),
        }
    }

    fn list(&self, target: &Target<S::Id>, literals: &[Literal]) -> Result<Vec<Value>, Error> {
        let support = target.property.in_list;
        if support == Support::Never || literals.contains(&Literal::Null) {
            return Err(self.unsupported(target.property));
        }
        let values = literals
            .iter()
            .map(|literal| {
                self.typed(target, literal)
                    .ok_or_else(|| incompatible(target.edm.name(), literal.type_name(), Op::Eq))
            })
            .collect::<Result<_, _>>()?;
        self.allows(target.property, support)?;

        Ok(values)
    }

    fn text(&self, target: &Target<S::Id>, op: TextOp) -> Result<(), Error> {
        let support = match op {
            TextOp::StartsWith => target.property.startswith,
            TextOp::EndsWith => target.property.endswith,
            TextOp::Contains => target.property.contains,
        };
        match (op, self.pair) {
            (TextOp::EndsWith, Advanced::No) => return Err(Paired::EndsWith.refusal()),
            (TextOp::Contains, Advanced::No) => return Err(Error::ContainsNeedsPair),
            (TextOp::StartsWith, _) | (_, Advanced::Yes) => {}
        }
        if target.edm != EdmType::String {
            return Err(self.unsupported(target.property));
        }

        self.allows(target.property, support)
    }

    /// The literal as a value of the target's type, if it is one.
    fn typed(&self, target: &Target<S::Id>, literal: &Literal) -> Option<Value> {
        Some(match (target.edm, literal) {
            (EdmType::StringCollection | EdmType::ComplexCollection, _) => return None,
            (_, Literal::Null) => Value::Null,
            (EdmType::String, Literal::Text(text)) => Value::Text(text.clone()),
            // Members have no type of their own here, and some are GUIDs.
            (EdmType::String, Literal::Guid(guid)) if target.member.is_some() => {
                Value::Text(guid.to_string())
            }
            // Others are instants, and are called so.
            (EdmType::String, Literal::DateTime(instant))
                if target.member.is_some_and(|member| member.ends_with("DateTime")) =>
            {
                Value::DateTime(*instant)
            }
            (EdmType::Boolean, Literal::Bool(value)) => Value::Bool(*value),
            (EdmType::DateTimeOffset, Literal::DateTime(instant)) => Value::DateTime(*instant),
            (EdmType::DateTimeOffset, Literal::Text(text)) => Value::DateTime(literal::date_time(text)?),
            (EdmType::Guid, Literal::Guid(guid)) => Value::Guid(*guid),
            (EdmType::Guid, Literal::Text(text)) => Value::Guid(literal::guid(text)?),
            (EdmType::Int32, Literal::Integer(number)) => Value::Number(*number),
            _ => return None,
        })
    }

    fn target(&self, path: &str) -> Result<Target<S::Id>, Error> {
        let (head, member) = split(path);
        let property = self.schema.find(head).ok_or_else(|| self.unknown(head))?;
        let Some(member) = member else {
            return Ok(Target { property, member: None, edm: property.edm });
        };
        let member = property.member(member).ok_or_else(|| self.unknown(member))?;
        if property.edm.is_collection() {
            return Err(self.unsupported(property));
        }

        Ok(Target { property, member: Some(member), edm: EdmType::String })
    }

    fn element_target(&self, path: &str, lambda: &Lambda<'_, S::Id>) -> Result<Target<S::Id>, Error> {
        let property = lambda.property;
        let is_text = property.edm == EdmType::StringCollection;
        let (head, member) = split(path);
        if !head.eq_ignore_ascii_case(lambda.variable) {
            // A property of the entity, from inside the lambda: right in OData, served by nobody.
            return Err(if self.schema.find(head).is_some() {
                self.unsupported(property)
            } else {
                self.unknown(head)
            });
        }
        let Some(member) = member else {
            let edm = if is_text { EdmType::String } else { EdmType::Complex };
            return Ok(Target { property, member: None, edm });
        };
        let member = property.member(member).ok_or_else(|| self.unknown(member))?;
        let member = Some(member).filter(|member| !(is_text && *member == "value"));

        Ok(Target { property, member, edm: EdmType::String })
    }

    fn collection(&self, path: &str) -> Result<&'static Property<S::Id>, Error> {
        let Target { property, member, edm } = self.target(path)?;
        if member.is_none() && edm.is_collection() { Ok(property) } else { Err(self.unsupported(property)) }
    }

    fn foldable(&self, target: Target<S::Id>) -> Result<Target<S::Id>, Error> {
        // Text is compared without regard to case anyway, so folding one side changes nothing.
        if target.edm == EdmType::String { Ok(target) } else { Err(self.unsupported(target.property)) }
    }

    /// Whether `property` may be asked about in this way here.
    fn allows(&self, property: &'static Property<S::Id>, support: Support) -> Result<(), Error> {
        self.reaches(property)?;
        match (support, self.pair) {
            (Support::Default, _) | (Support::Advanced, Advanced::Yes) => Ok(()),
            (Support::Advanced, Advanced::No) => {
                Err(Error::ClauseNeedsPair { property: property.name, resource: self.schema.resource() })
            }
            (Support::Never, _) => Err(self.unsupported(property)),
        }
    }

    /// Whether `property` may stand here at all, be it under a `not`.
    fn reaches(&self, property: &'static Property<S::Id>) -> Result<(), Error> {
        if self.is_negated && property.not == Support::Never {
            Err(self.unsupported(property))
        } else {
            Ok(())
        }
    }

    /// `bound`, unless it needs the pair and the pair is missing. What makes no sense at all is said first.
    fn paired<T>(&self, refusal: Error, bound: Result<T, Error>) -> Result<T, Error> {
        match (self.pair, bound) {
            (Advanced::No, Err(error)) if error.is_malformed() => Err(error),
            (Advanced::No, _) => Err(refusal),
            (Advanced::Yes, bound) => bound,
        }
    }

    fn negated(&self) -> Self {
        Self { is_negated: true, ..*self }
    }

    fn unknown(&self, name: &str) -> Error {
        Error::UnknownProperty {
            clause: Clause::Filter,
            name: name.to_owned(),
            type_name: self.schema.type_name(),
        }
    }

    fn unsupported(&self, property: &'static Property<S::Id>) -> Error {
        Error::ClauseUnsupported { property: property.name, resource: self.schema.resource() }
    }
}

/// All parts, or what is worst about them: the first that makes no sense, else the first that is refused.
fn each<T>(nodes: &[Node<'_>], bind: impl Fn(&Node<'_>) -> Result<T, Error>) -> Result<Vec<T>, Error> {
    let mut parts = Vec::with_capacity(nodes.len());
    let mut refused = None;
    for node in nodes {
        match bind(node) {
            Ok(part) => parts.push(part),
            Err(error) if error.is_malformed() => return Err(error),
            Err(error) => {
                refused.get_or_insert(error);
            }
        }
    }

    refused.map_or(Ok(parts), Err)
}

fn column<P>(property: &Property<P>, op: Op, literal: &Literal) -> Support {
    match (op, literal) {
        (Op::Eq, Literal::Null) => property.eq_null,
        (Op::Eq, _) => property.eq,
        (Op::Ne, _) => property.ne,
        (Op::Gt | Op::Ge | Op::Lt | Op::Le, Literal::Null) => Support::Never,
        (Op::Gt | Op::Ge | Op::Lt | Op::Le, _) => property.order,
    }
}

fn incompatible(left: &'static str, right: &'static str, operator: Op) -> Error {
    Error::IncompatibleTypes { left, right, operator }
}

fn split(path: &str) -> (&str, Option<&str>) {
    path.split_once('/').map_or((path, None), |(head, member)| (head, Some(member)))
}

fn is_single(body: &Element) -> bool {
    match body {
        Element::And(_) | Element::Or(_) => false,
        Element::Not(part) => is_single(part),
        Element::Compare { .. } | Element::In { .. } | Element::Text { .. } => true,
    }
}

fn joins_equalities_with(companion: &str, body: &Element) -> bool {
    let parts = match body {
        Element::And(parts) => parts,
        other => slice::from_ref(other),
    };

    parts.iter().all(|part| matches!(part, Element::Compare { op: Op::Eq, .. }))
        && parts
            .iter()
            .any(|part| matches!(part, Element::Compare { member, .. } if *member == Some(companion)))
}

impl Paired {
    fn refusal(self) -> Error {
        Error::OperatorNeedsPair { operator: self }
    }
}
