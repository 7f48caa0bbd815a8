//! Reading what was recorded.

use vestibule_model::reading::Reading;
use vestibule_model::{AuditEvent, AuditId, Caller, Context, Refusal};
use vestibule_store::read::audit::AuditQuery;

use crate::reading::standing;
use crate::{Directory, Error};

impl Directory {
    /// `GET /auditLogs/directoryAudits`: the events and where the next page begins.
    ///
    /// # Errors
    ///
    /// [`Error`]: `NotAllowed`, or `TooExpensive` when it would take too long.
    pub async fn audit_events(
        &self,
        caller: &Caller,
        query: AuditQuery,
        _context: &Context,
    ) -> Result<(Vec<AuditEvent>, Option<AuditId>), Error> {
        self.check_before(caller, Reading::Audit).await?;
        let deadline = self.settings.read_deadline;
        let page = self.store.audit_events(caller.tenant, &query, caller, deadline).await?;
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
