use super::*;
use crate::testing::{
    administrator, app_with, application, context, domains, guest, member, member_with, user_with,
};
use crate::user::{SignInType, UserType};

fn text(value: &str) -> PatchValue {
    PatchValue::Text(value.into())
}

fn texts(values: &[&str]) -> PatchValue {
    PatchValue::Texts(values.iter().map(|value| (*value).into()).collect())
}

fn of(properties: &[(UserProperty, PatchValue)]) -> UserPatch {
    UserPatch { properties: properties.to_vec() }
}

/// The patch sent by an application that may write users, among `users_at` and `taken_upns`.
fn patched_among(
    user: &User,
    asked: &UserPatch,
    users_at: &[User],
    taken_upns: &[String],
) -> Result<Patched, Refusal> {
    let caller = app_with(&[P::UserReadWriteAll]);
    let app = application();
    let standing = Standing::of(&caller, Some(&app), None).unwrap();
    let domains = domains();
    let neighbours = Neighbours { users_at, taken_upns, domains: &domains };
    patch(user, asked, &neighbours, &standing, &context())
}

fn patched(user: &User, properties: &[(UserProperty, PatchValue)]) -> Result<Patched, Refusal> {
    patched_among(user, &of(properties), &[], &[])
}

#[test]
fn what_the_contract_marks_writable_can_be_set() {
    use UserProperty as U;
    for (property, value) in [
        (U::AccountEnabled, PatchValue::Bool(false)),
        (U::AgeGroup, text("Adult")),
        (U::BusinessPhones, texts(&["+82 2 1234 5678"])),
        (U::City, text("서울")),
        (U::CompanyName, text("Fabrikam")),
        (U::ConsentProvidedForMinor, text("Granted")),
        (U::Country, text("Korea")),
        (U::Department, text("Sales")),
        (U::DisplayName, text("Taylor Kim")),
        (U::EmployeeId, text("E-1")),
        (U::EmployeeType, text("Contractor")),
        (U::FaxNumber, text("1")),
        (U::GivenName, text("Taylor")),
        (U::JobTitle, text("Buyer")),
        (U::Mail, text("taylor@home.example")),
        (U::MailNickname, text("taylor")),
        (U::MobilePhone, text("2")),
        (U::OfficeLocation, text("3F")),
        (U::OnPremisesExtensionAttributes, PatchValue::ExtensionAttributes(vec![(14, Some("x".into()))])),
        (U::OnPremisesImmutableId, text("i")),
        (U::OtherMails, texts(&["a@b.example"])),
        (U::PasswordPolicies, text("DisablePasswordExpiration")),
        (U::PostalCode, text("04524")),
        (U::PreferredLanguage, text("ko-KR")),
        (U::ShowInAddressList, PatchValue::Bool(true)),
        (U::State, text("Seoul")),
        (U::StreetAddress, text("1 Sejong-daero")),
        (U::Surname, text("Kim")),
        (U::UsageLocation, text("KR")),
        (U::UserPrincipalName, text("taylor@contoso.com")),
        (U::UserType, text("member")),
    ] {
        let before = guest("taylor@fabrikam.com");
        let after = patched(&before, &[(property, value)]).unwrap().user;

        assert_ne!(after.value(property), before.value(property), "{property:?}");
        assert_eq!(after.version, before.version + 1, "{property:?}");
    }
}

#[test]
fn what_is_read_only_says_so() {
    use UserProperty as U;
    for property in [
        U::Id,
        U::DeletedDateTime,
        U::CreatedDateTime,
        U::CreationType,
        U::ExternalUserState,
        U::ExternalUserStateChangeDateTime,
        U::ImAddresses,
        U::OnPremisesSyncEnabled,
        U::ProxyAddresses,
        U::SecurityIdentifier,
        U::SignInActivity,
        U::SignInSessionsValidFromDateTime,
        U::AssignedLicenses,
        U::AboutMe,
    ] {
        let refusal = patched(&guest("taylor@fabrikam.com"), &[(property, PatchValue::Null)]).unwrap_err();

        assert_eq!(refusal, Refusal::ReadOnly { property });
    }
}

