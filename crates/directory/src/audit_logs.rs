//! Reading what was recorded.

use vestibule_model::{AuditEvent, AuditId, Caller, Context};
use vestibule_store::read::audit::AuditQuery;

use crate::{Directory, Error};

impl Directory {
    /// `GET /auditLogs/directoryAudits`: the events and where the next page begins.
    pub async fn audit_events(
        &self,
        caller: &Caller,
        query: AuditQuery,
        context: &Context,
    ) -> Result<(Vec<AuditEvent>, Option<AuditId>), Error> {
        let _ = (caller, query, context);
        todo!()
    }

    /// `GET /auditLogs/directoryAudits/{id}`.
    pub async fn audit_event(
        &self,
        caller: &Caller,
        id: &str,
        context: &Context,
    ) -> Result<AuditEvent, Error> {
        let _ = (caller, id, context);
        todo!()
    }
}
