//! S2: what is answered to each code, and to asking for another.

use axum::http::Method;
use jiff::SignedDuration;

use super::house::House;

#[tokio::test]
async fn a_wrong_code_says_so_at_the_top_and_at_the_field() {
    let house = House::new().await;
    let invited = house.invite(|_| {}).await;
    let mut guest = house.browser();
    let page = guest.ask_for_code(&invited.link).await;
    assert!(page.html.contains("autocomplete=\"one-time-code\" maxlength=\"16\""));
    assert!(page.main().contains(" autofocus>"));

    let wrong = guest.type_code(&page, &another(&house.relay.last_code())).await;
    assert_eq!(wrong.what(), (422, "S2"));
    assert!(wrong.says("That code isn't right. 4 tries left."));
    assert!(wrong.html.contains("<div class=\"summary\" role=\"alert\" tabindex=\"-1\" autofocus>"));
    assert!(wrong.html.contains("aria-invalid=\"true\" aria-describedby=\"code-problem\">"));
    assert!(wrong.html.contains("<a href=\"#code\">"));
    assert_eq!(wrong.html.matches(" autofocus").count(), 1, "one thing has the focus");
}

#[tokio::test]
async fn what_is_no_code_costs_no_try_and_blanks_cost_nothing() {
    let house = House::new().await;
    let invited = house.invite(|_| {}).await;
    let mut guest = house.browser();
    let page = guest.ask_for_code(&invited.link).await;
    for typed in ["", "1234567", "123456789", "abcdefgh"] {
        let seen = guest.type_code(&page, typed).await;
        assert_eq!(seen.what(), (422, "S2"), "{typed}");
        assert!(seen.says("Enter the 8 digits from the e-mail."), "{typed}");
    }

    let code = house.relay.last_code();
    let (left, right) = code.split_at(4);
    assert_eq!(guest.type_code(&page, &format!(" {left}-{right} ")).await.screen(), "S5");
}

#[tokio::test]
async fn five_wrong_tries_kill_a_code_and_ten_lock_the_address() {
    let house = House::new().await;
    let invited = house.invite(|_| {}).await;
    let mut guest = house.browser();
    let mut page = guest.ask_for_code(&invited.link).await;
    for left in [4, 3, 2, 1] {
        page = guest.type_code(&page, &another(&house.relay.last_code())).await;
        assert!(page.says(&format!("{left} tr")), "{left}");
    }
    let dead = guest.type_code(&page, &another(&house.relay.last_code())).await;
    assert_eq!(dead.what(), (422, "S2"));
    assert!(dead.says("Too many wrong codes. Ask for a new one."));
    assert_eq!(dead.link("Send a new code"), "#again", "what helps is one press away");

    house.pass(SignedDuration::from_mins(2));
    page = guest.press(&dead, "Send a new code").await;
    assert_eq!(page.what(), (200, "S2"));
    for _ in 0..4 {
        page = guest.type_code(&page, &another(&house.relay.last_code())).await;
    }
    let locked = guest.type_code(&page, &another(&house.relay.last_code())).await;
    assert_eq!(locked.what(), (429, "S2"));
    assert_eq!(locked.header("retry-after"), "900");
    assert!(locked.says("15 minutes"));
    let still = guest.type_code(&locked, &house.relay.last_code()).await;
    assert_eq!(still.what(), (429, "S2"));
}

#[tokio::test]
async fn a_code_ends_after_thirty_minutes() {
    let house = House::new().await;
    let invited = house.invite(|_| {}).await;
    let mut guest = house.browser();
    let page = guest.ask_for_code(&invited.link).await;
    house.pass(SignedDuration::from_mins(31));

    let late = guest.type_code(&page, &house.relay.last_code()).await;
    assert_eq!(late.what(), (422, "S2"));
    assert!(late.says("That code has expired. Ask for a new one."));
}

