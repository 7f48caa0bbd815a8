//! S13: by the mail's link, by one click, after a proof, and its undo.

use axum::http::Method;
use jiff::SignedDuration;

use super::house::House;

#[tokio::test]
async fn the_link_asks_the_button_blocks_and_undo_lifts() {
    let house = House::new().await;
    let invited = house.invite(|_| {}).await;
    let mut guest = house.browser();

    let question = guest.open(&house.block_link(&invited)).await;
    assert_eq!(question.what(), (200, "S13"));
    assert!(question.says("Block Contoso?") && question.says("t•••@fabrikam.com"));
    assert!(!house.is_blocked(&invited).await);

    let blocked = guest.press(&question, "Block").await;
    assert_eq!(blocked.what(), (200, "S13"));
    assert!(blocked.says("You won't get invitations from Contoso any more"));
    assert!(house.is_blocked(&invited).await);

    let lifted = guest.press(&blocked, "Undo").await;
    assert_eq!(lifted.what(), (200, "S13"));
    assert!(!house.is_blocked(&invited).await);
}

#[tokio::test]
async fn one_click_needs_neither_cookie_nor_token_and_may_come_twice() {
    let house = House::new().await;
    let invited = house.invite(|_| {}).await;
    let link = house.block_link(&invited);
    let multipart =
        "--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--\r\n";
    let unquoted = multipart.replace('"', "");
    for body in ["List-Unsubscribe=One-Click", "List-Unsubscribe=One-Click", multipart, &unquoted] {
        let seen = house.browser().send(Method::POST, &link, body.into(), "cross-site").await;
        assert_eq!(seen.what(), (200, "S13"), "{body}");
        assert!(seen.location().is_none());
        assert!(house.is_blocked(&invited).await);
    }
}

#[tokio::test]
async fn any_other_post_needs_the_pages_own_token() {
    let house = House::new().await;
    let invited = house.invite(|_| {}).await;
    let link = house.block_link(&invited);
    let question = house.browser().open(&link).await;
    let mut form = question.form("Block");

    let bare = house.browser().send(Method::POST, &link, Vec::new(), "same-origin").await;
    assert_eq!(bare.what(), (400, "S-E2"));
    let foreign = house.browser().post(&form.action, &form.fields, "cross-site").await;
    assert_eq!(foreign.what(), (400, "S-E2"));
    form.action = "/invitations/unsubscribe/undo".into();
    assert_eq!(house.browser().submit(&form).await.what(), (400, "S-E2"), "undo has a token of its own");
    assert!(!house.is_blocked(&invited).await);
}

#[tokio::test]
async fn a_block_link_that_is_not_ours_leads_nowhere() {
    let house = House::new().await;
    let invited = house.invite(|_| {}).await;
    let link = house.block_link(&invited);
    let (path, token) = link.split_once("?t=").unwrap();
    let forged = format!("{}{}", if token.starts_with('A') { 'B' } else { 'A' }, &token[1..]);
    for (status, path) in [
        (400, path.to_owned()),
        (400, format!("{path}?t=")),
        (400, format!("{path}?t=abc")),
        (404, format!("{path}?t={forged}")),
    ] {
        assert_eq!(house.browser().open(&path).await.what(), (status, "S-E1"), "{path}");
        let one_click = b"List-Unsubscribe=One-Click".to_vec();
        let seen = house.browser().send(Method::POST, &path, one_click, "").await;
        assert_eq!(seen.what(), (status, "S-E1"), "{path}");
    }
}

#[tokio::test]
async fn from_s1_blocking_asks_for_the_code_first() {
    let house = House::new().await;
    let invited = house.invite(|_| {}).await;
    let mut guest = house.browser();
    let start = guest.open(&invited.link).await;

    let first = guest.open(&start.link("Block future invitations from Contoso")).await;
    assert_eq!(first.what(), (200, "S2"));
    assert_eq!(guest.open("/invitations/redeem/block").await.screen(), "S2", "no short cut");
    let code = guest.press(&first, "Send code").await;
    let question = guest.type_code(&code, &house.relay.last_code()).await;
    assert_eq!(question.what(), (200, "S13"));
    assert!(!house.is_blocked(&invited).await);

    let blocked = guest.press(&question, "Block").await;
    assert!(house.is_blocked(&invited).await);
    guest.press(&blocked, "Undo").await;
    assert!(!house.is_blocked(&invited).await);
}

#[tokio::test]
async fn who_changes_their_mind_too_often_stays_blocked_and_is_told_when_to_lift_it() {
    let house = House::new().await;
    let invited = house.invite(|_| {}).await;
    let mut guest = house.browser();
    let question = guest.open(&house.block_link(&invited)).await;
    for _ in 0..10 {
        let blocked = guest.press(&question, "Block").await;
        let lifted = guest.press(&blocked, "Undo").await;
        assert_eq!(lifted.what(), (200, "S13"));
        house.pass(SignedDuration::from_mins(1));
    }

    let blocked = guest.press(&question, "Block").await;
    assert_eq!(blocked.what(), (200, "S13"), "blocking is never refused");
    for _ in 0..3 {
        let too_often = guest.press(&blocked, "Undo").await;
        assert_eq!(too_often.what(), (429, "S-E11"));
        assert_eq!(too_often.header("retry-after"), "3000");
        assert!(too_often.says("You can lift it again in 50 minutes."), "{}", too_often.main());
        assert!(house.is_blocked(&invited).await);
    }
    assert_eq!(changes_of_mind(&house).await, 21, "what was refused leaves no record");

    house.pass(SignedDuration::from_mins(50));
    assert_eq!(guest.press(&blocked, "Undo").await.what(), (200, "S13"));
    assert!(!house.is_blocked(&invited).await);
}

#[tokio::test]
async fn what_is_so_already_is_said_again_and_not_recorded_again() {
    let house = House::new().await;
    let invited = house.invite(|_| {}).await;
    let mut guest = house.browser();
    let question = guest.open(&house.block_link(&invited)).await;
    let blocked = guest.press(&question, "Block").await;

    for _ in 0..30 {
        assert_eq!(guest.press(&question, "Block").await.what(), (200, "S13"));
    }
    assert_eq!(changes_of_mind(&house).await, 1);
    for _ in 0..30 {
        assert_eq!(guest.press(&blocked, "Undo").await.what(), (200, "S13"));
    }
    assert_eq!(changes_of_mind(&house).await, 2);
}

/// How often blocking and its undo were recorded.
async fn changes_of_mind(house: &House) -> usize {
    let events = house.events().await;
    let names = events.iter().map(|event| event.activity.name());
    names.filter(|name| matches!(*name, "Email unsubscribed" | "Email subscribed")).count()
}
