//! The user's property table (`graph.md` 2.2).

use vestibule_model::UserProperty;
use vestibule_odata::schema::{EdmType, ElementRule, Property, Schema, Selectable, Support};

use crate::router::Version;

use EdmType as T;
use UserProperty as P;

/// The user of one version of the surface.
#[derive(Clone, Copy, Debug)]
pub struct UserSchema(pub Version);

impl Schema for UserSchema {
    type Id = UserProperty;

    fn type_name(&self) -> &'static str {
        "microsoft.graph.user"
    }

    fn resource(&self) -> &'static str {
        "User"
    }

    fn properties(&self) -> &'static [Property<UserProperty>] {
        USER
    }

    fn element_rule(&self, property: UserProperty) -> ElementRule {
        match property {
            P::Identities => ElementRule::With("issuer"),
            _ => ElementRule::Single,
        }
    }

    fn find(&self, name: &str) -> Option<&'static Property<UserProperty>> {
        let is_here = |id: P| self.0 == Version::Beta || id != P::RefreshTokensValidFromDateTime;
        USER.iter().find(|property| property.name.eq_ignore_ascii_case(name) && is_here(property.id))
    }
}

/// The wire name of a property.
pub fn wire_name(property: UserProperty) -> &'static str {
    USER.iter().find(|row| row.id == property).map_or("", |row| row.name)
}

/// What is shown without `$select`, in the order of the answer.
pub fn default_set(version: Version) -> &'static [UserProperty] {
    match version {
        Version::V1 => V1_DEFAULT,
        Version::Beta => BETA_DEFAULT,
    }
}

/// The order of properties in answers, whatever the order of the request.
pub fn canonical_order(property: UserProperty) -> usize {
    let last = BETA_DEFAULT.len();
    BETA_DEFAULT.iter().position(|other| *other == property).unwrap_or(last)
}

const SIGN_IN_ACTIVITY: &[&str] =
    &["lastSignInDateTime", "lastNonInteractiveSignInDateTime", "lastSuccessfulSignInDateTime"];

const EXTENSION_ATTRIBUTES: &[&str] = &[
    "extensionAttribute1",
    "extensionAttribute2",
    "extensionAttribute3",
    "extensionAttribute4",
    "extensionAttribute5",
    "extensionAttribute6",
    "extensionAttribute7",
    "extensionAttribute8",
    "extensionAttribute9",
    "extensionAttribute10",
    "extensionAttribute11",
    "extensionAttribute12",
    "extensionAttribute13",
    "extensionAttribute14",
    "extensionAttribute15",
];

const V1_DEFAULT: &[UserProperty] = &[
    P::BusinessPhones,
    P::DisplayName,
    P::GivenName,
    P::JobTitle,
    P::Mail,
    P::MobilePhone,
    P::OfficeLocation,
    P::PreferredLanguage,
    P::Surname,
    P::UserPrincipalName,
    P::Id,
];

const BETA_DEFAULT: &[UserProperty] = &[
    P::BusinessPhones,
    P::DisplayName,
    P::GivenName,
    P::JobTitle,
    P::Mail,
    P::MobilePhone,
    P::OfficeLocation,
    P::PreferredLanguage,
    P::Surname,
    P::UserPrincipalName,
    P::Id,
    P::DeletedDateTime,
    P::AccountEnabled,
    P::AgeGroup,
    P::City,
    P::CompanyName,
    P::ConsentProvidedForMinor,
    P::Country,
    P::CreatedDateTime,
    P::CreationType,
    P::Department,
    P::EmployeeId,
    P::EmployeeType,
    P::ExternalUserState,
    P::ExternalUserStateChangeDateTime,
    P::FaxNumber,
    P::Identities,
    P::ImAddresses,
    P::MailNickname,
    P::OnPremisesExtensionAttributes,
    P::OnPremisesImmutableId,
    P::OnPremisesSyncEnabled,
    P::OtherMails,
    P::PasswordPolicies,
    P::PasswordProfile,
    P::PostalCode,
    P::ProxyAddresses,
    P::RefreshTokensValidFromDateTime,
    P::SecurityIdentifier,
    P::ShowInAddressList,
    P::SignInSessionsValidFromDateTime,
    P::State,
    P::StreetAddress,
    P::UsageLocation,
    P::UserType,
    P::AssignedLicenses,
    P::AssignedPlans,
    P::ProvisionedPlans,
];

