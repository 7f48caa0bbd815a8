//! Where each property of a user stands in the tables. The match is exhaustive: a property without a place does not compile.

use vestibule_model::user::PropertyValue;
use vestibule_model::{User, UserProperty};

use crate::addresses::{fold, kind};
use crate::sql::{Kind, Value};

/// Where a property stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The object id.
    Id,
    /// A column of `directory_user`.
    Column(Column),
    /// `extension_attribute_1` to `15`.
    Attributes,
    /// Keys of `user_address` with one of these kinds.
    Addresses(i64),
    /// Proxy addresses: keys with and without a prefix.
    Proxies,
    /// Names that one signs in with; their type is in the kind.
    SignInNames,
    /// Keys of three parts.
    Identities,
    /// A single value that nobody has, or that is in the document only and that no filter may name.
    Nothing,
    /// A collection that is always empty.
    NoElements,
}

/// A column that holds one property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    /// Its name.
    pub(crate) name: &'static str,
    /// What it holds.
    pub(crate) holds: Holds,
    /// Whether it may be null.
    pub(crate) is_nullable: bool,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    /// Folded text.
    Text,
    /// 0 or 1.
    Bool,
    /// Microseconds.
    Instant,
}

const fn text(name: &'static str) -> Place {
    Place::Column(Column { name, holds: Holds::Text, is_nullable: true })
}

const fn full(name: &'static str, holds: Holds) -> Place {
    Place::Column(Column { name, holds, is_nullable: false })
}

const fn nullable(name: &'static str, holds: Holds) -> Place {
    Place::Column(Column { name, holds, is_nullable: true })
}

/// Where `property` stands.
pub(crate) const fn place(property: UserProperty) -> Place {
    use UserProperty as P;
    match property {
        P::Id => Place::Id,
        P::DeletedDateTime => nullable("deleted_at", Holds::Instant),
        P::AccountEnabled => full("account_enabled", Holds::Bool),
        P::AgeGroup => text("age_group"),
        P::BusinessPhones => Place::Addresses(kind::BUSINESS_PHONE),
        P::City => text("city"),
        P::CompanyName => text("company_name"),
        P::ConsentProvidedForMinor => text("consent_provided_for_minor"),
        P::Country => text("country"),
        P::CreatedDateTime => full("created_at", Holds::Instant),
        P::CreationType => text("creation_type"),
        P::Department => text("department"),
        P::DisplayName => full("display_name", Holds::Text),
        P::EmployeeId => text("employee_id"),
        P::EmployeeType => text("employee_type"),
        P::ExternalUserState => text("external_user_state"),
        P::ExternalUserStateChangeDateTime => nullable("external_user_state_changed_at", Holds::Instant),
        P::FaxNumber => text("fax_number"),
        P::GivenName => text("given_name"),
        P::Identities => Place::Identities,
        P::ImAddresses => Place::Addresses(kind::IM_ADDRESS),
        P::JobTitle => text("job_title"),
        P::Mail => text("mail"),
        P::MailNickname => full("mail_nickname", Holds::Text),
        P::MobilePhone => text("mobile_phone"),
        P::OfficeLocation => text("office_location"),
        P::OnPremisesExtensionAttributes => Place::Attributes,
        P::OnPremisesImmutableId => text("on_premises_immutable_id"),
        P::OtherMails => Place::Addresses(kind::OTHER_MAIL),
        P::PasswordPolicies => text("password_policies"),
        P::PostalCode => text("postal_code"),
        P::PreferredLanguage => text("preferred_language"),
        P::ProxyAddresses => Place::Proxies,
        P::ShowInAddressList => nullable("show_in_address_list", Holds::Bool),
        P::SignInNames => Place::SignInNames,
        P::State => text("state"),
        P::StreetAddress => text("street_address"),
        P::Surname => text("surname"),
        P::UsageLocation => text("usage_location"),
        P::UserPrincipalName => full("user_principal_name", Holds::Text),
        P::UserType => full("user_type", Holds::Text),
        P::OnPremisesSyncEnabled
        | P::SecurityIdentifier
        | P::PasswordProfile
        | P::SignInActivity
        | P::RefreshTokensValidFromDateTime
        | P::SignInSessionsValidFromDateTime
        | P::AboutMe
        | P::Birthday
        | P::HireDate
        | P::MySite
        | P::PreferredName
        | P::MailboxSettings => Place::Nothing,
        P::AssignedLicenses
        | P::AssignedPlans
        | P::ProvisionedPlans
        | P::Interests
        | P::PastProjects
        | P::Responsibilities
        | P::Schools
        | P::Skills => Place::NoElements,
    }
}

