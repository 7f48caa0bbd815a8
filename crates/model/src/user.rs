//! A user of a tenant, guest or member. What may be changed is decided in `user/patch.rs`, deleting in `user/delete.rs`.

pub mod delete;
pub mod patch;
mod write;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::address::Address;
use crate::clock::whole_seconds;
use crate::id::{ServicePrincipalId, UserId};
use crate::permission::DirectoryRole;

/// A user as the directory remembers it. Only `model`'s decisions change one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct User {
    /// The object id.
    pub id: UserId,
    /// One more with every change; guards compare it.
    pub version: u64,
    /// Unique in the tenant, ignoring case. A guest's holds `#EXT#`.
    pub user_principal_name: String,
    /// At most 64 characters.
    pub mail_nickname: String,
    /// Never empty.
    pub display_name: String,
    /// Whether `display_name` was made from the address, so that an identity provider may fill it later.
    #[serde(default)]
    pub is_display_name_derived: bool,
    /// The primary address.
    pub mail: Option<String>,
    /// Further addresses.
    #[serde(default)]
    pub other_mails: Vec<String>,
    /// With their prefix, `SMTP:` for the primary one and `smtp:` for others.
    #[serde(default)]
    pub proxy_addresses: Vec<String>,
    /// Guest or member.
    pub user_type: UserType,
    /// `None` for somebody who was never invited.
    pub guest_state: Option<GuestState>,
    /// What the last invitation was sent to; direct links match it even when `proxy_addresses` is empty.
    pub invited_address: Option<Address>,
    /// Who invited first.
    pub invited_by: Option<Inviter>,
    /// `Invitation` for invited users, else nothing.
    pub creation_type: Option<CreationType>,
    /// When the object was made, in whole seconds.
    pub created_at: Timestamp,
    /// Soft-deleted at; kept for 30 days.
    #[serde(default)]
    pub deleted_at: Option<Timestamp>,
    /// Whether signing in is allowed.
    pub account_enabled: bool,
    /// How this user signs in.
    #[serde(default)]
    pub identities: Vec<Identity>,
    /// At most five.
    #[serde(default)]
    pub sponsors: Vec<UserId>,
    /// Directory roles held.
    #[serde(default)]
    pub roles: Vec<DirectoryRole>,
    /// Tokens and sessions issued before this moment are void. Kept with its fraction of the second, shown without.
    pub sign_in_sessions_valid_from: Timestamp,
    /// Argon2id, in PHC form; members only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_hash: Option<String>,
    /// Everything that is only kept and shown.
    #[serde(default)]
    pub profile: Profile,
}

/// Properties without a meaning to us. Empty text is never stored: cleared is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "Graph's user properties of the same name")]
pub struct Profile {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_group: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub business_phones: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consent_provided_for_minor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub employee_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub employee_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fax_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_name: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub im_addresses: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mobile_phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub office_location: Option<String>,
    /// `extensionAttribute1` to `15`, by number less one.
    #[serde(skip_serializing_if = "is_bare")]
    pub extension_attributes: [Option<String>; 15],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_premises_immutable_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_policies: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub show_in_address_list: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street_address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub surname: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage_location: Option<String>,
}

fn is_bare(attributes: &[Option<String>; 15]) -> bool {
    attributes.iter().all(Option::is_none)
}

/// `userType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the published values")]
pub enum UserType {
    Guest,
    Member,
}

impl UserType {
    /// The canonical text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Guest => "Guest",
            Self::Member => "Member",
        }
    }
}

/// `creationType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CreationType {
    /// Made by `POST /invitations`.
    Invitation,
}

/// How far a guest has come. Graph shows it as `externalUserState`, and its instant as `externalUserStateChangeDateTime`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum GuestState {
    /// Invited, or reset, and not yet back.
    PendingAcceptance {
        /// When the guest was first invited or last reset.
        since: Timestamp,
    },
    /// Redeemed.
    Accepted {
        /// When.
        at: Timestamp,
    },
}

impl GuestState {
    /// The guest accepts. Accepting again keeps the first time: a double click must not move the date.
    #[must_use]
    pub fn accept(self, now: Timestamp) -> Self {
        match self {
            Self::PendingAcceptance { .. } => Self::Accepted { at: now },
            Self::Accepted { .. } => self,
        }
    }

    /// `externalUserState`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PendingAcceptance { .. } => "PendingAcceptance",
            Self::Accepted { .. } => "Accepted",
        }
    }

    /// `externalUserStateChangeDateTime`.
    pub fn changed_at(self) -> Timestamp {
        match self {
            Self::PendingAcceptance { since } => since,
            Self::Accepted { at } => at,
        }
    }
}

