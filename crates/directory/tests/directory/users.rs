use vestibule_directory::Error;
use vestibule_directory::users::{ListUsers, PatchValue, UserPatch};
use vestibule_model::{Caller, Permission, Refusal, User, UserId, UserProperty};
use vestibule_store::read::users::UserKey;

use crate::fixture::{House, TAYLOR, app};

fn writer() -> Caller {
    app(&[Permission::UserReadWriteAll])
}

fn setting(property: UserProperty, value: &str) -> UserPatch {
    UserPatch { properties: vec![(property, PatchValue::Text(value.into()))] }
}

async fn taylor(house: &House) -> UserKey {
    UserKey::Id(house.invite(TAYLOR).await.invitation.user)
}

async fn read(house: &House, key: &UserKey) -> Result<User, Error> {
    house.directory.user(&writer(), key, &house.context()).await.map(|(user, _)| user)
}

#[tokio::test]
async fn a_guest_is_found_by_id_and_by_name_in_any_case_but_not_by_mail() {
    let house = House::new().await;
    let by_id = taylor(&house).await;
    let upn = |text: &str| UserKey::Upn(text.into());

    assert!(read(&house, &by_id).await.is_ok());
    assert!(read(&house, &upn("TAYLOR_fabrikam.com#ext#@contoso.localhost")).await.is_ok());
    let by_mail = read(&house, &upn(TAYLOR)).await;
    assert!(matches!(by_mail, Err(Error::Refused(Refusal::NotFound { key })) if key == TAYLOR));
}

#[tokio::test]
async fn permission_is_asked_before_whether_somebody_is_there() {
    let house = House::new().await;
    let stranger = app(&[Permission::UserInviteAll]);
    let nobody = UserKey::Id(UserId(uuid::Uuid::nil()));
    let context = house.context();
    let patch = setting(UserProperty::City, "Seoul");

    let read = house.directory.user(&stranger, &nobody, &context).await.map(drop);
    let changed = house.directory.update_user(&stranger, &nobody, patch, &context).await.map(drop);
    let deleted = house.directory.delete_user(&stranger, &nobody, &context).await;
    for answer in [read, changed, deleted] {
        assert!(matches!(answer, Err(Error::Refused(Refusal::NotAllowed))), "{answer:?}");
    }
}

#[tokio::test]
async fn basic_permission_shows_basic_properties() {
    let house = House::new().await;
    let key = taylor(&house).await;

    let basic = app(&[Permission::UserReadBasicAll]);
    assert!(house.directory.user(&basic, &key, &house.context()).await.unwrap().1);
    assert!(!house.directory.user(&writer(), &key, &house.context()).await.unwrap().1);
}

#[tokio::test]
async fn lists_count_and_page() {
    let house = House::new().await;
    for name in ["ann", "ben", "cho"] {
        house.invite(&format!("{name}@fabrikam.com")).await;
    }
    let list = |after| ListUsers { filter: None, order: Vec::new(), top: 2, after, count: true };

    let first = house.directory.users(&writer(), list(None), &house.context()).await.unwrap();
    let second = house.directory.users(&writer(), list(first.next.clone()), &house.context()).await.unwrap();

    assert_eq!((first.users.len(), second.users.len(), first.count), (2, 1, Some(3)));
    assert!(second.next.is_none());
    assert_eq!(house.directory.count_users(&writer(), None, &house.context()).await.unwrap(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_who_change_one_user_at_once_both_get_their_way() {
    let house = House::new().await;
    let key = taylor(&house).await;
    let patches = [setting(UserProperty::City, "Seoul"), setting(UserProperty::JobTitle, "Buyer")];

    let changes = patches.map(|patch| {
        let (directory, key, context) = (house.directory.clone(), key.clone(), house.context());
        tokio::spawn(async move { directory.update_user(&writer(), &key, patch, &context).await })
    });
    for change in changes {
        change.await.unwrap().unwrap();
    }

    let profile = read(&house, &key).await.unwrap().profile;
    assert_eq!((profile.city.as_deref(), profile.job_title.as_deref()), (Some("Seoul"), Some("Buyer")));
}

#[tokio::test]
async fn an_address_or_name_that_somebody_has_is_taken() {
    let house = House::new().await;
    let taylor = taylor(&house).await;
    house.invite("kim@fabrikam.com").await;
    for (property, value, conflict) in [
        (UserProperty::Mail, "Kim@fabrikam.com", UserProperty::ProxyAddresses),
        (
            UserProperty::UserPrincipalName,
            "kim_fabrikam.com#EXT#@contoso.localhost",
            UserProperty::UserPrincipalName,
        ),
    ] {
        let patch = setting(property, value);
        let changed = house.directory.update_user(&writer(), &taylor, patch, &house.context()).await;

        let taken =
            matches!(&changed, Err(Error::Refused(Refusal::Taken { property })) if *property == conflict);
        assert!(taken, "{changed:?}");
    }
}

#[tokio::test]
async fn a_new_mail_address_is_found_by_the_next_invitation() {
    let house = House::new().await;
    let key = taylor(&house).await;
    let patch = setting(UserProperty::Mail, "taylor@home.example");
    house.directory.update_user(&writer(), &key, patch, &house.context()).await.unwrap();

    let again = house.invite("taylor@home.example").await;

    assert_eq!(UserKey::Id(again.invitation.user), key);
}

#[tokio::test]
async fn who_was_deleted_is_gone_for_every_request() {
    let house = House::new().await;
    let key = taylor(&house).await;
    let delete = async || house.directory.delete_user(&writer(), &key, &house.context()).await;

    delete().await.unwrap();

    assert!(matches!(read(&house, &key).await, Err(Error::Refused(Refusal::NotFound { .. }))));
    assert!(matches!(delete().await, Err(Error::Refused(Refusal::NotFound { .. }))));
    assert_eq!(house.told().await[2..], ["Delete user", "Delete external user"]);
}
