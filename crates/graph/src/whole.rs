//! Small collections that are held whole: pages and totals of them. They are not narrowed and not put in order, and whoever
//! asks for that is told so.

use vestibule_model::Caller;
use vestibule_odata as odata;
use vestibule_odata::Options;
use vestibule_odata::paging::parse_top;

use crate::Graph;
use crate::answer::Answer;
use crate::entity::{self, Entity, Kind};
use crate::error::GraphError;
use crate::facts::Facts;
use crate::page_token::{Continued, next_link};
use crate::users::options;

/// The most of `$top`.
const MOST: u32 = 999;

/// A collection, in its one order.
pub(crate) struct Whole<'a> {
    pub(crate) kind: &'a Kind,
    pub(crate) path: &'static str,
    /// What `$select` may name.
    pub(crate) template: Entity,
    /// Each with an `id` of its own.
    pub(crate) entities: Vec<Entity>,
}

impl Whole<'_> {
    /// The page that `query` asks for.
    ///
    /// # Errors
    ///
    /// A bad query, or one with an option that would have to be left out unsaid.
    pub(crate) fn answer(
        &self,
        graph: &Graph,
        facts: &mut Facts,
        caller: &Caller,
        query: &str,
    ) -> Result<Answer, GraphError> {
        let options = options(facts, query)?;
        check_served(&options)?;
        let top = page_size(graph, facts, &options)?;
        // As with users: the total stands on the first page only, and only with the header.
        let is_counted = options.asks_for_count()? && facts.is_eventual && options.skiptoken.is_none();
        let continued =
            Continued { version: facts.version, tenant: caller.tenant, path: self.path, options: &options };

        let rest = match &options.skiptoken {
            Some(token) => self.after(&graph.read_dated_page_token::<String>(&continued, token)?)?,
            None => &self.entities,
        };
        let page = &rest[..rest.len().min(top)];
        let link = match page.last().filter(|_| page.len() < rest.len()) {
            Some(last) => {
                let token = graph.dated_page_token(&continued, id(last))?;
                Some(next_link(&facts.base, self.path, query, &token))
            }
            None => None,
        };
        let total = is_counted.then_some(self.entities.len());
        entity::collection(facts, self.kind, options.select.as_deref(), page, (total, link), &self.template)
    }

    fn after(&self, last: &str) -> Result<&[Entity], GraphError> {
        let at = self.entities.iter().position(|entity| id(entity) == last);
        at.map(|at| &self.entities[at + 1..]).ok_or_else(GraphError::bad_page_token)
    }
}

fn id(entity: &Entity) -> &str {
    entity.iter().find(|(name, _)| *name == "id").and_then(|(_, value)| value.as_str()).unwrap_or_default()
}

fn page_size(graph: &Graph, facts: &Facts, options: &Options) -> Result<usize, GraphError> {
    let top = match &options.top {
        Some(top) => parse_top(top, MOST)?,
        None => facts.max_page_size.unwrap_or(graph.parts.settings.page_size).min(MOST),
    };
    Ok(top as usize)
}

fn check_served(options: &Options) -> Result<(), GraphError> {
    let asked = [(&options.filter, "$filter"), (&options.orderby, "$orderby")];
    match asked.into_iter().find(|(option, _)| option.is_some()) {
        Some((_, name)) => Err(odata::Error::UnrecognizedOption { name: name.to_owned() }.into()),
        None => Ok(()),
    }
}
