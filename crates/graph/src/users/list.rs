//! `GET /users`.

use http::StatusCode;
use serde::Serialize;
use vestibule_directory::PageKey;
use vestibule_directory::users::{ListUsers, Users};
use vestibule_model::Caller;
use vestibule_model::reading::Reading;
use vestibule_odata::filter;
use vestibule_odata::paging::{Metadata, parse_top};
use vestibule_odata::select::{Audience, Selection, parse_select};
use vestibule_odata::{Advanced, Options};

use super::{options, pair};
use crate::Graph;
use crate::answer::Answer;
use crate::error::GraphError;
use crate::facts::Facts;
use crate::page_token::{Continued, next_link};
use crate::schema::user::UserSchema;
use crate::wire::user::{Shown, WireUser};

const MOST: u32 = 999;

#[derive(Serialize)]
struct Page<'a> {
    #[serde(rename = "@odata.context", skip_serializing_if = "Option::is_none")]
    context: Option<String>,
    #[serde(rename = "@odata.count", skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
    #[serde(rename = "@odata.nextLink", skip_serializing_if = "Option::is_none")]
    next_link: Option<String>,
    value: Vec<WireUser<'a>>,
}

pub(crate) async fn answer(
    graph: &Graph,
    facts: &mut Facts,
    caller: &Caller,
    query: &str,
) -> Result<Answer, GraphError> {
    let opened = graph.parts.directory.check_before(caller, Reading::Users).await;
    opened.map_err(|error| GraphError::directory(error, facts.context.now))?;
    let options = options(facts, query)?;
    let asked = Asked::read(graph, facts, caller, &options)?;

    let found = graph.parts.directory.users(caller, asked.list, &facts.context).await;
    let users = found.map_err(|error| GraphError::directory(error, facts.context.now))?;

    let shown = asked.shown.limited_to_basics(users.is_basic);
    let page = page(graph, facts, caller, &options, query, &users, &shown)?;
    Ok(Answer::json(StatusCode::OK, facts, &page)?.costing(cost(&options)))
}

struct Asked {
    list: ListUsers,
    shown: Shown,
}

impl Asked {
    fn read(graph: &Graph, facts: &Facts, caller: &Caller, options: &Options) -> Result<Self, GraphError> {
        let schema = UserSchema(facts.version);
        let has_count = options.asks_for_count()?;
        let pair = pair(facts, has_count);
        let selection = match &options.select {
            Some(text) => parse_select(text, &schema, Audience::Collection)?,
            None => Selection::Default,
        };
        let filter = options.filter.as_deref().map(|text| filter::parse(text, &schema, pair)).transpose()?;
        let order = options.order(&schema, pair)?;
        let top = page_size(graph, facts, options)?;
        let after = match &options.skiptoken {
            Some(token) => Some(graph.read_page_token::<PageKey>(&continued(facts, caller, options), token)?),
            None => None,
        };
        // After a restore, tokens of the store that was are void.
        if after.as_ref().is_some_and(|key| key.epoch != graph.parts.directory.epoch()) {
            return Err(GraphError::bad_page_token());
        }

        Ok(Self {
            list: ListUsers {
                filter,
                order: order.iter().map(|key| (key.property, key.direction)).collect(),
                top: top as usize,
                // The total stands on the first page only, and only with the header.
                count: pair == Advanced::Yes && after.is_none(),
                after,
            },
            shown: Shown::new(selection, facts.version),
        })
    }
}

fn page_size(graph: &Graph, facts: &Facts, options: &Options) -> Result<u32, GraphError> {
    match (&options.top, facts.max_page_size) {
        (Some(top), _) => Ok(parse_top(top, MOST)?),
        (None, Some(preferred)) => Ok(preferred.min(MOST)),
        (None, None) => Ok(graph.parts.settings.page_size),
    }
}

fn continued<'a>(facts: &Facts, caller: &Caller, options: &'a Options) -> Continued<'a> {
    Continued { version: facts.version, tenant: caller.tenant, path: "/users", options }
}

fn page<'a>(
    graph: &Graph,
    facts: &'a Facts,
    caller: &Caller,
    options: &Options,
    query: &str,
    users: &'a Users,
    shown: &'a Shown,
) -> Result<Page<'a>, GraphError> {
    let next_link = match &users.next {
        Some(key) => {
            let token = graph.page_token(&continued(facts, caller, options), key)?;
            Some(next_link(&facts.base, "/users", query, &token))
        }
        None => None,
    };

    Ok(Page {
        context: (facts.metadata != Metadata::None).then(|| shown.context(&facts.base)),
        count: users.count,
        next_link,
        value: users.users.iter().map(|user| WireUser { user, shown, facts, context: None }).collect(),
    })
}

/// Resource units of a list: 2, one less with `$select`, one less with `$top` below 20, never below 1.
fn cost(options: &Options) -> i32 {
    let is_small = options.top.as_ref().and_then(|top| top.parse::<u32>().ok()).is_some_and(|top| top < 20);
    2 - i32::from(options.select.is_some()) - i32::from(is_small)
}
