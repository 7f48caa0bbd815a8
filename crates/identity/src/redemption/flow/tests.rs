use jiff::SignedDuration;
use uuid::Uuid;
use vestibule_model::state::{Flow, Intent};
use vestibule_model::{Digest, InvitationId, PurposeKey, PurposeKeys, StateChange, TenantId, UserId};
use vestibule_store::Unit;

use crate::redemption::cookie::RecordName;
use crate::redemption::{FormToken, LiveFlow, NewCookie};
use crate::testing::{TENANT, World};

const INVITATION: InvitationId = InvitationId(Uuid::from_u128(0xA1));
const TICKET: Digest = Digest([9; 32]);
const USER: UserId = UserId(Uuid::from_u128(0xB2));

#[tokio::test]
async fn opening_a_link_stores_nothing_and_is_remembered_by_the_browser_alone() {
    let world = World::start().await;

    let cookie = world.identity.open_flow(TENANT, INVITATION, TICKET, world.now());

    assert!(cookie.set_cookie.starts_with("__Host-vst_flow=o"));
    assert!(
        cookie.set_cookie.ends_with("; Max-Age=3600; Path=/; HttpOnly; Secure; SameSite=Lax"),
        "{}",
        cookie.set_cookie
    );
    let Some(LiveFlow::Opened { tenant, invitation, ticket }) = live(&world, &cookie).await else { panic!() };
    assert_eq!((tenant, invitation, ticket), (TENANT, INVITATION, TICKET));
}

#[tokio::test]
async fn over_plain_http_the_cookies_lose_prefix_and_secure() {
    let world = World::start_with(|settings| settings.has_secure_cookies = false).await;

    let cookie = world.identity.open_flow(TENANT, INVITATION, TICKET, world.now());

    assert!(cookie.set_cookie.starts_with("vst_flow=o"));
    assert!(!cookie.set_cookie.contains("Secure"));
    assert!(live(&world, &cookie).await.is_some());
    assert!(world.identity.flow_cookie_gone().set_cookie.starts_with("vst_flow=; Max-Age=0; Path=/"));
}

#[tokio::test]
async fn a_cookie_that_was_not_signed_here_opens_nothing() {
    let world = World::start().await;
    let other = World::start_with(|settings| {
        settings.keys = PurposeKeys::new(vec![PurposeKey { id: [2; 8], secret: [2; 32] }]).unwrap();
    })
    .await;
    let good = sent_back(&world.identity.open_flow(TENANT, INVITATION, TICKET, world.now()));
    let foreign = sent_back(&other.identity.open_flow(TENANT, INVITATION, TICKET, world.now()));
    let flipped: String = good[..30].chars().chain(['A', 'A']).chain(good[32..].chars()).collect();

    for cookies in [
        foreign,
        flipped,
        good[..good.len() - 4].to_owned(),
        good.replace("=o", "=r"),
        good.replace("__Host-", ""),
        "__Host-vst_flow=".to_owned(),
        "__Host-vst_flow=o".to_owned(),
        "__Host-vst_flow=r!!".to_owned(),
        "__Host-vst_flow=\u{d55c}".to_owned(),
    ] {
        let live = world.identity.live_flow(Some(&cookies), world.now()).await.unwrap();
        assert!(live.is_none(), "{cookies}");
    }
    assert!(world.identity.live_flow(None, world.now()).await.unwrap().is_none());
    let among_others = format!("a=b; {good}; c=d");
    assert!(world.identity.live_flow(Some(&among_others), world.now()).await.unwrap().is_some());
}

#[tokio::test]
async fn the_first_post_makes_a_record_under_a_new_cookie() {
    let world = World::start().await;
    let opened = world.identity.open_flow(TENANT, INVITATION, TICKET, world.now());
    let (flow, cookie) = start(&world, &live(&world, &opened).await.unwrap()).await;
    let cookie = cookie.unwrap();

    let found = started(&world, &cookie).await.unwrap();

    assert_eq!(found, flow);
    assert_eq!((found.invitation, found.user, found.ticket), (INVITATION, USER, TICKET));
    assert_eq!((found.intent, found.language.as_str(), found.version), (Intent::Accept, "ko-KR", 1));
    assert_eq!((found.proof, found.is_done), (None, false));
    assert!(cookie.set_cookie.starts_with("__Host-vst_flow=r"));
    let name = RecordName::draw(TENANT, Uuid::nil());
    for (printed, secret) in
        [(format!("{cookie:?}"), cookie.value()), (format!("{name:?}"), Some(name.as_str()))]
    {
        assert!(!printed.contains(secret.unwrap()), "{printed}");
    }
}

#[tokio::test]
async fn a_record_goes_on_under_its_cookie_and_an_older_tab_is_told() {
    let world = World::start().await;
    let opened = world.identity.open_flow(TENANT, INVITATION, TICKET, world.now());
    let (_, cookie) = start(&world, &live(&world, &opened).await.unwrap()).await;
    let cookie = cookie.unwrap();
    let seen_by_both = live(&world, &cookie).await.unwrap();

    let again =
        world.identity.start_flow(&seen_by_both, USER, Intent::Decline, "en-US", &world.context()).await;
    let older =
        world.identity.start_flow(&seen_by_both, USER, Intent::Block, "en-US", &world.context()).await;

    let (flow, none) = again.unwrap();
    assert!(none.is_none());
    assert_eq!((flow.intent, flow.version), (Intent::Decline, 2));
    assert!(matches!(older, Err(None)));
    assert_eq!(started(&world, &cookie).await.unwrap().intent, Intent::Decline);
}

