//! What the store makes durable in one piece, all or nothing.

use vestibule_model::{AuditEvent, ChangeSet, Guard, Message, StateChange, TenantId};

/// One durable write: guards first, then everything that follows from the change.
#[derive(Clone, Debug)]
pub struct Unit {
    /// Every row written carries it.
    pub tenant: TenantId,
    /// What must still be true when this is applied.
    pub guards: Vec<Guard>,
    /// The directory's part, with its audit trail.
    pub change: Option<ChangeSet>,
    /// Codes, flows, sessions, counters.
    pub state: Vec<StateChange>,
    /// Records without a directory change: refusals, delivery, blocking.
    pub audit: Vec<AuditEvent>,
    /// Mail that this unit causes.
    pub outbox: Vec<Message>,
}

impl Unit {
    /// An empty unit of `tenant`.
    pub fn new(tenant: TenantId) -> Self {
        Self {
            tenant,
            guards: Vec::new(),
            change: None,
            state: Vec::new(),
            audit: Vec::new(),
            outbox: Vec::new(),
        }
    }
}
