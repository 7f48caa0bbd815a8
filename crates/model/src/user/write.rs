//! Setting one property of a user: which can be set, and to what (the W column of `graph.md` 2.2, and 2.4).

use crate::address::{Address, PlusAddressing};
use crate::invitation::request::units;
use crate::refusal::Refusal;
use crate::user::patch::PatchValue;
use crate::user::{Profile, SignInType, User, UserProperty as P, UserType};

/// The longest text of a property for which the contract names no limit, in UTF-16 code units: ours, so that a user stays
/// a small object.
const LONGEST_TEXT: usize = 1024;

/// `graph.md` 2.4.
const MOST_OTHER_MAILS: usize = 250;

/// `graph.md` 2.4.
const LONGEST_OTHER_MAIL: usize = 250;

/// Entra's own limit, as its refusal of one more names it ("The maximum number of proxy addresses permitted is 333").
const MOST_PROXY_ADDRESSES: usize = 333;

/// Sets `property` of `user` to `value`.
///
/// # Errors
///
/// [`Refusal::ReadOnly`], [`Refusal::Required`], [`Refusal::InvalidValue`], [`Refusal::InvalidUserPrincipalName`] or
/// [`Refusal::TooManyProxyAddresses`].
pub(super) fn set(user: &mut User, property: P, value: &PatchValue) -> Result<(), Refusal> {
    let profile = &mut user.profile;
    match property {
        P::City => profile.city = text(property, value, LONGEST_TEXT)?,
        P::CompanyName => profile.company_name = text(property, value, 64)?,
        P::Country => profile.country = text(property, value, LONGEST_TEXT)?,
        P::Department => profile.department = text(property, value, 64)?,
        P::EmployeeId => profile.employee_id = text(property, value, 16)?,
        P::EmployeeType => profile.employee_type = text(property, value, LONGEST_TEXT)?,
        P::FaxNumber => profile.fax_number = text(property, value, LONGEST_TEXT)?,
        P::GivenName => profile.given_name = text(property, value, 64)?,
        P::JobTitle => profile.job_title = text(property, value, 128)?,
        P::MobilePhone => profile.mobile_phone = text(property, value, LONGEST_TEXT)?,
        P::OfficeLocation => profile.office_location = text(property, value, LONGEST_TEXT)?,
        P::OnPremisesImmutableId => profile.on_premises_immutable_id = text(property, value, LONGEST_TEXT)?,
        P::PasswordPolicies => profile.password_policies = password_policies(property, value)?,
        P::PostalCode => profile.postal_code = text(property, value, 40)?,
        P::PreferredLanguage => profile.preferred_language = text(property, value, LONGEST_TEXT)?,
        P::State => profile.state = text(property, value, LONGEST_TEXT)?,
        P::StreetAddress => profile.street_address = text(property, value, 1024)?,
        P::Surname => profile.surname = text(property, value, 64)?,
        P::AgeGroup => profile.age_group = one_of(property, value, &["Minor", "NotAdult", "Adult"])?,
        P::BusinessPhones => profile.business_phones = phones(value)?,
        P::ConsentProvidedForMinor => {
            profile.consent_provided_for_minor =
                one_of(property, value, &["Granted", "Denied", "NotRequired"])?;
        }
        P::OnPremisesExtensionAttributes => set_extensions(profile, value)?,
        P::ShowInAddressList => profile.show_in_address_list = maybe_truth(property, value)?,
        P::UsageLocation => profile.usage_location = country(value)?,

        P::AccountEnabled => user.account_enabled = truth(property, value)?,
        P::DisplayName => {
            user.display_name = required(property, value, 256)?;
            user.is_display_name_derived = false;
        }
        P::Mail => set_mail(user, mail(value)?)?,
        P::MailNickname => user.mail_nickname = required(property, value, 64)?,
        P::OtherMails => user.other_mails = other_mails(value)?,
        P::UserPrincipalName => set_upn(user, upn(value)?),
        P::UserType => user.user_type = user_type(property, value)?,

        // Writable in the contract, but not in this release: whatever is sent, it cannot be taken.
        P::Identities | P::PasswordProfile => return invalid(property),

        P::Id
        | P::DeletedDateTime
        | P::CreatedDateTime
        | P::CreationType
        | P::ExternalUserState
        | P::ExternalUserStateChangeDateTime
        | P::ImAddresses
        | P::OnPremisesSyncEnabled
        | P::ProxyAddresses
        | P::RefreshTokensValidFromDateTime
        | P::SecurityIdentifier
        | P::SignInActivity
        | P::SignInNames
        | P::SignInSessionsValidFromDateTime
        | P::AssignedLicenses
        | P::AssignedPlans
        | P::ProvisionedPlans
        | P::AboutMe
        | P::Birthday
        | P::HireDate
        | P::Interests
        | P::MySite
        | P::PastProjects
        | P::PreferredName
        | P::Responsibilities
        | P::Schools
        | P::Skills
        | P::MailboxSettings => return Err(Refusal::ReadOnly { property }),
    }
    Ok(())
}

fn invalid<T>(property: P) -> Result<T, Refusal> {
    Err(Refusal::InvalidValue { property })
}

fn text(property: P, value: &PatchValue, longest: usize) -> Result<Option<String>, Refusal> {
    match value {
        PatchValue::Null => Ok(None),
        PatchValue::Text(text) if !text.is_empty() && units(text) <= longest => Ok(Some(text.clone())),
        _ => invalid(property),
    }
}

fn required(property: P, value: &PatchValue, longest: usize) -> Result<String, Refusal> {
    text(property, value, longest)?.ok_or(Refusal::Required { property })
}

fn truth(property: P, value: &PatchValue) -> Result<bool, Refusal> {
    match value {
        PatchValue::Bool(truth) => Ok(*truth),
        _ => invalid(property),
    }
}

