//! A typed tree as the shortest filter that reads as that tree.

use std::fmt::{self, Display, Formatter};

use crate::filter::{Element, Expr, Op, Value};
use crate::schema::Schema;

impl<P> Expr<P> {
    /// The tree as text. [`filter::parse`](crate::filter::parse) reads it as the same tree again, if it made the tree.
    pub fn display<'a, S: Schema<Id = P>>(&'a self, schema: &'a S) -> Printed<'a, S> {
        Printed { expr: self, schema }
    }
}

/// A filter that can be written out; made by [`Expr::display`].
#[derive(Debug)]
pub struct Printed<'a, S: Schema> {
    expr: &'a Expr<S::Id>,
    schema: &'a S,
}

impl<S: Schema> Display for Printed<'_, S> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        tree(f, self.expr, &|f, leaf| self.leaf(f, leaf))
    }
}

/// How a tree joins its parts.
enum Shape<'a, T> {
    And(&'a [T]),
    Or(&'a [T]),
    Not(&'a T),
    Leaf,
}

trait Tree: Sized {
    fn shape(&self) -> Shape<'_, Self>;
}

impl<P> Tree for Expr<P> {
    fn shape(&self) -> Shape<'_, Self> {
        match self {
            Self::And(parts) => Shape::And(parts),
            Self::Or(parts) => Shape::Or(parts),
            Self::Not(part) => Shape::Not(part),
            Self::Compare { .. }
            | Self::In { .. }
            | Self::Text { .. }
            | Self::Lambda { .. }
            | Self::Empty { .. }
            | Self::Single { .. } => Shape::Leaf,
        }
    }
}

impl Tree for Element {
    fn shape(&self) -> Shape<'_, Self> {
        match self {
            Self::And(parts) => Shape::And(parts),
            Self::Or(parts) => Shape::Or(parts),
            Self::Not(part) => Shape::Not(part),
            Self::Compare { .. } | Self::In { .. } | Self::Text { .. } => Shape::Leaf,
        }
    }
}

type Leaf<'a, T> = dyn Fn(&mut Formatter<'_>, &T) -> fmt::Result + 'a;

fn tree<T: Tree>(f: &mut Formatter<'_>, node: &T, leaf: &Leaf<'_, T>) -> fmt::Result {
    match node.shape() {
        Shape::Leaf => leaf(f, node),
        Shape::Or(parts) => separated(f, parts, " or ", |f, part| tree(f, part, leaf)),
        Shape::And(parts) => separated(f, parts, " and ", |f, part| match part.shape() {
            Shape::Or(_) => parenthesised(f, part, leaf),
            Shape::And(_) | Shape::Not(_) | Shape::Leaf => tree(f, part, leaf),
        }),
        Shape::Not(part) => {
            f.write_str("not ")?;
            match part.shape() {
                Shape::Leaf => leaf(f, part),
                Shape::And(_) | Shape::Or(_) | Shape::Not(_) => parenthesised(f, part, leaf),
            }
        }
    }
}

fn parenthesised<T: Tree>(f: &mut Formatter<'_>, node: &T, leaf: &Leaf<'_, T>) -> fmt::Result {
    f.write_str("(")?;
    tree(f, node, leaf)?;
    f.write_str(")")
}

fn separated<T>(
    f: &mut Formatter<'_>,
    parts: &[T],
    separator: &str,
    mut write: impl FnMut(&mut Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(separator)?;
        }
        write(f, part)?;
    }

    Ok(())
}

impl<S: Schema> Printed<'_, S> {
    fn leaf(&self, f: &mut Formatter<'_>, leaf: &Expr<S::Id>) -> fmt::Result {
        match leaf {
            Expr::And(_) | Expr::Or(_) | Expr::Not(_) => tree(f, leaf, &|f, leaf| self.leaf(f, leaf)),
            Expr::Compare { property, member, op, value } => {
                compare(f, &path(self.name(*property), *member), *op, value)
            }
            Expr::In { property, member, values } => list(f, &path(self.name(*property), *member), values),
            Expr::Text { property, member, op, value } => {
                call(f, op.keyword(), &path(self.name(*property), *member), value)
            }
            Expr::Lambda { property, quantifier, body } => {
                write!(f, "{}/{}(", self.name(*property), quantifier.keyword())?;
                if let Some(body) = body {
                    f.write_str("x:")?;
                    tree(f, body, &element)?;
                }
                f.write_str(")")
            }
            Expr::Empty { property, empty } => count(f, self.name(*property), *empty, 0),
            Expr::Single { property, single } => count(f, self.name(*property), *single, 1),
        }
    }

    /// A property that the schema does not have cannot come from `parse`, and is given a name that `parse` refuses.
    fn name(&self, id: S::Id) -> &'static str {
        self.schema
            .properties()
            .iter()
            .find(|property| property.id == id)
            .map_or("?", |property| property.name)
    }
}

