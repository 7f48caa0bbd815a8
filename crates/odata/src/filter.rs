//! `$filter`: the typed tree, and the way to it.

use jiff::Timestamp;
use uuid::Uuid;

use crate::bind;
use crate::error::Error;
use crate::schema::{Advanced, Schema};
use crate::syntax;

/// How deep parentheses and lambdas may nest.
pub const MAX_DEPTH: usize = 100;

/// How many conditions one filter may hold.
pub const MAX_TERMS: usize = 200;

/// How many values one `in` may list.
pub const MAX_LIST: usize = 100;

/// A condition on one entity.
///
/// Trees from [`parse`] are flat: no `And` directly in an `And`, no `Or` in an `Or`, neither with fewer than two parts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Expr<P> {
    /// Every part holds.
    And(Vec<Expr<P>>),
    /// Some part holds.
    Or(Vec<Expr<P>>),
    /// The part does not hold.
    Not(Box<Expr<P>>),
    /// A single value against a literal.
    Compare {
        /// What is compared.
        property: P,
        /// The member of a complex property; `None` for any other, or where a complex property is compared with null.
        member: Option<&'static str>,
        /// How.
        op: Op,
        /// Of the property's type, text for a member; [`Value::Null`] only with [`Op::Eq`] and [`Op::Ne`].
        value: Value,
    },
    /// A single value is one of the literals.
    In {
        /// What is looked at.
        property: P,
        /// The member of a complex property.
        member: Option<&'static str>,
        /// One to [`MAX_LIST`], never [`Value::Null`].
        values: Vec<Value>,
    },
    /// A single text against a part of it.
    Text {
        /// What is searched.
        property: P,
        /// The member of a complex property.
        member: Option<&'static str>,
        /// Where the part must stand.
        op: TextOp,
        /// The part.
        value: String,
    },
    /// Elements of a collection.
    Lambda {
        /// The collection.
        property: P,
        /// How many elements must fit.
        quantifier: Quantifier,
        /// What fits. `None` is `any()`: the collection is not empty.
        body: Option<Element>,
    },
    /// `/$count eq 0` (empty) or `ne 0` (not empty).
    Empty {
        /// The collection.
        property: P,
        /// Whether it must be.
        empty: bool,
    },
    /// `/$count eq 1` (exactly one element) or `ne 1` (none, or several).
    Single {
        /// The collection.
        property: P,
        /// Whether it must be.
        single: bool,
    },
}

impl<P: Copy> Expr<P> {
    /// Whether `is_fit` holds for every property that the condition names.
    pub fn names_only(&self, is_fit: &impl Fn(P) -> bool) -> bool {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().all(|part| part.names_only(is_fit)),
            Self::Not(part) => part.names_only(is_fit),
            Self::Compare { property, .. }
            | Self::In { property, .. }
            | Self::Text { property, .. }
            | Self::Lambda { property, .. }
            | Self::Empty { property, .. }
            | Self::Single { property, .. } => is_fit(*property),
        }
    }
}

/// A condition on one element of a collection. `member` is `None` where the element is a text and is meant itself.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Element {
    /// Every part holds.
    And(Vec<Element>),
    /// Some part holds.
    Or(Vec<Element>),
    /// The part does not hold.
    Not(Box<Element>),
    /// The element against a literal.
    Compare {
        /// The member of a structured element.
        member: Option<&'static str>,
        /// How; [`Op::Ne`] only under [`Quantifier::All`].
        op: Op,
        /// Always a [`Value::Text`].
        value: Value,
    },
    /// The element is one of the literals.
    In {
        /// The member of a structured element.
        member: Option<&'static str>,
        /// One to [`MAX_LIST`], each a [`Value::Text`].
        values: Vec<Value>,
    },
    /// The element against a part of it.
    Text {
        /// The member of a structured element.
        member: Option<&'static str>,
        /// Where the part must stand.
        op: TextOp,
        /// The part.
        value: String,
    },
}

/// Comparison operators.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Op {
    /// `eq`
    Eq,
    /// `ne`
    Ne,
    /// `gt`
    Gt,
    /// `ge`
    Ge,
    /// `lt`
    Lt,
    /// `le`
    Le,
}

impl Op {
    /// As a filter writes it.
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Gt => "gt",
            Self::Ge => "ge",
            Self::Lt => "lt",
            Self::Le => "le",
        }
    }

    /// As messages of the OData library call it.
    pub(crate) const fn kind(self) -> &'static str {
        match self {
            Self::Eq => "Equal",
            Self::Ne => "NotEqual",
            Self::Gt => "GreaterThan",
            Self::Ge => "GreaterThanOrEqual",
            Self::Lt => "LessThan",
            Self::Le => "LessThanOrEqual",
        }
    }

    /// The operator that says the same with its operands exchanged.
    pub(crate) const fn mirrored(self) -> Self {
        match self {
            Self::Eq => Self::Eq,
            Self::Ne => Self::Ne,
            Self::Gt => Self::Lt,
            Self::Ge => Self::Le,
            Self::Lt => Self::Gt,
            Self::Le => Self::Ge,
        }
    }
}

/// Text functions.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TextOp {
    /// `startswith`
    StartsWith,
    /// `endswith`
    EndsWith,
    /// `contains`
    Contains,
}

impl TextOp {
    /// As a filter writes it.
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::StartsWith => "startswith",
            Self::EndsWith => "endswith",
            Self::Contains => "contains",
        }
    }
}

/// How many elements must fit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Quantifier {
    /// At least one.
    Any,
    /// Each, so also none of none.
    All,
}

impl Quantifier {
    /// As a filter writes it.
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::All => "all",
        }
    }
}

/// A literal, of its property's type.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Value {
    /// `null`
    Null,
    /// For [`String`](crate::EdmType::String) and for members and elements. As written; comparing ignores case.
    Text(String),
    /// For [`Boolean`](crate::EdmType::Boolean).
    Bool(bool),
    /// For [`Int32`](crate::EdmType::Int32); beyond 32 bits where the caller wrote so.
    Number(i64),
    /// For [`DateTimeOffset`](crate::EdmType::DateTimeOffset), in the years 0000 to 9999.
    DateTime(Timestamp),
    /// For [`Guid`](crate::EdmType::Guid).
    Guid(Uuid),
}

/// Reads a `$filter`, already percent-decoded.
///
/// # Errors
///
/// A syntax error or a broken limit first; then a name or a literal that does not fit the schema, wherever it stands; then
/// the first thing that is not supported, or not without the advanced pair.
pub fn parse<S: Schema>(text: &str, schema: &S, pair: Advanced) -> Result<Expr<S::Id>, Error> {
    bind::expression(&syntax::parse(text)?, schema, pair)
}

#[cfg(test)]
mod tests;
