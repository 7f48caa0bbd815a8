//! `$top`, `$count` and `$format`.

use crate::error::Error;

/// Reads a `$top`: how many entities a page holds, from 1 to `max`.
///
/// # Errors
///
/// [`Error::PageSize`] for anything else.
pub fn parse_top(text: &str, max: u32) -> Result<u32, Error> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(top) if is_number && (1..=max).contains(&top) => Ok(top),
        _ => Err(Error::PageSize { given: text.to_owned(), max }),
    }
}

/// Reads a `$count`: whether the total was asked for.
///
/// # Errors
///
/// [`Error::Count`] for anything but `true` and `false`.
pub fn parse_count(text: &str) -> Result<bool, Error> {
    match text {
        _ if text.eq_ignore_ascii_case("true") => Ok(true),
        _ if text.eq_ignore_ascii_case("false") => Ok(false),
        _ => Err(Error::Count { given: text.to_owned() }),
    }
}

/// How much JSON says about itself.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Metadata {
    /// Context and links.
    #[default]
    Minimal,
    /// Links alone.
    None,
    /// Also types, ids and edit links.
    Full,
}

impl Metadata {
    /// Reads a `$format`: `json`, or a media type as in an `Accept` header.
    ///
    /// # Errors
    ///
    /// [`Error::Format`] for anything that is not JSON, or has another amount of metadata.
    pub fn parse_format(text: &str) -> Result<Self, Error> {
        let refused = || Error::Format { given: text.to_owned() };
        if text.eq_ignore_ascii_case("json") {
            return Ok(Self::Minimal);
        }

        Self::parse_media_type(text).ok_or_else(refused)
    }

    /// Reads `application/json` with its parameters, of which only `odata.metadata` (or OData 4.01's `metadata`) counts.
    pub fn parse_media_type(text: &str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim_ascii);
        parts.next().filter(|essence| essence.eq_ignore_ascii_case("application/json"))?;
        let level = parts.filter_map(|parameter| parameter.split_once('=')).find(|(name, _)| {
            name.eq_ignore_ascii_case("odata.metadata") || name.eq_ignore_ascii_case("metadata")
        });

        match level {
            None => Some(Self::Minimal),
            Some((_, level)) if level.eq_ignore_ascii_case("minimal") => Some(Self::Minimal),
            Some((_, level)) if level.eq_ignore_ascii_case("none") => Some(Self::None),
            Some((_, level)) if level.eq_ignore_ascii_case("full") => Some(Self::Full),
            Some(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_holds_one_to_the_most() {
        for (text, max, top) in [("1", 999, 1), ("999", 999, 999), ("1000", 1000, 1000), ("05", 999, 5)] {
            assert_eq!(parse_top(text, max).unwrap(), top, "{text}");
        }
    }

    #[test]
    fn any_other_page_size_is_refused_with_the_bounds() {
        for text in ["0", "1000", "-1", "+5", "ten", "", "1.5", "99999999999999999999"] {
            assert_eq!(
                parse_top(text, 999).unwrap_err().to_string(),
                format!("Invalid page size specified: '{text}'. Must be between 1 and 999 inclusive.")
            );
        }
    }

    #[test]
    fn count_is_true_or_false_and_nothing_else() {
        assert_eq!(parse_count("true"), Ok(true));
        assert_eq!(parse_count("False"), Ok(false));
        assert_eq!(parse_count("1"), Err(Error::Count { given: "1".to_owned() }));
    }

    #[test]
    fn a_format_is_json_with_some_metadata() {
        for (text, metadata) in [
            ("json", Some(Metadata::Minimal)),
            ("JSON", Some(Metadata::Minimal)),
            ("application/json", Some(Metadata::Minimal)),
            ("application/json;odata.metadata=none", Some(Metadata::None)),
            ("application/json; odata.metadata=Full; charset=utf-8", Some(Metadata::Full)),
            ("application/json;odata.streaming=true;IEEE754Compatible=false", Some(Metadata::Minimal)),
            ("application/json;odata.metadata=verbose", None),
            ("application/xml", None),
            ("xml", None),
            ("", None),
        ] {
            let wanted = metadata.ok_or_else(|| Error::Format { given: text.to_owned() });
            assert_eq!(Metadata::parse_format(text), wanted, "{text}");
        }
    }
}