fn element(f: &mut Formatter<'_>, leaf: &Element) -> fmt::Result {
    match leaf {
        Element::And(_) | Element::Or(_) | Element::Not(_) => tree(f, leaf, &element),
        Element::Compare { member, op, value } => compare(f, &path("x", *member), *op, value),
        Element::In { member, values } => list(f, &path("x", *member), values),
        Element::Text { member, op, value } => call(f, op.keyword(), &path("x", *member), value),
    }
}

fn compare(f: &mut Formatter<'_>, path: &str, op: Op, value: &Value) -> fmt::Result {
    write!(f, "{path} {} ", op.keyword())?;
    literal(f, value)
}

fn list(f: &mut Formatter<'_>, path: &str, values: &[Value]) -> fmt::Result {
    write!(f, "{path} in (")?;
    separated(f, values, ",", literal)?;
    f.write_str(")")
}

fn call(f: &mut Formatter<'_>, function: &str, path: &str, part: &str) -> fmt::Result {
    write!(f, "{function}({path},")?;
    quoted(f, part)?;
    f.write_str(")")
}

fn count(f: &mut Formatter<'_>, name: &str, equals: bool, number: u8) -> fmt::Result {
    write!(f, "{name}/$count {} {number}", if equals { "eq" } else { "ne" })
}

fn path(head: &str, member: Option<&str>) -> String {
    member.map_or_else(|| head.to_owned(), |member| format!("{head}/{member}"))
}

fn literal(f: &mut Formatter<'_>, value: &Value) -> fmt::Result {
    match value {
        Value::Null => f.write_str("null"),
        Value::Text(text) => quoted(f, text),
        Value::Bool(value) => write!(f, "{value}"),
        Value::Number(number) => write!(f, "{number}"),
        Value::DateTime(instant) => write!(f, "{instant}"),
        Value::Guid(guid) => write!(f, "{guid}"),
    }
}