fn maybe_truth(property: P, value: &PatchValue) -> Result<Option<bool>, Refusal> {
    match value {
        PatchValue::Null => Ok(None),
        _ => truth(property, value).map(Some),
    }
}

fn one_of(property: P, value: &PatchValue, known: &[&str]) -> Result<Option<String>, Refusal> {
    let Some(text) = text(property, value, LONGEST_TEXT)? else { return Ok(None) };
    match known.iter().find(|one| one.eq_ignore_ascii_case(&text)) {
        Some(canonical) => Ok(Some((*canonical).to_owned())),
        None => invalid(property),
    }
}

/// Names with commas between, kept as sent.
fn password_policies(property: P, value: &PatchValue) -> Result<Option<String>, Refusal> {
    const KNOWN: [&str; 3] = ["None", "DisableStrongPassword", "DisablePasswordExpiration"];
    let is_known = |name: &str| KNOWN.iter().any(|known| known.eq_ignore_ascii_case(name.trim()));
    match text(property, value, LONGEST_TEXT)? {
        Some(names) if !names.split(',').all(is_known) => invalid(property),
        names => Ok(names),
    }
}

fn user_type(property: P, value: &PatchValue) -> Result<UserType, Refusal> {
    match one_of(property, value, &["Guest", "Member"])?.as_deref() {
        Some("Guest") => Ok(UserType::Guest),
        Some(_) => Ok(UserType::Member),
        None => invalid(property),
    }
}

fn country(value: &PatchValue) -> Result<Option<String>, Refusal> {
    match text(P::UsageLocation, value, 2)? {
        Some(code) if code.len() != 2 || !code.bytes().all(|b| b.is_ascii_alphabetic()) => {
            invalid(P::UsageLocation)
        }
        code => Ok(code),
    }
}

fn phones(value: &PatchValue) -> Result<Vec<String>, Refusal> {
    let is_phone = |phone: &String| !phone.is_empty() && units(phone) <= 64;
    match value {
        PatchValue::Texts(phones) if phones.len() <= 1 && phones.iter().all(is_phone) => Ok(phones.clone()),
        _ => invalid(P::BusinessPhones),
    }
}

fn other_mails(value: &PatchValue) -> Result<Vec<String>, Refusal> {
    let is_mail = |mail: &String| !mail.is_empty() && mail.is_ascii() && mail.len() <= LONGEST_OTHER_MAIL;
    match value {
        PatchValue::Texts(mails) if mails.len() <= MOST_OTHER_MAILS && mails.iter().all(is_mail) => {
            Ok(mails.clone())
        }
        _ => invalid(P::OtherMails),
    }
}

fn mail(value: &PatchValue) -> Result<Option<String>, Refusal> {
    match text(P::Mail, value, Address::MAX_OCTETS)? {
        Some(typed) if Address::parse(&typed, PlusAddressing::Allowed).is_err() => invalid(P::Mail),
        mail => Ok(mail),
    }
}

/// The new address becomes the primary proxy address; the old primary one stays as another (`graph.md` 2.4).
fn set_mail(user: &mut User, mail: Option<String>) -> Result<(), Refusal> {
    let is_same = |proxy: &str| {
        let address = proxy.split_once(':').map_or(proxy, |(_, address)| address);
        mail.as_deref().is_some_and(|mail| mail.eq_ignore_ascii_case(address))
    };
    let kept = user.proxy_addresses.iter().filter(|proxy| !is_same(proxy));
    let kept = kept.map(|proxy| match proxy.strip_prefix("SMTP:") {
        Some(address) => format!("smtp:{address}"),
        None => proxy.clone(),
    });
    let addresses: Vec<String> = mail.iter().map(|mail| format!("SMTP:{mail}")).chain(kept).collect();
    if addresses.len() > MOST_PROXY_ADDRESSES.max(user.proxy_addresses.len()) {
        return Err(Refusal::TooManyProxyAddresses { count: addresses.len(), most: MOST_PROXY_ADDRESSES });
    }
    user.proxy_addresses = addresses;
    user.mail = mail;
    Ok(())
}

fn upn(value: &PatchValue) -> Result<String, Refusal> {
    let PatchValue::Text(upn) = value else { return Err(Refusal::InvalidUserPrincipalName) };
    // The characters of `graph.md` 3.2.
    let is_allowed = |b: u8| b.is_ascii_alphanumeric() || b"'.-_!#^~".contains(&b);
    match upn.split_once('@') {
        Some((local, domain))
            if !local.is_empty()
                && units(upn) <= LONGEST_TEXT
                && local.bytes().all(is_allowed)
                && !domain.contains('@') =>
        {
            Ok(upn.clone())
        }
        _ => Err(Refusal::InvalidUserPrincipalName),
    }
}

fn set_upn(user: &mut User, upn: String) {
    for identity in &mut user.identities {
        if identity.sign_in_type == SignInType::UserPrincipalName {
            identity.issuer_assigned_id = Some(upn.clone());
        }
    }
    user.user_principal_name = upn;
}

fn set_extensions(profile: &mut Profile, value: &PatchValue) -> Result<(), Refusal> {
    let property = P::OnPremisesExtensionAttributes;
    match value {
        PatchValue::Null => profile.extension_attributes = Default::default(),
        PatchValue::ExtensionAttributes(sent) => {
            for (at, attribute) in sent {
                let Some(slot) = profile.extension_attributes.get_mut(*at) else { return invalid(property) };
                let value = attribute.clone().map_or(PatchValue::Null, PatchValue::Text);
                *slot = text(property, &value, LONGEST_TEXT)?;
            }
        }
        _ => return invalid(property),
    }
    Ok(())
}
