//! What a query can ask about an audit event.

/// A property of an audit event that a query can name. The wire name of each stands in the property table of `graph`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "Graph's directoryAudit properties of the same name")]
pub enum AuditProperty {
    Id,
    ActivityDateTime,
    ActivityDisplayName,
    Category,
    CorrelationId,
    InitiatedBy,
    LoggedByService,
    Result,
    TargetResources,
}