fn quoted(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    write!(f, "'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::filter::{self, MAX_DEPTH, Quantifier, TextOp};
    use crate::sample::{Asked, USER};
    use crate::schema::Advanced;

    #[test]
    fn a_tree_is_written_with_the_fewest_parentheses() {
        for (text, printed) in [
            (
                "((MAIL eq 'a')) or (userType eq 'b' and (mail eq 'c'))",
                "mail eq 'a' or userType eq 'b' and mail eq 'c'",
            ),
            (
                "(mail eq 'a' or mail eq 'b') and not(mail eq 'c')",
                "(mail eq 'a' or mail eq 'b') and not mail eq 'c'",
            ),
            ("not(not(mail eq 'a'))", "not (not mail eq 'a')"),
            ("'O''Brien' eq displayName", "displayName eq 'O''Brien'"),
            ("otherMails/any(o:o eq 'a' or o in ('b','c'))", "otherMails/any(x:x eq 'a' or x in ('b','c'))"),
            ("identities/any(i:i/issuer eq 'a')", "identities/any(x:x/issuer eq 'a')"),
            ("otherMails/any()", "otherMails/any()"),
            ("otherMails/$count ne 1", "otherMails/$count ne 1"),
            ("createdDateTime ge '2026-01-01'", "createdDateTime ge 2026-01-01T00:00:00Z"),
            ("id eq 'CBB896F9-8306-49D0-B56B-B8E39CD28825'", "id eq cbb896f9-8306-49d0-b56b-b8e39cd28825"),
        ] {
            let tree = filter::parse(text, &USER, Advanced::Yes).unwrap();

            assert_eq!(tree.display(&USER).to_string(), printed);
        }
    }

    #[test]
    fn the_deepest_tree_is_written_no_deeper() {
        let text = format!("{}mail eq 'a'{}", "not(".repeat(MAX_DEPTH), ")".repeat(MAX_DEPTH));
        let tree = filter::parse(&text, &USER, Advanced::Yes).unwrap();

        let printed = tree.display(&USER).to_string();

        assert_eq!(filter::parse(&printed, &USER, Advanced::Yes), Ok(tree));
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_as_the_same_tree(tree in expression()) {
            let text = tree.display(&USER).to_string();

            prop_assert_eq!(filter::parse(&text, &USER, Advanced::Yes), Ok(tree), "{}", text);
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,200}") {
            let _ = filter::parse(&text, &USER, Advanced::Yes);
        }

        #[test]
        fn any_words_of_the_grammar_are_read_to_what_prints_alike(words in vec(word(), 0..30)) {
            if let Ok(tree) = filter::parse(&words.concat(), &USER, Advanced::Yes) {
                let text = tree.display(&USER).to_string();
                prop_assert_eq!(filter::parse(&text, &USER, Advanced::Yes), Ok(tree), "{}", text);
            }
        }
    }

    fn word() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec![
            "mail",
            "otherMails",
            "identities/",
            "any(",
            "all(",
            "x:",
            "x",
            "x/issuer",
            " eq ",
            " ne ",
            " and ",
            " or ",
            "not ",
            "not(",
            "(",
            ")",
            ")",
            "'a'",
            "''",
            "'",
            "null",
            "true",
            "2026-01-01",
            "/$count",
            " in (",
            ",",
            "startswith(",
            "mail eq 'a'",
            "otherMails/any(x:x eq 'a')",
            "tolower(mail)",
            "0",
            "1",
            "“",
        ])
    }

    fn expression() -> impl Strategy<Value = Expr<Asked>> {
        leaf().prop_recursive(5, 40, 4, |inner| {
            prop_oneof![
                vec(inner.clone(), 2..4).prop_map(|parts| Expr::And(splice(parts, |part| match part {
                    Expr::And(parts) => Ok(parts),
                    other => Err(other),
                }))),
                vec(inner.clone(), 2..4).prop_map(|parts| Expr::Or(splice(parts, |part| match part {
                    Expr::Or(parts) => Ok(parts),
                    other => Err(other),
                }))),
                inner.prop_map(|part| Expr::Not(Box::new(part))),
            ]
        })
    }

    fn leaf() -> impl Strategy<Value = Expr<Asked>> {
        prop_oneof![
            compare(Just(Asked::Mail), text_value(), &[Op::Eq, Op::Ne, Op::Gt, Op::Ge, Op::Lt, Op::Le]),
            compare(
                Just(Asked::Id),
                any::<u128>().prop_map(|bits| Value::Guid(Uuid::from_u128(bits))),
                &[Op::Eq]
            ),
            compare(Just(Asked::CreatedDateTime), instant(), &[Op::Eq, Op::Ge, Op::Lt]),
            compare(Just(Asked::AccountEnabled), any::<bool>().prop_map(Value::Bool), &[Op::Eq, Op::Ne]),
            compare(Just(Asked::ErrorCode), any::<i64>().prop_map(Value::Number), &[Op::Eq, Op::Gt]),
            compare(Just(Asked::CompanyName), Just(Value::Null), &[Op::Eq, Op::Ne]),
            vec(text_value(), 1..5).prop_map(|values| Expr::In {
                property: Asked::Mail,
                member: None,
                values
            }),
            text_value().prop_map(|value| Expr::Compare {
                property: Asked::ExtensionAttributes,
                member: Some("extensionAttribute2"),
                op: Op::Eq,
                value,
            }),
            (text_op(), any_text()).prop_map(|(op, value)| Expr::Text {
                property: Asked::Mail,
                member: None,
                op,
                value
            }),
            any::<bool>().prop_map(|empty| Expr::Empty { property: Asked::ImAddresses, empty }),
            any::<bool>().prop_map(|single| Expr::Single { property: Asked::ImAddresses, single }),
            prop::option::of(elements()).prop_map(|body| Expr::Lambda {
                property: Asked::SignInNames,
                quantifier: Quantifier::Any,
                body
            }),
            elements().prop_map(|body| Expr::Lambda {
                property: Asked::SignInNames,
                quantifier: Quantifier::All,
                body: Some(body)
            }),
        ]
    }

    fn elements() -> impl Strategy<Value = Element> {
        let member = || prop::option::of(Just("type"));
        let leaf = prop_oneof![
            (member(), text_value()).prop_map(|(member, value)| Element::Compare {
                member,
                op: Op::Eq,
                value
            }),
            (member(), any_text()).prop_map(|(member, value)| Element::Text {
                member,
                op: TextOp::StartsWith,
                value
            }),
        ];

        leaf.prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                vec(inner.clone(), 2..4).prop_map(|parts| Element::And(splice(parts, |part| match part {
                    Element::And(parts) => Ok(parts),
                    other => Err(other),
                }))),
                vec(inner.clone(), 2..4).prop_map(|parts| Element::Or(splice(parts, |part| match part {
                    Element::Or(parts) => Ok(parts),
                    other => Err(other),
                }))),
                inner.prop_map(|part| Element::Not(Box::new(part))),
            ]
        })
    }

    fn compare(
        property: Just<Asked>,
        value: impl Strategy<Value = Value>,
        ops: &'static [Op],
    ) -> impl Strategy<Value = Expr<Asked>> {
        (property, prop::sample::select(ops), value).prop_map(|(property, op, value)| Expr::Compare {
            property,
            member: None,
            op,
            value,
        })
    }

    fn text_op() -> impl Strategy<Value = TextOp> {
        prop::sample::select(vec![TextOp::StartsWith, TextOp::EndsWith, TextOp::Contains])
    }

    fn text_value() -> impl Strategy<Value = Value> {
        any_text().prop_map(Value::Text)
    }

    fn any_text() -> impl Strategy<Value = String> {
        "[^\0]{0,12}|'{0,3}"
    }

    fn instant() -> impl Strategy<Value = Value> {
        const YEAR_ZERO: i64 = -62_167_219_200;
        (YEAR_ZERO..Timestamp::MAX.as_second(), 0..1_000_000_000)
            .prop_map(|(second, nanosecond)| Value::DateTime(Timestamp::new(second, nanosecond).unwrap()))
    }

    fn splice<T>(parts: Vec<T>, split: fn(T) -> Result<Vec<T>, T>) -> Vec<T> {
        parts.into_iter().flat_map(|part| split(part).unwrap_or_else(|other| vec![other])).collect()
    }
}