#[test]
fn values_out_of_range_are_invalid() {
    use UserProperty as U;
    let long = |units: usize| text(&"x".repeat(units));
    for (property, value) in [
        (U::JobTitle, text("")),
        (U::JobTitle, long(129)),
        (U::JobTitle, PatchValue::Bool(true)),
        (U::CompanyName, long(65)),
        (U::Department, text(&"😀".repeat(33))),
        (U::DisplayName, long(257)),
        (U::EmployeeId, long(17)),
        (U::PostalCode, long(41)),
        (U::StreetAddress, long(1025)),
        (U::City, long(1025)),
        (U::AccountEnabled, PatchValue::Null),
        (U::AgeGroup, text("Old")),
        (U::PasswordPolicies, text("DisableStrongPassword, Whatever")),
        (U::UserType, text("Owner")),
        (U::UserType, PatchValue::Null),
        (U::UsageLocation, text("KOR")),
        (U::UsageLocation, text("한")),
        (U::BusinessPhones, texts(&["1", "2"])),
        (U::Mail, text("taylor")),
        (U::OtherMails, texts(&["täylor@fabrikam.com"])),
        (U::OtherMails, PatchValue::Texts(vec!["a@b.example".into(); 251])),
        (U::OtherMails, PatchValue::Null),
        (U::Identities, PatchValue::Other),
        (U::PasswordProfile, PatchValue::Other),
        (U::OnPremisesExtensionAttributes, PatchValue::ExtensionAttributes(vec![(15, None)])),
    ] {
        let refusal = patched(&guest("taylor@fabrikam.com"), &[(property, value.clone())]).unwrap_err();

        assert_eq!(refusal, Refusal::InvalidValue { property }, "{value:?}");
    }
}

#[test]
fn several_invalid_values_are_told_together_and_what_is_required_by_itself() {
    use UserProperty as U;
    let taylor = guest("taylor@fabrikam.com");

    let two = patched(&taylor, &[(U::JobTitle, text("")), (U::City, text(""))]).unwrap_err();
    let read_only = patched(&taylor, &[(U::JobTitle, text("")), (U::Id, text("x"))]).unwrap_err();
    let required = patched(&taylor, &[(U::DisplayName, PatchValue::Null)]).unwrap_err();

    assert_eq!(two, Refusal::InvalidValues);
    assert_eq!(read_only, Refusal::ReadOnly { property: U::Id });
    assert_eq!(required, Refusal::Required { property: U::DisplayName });
}

#[test]
fn null_clears_and_nothing_new_writes_nothing() {
    use UserProperty as U;
    let mut taylor = guest("taylor@fabrikam.com");
    taylor.profile.company_name = Some("Fabrikam".into());

    let cleared = patched(&taylor, &[(U::CompanyName, PatchValue::Null)]).unwrap();
    let same = patched(&taylor, &[(U::CompanyName, text("Fabrikam"))]).unwrap();
    let empty = patched(&taylor, &[]).unwrap();

    assert_eq!(cleared.user.profile.company_name, None);
    assert!(same.change.is_none() && empty.change.is_none());
    assert_eq!(same.user, taylor);
}

#[test]
fn the_old_mail_addresses_that_stay_are_bounded() {
    let mut user = guest("taylor@fabrikam.com");
    let mail_number = |number: usize| [(UserProperty::Mail, text(&format!("t{number}@home.example")))];
    for number in 2..=333 {
        user = patched(&user, &mail_number(number)).unwrap().user;
    }

    let one_more = patched(&user, &mail_number(334)).unwrap_err();
    let one_of_them = patched(&user, &mail_number(2)).unwrap().user;
    let none = patched(&user, &[(UserProperty::Mail, PatchValue::Null)]).unwrap().user;

    assert_eq!(one_more, Refusal::TooManyProxyAddresses { count: 334, most: 333 });
    assert_eq!(one_of_them.proxy_addresses.len(), 333);
    assert_eq!(none.mail, None);
}

#[test]
fn a_new_mail_address_becomes_primary_and_the_old_one_stays_as_another() {
    let taylor = guest("taylor@fabrikam.com");
    let moved = patched(&taylor, &[(UserProperty::Mail, text("T@home.example"))]).unwrap();
    let back = patched(&moved.user, &[(UserProperty::Mail, text("Taylor@fabrikam.com"))]).unwrap();

    assert_eq!(moved.user.proxy_addresses, ["SMTP:T@home.example", "smtp:taylor@fabrikam.com"]);
    assert_eq!(moved.guards, [Guard::MailFree { key: "t@home.example".into() }]);
    assert_eq!(back.user.proxy_addresses, ["SMTP:Taylor@fabrikam.com", "smtp:T@home.example"]);
    assert!(back.guards.is_empty(), "it was the user's own all the time");
}

