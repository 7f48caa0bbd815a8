//! `/users`: one verb a file.

pub(crate) mod count;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
mod patch;
pub(crate) mod update;

use uuid::Uuid;
use vestibule_directory::UserKey;
use vestibule_odata::{Advanced, Options};

use crate::error::GraphError;
use crate::facts::Facts;

/// A key is an object id when it is a GUID, else a user principal name.
fn user_key(key: &str) -> UserKey {
    match guid(key) {
        Some(id) => UserKey::Id(id.into()),
        None => UserKey::Upn(key.to_owned()),
    }
}

/// A GUID as Graph writes them: with dashes, in any case, without braces.
pub(crate) fn guid(text: &str) -> Option<Uuid> {
    const LENGTH: usize = 36;
    if text.len() == LENGTH { Uuid::try_parse(text).ok() } else { None }
}

/// The options of a read, with the metadata level that `$format` may set.
pub(crate) fn options(facts: &mut Facts, query: &str) -> Result<Options, GraphError> {
    let options = Options::parse(query)?;
    if let Some(format) = &options.format {
        facts.metadata = vestibule_odata::paging::Metadata::parse_format(format)?;
    }
    Ok(options)
}

/// The advanced pair: the header and `$count=true`.
fn pair(facts: &Facts, has_count: bool) -> Advanced {
    match facts.is_eventual && has_count {
        true => Advanced::Yes,
        false => Advanced::No,
    }
}