#[tokio::test]
async fn a_new_code_is_sent_after_a_minute_and_kills_the_older_one() {
    let house = House::new().await;
    let invited = house.invite(|_| {}).await;
    let mut guest = house.browser();
    let page = guest.ask_for_code(&invited.link).await;
    house.pass(SignedDuration::from_secs(18));

    let soon = guest.press(&page, "Send a new code").await;
    assert_eq!(soon.what(), (429, "S2"));
    assert_eq!(soon.header("retry-after"), "42");
    assert!(soon.says("You can ask for a new one in 42 seconds."));
    assert!(guest.fetch(Method::GET, "/invitations/redeem/code").await.says("in 42 seconds"));

    house.pass(SignedDuration::from_secs(42));
    let older = house.relay.last_code();
    let page = guest.press(&soon, "Send a new code").await;
    assert_eq!(page.what(), (200, "S2"));
    assert_eq!(house.relay.codes().len(), 2);
    if older != house.relay.last_code() {
        assert_eq!(guest.type_code(&page, &older).await.what(), (422, "S2"));
    }
    assert_eq!(guest.type_code(&page, &house.relay.last_code()).await.screen(), "S5");
}

#[tokio::test]
async fn mail_that_does_not_leave_is_503_and_may_be_tried_at_once() {
    let house = House::new().await;
    let invited = house.invite(|_| {}).await;
    house.relay.refuse(true);
    let mut guest = house.browser();

    let unsent = guest.ask_for_code(&invited.link).await;
    assert_eq!(unsent.what(), (503, "S2"));
    assert!(unsent.says("We could not send the e-mail. Try again in a few minutes."));
    assert!(!unsent.says("We sent a code"));

    house.relay.refuse(false);
    let page = guest.press(&unsent, "Send a new code").await;
    assert_eq!(page.what(), (200, "S2"));
    assert_eq!(guest.type_code(&page, &house.relay.last_code()).await.screen(), "S5");
}

#[tokio::test]
async fn a_code_works_only_in_the_flow_that_asked_for_it() {
    let house = House::new().await;
    let invited = house.invite(|_| {}).await;
    let mut guest = house.browser();
    guest.ask_for_code(&invited.link).await;
    let code = house.relay.last_code();
    house.pass(SignedDuration::from_mins(2));
    let mut thief = house.browser();
    let page = thief.ask_for_code(&invited.link).await;

    if code != house.relay.last_code() {
        assert_eq!(thief.type_code(&page, &code).await.what(), (422, "S2"));
    }
}

/// Eight digits that are not `code`.
fn another(code: &str) -> String {
    let first = if code.starts_with('0') { '1' } else { '0' };
    format!("{first}{}", &code[1..])
}

#[tokio::test]
async fn whoever_begins_over_and_over_pushes_out_themselves_and_nobody_with_a_code() {
    let house = House::new().await;
    let invited = house.invite(|_| {}).await;
    let mut guest = house.browser();
    let page = guest.ask_for_code(&invited.link).await;
    let code = house.relay.last_code();

    let mut first = house.browser();
    let pushed_out = first.ask_for_code(&invited.link).await;
    assert_eq!(pushed_out.what(), (429, "S2"), "the code was sent a moment ago");
    for _ in 0..10 {
        house.pass(SignedDuration::from_secs(1));
        let begun = house.browser().ask_for_code(&invited.link).await;
        assert_eq!(begun.what(), (429, "S2"), "nobody is refused a flow");
    }

    let gone = first.type_code(&pushed_out, "12345678").await;
    assert_eq!(gone.what(), (400, "S-E2"));
    assert_eq!(guest.type_code(&page, &code).await.what(), (200, "S5"));
    house.pass(SignedDuration::from_mins(2));
    assert_eq!(first.ask_for_code(&invited.link).await.what(), (200, "S2"), "and the way stays open");
}

#[tokio::test]
async fn after_the_proof_s2_leads_on_to_what_was_asked_for() {
    let house = House::new().await;
    let invited = house.invite(|_| {}).await;
    let mut guest = house.browser();
    guest.prove(&invited.link).await;

    let back = guest.fetch(Method::GET, "/invitations/redeem/code").await;
    assert_eq!(
        (back.status.as_u16(), back.location().as_deref()),
        (303, Some("/invitations/redeem/consent"))
    );

    let mut blocking = house.browser();
    let start = blocking.open(&invited.link).await;
    let first = blocking.open(&start.link("Block future invitations from Contoso")).await;
    house.pass(SignedDuration::from_mins(2));
    let code = blocking.press(&first, "Send code").await;
    blocking.type_code(&code, &house.relay.last_code()).await;
    let back = blocking.fetch(Method::GET, "/invitations/redeem/code").await;
    assert_eq!(back.location().as_deref(), Some("/invitations/redeem/block"));
}
