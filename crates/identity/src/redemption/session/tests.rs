use jiff::SignedDuration;
use uuid::Uuid;
use vestibule_model::address::PlusAddressing;
use vestibule_model::user::Profile;
use vestibule_model::{
    Address, Change, GuestState, Method, Proof, User, UserChange, UserId, UserProperty, UserType,
};

use crate::redemption::NewCookie;
use crate::testing::{TENANT, World};

const USER: UserId = UserId(Uuid::from_u128(0xB2));

#[tokio::test]
async fn a_session_lasts_a_day_whether_it_is_used_or_not() {
    let world = World::start().await;
    let cookie = open(&world).await;
    assert!(cookie.set_cookie.starts_with("__Host-vst_session=r"));
    assert!(cookie.set_cookie.contains("; Max-Age=86400; Path=/; HttpOnly; Secure; SameSite=Lax"));

    for hours in [0, 12, 11] {
        world.advance(SignedDuration::from_hours(hours));
        let signed_in =
            world.identity.signed_in(Some(&sent_back(&cookie)), world.now()).await.unwrap().unwrap();
        assert_eq!((signed_in.user.id, signed_in.tenant.id), (USER, TENANT));
        assert_eq!(signed_in.session.proof.method(), Method::EmailPasscode);
    }
    world.advance(SignedDuration::from_hours(1));
    assert!(!is_signed_in(&world, &cookie).await);
}

#[tokio::test]
async fn signing_out_ends_the_session_for_every_copy_of_the_cookie() {
    let world = World::start().await;
    let cookie = open(&world).await;
    let other = open_again(&world).await;

    let gone = world.identity.sign_out(Some(&sent_back(&cookie)), &world.context()).await.unwrap();

    assert!(gone.set_cookie.starts_with("__Host-vst_session=; Max-Age=0"));
    assert!(!is_signed_in(&world, &cookie).await);
    assert!(is_signed_in(&world, &other).await);
    assert!(world.identity.sign_out(None, &world.context()).await.is_ok());
}

#[tokio::test]
async fn a_guest_who_is_deleted_disabled_or_revoked_is_signed_out() {
    let changes: [fn(&mut User, jiff::Timestamp); 3] = [
        |user, now| user.deleted_at = Some(now),
        |user, _| user.account_enabled = false,
        |user, now| user.sign_in_sessions_valid_from = now,
    ];
    for change in changes {
        let world = World::start().await;
        let cookie = open(&world).await;
        assert!(is_signed_in(&world, &cookie).await);

        world.advance(SignedDuration::from_secs(1));
        let mut user = guest(&world);
        user.version = 2;
        change(&mut user, world.now());
        world
            .change(vec![Change::UpdateUser {
                user: Box::new(user),
                kind: UserChange::Updated,
                properties: vec![UserProperty::AccountEnabled],
            }])
            .await;

        assert!(!is_signed_in(&world, &cookie).await);
    }
}

#[tokio::test]
async fn a_made_up_cookie_is_nobody() {
    let world = World::start().await;
    let good = sent_back(&open(&world).await);
    let end = if good.ends_with('A') { "Q" } else { "A" };
    for cookies in [
        format!("{}{end}", &good[..good.len() - 1]),
        good.replace("session", "flow"),
        "__Host-vst_session=r".into(),
    ] {
        assert!(world.identity.signed_in(Some(&cookies), world.now()).await.unwrap().is_none(), "{cookies}");
    }
    assert!(world.identity.signed_in(None, world.now()).await.unwrap().is_none());
}

async fn open(world: &World) -> NewCookie {
    world.change(vec![Change::CreateUser(Box::new(guest(world)))]).await;
    open_again(world).await
}

async fn open_again(world: &World) -> NewCookie {
    let address = Address::parse("taylor@fabrikam.com", PlusAddressing::Refused).unwrap();
    let proof = Proof::established_by(Method::EmailPasscode, address, world.now());
    world.identity.open_session(TENANT, USER, &proof, &world.context()).await.unwrap()
}

async fn is_signed_in(world: &World, cookie: &NewCookie) -> bool {
    world.identity.signed_in(Some(&sent_back(cookie)), world.now()).await.unwrap().is_some()
}

fn sent_back(cookie: &NewCookie) -> String {
    cookie.set_cookie.split(';').next().unwrap().to_owned()
}

fn guest(world: &World) -> User {
    let created_at = world.context().now_in_seconds() - SignedDuration::from_hours(1);
    User {
        id: USER,
        version: 1,
        user_principal_name: "taylor_fabrikam.com#EXT#@contoso.localhost".into(),
        mail_nickname: "taylor_fabrikam.com#EXT#".into(),
        display_name: "Taylor".into(),
        is_display_name_derived: false,
        mail: Some("taylor@fabrikam.com".into()),
        other_mails: Vec::new(),
        proxy_addresses: Vec::new(),
        user_type: UserType::Guest,
        guest_state: Some(GuestState::PendingAcceptance { since: created_at }),
        invited_address: None,
        invited_by: None,
        creation_type: None,
        created_at,
        deleted_at: None,
        account_enabled: true,
        identities: Vec::new(),
        sponsors: Vec::new(),
        roles: Vec::new(),
        sign_in_sessions_valid_from: created_at,
        password_hash: None,
        profile: Profile::default(),
    }
}
