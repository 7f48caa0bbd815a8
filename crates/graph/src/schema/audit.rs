//! The audit event's property table, as far as this release can filter (`graph.md` 3.15).

use vestibule_odata::schema::{EdmType, Property, Schema, Selectable, Support};

/// A property of an audit event that a query can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "Graph's directoryAudit properties of the same name")]
pub enum AuditProperty {
    ActivityDateTime,
    ActivityDisplayName,
    TargetResources,
}

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
        const { &[DATE_TIME, DISPLAY_NAME, TARGETS] }
    }
}

const DATE_TIME: Property<AuditProperty> = Property {
    eq: Support::Default,
    order: Support::Default,
    orderby: Support::Default,
    ..plain(AuditProperty::ActivityDateTime, "activityDateTime", EdmType::DateTimeOffset)
};

const DISPLAY_NAME: Property<AuditProperty> = Property {
    eq: Support::Default,
    ..plain(AuditProperty::ActivityDisplayName, "activityDisplayName", EdmType::String)
};

const TARGETS: Property<AuditProperty> = Property {
    eq: Support::Default,
    members: &["id"],
    ..plain(AuditProperty::TargetResources, "targetResources", EdmType::ComplexCollection)
};

const fn plain(id: AuditProperty, name: &'static str, edm: EdmType) -> Property<AuditProperty> {
    Property {
        id,
        name,
        edm,
        eq: Support::Never,
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
