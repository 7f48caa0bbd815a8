//! Reading what was recorded. What a filter means stands in `filter`.

mod filter;

use std::time::Duration;

use vestibule_model::audit::AuditProperty;
use vestibule_model::reading::Reading;
use vestibule_model::{AuditEvent, AuditId, Caller, Context, Refusal};
use vestibule_odata::filter::Expr;
use vestibule_store::StoreError;
use vestibule_store::read::audit::AuditQuery;

use crate::reading::standing;
use crate::{Directory, Error};

/// How many events are looked at in one turn when no column says which ones fit.
const TURN: usize = 1000;

/// A list as a surface asks for it.
#[derive(Clone, Debug)]
pub struct ListAudits {
    /// Which.
    pub filter: Option<Expr<AuditProperty>>,
    /// Oldest first; newest first otherwise.
    pub oldest_first: bool,
    /// How many at most.
    pub top: usize,
    /// After which one, in the order asked for.
    pub after: Option<AuditId>,
}

/// Events, and where the next page begins.
type Page = (Vec<AuditEvent>, Option<AuditId>);

impl Directory {
    /// `GET /auditLogs/directoryAudits`: the events and where the next page begins.
    ///
    /// # Errors
    ///
    /// [`Error`]: `NotAllowed`, or `TooExpensive` when it would take too long or look at too many.
    pub async fn audit_events(
        &self,
        caller: &Caller,
        list: ListAudits,
        _context: &Context,
    ) -> Result<Page, Error> {
        self.check_before(caller, Reading::Audit).await?;
        let ListAudits { filter, oldest_first, top, after } = list;
        let query = AuditQuery { oldest_first, top, after, ..AuditQuery::default() };
        let (query, rest) = filter::split(query, filter);
        if rest.is_empty() {
            return self.audit_page(caller, &query).await;
        }

        let deadline = Duration::try_from(self.settings.read_deadline).unwrap_or_default();
        let rest = Expr::And(rest);
        let search = self.search(caller, query, &rest);
        tokio::time::timeout(deadline, search).await.unwrap_or(Err(Refusal::TooExpensive.into()))
    }

    /// Reads on until a page is full of what fits.
    async fn search(
        &self,
        caller: &Caller,
        query: AuditQuery,
        rest: &Expr<AuditProperty>,
    ) -> Result<Page, Error> {
        let top = query.top;
        let mut query = AuditQuery { top: TURN, ..query };
        let mut fitting = Vec::new();
        let mut seen = 0;
        loop {
            let (events, next) = self.audit_page(caller, &query).await?;
            seen += events.len() as u64;
            fitting.extend(events.into_iter().filter(|event| filter::fits(rest, event)));
            if fitting.len() > top || next.is_none() {
                break;
            }
            if seen >= self.store.scan_rows() {
                return Err(StoreError::TooExpensive.into());
            }
            query.after = next;
        }

        let is_more = fitting.len() > top;
        fitting.truncate(top);
        let next = fitting.last().filter(|_| is_more).map(|event| event.id);
        Ok((fitting, next))
    }

    async fn audit_page(&self, caller: &Caller, query: &AuditQuery) -> Result<Page, Error> {
        let deadline = self.settings.read_deadline;
        let page = self.store.audit_events(caller.tenant, query, caller, deadline).await?;
        Reading::Audit.sight(&standing(caller, &page.caller)?)?;

        Ok((page.events, page.next))
    }

    /// `GET /auditLogs/directoryAudits/{id}`.
    ///
    /// # Errors
    ///
    /// [`Error`]: `NotAllowed` before `NotFound`.
    pub async fn audit_event(
        &self,
        caller: &Caller,
        id: &str,
        _context: &Context,
    ) -> Result<AuditEvent, Error> {
        let missing = || Error::Refused(Refusal::NotFound { key: id.to_owned() });
        let Ok(event) = id.parse::<AuditId>() else {
            self.read_tenant(caller, Reading::Audit).await?;
            return Err(missing());
        };
        let (row, event) = self.store.audit_event(caller.tenant, event, caller).await?;
        Reading::Audit.sight(&standing(caller, &row)?)?;

        event.ok_or_else(missing)
    }
}