/// What every user has, in the order of writing.
pub(crate) const BASIC: &[UserProperty] = {
    use UserProperty as P;
    &[
        P::UserPrincipalName,
        P::MailNickname,
        P::DisplayName,
        P::Mail,
        P::UserType,
        P::ExternalUserState,
        P::ExternalUserStateChangeDateTime,
        P::CreationType,
        P::AccountEnabled,
        P::CreatedDateTime,
        P::DeletedDateTime,
    ]
};

/// What few guests have: their columns are left out of the insert of somebody without a profile.
pub(crate) const PROFILE: &[UserProperty] = {
    use UserProperty as P;
    &[
        P::AgeGroup,
        P::City,
        P::CompanyName,
        P::ConsentProvidedForMinor,
        P::Country,
        P::Department,
        P::EmployeeId,
        P::EmployeeType,
        P::FaxNumber,
        P::GivenName,
        P::JobTitle,
        P::MobilePhone,
        P::OfficeLocation,
        P::OnPremisesImmutableId,
        P::PasswordPolicies,
        P::PostalCode,
        P::PreferredLanguage,
        P::ShowInAddressList,
        P::State,
        P::StreetAddress,
        P::Surname,
        P::UsageLocation,
    ]
};

/// `extension_attribute_1` to `15`.
pub(crate) const ATTRIBUTES: [&str; 15] = [
    "extension_attribute_1",
    "extension_attribute_2",
    "extension_attribute_3",
    "extension_attribute_4",
    "extension_attribute_5",
    "extension_attribute_6",
    "extension_attribute_7",
    "extension_attribute_8",
    "extension_attribute_9",
    "extension_attribute_10",
    "extension_attribute_11",
    "extension_attribute_12",
    "extension_attribute_13",
    "extension_attribute_14",
    "extension_attribute_15",
];

/// The column of a member of `onPremisesExtensionAttributes`, such as `extensionAttribute7`.
pub(crate) fn attribute(member: &str) -> Option<Column> {
    let number: usize = member.strip_prefix("extensionAttribute")?.parse().ok()?;
    let name = *ATTRIBUTES.get(number.checked_sub(1)?)?;
    Some(Column { name, holds: Holds::Text, is_nullable: true })
}

/// The column of a property that has one.
pub(crate) const fn column(property: UserProperty) -> Option<Column> {
    match place(property) {
        Place::Column(column) => Some(column),
        _ => None,
    }
}

/// What is written into the column of `property`: its comparable form.
pub(crate) fn written(user: &User, property: UserProperty) -> Value {
    match user.value(property) {
        PropertyValue::Text(text) => Value::Text(fold(text)),
        PropertyValue::Made(text) => Value::Text(fold(&text)),
        PropertyValue::Bool(truth) => Value::Int(truth.into()),
        PropertyValue::Instant(instant) => Value::Int(instant.as_microsecond()),
        PropertyValue::Null
        | PropertyValue::Texts(_)
        | PropertyValue::Identities(_)
        | PropertyValue::ExtensionAttributes(_)
        | PropertyValue::Empty => Value::Null(match column(property).map(|column| column.holds) {
            Some(Holds::Bool | Holds::Instant) => Kind::Int,
            Some(Holds::Text) | None => Kind::Text,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_found_by_their_wire_name() {
        for (member, column) in [
            ("extensionAttribute1", Some("extension_attribute_1")),
            ("extensionAttribute15", Some("extension_attribute_15")),
            ("extensionAttribute16", None),
            ("extensionAttribute0", None),
            ("other", None),
        ] {
            assert_eq!(attribute(member).map(|found| found.name), column, "{member}");
        }
    }
}
