//! The query string of a URL: which options it holds, each still as text.

use crate::error::Error;
use crate::orderby::{self, Key};
use crate::paging;
use crate::schema::{Advanced, Schema};

/// The options of one request, percent-decoded once and otherwise as written. None holds what was not sent.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Options {
    /// `$filter`, for [`filter::parse`](crate::filter::parse).
    pub filter: Option<String>,
    /// `$select`, for [`select::parse_select`](crate::select::parse_select).
    pub select: Option<String>,
    /// `$orderby`, for [`order`](Self::order).
    pub orderby: Option<String>,
    /// `$top`, for [`paging::parse_top`].
    pub top: Option<String>,
    /// `$count`, for [`asks_for_count`](Self::asks_for_count).
    pub count: Option<String>,
    /// `$skiptoken`, which only its maker can read.
    pub skiptoken: Option<String>,
    /// `$format`, for [`Metadata::parse_format`](crate::paging::Metadata::parse_format).
    pub format: Option<String>,
}

/// Options of OData that are not served, so that leaving them out unsaid would answer something else than was asked.
const UNSERVED: [&str; 6] = ["search", "expand", "apply", "compute", "levels", "deltatoken"];

impl Options {
    /// Takes a query string apart, without its `?`. Names are read in any case, with or without their `$`; names without
    /// one that are no option are somebody else's and left out.
    ///
    /// # Errors
    ///
    /// [`Error::Encoding`], [`Error::Skip`], [`Error::UnrecognizedOption`], [`Error::DuplicateOption`].
    pub fn parse(query: &str) -> Result<Self, Error> {
        let mut options = Self::default();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            options.take(decode(name)?, decode(value)?)?;
        }

        Ok(options)
    }

    fn take(&mut self, written: String, value: String) -> Result<(), Error> {
        let lower = written.to_ascii_lowercase();
        let bare = lower.strip_prefix('$').unwrap_or(&lower);
        let (slot, name) = match bare {
            "filter" => (&mut self.filter, "$filter"),
            "select" => (&mut self.select, "$select"),
            "orderby" => (&mut self.orderby, "$orderby"),
            "top" => (&mut self.top, "$top"),
            "count" => (&mut self.count, "$count"),
            "skiptoken" => (&mut self.skiptoken, "$skiptoken"),
            "format" => (&mut self.format, "$format"),
            "skip" => return Err(Error::Skip),
            _ if lower.starts_with('$') || UNSERVED.contains(&bare) => {
                return Err(Error::UnrecognizedOption { name: written });
            }
            _ => return Ok(()),
        };

        match slot.replace(value) {
            None => Ok(()),
            Some(_) => Err(Error::DuplicateOption { name }),
        }
    }

    /// Whether `$count=true` was sent: half of the advanced pair.
    ///
    /// # Errors
    ///
    /// [`Error::Count`].
    pub fn asks_for_count(&self) -> Result<bool, Error> {
        self.count.as_deref().map_or(Ok(false), paging::parse_count)
    }

    /// The order asked for; empty if none was. Beside a filter, an order needs the advanced pair.
    ///
    /// # Errors
    ///
    /// As [`orderby::parse_orderby`], and [`Error::SortingNeedsPair`] beside a filter.
    pub fn order<S: Schema>(&self, schema: &S, pair: Advanced) -> Result<Vec<Key<S::Id>>, Error> {
        let Some(text) = &self.orderby else {
            return Ok(Vec::new());
        };
        let keys = orderby::parse_orderby(text, schema, pair)?;
        if self.filter.is_some() && pair == Advanced::No {
            return Err(Error::SortingNeedsPair);
        }

        Ok(keys)
    }
}

/// Undoes `application/x-www-form-urlencoded`: `%` and two hexadecimal digits are a byte, `+` is a space.
fn decode(text: &str) -> Result<String, Error> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => {
                let (high, low) = (hex(bytes.next())?, hex(bytes.next())?);
                high << 4 | low
            }
            other => other,
        });
    }

    String::from_utf8(decoded).map_err(|_| Error::Encoding)
}

