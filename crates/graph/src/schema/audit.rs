//! The audit event's property table (`graph.md` 3.15).

use vestibule_model::audit::AuditProperty;
use vestibule_odata::schema::{EdmType, Property, Schema, Selectable, Support};

use AuditProperty as P;
use EdmType as T;

/// The directory audit.
#[derive(Clone, Copy, Debug)]
pub struct AuditSchema;

impl Schema for AuditSchema {
    type Id = AuditProperty;

    fn type_name(&self) -> &'static str {
        "microsoft.graph.directoryAudit"
    }

    fn resource(&self) -> &'static str {
        "DirectoryAudit"
    }

    fn properties(&self) -> &'static [Property<AuditProperty>] {
        AUDIT
    }
}

/// `eq` works on each. Where `startswith` works on one member of a property, it works on all.
const AUDIT: &[Property<AuditProperty>] = &[
    row(P::Id, "id", T::Guid),
    row(P::Category, "category", T::String),
    row(P::CorrelationId, "correlationId", T::Guid),
    row(P::Result, "result", T::String),
    searched(row(P::ActivityDisplayName, "activityDisplayName", T::String)),
    Property {
        order: Support::Default,
        orderby: Support::Default,
        ..row(P::ActivityDateTime, "activityDateTime", T::DateTimeOffset)
    },
    row(P::LoggedByService, "loggedByService", T::String),
    Property { members: INITIATORS, ..searched(row(P::InitiatedBy, "initiatedBy", T::Complex)) },
    Property {
        members: &["id", "displayName"],
        ..searched(row(P::TargetResources, "targetResources", T::ComplexCollection))
    },
];

const INITIATORS: &[&str] =
    &["user/id", "user/displayName", "user/userPrincipalName", "app/appId", "app/displayName"];

const fn row(id: AuditProperty, name: &'static str, edm: EdmType) -> Property<AuditProperty> {
    Property {
        id,
        name,
        edm,
        eq: Support::Default,
        ne: Support::Never,
        not: Support::Never,
        order: Support::Never,
        in_list: Support::Never,
        startswith: Support::Never,
        endswith: Support::Never,
        contains: Support::Never,
        eq_null: Support::Never,
        orderby: Support::Never,
        members: &[],
        selectable: Selectable::Yes,
    }
}

const fn searched(row: Property<AuditProperty>) -> Property<AuditProperty> {
    Property { startswith: Support::Default, ..row }
}
