//! A schema for tests: from each kind of row of Microsoft Graph's user one or two.

use crate::schema::Support::{Advanced as A, Default as D, Never as N};
use crate::schema::{EdmType, ElementRule, Property, Schema, Selectable, Support};

/// The schema that tests ask.
pub(crate) const USER: Users = Users;

/// Its type.
pub(crate) struct Users;

/// Its properties.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Asked {
    Id,
    AboutMe,
    AccountEnabled,
    AssignedLicenses,
    CompanyName,
    CreatedDateTime,
    DisplayName,
    ErrorCode,
    ExtensionAttributes,
    ExternalUserState,
    Identities,
    ImAddresses,
    InitiatedBy,
    Mail,
    OtherMails,
    PasswordProfile,
    ProxyAddresses,
    SignInNames,
    UserPrincipalName,
    UserType,
}

impl Schema for Users {
    type Id = Asked;

    fn type_name(&self) -> &'static str {
        "microsoft.graph.user"
    }

    fn resource(&self) -> &'static str {
        "User"
    }

    fn properties(&self) -> &'static [Property<Asked>] {
        &PROPERTIES
    }

    fn element_rule(&self, property: Asked) -> ElementRule {
        if property == Asked::Identities { ElementRule::With("issuer") } else { ElementRule::Single }
    }
}

/// In the order of the columns: eq, ne, not, order, in, startswith, endswith, eq null, orderby. `contains` goes with `ne`.
const fn row(id: Asked, name: &'static str, edm: EdmType, columns: [Support; 9]) -> Property<Asked> {
    let [eq, ne, not, order, in_list, startswith, endswith, eq_null, orderby] = columns;
    Property {
        id,
        name,
        edm,
        eq,
        ne,
        not,
        order,
        in_list,
        startswith,
        endswith,
        contains: ne,
        eq_null,
        orderby,
        members: &[],
        selectable: Selectable::Yes,
    }
}

const fn with_members(property: Property<Asked>, members: &'static [&'static str]) -> Property<Asked> {
    Property { members, ..property }
}

const fn selectable(property: Property<Asked>, selectable: Selectable) -> Property<Asked> {
    Property { selectable, ..property }
}

static PROPERTIES: [Property<Asked>; 20] = [
    row(Asked::Id, "id", EdmType::Guid, [D, A, A, N, D, N, N, N, N]),
    selectable(row(Asked::AboutMe, "aboutMe", EdmType::String, [N; 9]), Selectable::SingleOnly),
    row(Asked::AccountEnabled, "accountEnabled", EdmType::Boolean, [D, A, A, N, D, N, N, A, N]),
    with_members(
        row(
            Asked::AssignedLicenses,
            "assignedLicenses",
            EdmType::ComplexCollection,
            [D, N, A, N, N, N, N, N, N],
        ),
        &["skuId", "disabledPlans"],
    ),
    row(Asked::CompanyName, "companyName", EdmType::String, [A, A, A, A, A, A, N, A, N]),
    row(Asked::CreatedDateTime, "createdDateTime", EdmType::DateTimeOffset, [D, A, A, D, A, N, N, N, A]),
    row(Asked::DisplayName, "displayName", EdmType::String, [D, A, A, D, D, D, N, A, D]),
    row(Asked::ErrorCode, "errorCode", EdmType::Int32, [D, A, A, D, D, N, N, A, N]),
    with_members(
        row(
            Asked::ExtensionAttributes,
            "onPremisesExtensionAttributes",
            EdmType::Complex,
            [A, A, A, N, A, N, N, A, N],
        ),
        &["extensionAttribute1", "extensionAttribute2"],
    ),
    row(Asked::ExternalUserState, "externalUserState", EdmType::String, [D, A, A, N, D, N, N, A, N]),
    with_members(
        row(Asked::Identities, "identities", EdmType::ComplexCollection, [D, N, A, N, N, N, N, N, N]),
        &["issuer", "issuerAssignedId", "signInType"],
    ),
    row(Asked::ImAddresses, "imAddresses", EdmType::StringCollection, [D, A, A, D, N, D, N, N, N]),
    with_members(
        row(Asked::InitiatedBy, "initiatedBy", EdmType::Complex, [D, N, N, N, N, D, N, N, N]),
        &["user/id", "user/userPrincipalName", "app/appId"],
    ),
    row(Asked::Mail, "mail", EdmType::String, [D, A, A, D, D, D, A, A, N]),
    row(Asked::OtherMails, "otherMails", EdmType::StringCollection, [D, N, A, D, D, D, A, N, N]),
    row(Asked::PasswordProfile, "passwordProfile", EdmType::Complex, [N; 9]),
    row(Asked::ProxyAddresses, "proxyAddresses", EdmType::StringCollection, [D, N, A, D, N, D, A, N, N]),
    selectable(
        with_members(
            row(Asked::SignInNames, "signInNames", EdmType::StringCollection, [D, N, A, N, N, D, N, N, N]),
            &["value", "type"],
        ),
        Selectable::Never,
    ),
    row(Asked::UserPrincipalName, "userPrincipalName", EdmType::String, [D, A, A, D, D, D, A, N, D]),
    row(Asked::UserType, "userType", EdmType::String, [D, A, A, N, D, N, N, A, N]),
];