fn hex(digit: Option<u8>) -> Result<u8, Error> {
    match digit {
        Some(digit @ b'0'..=b'9') => Ok(digit - b'0'),
        Some(digit @ b'a'..=b'f') => Ok(digit - b'a' + 10),
        Some(digit @ b'A'..=b'F') => Ok(digit - b'A' + 10),
        _ => Err(Error::Encoding),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::orderby::Direction;
    use crate::sample::{Asked, USER};

    #[test]
    fn options_are_found_under_any_spelling_of_their_names() {
        for query in [
            "$filter=mail+eq+'a'&$top=5",
            "%24filter=mail%20eq%20'a'&TOP=5",
            "filter=mail%20eq%20%27a%27&$Top=5&utm_source=x&utm_source=y&",
        ] {
            let options = Options::parse(query).unwrap();

            let wanted = Options {
                filter: Some("mail eq 'a'".to_owned()),
                top: Some("5".to_owned()),
                ..Options::default()
            };
            assert_eq!(options, wanted, "{query}");
        }
    }

    #[test]
    fn values_are_decoded_once() {
        for (query, filter) in [
            (
                "$filter=endsWith(userPrincipalName,'%23EXT%23@contoso.com')",
                "endsWith(userPrincipalName,'#EXT#@contoso.com')",
            ),
            ("$filter=%2523", "%23"),
            ("$filter=a%2Bb+c=d", "a+b c=d"),
            ("$filter=%EA%B0%80", "가"),
            ("$filter", ""),
        ] {
            assert_eq!(Options::parse(query).unwrap().filter.as_deref(), Some(filter), "{query}");
        }
    }

    #[test]
    fn what_is_no_option_here_is_refused_as_it_was_written() {
        let unrecognized = |name: &str| Error::UnrecognizedOption { name: name.to_owned() };
        for (query, error) in [
            ("$search=%22a%22", unrecognized("$search")),
            ("$Expand=manager", unrecognized("$Expand")),
            ("search=%22a%22", unrecognized("search")),
            ("$apply=x", unrecognized("$apply")),
            ("$foo=1", unrecognized("$foo")),
            ("$skip=10", Error::Skip),
            ("SKIP=10", Error::Skip),
            ("$top=1&$top=1", Error::DuplicateOption { name: "$top" }),
            ("$orderBy=id&orderby=id", Error::DuplicateOption { name: "$orderby" }),
            ("$filter=%", Error::Encoding),
            ("$filter=%2", Error::Encoding),
            ("$filter=%+1", Error::Encoding),
            ("$filter=%FF", Error::Encoding),
        ] {
            assert_eq!(Options::parse(query).unwrap_err(), error, "{query}");
        }
    }

    #[test]
    fn the_message_names_the_option() {
        assert_eq!(
            Options::parse("$search=x").unwrap_err().to_string(),
            "Unrecognized query argument specified: '$search'."
        );
        assert_eq!(Error::Skip.to_string(), "'$skip' is not supported by the service.");
    }

    #[test]
    fn an_order_beside_a_filter_needs_the_pair() {
        let options = Options::parse("$filter=userType eq 'Guest'&$orderby=displayName").unwrap();

        let error = options.order(&USER, Advanced::No).unwrap_err();
        let keys = options.order(&USER, Advanced::Yes).unwrap();

        assert_eq!(error.to_string(), "Sorting not supported for current query.");
        assert_eq!(keys, [Key { property: Asked::DisplayName, direction: Direction::Ascending }]);
    }

    #[test]
    fn no_order_is_an_empty_one() {
        let options = Options::parse("$filter=userType eq 'Guest'").unwrap();

        assert_eq!(options.order(&USER, Advanced::No), Ok(Vec::new()));
    }

    #[test]
    fn a_count_is_asked_for_by_true_alone() {
        for (query, asked) in [("", Ok(false)), ("$count=true", Ok(true)), ("$count=false", Ok(false))] {
            assert_eq!(Options::parse(query).unwrap().asks_for_count(), asked, "{query}");
        }
    }
}