#[tokio::test]
async fn a_flow_ends_after_an_hour_of_idleness() {
    let world = World::start().await;
    let opened = world.identity.open_flow(TENANT, INVITATION, TICKET, world.now());
    let first = live(&world, &opened).await.unwrap();
    world.advance(SignedDuration::from_mins(59));
    assert!(live(&world, &opened).await.is_some());
    let (_, cookie) = start(&world, &first).await;
    let cookie = cookie.unwrap();

    world.advance(SignedDuration::from_mins(59));
    let second = live(&world, &cookie).await.unwrap();
    assert!(live(&world, &opened).await.is_none());
    start(&world, &second).await;
    world.advance(SignedDuration::from_mins(59));
    assert!(live(&world, &cookie).await.is_some());
    world.advance(SignedDuration::from_mins(1));
    assert!(live(&world, &cookie).await.is_none());
}

#[tokio::test]
async fn the_end_of_a_flow_is_a_change_for_others_to_commit_and_holds_once() {
    let world = World::start().await;
    let opened = world.identity.open_flow(TENANT, INVITATION, TICKET, world.now());
    let (flow, cookie) = start(&world, &live(&world, &opened).await.unwrap()).await;
    let commit = |change: StateChange| {
        let unit = Unit { state: vec![change], ..Unit::new(TENANT) };
        let store = world.store.clone();
        async move { store.commit(unit).await }
    };

    let first = commit(world.identity.end_flow(&flow, &world.context())).await;
    let second = commit(world.identity.end_flow(&flow, &world.context())).await;

    assert!(first.is_ok() && second.is_err());
    assert!(started(&world, &cookie.unwrap()).await.unwrap().is_done);
}

#[tokio::test]
async fn a_form_belongs_to_the_cookie_it_came_with() {
    let world = World::start().await;
    let identity = &world.identity;
    let opened = identity.open_flow(TENANT, INVITATION, TICKET, world.now());
    let (flow, cookie) = start(&world, &live(&world, &opened).await.unwrap()).await;
    let (opened_cookies, cookies) = (sent_back(&opened), sent_back(&cookie.clone().unwrap()));

    let fresh = identity.form_token(None, Some(&opened)).unwrap();
    let form = identity.form_token(Some(&cookies), None).unwrap();

    assert_eq!(identity.form_token(Some(&opened_cookies), None), Some(fresh.clone()));
    assert_eq!(identity.form_token(Some(&opened_cookies), cookie.as_ref()), Some(form.clone()));
    assert_eq!(form.flow, flow.public_id.to_string());
    assert!(identity.is_own_form(Some(&opened_cookies), &fresh));
    assert!(identity.is_own_form(Some(&cookies), &form));
    for (cookies, form) in [
        (Some(&*cookies), &fresh),
        (Some(&*opened_cookies), &form),
        (None, &form),
        (Some(&*cookies), &FormToken { csrf: String::new(), ..form.clone() }),
        (Some(&*cookies), &FormToken { csrf: fresh.csrf.clone(), ..form.clone() }),
        (Some(&*cookies), &FormToken { flow: fresh.flow.clone(), ..form.clone() }),
    ] {
        assert!(!identity.is_own_form(cookies, form));
    }
    assert_eq!(identity.form_token(None, None), None);
}

#[tokio::test]
async fn a_labelled_token_is_good_for_its_label_only() {
    let world = World::start().await;
    let token = world.identity.label_token("block x");

    assert!(world.identity.is_label_token("block x", &token));
    assert!(!world.identity.is_label_token("block y", &token));
    assert!(!world.identity.is_label_token("block x", ""));
}

#[tokio::test]
async fn a_cookie_of_one_tenant_finds_nothing_in_another() {
    let world = World::start().await;
    let opened = world.identity.open_flow(TENANT, INVITATION, TICKET, world.now());
    let (flow, _) = start(&world, &live(&world, &opened).await.unwrap()).await;
    let elsewhere = TenantId(Uuid::from_u128(77));

    assert!(world.store.flow(elsewhere, flow.id, world.now()).await.unwrap().is_none());
}

async fn live(world: &World, cookie: &NewCookie) -> Option<LiveFlow> {
    world.identity.live_flow(Some(&sent_back(cookie)), world.now()).await.unwrap()
}

async fn started(world: &World, cookie: &NewCookie) -> Option<Flow> {
    match live(world, cookie).await? {
        LiveFlow::Started { flow, .. } => Some(*flow),
        LiveFlow::Opened { .. } => None,
    }
}

async fn start(world: &World, live: &LiveFlow) -> (Flow, Option<NewCookie>) {
    world.identity.start_flow(live, USER, Intent::Accept, "ko-KR", &world.context()).await.unwrap()
}

fn sent_back(cookie: &NewCookie) -> String {
    cookie.set_cookie.split(';').next().unwrap().to_owned()
}