/// `D` works by default, `A` needs the advanced pair, `-` is refused; in the order
/// eq, ne, not, ge le, in, startswith, endswith, eq null, orderby.
const USER: &[Property<UserProperty>] = &[
    row(P::Id, "id", T::Guid, "DAA-D----"),
    row(P::DeletedDateTime, "deletedDateTime", T::DateTimeOffset, "DAADA--AA"),
    row(P::AccountEnabled, "accountEnabled", T::Boolean, "DAA-D--A-"),
    row(P::AgeGroup, "ageGroup", T::String, "DAA-D--A-"),
    row(P::BusinessPhones, "businessPhones", T::StringCollection, "D-AD-D---"),
    row(P::City, "city", T::String, "DAADDD-A-"),
    row(P::CompanyName, "companyName", T::String, "AAAAAA-A-"),
    row(P::ConsentProvidedForMinor, "consentProvidedForMinor", T::String, "DAA-D--A-"),
    row(P::Country, "country", T::String, "DAADDD-A-"),
    row(P::CreatedDateTime, "createdDateTime", T::DateTimeOffset, "DAADA---A"),
    row(P::CreationType, "creationType", T::String, "DAA-D--A-"),
    row(P::Department, "department", T::String, "DAADDD-A-"),
    row(P::DisplayName, "displayName", T::String, "DAADDD-AD"),
    row(P::EmployeeId, "employeeId", T::String, "DAAADD-A-"),
    row(P::EmployeeType, "employeeType", T::String, "AAAAAA-A-"),
    row(P::ExternalUserState, "externalUserState", T::String, "DAA-D--A-"),
    row(
        P::ExternalUserStateChangeDateTime,
        "externalUserStateChangeDateTime",
        T::DateTimeOffset,
        "DAADD--A-",
    ),
    row(P::FaxNumber, "faxNumber", T::String, "DAADDD-A-"),
    row(P::GivenName, "givenName", T::String, "DAADDD-A-"),
    with_members(
        row(P::Identities, "identities", T::ComplexCollection, "D-A------"),
        &["issuer", "issuerAssignedId", "signInType"],
    ),
    row(P::ImAddresses, "imAddresses", T::StringCollection, "DAAD-D---"),
    row(P::JobTitle, "jobTitle", T::String, "DAADDD-A-"),
    row(P::Mail, "mail", T::String, "DAADDDAA-"),
    row(P::MailNickname, "mailNickname", T::String, "DAADDD-A-"),
    row(P::MobilePhone, "mobilePhone", T::String, "AAAAAA-A-"),
    row(P::OfficeLocation, "officeLocation", T::String, "AAAAAA-A-"),
    with_members(
        row(P::OnPremisesExtensionAttributes, "onPremisesExtensionAttributes", T::Complex, "AAA-A--A-"),
        EXTENSION_ATTRIBUTES,
    ),
    row(P::OnPremisesImmutableId, "onPremisesImmutableId", T::String, "AAAAA--A-"),
    row(P::OnPremisesSyncEnabled, "onPremisesSyncEnabled", T::Boolean, "DAA-D--A-"),
    row(P::OtherMails, "otherMails", T::StringCollection, "D-ADDDA--"),
    row(P::PasswordPolicies, "passwordPolicies", T::String, "AAA----A-"),
    row(P::PasswordProfile, "passwordProfile", T::Complex, "---------"),
    row(P::PostalCode, "postalCode", T::String, "AAAAAA-A-"),
    row(P::PreferredLanguage, "preferredLanguage", T::String, "AAAAAA-A-"),
    row(P::ProxyAddresses, "proxyAddresses", T::StringCollection, "D-AD-DA--"),
    row(P::RefreshTokensValidFromDateTime, "refreshTokensValidFromDateTime", T::DateTimeOffset, "---------"),
    row(P::SecurityIdentifier, "securityIdentifier", T::String, "D-AD-D---"),
    row(P::ShowInAddressList, "showInAddressList", T::Boolean, "AAA-A--A-"),
    with_members(row(P::SignInActivity, "signInActivity", T::Complex, "---D-----"), SIGN_IN_ACTIVITY),
    shown(
        with_members(
            row(P::SignInNames, "signInNames", T::StringCollection, "D-A--D---"),
            &["value", "type"],
        ),
        Selectable::Never,
    ),
    row(
        P::SignInSessionsValidFromDateTime,
        "signInSessionsValidFromDateTime",
        T::DateTimeOffset,
        "---------",
    ),
    row(P::State, "state", T::String, "DAADDD-A-"),
    row(P::StreetAddress, "streetAddress", T::String, "AAAAAA-A-"),
    row(P::Surname, "surname", T::String, "DAADDD-A-"),
    row(P::UsageLocation, "usageLocation", T::String, "DAADDD-A-"),
    row(P::UserPrincipalName, "userPrincipalName", T::String, "DAADDDA-D"),
    row(P::UserType, "userType", T::String, "DAA-D--A-"),
    with_members(row(P::AssignedLicenses, "assignedLicenses", T::ComplexCollection, "D-A------"), &["skuId"]),
    with_members(
        row(P::AssignedPlans, "assignedPlans", T::ComplexCollection, "D-A------"),
        &["service", "capabilityStatus", "servicePlanId"],
    ),
    with_members(
        row(P::ProvisionedPlans, "provisionedPlans", T::ComplexCollection, "D-A------"),
        &["service", "capabilityStatus", "provisioningStatus"],
    ),
    shown(row(P::AboutMe, "aboutMe", T::String, "---------"), Selectable::SingleOnly),
    shown(row(P::Birthday, "birthday", T::String, "---------"), Selectable::SingleOnly),
    shown(row(P::HireDate, "hireDate", T::String, "---------"), Selectable::SingleOnly),
    shown(row(P::Interests, "interests", T::String, "---------"), Selectable::SingleOnly),
    shown(row(P::MySite, "mySite", T::String, "---------"), Selectable::SingleOnly),
    shown(row(P::PastProjects, "pastProjects", T::String, "---------"), Selectable::SingleOnly),
    shown(row(P::PreferredName, "preferredName", T::String, "---------"), Selectable::SingleOnly),
    shown(row(P::Responsibilities, "responsibilities", T::String, "---------"), Selectable::SingleOnly),
    shown(row(P::Schools, "schools", T::String, "---------"), Selectable::SingleOnly),
    shown(row(P::Skills, "skills", T::String, "---------"), Selectable::SingleOnly),
    shown(row(P::MailboxSettings, "mailboxSettings", T::String, "---------"), Selectable::SingleOnly),
];

