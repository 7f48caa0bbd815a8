//! `$orderby`: the order of a list.

use crate::error::{Clause, Error};
use crate::schema::{Advanced, Schema, Support};

/// One part of an order. Text is ordered without regard to case; a null comes before any value when ascending.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Key<P> {
    /// What to order by.
    pub property: P,
    /// Which way.
    pub direction: Direction,
}

/// Which way an order runs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Direction {
    /// Smallest first; the default.
    Ascending,
    /// Largest first.
    Descending,
}

/// Reads an `$orderby`, already percent-decoded. A property named again orders nothing more and is left out.
///
/// That a filter beside an order may need the advanced pair is for [`Options`](crate::Options) to say.
///
/// # Errors
///
/// [`Error::Syntax`], [`Error::UnknownProperty`], [`Error::SortingUnsupported`], [`Error::SortingNeedsPair`].
pub fn parse_orderby<S: Schema>(text: &str, schema: &S, pair: Advanced) -> Result<Vec<Key<S::Id>>, Error> {
    let mut keys: Vec<Key<S::Id>> = Vec::new();
    let mut position = 1;
    for item in text.split(',') {
        let syntax = || Error::Syntax { clause: Clause::OrderBy, position, text: text.to_owned() };
        let (name, direction) = words(item).ok_or_else(syntax)?;
        let property = sortable(name, schema, pair)?;
        if keys.iter().all(|key| key.property != property) {
            keys.push(Key { property, direction });
        }
        position += item.chars().count() + 1;
    }

    Ok(keys)
}

fn words(item: &str) -> Option<(&str, Direction)> {
    let mut words = item.split_ascii_whitespace();
    let name = words.next()?;
    let direction = match words.next() {
        None => Direction::Ascending,
        Some(word) if word.eq_ignore_ascii_case("asc") => Direction::Ascending,
        Some(word) if word.eq_ignore_ascii_case("desc") => Direction::Descending,
        Some(_) => return None,
    };

    words.next().is_none().then_some((name, direction))
}

fn sortable<S: Schema>(name: &str, schema: &S, pair: Advanced) -> Result<S::Id, Error> {
    let unknown = || Error::UnknownProperty {
        clause: Clause::OrderBy,
        name: name.to_owned(),
        type_name: schema.type_name(),
    };
    let property = schema.find(name).ok_or_else(unknown)?;
    match (property.orderby, pair) {
        (Support::Default, _) | (Support::Advanced, Advanced::Yes) => Ok(property.id),
        (Support::Advanced, Advanced::No) => Err(Error::SortingNeedsPair),
        (Support::Never, _) => Err(Error::SortingUnsupported),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{Asked, USER};

    #[test]
    fn keys_keep_their_order_and_their_direction() {
        use Direction::{Ascending, Descending};

        for (text, keys) in [
            ("displayName", vec![(Asked::DisplayName, Ascending)]),
            ("displayName asc", vec![(Asked::DisplayName, Ascending)]),
            ("DISPLAYNAME  DESC", vec![(Asked::DisplayName, Descending)]),
            (
                "displayName desc, userPrincipalName",
                vec![(Asked::DisplayName, Descending), (Asked::UserPrincipalName, Ascending)],
            ),
            ("displayName,displayName desc", vec![(Asked::DisplayName, Ascending)]),
        ] {
            let parsed = parse_orderby(text, &USER, Advanced::No).unwrap();

            let wanted: Vec<_> =
                keys.into_iter().map(|(property, direction)| Key { property, direction }).collect();
            assert_eq!(parsed, wanted, "{text}");
        }
    }

    #[test]
    fn an_order_that_cannot_be_says_why() {
        for (text, pair, error) in [
            ("createdDateTime", Advanced::No, Error::SortingNeedsPair),
            ("mail", Advanced::Yes, Error::SortingUnsupported),
            ("displayName sideways", Advanced::Yes, syntax(1, "displayName sideways")),
            ("displayName asc desc", Advanced::Yes, syntax(1, "displayName asc desc")),
            ("displayName,", Advanced::Yes, syntax(13, "displayName,")),
            ("", Advanced::Yes, syntax(1, "")),
        ] {
            assert_eq!(parse_orderby(text, &USER, pair).unwrap_err(), error, "{text}");
        }
    }

    #[test]
    fn an_unknown_property_is_named() {
        let error = parse_orderby("shoeSize", &USER, Advanced::No).unwrap_err();

        assert_eq!(
            error.to_string(),
            "Could not find a property named 'shoeSize' on type 'microsoft.graph.user'."
        );
    }

    #[test]
    fn an_order_of_the_advanced_column_works_with_the_pair() {
        let keys = parse_orderby("createdDateTime desc", &USER, Advanced::Yes).unwrap();

        assert_eq!(keys, [Key { property: Asked::CreatedDateTime, direction: Direction::Descending }]);
    }

    fn syntax(position: usize, text: &str) -> Error {
        Error::Syntax { clause: Clause::OrderBy, position, text: text.to_owned() }
    }
}