/// Who made the first invitation of a guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Inviter {
    /// A user, through some application.
    User(UserId),
    /// An application by itself.
    Application(ServicePrincipalId),
}

/// One entry of `identities`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// What kind of name it is.
    pub sign_in_type: SignInType,
    /// Who issued it: `mail`, `google.com`, a domain of the tenant, an issuer URI.
    pub issuer: String,
    /// The issuer's name for the user.
    pub issuer_assigned_id: Option<String>,
}

/// `objectIdentity.signInType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the published values")]
pub enum SignInType {
    UserPrincipalName,
    EmailAddress,
    UserName,
    Federated,
}

impl SignInType {
    /// The canonical text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UserPrincipalName => "userPrincipalName",
            Self::EmailAddress => "emailAddress",
            Self::UserName => "userName",
            Self::Federated => "federated",
        }
    }
}

/// A property of a user that a query can name. The wire name of each stands in the property table of `graph`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[expect(missing_docs, reason = "Graph's user properties of the same name")]
pub enum UserProperty {
    Id,
    DeletedDateTime,
    AccountEnabled,
    AgeGroup,
    BusinessPhones,
    City,
    CompanyName,
    ConsentProvidedForMinor,
    Country,
    CreatedDateTime,
    CreationType,
    Department,
    DisplayName,
    EmployeeId,
    EmployeeType,
    ExternalUserState,
    ExternalUserStateChangeDateTime,
    FaxNumber,
    GivenName,
    Identities,
    ImAddresses,
    JobTitle,
    Mail,
    MailNickname,
    MobilePhone,
    OfficeLocation,
    OnPremisesExtensionAttributes,
    OnPremisesImmutableId,
    OnPremisesSyncEnabled,
    OtherMails,
    PasswordPolicies,
    PasswordProfile,
    PostalCode,
    PreferredLanguage,
    ProxyAddresses,
    RefreshTokensValidFromDateTime,
    SecurityIdentifier,
    ShowInAddressList,
    SignInActivity,
    SignInNames,
    SignInSessionsValidFromDateTime,
    State,
    StreetAddress,
    Surname,
    UsageLocation,
    UserPrincipalName,
    UserType,
    AssignedLicenses,
    AssignedPlans,
    ProvisionedPlans,
    AboutMe,
    Birthday,
    HireDate,
    Interests,
    MySite,
    PastProjects,
    PreferredName,
    Responsibilities,
    Schools,
    Skills,
    MailboxSettings,
}