#[test]
fn names_that_others_have_are_taken() {
    use UserProperty as U;
    let taylor = guest("taylor@fabrikam.com");
    let mail = of(&[(U::Mail, text("Ann@contoso.com"))]);
    let upn = of(&[(U::UserPrincipalName, text("Ann@contoso.com"))]);
    let foreign = of(&[(U::UserPrincipalName, text("ann@elsewhere.example"))]);
    let spaced = of(&[(U::UserPrincipalName, text("an n@contoso.com"))]);
    let taken = |property| Refusal::Taken { property };
    for (asked, refusal) in [
        (mail, taken(U::ProxyAddresses)),
        (upn, taken(U::UserPrincipalName)),
        (foreign, Refusal::InvalidUserPrincipalName),
        (spaced, Refusal::InvalidUserPrincipalName),
    ] {
        let answer = patched_among(&taylor, &asked, &[member()], &["ann@contoso.com".into()]);

        assert_eq!(answer.unwrap_err(), refusal, "{asked:?}");
    }
}

#[test]
fn a_new_user_principal_name_is_also_the_identity() {
    let after = patched(&member(), &[(UserProperty::UserPrincipalName, text("kim@contoso.com"))]).unwrap();

    let identity = &after.user.identities[0];
    assert_eq!(identity.sign_in_type, SignInType::UserPrincipalName);
    assert_eq!(identity.issuer_assigned_id.as_deref(), Some("kim@contoso.com"));
    assert_eq!(after.guards, [Guard::UpnFree { key: "kim@contoso.com".into() }]);
}

#[test]
fn what_changed_is_told_and_disabling_by_its_own_name_too() {
    let taylor = guest("taylor@fabrikam.com");
    let patched = patched(
        &taylor,
        &[(UserProperty::AccountEnabled, PatchValue::Bool(false)), (UserProperty::UserType, text("Member"))],
    )
    .unwrap();

    assert_eq!(patched.user.user_type, UserType::Member);
    assert_eq!(patched.user.sign_in_sessions_valid_from, context().now, "sessions end at once");
    let change = patched.change.unwrap();
    let told: Vec<_> = change.audit().iter().map(|event| event.activity.name()).collect();
    assert_eq!(told, ["Update user", "Disable account"]);
    let modified = &change.audit().iter().next().unwrap().targets[0].modified;
    let kind = modified.iter().find(|one| one.property == "UserType").unwrap();
    assert_eq!((&kind.old, &kind.new), (&json!(["Guest"]), &json!(["Member"])));
}

#[test]
fn patching_needs_permission_and_role_and_keeps_off_administrators() {
    let title = of(&[(UserProperty::JobTitle, text("Buyer"))]);
    let mail = of(&[(UserProperty::Mail, text("x@y.example"))]);
    let password = of(&[(UserProperty::PasswordProfile, PatchValue::Other)]);
    let phone = of(&[(UserProperty::MobilePhone, text("1"))]);
    let plain = guest("taylor@fabrikam.com");
    let powerful = member_with(Role::ReportsReader);
    let by = |role| Some(member_with(role));
    let write = P::UserReadWriteAll;
    for (line, (caller, permission, patch, target, may)) in [
        (None, write, &title, &plain, true),
        (None, P::DirectoryReadWriteAll, &mail, &plain, true),
        (None, P::UserReadAll, &title, &plain, false),
        (None, P::UserInviteAll, &title, &plain, false),
        (None, write, &title, &powerful, true),
        (None, write, &mail, &powerful, false),
        (None, write, &phone, &powerful, false),
        (by(Role::UserAdministrator), write, &mail, &plain, true),
        (by(Role::GuestInviter), write, &title, &plain, false),
        (by(Role::HelpdeskAdministrator), write, &password, &plain, true),
        (by(Role::HelpdeskAdministrator), write, &title, &plain, false),
        (Some(administrator()), write, &mail, &powerful, true),
        (Some(plain.clone()), P::UserReadWrite, &phone, &plain, true),
        (Some(plain.clone()), P::UserReadWrite, &title, &plain, false),
        (Some(plain.clone()), P::UserReadWrite, &phone, &powerful, false),
    ]
    .into_iter()
    .enumerate()
    {
        let asks = match &caller {
            Some(user) => user_with(&[permission], user),
            None => app_with(&[permission]),
        };
        let app = application();
        let standing = Standing::of(&asks, Some(&app), caller.as_ref()).unwrap();

        assert_eq!(may_patch(patch, Some(target), &standing).is_ok(), may, "line {line}");
    }
}
