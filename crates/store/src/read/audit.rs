//! What is asked about audit events.

use jiff::Timestamp;
use vestibule_model::{Activity, AuditEvent, AuditId, Caller, TenantId};

use super::directory::CallerRow;
use crate::{Store, StoreError};

/// A list of audit events.
#[derive(Clone, Debug, Default)]
pub struct AuditQuery {
    /// Only this activity.
    pub activity: Option<Activity>,
    /// Only with this object among the targets, by its id as text.
    pub target: Option<String>,
    /// Only from then on.
    pub from: Option<Timestamp>,
    /// Only until then.
    pub until: Option<Timestamp>,
    /// Oldest first; newest first otherwise.
    pub oldest_first: bool,
    /// How many at most.
    pub top: usize,
    /// After which one, in the order asked for.
    pub after: Option<AuditId>,
}

/// A page of audit events.
#[derive(Clone, Debug)]
pub struct AuditPage {
    /// Who asks, as known now.
    pub caller: CallerRow,
    /// The events.
    pub events: Vec<AuditEvent>,
    /// Where the next page begins.
    pub next: Option<AuditId>,
}

impl Store {
    /// A page of audit events.
    pub async fn audit_events(
        &self,
        tenant: TenantId,
        query: &AuditQuery,
        caller: &Caller,
    ) -> Result<AuditPage, StoreError> {
        let _ = (tenant, query, caller);
        todo!()
    }

    /// One event by id.
    pub async fn audit_event(
        &self,
        tenant: TenantId,
        id: AuditId,
        caller: &Caller,
    ) -> Result<(CallerRow, Option<AuditEvent>), StoreError> {
        let _ = (tenant, id, caller);
        todo!()
    }
}