/// A property's value, borrowed from a user.
#[derive(Clone, Debug, PartialEq)]
pub enum PropertyValue<'a> {
    /// Not set, or never kept by us.
    Null,
    /// One text.
    Text(&'a str),
    /// A text made for the answer.
    Made(String),
    /// True or false.
    Bool(bool),
    /// An instant in UTC.
    Instant(Timestamp),
    /// A collection of texts.
    Texts(Vec<&'a str>),
    /// `identities`.
    Identities(&'a [Identity]),
    /// `onPremisesExtensionAttributes`.
    ExtensionAttributes(&'a [Option<String>; 15]),
    /// A collection that is always empty here.
    Empty,
}

impl User {
    /// What Graph shows, sorts by and filters on as `property`.
    pub fn value(&self, property: UserProperty) -> PropertyValue<'_> {
        use PropertyValue as V;
        use UserProperty as P;
        let profile = &self.profile;
        match property {
            P::Id => V::Made(self.id.to_string()),
            P::DeletedDateTime => instant(self.deleted_at),
            P::AccountEnabled => V::Bool(self.account_enabled),
            P::AgeGroup => text(&profile.age_group),
            P::BusinessPhones => texts(&profile.business_phones),
            P::City => text(&profile.city),
            P::CompanyName => text(&profile.company_name),
            P::ConsentProvidedForMinor => text(&profile.consent_provided_for_minor),
            P::Country => text(&profile.country),
            P::CreatedDateTime => V::Instant(self.created_at),
            P::CreationType => self.creation_type.map_or(V::Null, |_| V::Text("Invitation")),
            P::Department => text(&profile.department),
            P::DisplayName => V::Text(&self.display_name),
            P::EmployeeId => text(&profile.employee_id),
            P::EmployeeType => text(&profile.employee_type),
            P::ExternalUserState => self.guest_state.map_or(V::Null, |state| V::Text(state.as_str())),
            P::ExternalUserStateChangeDateTime => instant(self.guest_state.map(GuestState::changed_at)),
            P::FaxNumber => text(&profile.fax_number),
            P::GivenName => text(&profile.given_name),
            P::Identities => V::Identities(&self.identities),
            P::ImAddresses => texts(&profile.im_addresses),
            P::JobTitle => text(&profile.job_title),
            P::Mail => text(&self.mail),
            P::MailNickname => V::Text(&self.mail_nickname),
            P::MobilePhone => text(&profile.mobile_phone),
            P::OfficeLocation => text(&profile.office_location),
            P::OnPremisesExtensionAttributes => V::ExtensionAttributes(&profile.extension_attributes),
            P::OnPremisesImmutableId => text(&profile.on_premises_immutable_id),
            P::OtherMails => texts(&self.other_mails),
            P::PasswordPolicies => text(&profile.password_policies),
            P::PostalCode => text(&profile.postal_code),
            P::PreferredLanguage => text(&profile.preferred_language),
            P::ProxyAddresses => texts(&self.proxy_addresses),
            P::RefreshTokensValidFromDateTime | P::SignInSessionsValidFromDateTime => {
                V::Instant(whole_seconds(self.sign_in_sessions_valid_from))
            }
            P::ShowInAddressList => profile.show_in_address_list.map_or(V::Null, V::Bool),
            P::SignInNames => V::Texts(self.sign_in_names()),
            P::State => text(&profile.state),
            P::StreetAddress => text(&profile.street_address),
            P::Surname => text(&profile.surname),
            P::UsageLocation => text(&profile.usage_location),
            P::UserPrincipalName => V::Text(&self.user_principal_name),
            P::UserType => V::Text(self.user_type.as_str()),
            P::AssignedLicenses | P::AssignedPlans | P::ProvisionedPlans => V::Empty,
            P::Interests | P::PastProjects | P::Responsibilities | P::Schools | P::Skills => V::Empty,
            P::SecurityIdentifier
            | P::OnPremisesSyncEnabled
            | P::PasswordProfile
            | P::SignInActivity
            | P::AboutMe
            | P::Birthday
            | P::HireDate
            | P::MySite
            | P::PreferredName
            | P::MailboxSettings => V::Null,
        }
    }

    /// The names this user signs in with: members their user principal name, guests the address, all their local names.
    pub fn sign_in_names(&self) -> Vec<&str> {
        let local = self
            .identities
            .iter()
            .filter(|identity| {
                matches!(identity.sign_in_type, SignInType::EmailAddress | SignInType::UserName)
            })
            .filter_map(|identity| identity.issuer_assigned_id.as_deref());
        let own = match &self.invited_address {
            Some(address) => address.key(),
            None => self.user_principal_name.as_str(),
        };
        let mut names: Vec<&str> = std::iter::once(own).chain(local).collect();
        names.dedup();
        names
    }

    /// Whether `key` (in lower case) is this user's mail, one of the other mails, or a proxy address.
    pub fn has_mail_address(&self, key: &str) -> bool {
        let is_other = self.other_mails.iter().any(|other| other.eq_ignore_ascii_case(key));
        is_other || self.owns_mail_address(key)
    }

    /// Whether `key` (in lower case) is this user's mail or a proxy address: nobody else may have it as such.
    pub fn owns_mail_address(&self, key: &str) -> bool {
        let is_key = |address: &str| address.eq_ignore_ascii_case(key);
        let smtp = |proxy: &str| {
            proxy
                .split_once(':')
                .is_some_and(|(kind, value)| kind.eq_ignore_ascii_case("smtp") && is_key(value))
        };
        self.mail.as_deref().is_some_and(is_key) || self.proxy_addresses.iter().any(|proxy| smtp(proxy))
    }

    /// Whether this user was invited and so has a guest's life cycle, whatever its `userType`.
    pub fn is_invited(&self) -> bool {
        self.guest_state.is_some()
    }

    /// Whether this user holds any directory role.
    pub fn holds_a_role(&self) -> bool {
        !self.roles.is_empty()
    }
}

fn text(value: &Option<String>) -> PropertyValue<'_> {
    value.as_deref().map_or(PropertyValue::Null, PropertyValue::Text)
}

fn texts(values: &[String]) -> PropertyValue<'_> {
    PropertyValue::Texts(values.iter().map(String::as_str).collect())
}

fn instant<'a>(value: Option<Timestamp>) -> PropertyValue<'a> {
    value.map_or(PropertyValue::Null, PropertyValue::Instant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepting_twice_keeps_the_first_date() {
        let first: Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
        let later: Timestamp = "2026-01-03T03:04:05Z".parse().unwrap();
        let accepted = GuestState::PendingAcceptance { since: first }.accept(first);

        assert_eq!(accepted.accept(later), GuestState::Accepted { at: first });
    }
}