const fn row(id: UserProperty, name: &'static str, edm: EdmType, columns: &str) -> Property<UserProperty> {
    let columns = columns.as_bytes();
    Property {
        id,
        name,
        edm,
        eq: support(columns[0]),
        ne: support(columns[1]),
        not: support(columns[2]),
        order: support(columns[3]),
        in_list: support(columns[4]),
        startswith: support(columns[5]),
        endswith: support(columns[6]),
        contains: contains(columns[5]),
        eq_null: support(columns[7]),
        orderby: support(columns[8]),
        members: &[],
        selectable: Selectable::Yes,
    }
}

const fn with_members(
    mut property: Property<UserProperty>,
    members: &'static [&'static str],
) -> Property<UserProperty> {
    property.members = members;
    property
}

const fn shown(mut property: Property<UserProperty>, selectable: Selectable) -> Property<UserProperty> {
    property.selectable = selectable;
    property
}

const fn support(column: u8) -> Support {
    match column {
        b'D' => Support::Default,
        b'A' => Support::Advanced,
        _ => Support::Never,
    }
}

/// The real directory has no `contains`; ours works with the advanced pair wherever `startswith` does.
const fn contains(startswith: u8) -> Support {
    match startswith {
        b'-' => Support::Never,
        _ => Support::Advanced,
    }
}

#[cfg(test)]
mod tests {
    use vestibule_odata::Advanced;
    use vestibule_odata::filter::parse;

    use super::*;

    #[test]
    fn every_query_that_must_work_is_read_with_and_only_with_what_it_needs() {
        for (query, needs_pair) in [
            (
                "userPrincipalName eq 'a@x.y' or mail eq 'a@x.y' or proxyAddresses/any(x:x eq 'SMTP:a@x.y') or \
                 signInNames/any(x:x eq 'a@x.y') or otherMails/any(x:x eq 'a@x.y')",
                false,
            ),
            ("externalUserState eq 'PendingAcceptance'", false),
            ("userType eq 'Guest' and externalUserState eq 'PendingAcceptance'", false),
            ("createdDateTime ge 2026-01-01T00:00:00Z and userType eq 'Guest'", false),
            ("startswith(mail,'taylor') or startswith(displayName,'O''Brien')", false),
            ("mail in ('a@x.com','b@x.com')", false),
            ("signInActivity/lastSignInDateTime le 2026-01-01T00:00:00Z", false),
            ("identities/any(c:c/issuerAssignedId eq 'j@x.com' and c/issuer eq 'mail')", false),
            ("endsWith(mail,'@fabrikam.com')", true),
            ("endsWith(userPrincipalName,'#EXT#@contoso.com')", true),
            ("companyName ne null and NOT(companyName eq 'Microsoft')", true),
            ("not(otherMails/any(o:o eq 'x@y.z'))", true),
            ("otherMails/$count eq 0", true),
            ("accountEnabled ne true", true),
        ] {
            let schema = UserSchema(Version::V1);
            assert!(parse(query, &schema, Advanced::Yes).is_ok(), "{query}");
            assert_eq!(parse(query, &schema, Advanced::No).is_err(), needs_pair, "{query}");
        }
    }

    #[test]
    fn a_beta_property_is_unknown_to_the_other_version() {
        assert!(UserSchema(Version::V1).find("refreshTokensValidFromDateTime").is_none());
        assert!(UserSchema(Version::Beta).find("RefreshTokensValidFromDateTime").is_some());
    }

    #[test]
    fn the_whole_of_beta_is_the_whole_table_but_for_what_must_be_selected() {
        let hidden = USER.iter().filter(|row| !BETA_DEFAULT.contains(&row.id)).map(|row| row.name);

        let hidden: Vec<&str> = hidden.filter(|name| wire_order_is_single_only(name)).collect();
        assert_eq!(hidden, ["signInActivity", "signInNames"]);
    }

    fn wire_order_is_single_only(name: &str) -> bool {
        USER.iter().any(|row| row.name == name && row.selectable != Selectable::SingleOnly)
    }
}
