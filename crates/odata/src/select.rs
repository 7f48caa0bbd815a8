//! `$select`: which properties an answer shows.

use crate::error::{Clause, Error};
use crate::schema::{Property, Schema, Selectable};

/// Which properties an answer shows.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Selection<P> {
    /// The default set: nothing was selected, or `*`.
    Default,
    /// These, in the order of the request, none twice.
    Listed(Vec<P>),
    /// The default set and these: `*` beside names.
    DefaultAnd(Vec<P>),
}

/// What is being selected from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Audience {
    /// A list of entities.
    Collection,
    /// One entity by its key.
    Single,
}

/// Reads a `$select`, already percent-decoded. Blank text selects the default set.
///
/// # Errors
///
/// [`Error::Syntax`] for an empty name, [`Error::UnknownProperty`], [`Error::SingleOnly`].
pub fn parse_select<S: Schema>(
    text: &str,
    schema: &S,
    audience: Audience,
) -> Result<Selection<S::Id>, Error> {
    if text.trim_ascii().is_empty() {
        return Ok(Selection::Default);
    }

    let mut has_star = false;
    let mut listed = Vec::new();
    let mut position = 1;
    for item in text.split(',') {
        match item.trim_ascii() {
            "" => return Err(Error::Syntax { clause: Clause::Select, position, text: text.to_owned() }),
            "*" => has_star = true,
            name => {
                let id = selectable(name, schema, audience)?.id;
                if !listed.contains(&id) {
                    listed.push(id);
                }
            }
        }
        position += item.chars().count() + 1;
    }

    Ok(match (has_star, listed.is_empty()) {
        (false, _) => Selection::Listed(listed),
        (true, true) => Selection::Default,
        (true, false) => Selection::DefaultAnd(listed),
    })
}

fn selectable<S: Schema>(
    name: &str,
    schema: &S,
    audience: Audience,
) -> Result<&'static Property<S::Id>, Error> {
    let unknown = || Error::UnknownProperty {
        clause: Clause::Select,
        name: name.to_owned(),
        type_name: schema.type_name(),
    };
    let property = schema.find(name).ok_or_else(unknown)?;
    match (property.selectable, audience) {
        (Selectable::Yes, _) | (Selectable::SingleOnly, Audience::Single) => Ok(property),
        (Selectable::SingleOnly, Audience::Collection) => Err(Error::SingleOnly { property: property.name }),
        (Selectable::Never, _) => Err(unknown()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{Asked, USER};

    fn on_a_list(text: &str) -> Result<Selection<Asked>, Error> {
        parse_select(text, &USER, Audience::Collection)
    }

    #[test]
    fn names_are_resolved_in_any_case_and_kept_in_the_order_of_the_request() {
        for (text, selected) in [
            ("displayName,id", Selection::Listed(vec![Asked::DisplayName, Asked::Id])),
            ("ID , displayname", Selection::Listed(vec![Asked::Id, Asked::DisplayName])),
            ("id,mail,ID", Selection::Listed(vec![Asked::Id, Asked::Mail])),
            ("*", Selection::Default),
            ("", Selection::Default),
            (" ", Selection::Default),
            ("companyName,*", Selection::DefaultAnd(vec![Asked::CompanyName])),
        ] {
            assert_eq!(on_a_list(text).unwrap(), selected, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_selected_is_named_as_it_was_written() {
        for (text, message) in [
            (
                "id,Shoesize",
                "Parsing OData Select and Expand failed: \
                 Could not find a property named 'Shoesize' on type 'microsoft.graph.user'.",
            ),
            (
                "signInNames",
                "Parsing OData Select and Expand failed: \
                 Could not find a property named 'signInNames' on type 'microsoft.graph.user'.",
            ),
            ("id,,mail", "Parsing OData Select and Expand failed: Syntax error at position 4 in 'id,,mail'."),
            ("aboutMe", "Not Implemented"),
        ] {
            assert_eq!(on_a_list(text).unwrap_err().to_string(), message, "{text}");
        }
    }

    #[test]
    fn one_entity_shows_what_a_list_does_not() {
        let selected = parse_select("aboutMe", &USER, Audience::Single).unwrap();

        assert_eq!(selected, Selection::Listed(vec![Asked::AboutMe]));
    }
}
