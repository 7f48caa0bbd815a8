//! S1 → S2 → S5 → S7, with S8 and S8D.

use axum::http::Method;
use jiff::SignedDuration;
use vestibule_model::GuestState;
use vestibule_model::policy::PasscodePolicy;

use super::house::{GUEST, House};

#[tokio::test]
async fn a_guest_goes_from_the_link_to_the_redirect_url() {
    let house = House::new().await;
    let invited = house.invite(|_| {}).await;
    let mut guest = house.browser();

    let start = guest.open(&invited.link).await;
    assert_eq!(start.what(), (200, "S1"));
    assert_eq!(start.title(), "You&#39;re invited · Contoso");
    for words in ["Contoso (contoso.com) invites you", "Intranet", "t•••@fabrikam.com", "myapp.contoso.com"]
    {
        assert!(start.says(words), "{words} in {}", start.html);
    }
    assert!(!start.html.contains(GUEST));

    let code = guest.press(&start, "Send code").await;
    assert_eq!(code.what(), (200, "S2"));
    assert!(code.says("We sent a code to t•••@fabrikam.com. It works for 30 minutes."));
    assert!(code.says("invitations@contoso.com"));

    let consent = guest.type_code(&code, &house.relay.last_code()).await;
    assert_eq!(consent.what(), (200, "S5"));
    for words in [GUEST, "Contoso (contoso.com)", "myapp.contoso.com", "has not provided a privacy statement"]
    {
        assert!(consent.says(words), "{words} in {}", consent.html);
    }

    let done = guest.press(&consent, "Accept").await;
    assert_eq!(done.what(), (200, "S7"));
    assert!(done.says("You are now a guest of Contoso."));
    assert_eq!(done.link("Continue to myapp.contoso.com"), "https://myapp.contoso.com/start?a=1&b=2");
    assert!(done.html.contains(
        "<meta http-equiv=\"refresh\" content=\"0;url=https://myapp.contoso.com/start?a=1&amp;b=2\">"
    ));
    assert!(done.html.contains("<a id=\"continue\" rel=\"noreferrer\" href="));
    assert_eq!(done.header("referrer-policy"), "no-referrer");
    assert!(guest.cookies.contains_key("__Host-vst_session"));
    assert!(matches!(house.guest(&invited).await.guest_state, Some(GuestState::Accepted { .. })));
}

#[tokio::test]
async fn fetching_links_and_pages_changes_nothing() {
    let house = House::new().await;
    let invited = house.invite(|_| {}).await;
    for method in [Method::GET, Method::HEAD] {
        for _ in 0..10 {
            let mut scanner = house.browser();
            let bare = scanner.fetch(method.clone(), &invited.link).await.location().unwrap();
            for path in [
                bare.as_str(),
                "/invitations/redeem/code",
                "/invitations/redeem/code?intent=decline",
                "/invitations/redeem/code?intent=block",
                "/invitations/redeem/decline",
                "/invitations/redeem/block",
                "/invitations/redeem/consent",
                "/invitations/redeem/cancelled",
                "/invitations/redeem/done",
            ] {
                scanner.fetch(method.clone(), path).await;
            }
        }
    }

    assert!(house.relay.codes().is_empty());
    assert!(!house.is_blocked(&invited).await);
    assert!(matches!(house.guest(&invited).await.guest_state, Some(GuestState::PendingAcceptance { .. })));
}

#[tokio::test]
async fn the_inviters_words_stand_on_s1_as_words_and_nothing_else() {
    let house = House::new().await;
    let invited = house
        .invite(|request| {
            request.message_body = Some("<b>Hi</b> https://evil.example\n\u{202E}See you".into())
        })
        .await;
    let start = house.browser().open(&invited.link).await;

    assert!(start.html.contains("&lt;b&gt;Hi&lt;/b&gt; https://evil.example\nSee you</blockquote>"));
    assert!(start.says("Message from Contoso"));
}

#[tokio::test]
async fn an_applications_words_stand_on_s1_only_where_they_stood_in_the_mail() {
    for (house, are_said) in [(House::new().await, true), (House::with_words_as_in_entra().await, false)] {
        let invited = house.invite(|request| request.message_body = Some("See you there.".into())).await;
        let start = house.browser().open(&invited.link).await;

        assert_eq!(start.what(), (200, "S1"));
        assert_eq!(start.says("See you there."), are_said);
        assert_eq!(start.html.contains("<blockquote"), are_said);
    }
}

#[tokio::test]
async fn after_acceptance_the_link_greets_and_leads_on() {
    let house = House::new().await;
    let invited = house.invite(|_| {}).await;
    let mut guest = house.browser();
    let consent = guest.prove(&invited.link).await;
    guest.press(&consent, "Accept").await;
    let accepted_at = house.guest(&invited).await.guest_state;

    let again = guest.open(&invited.link).await;
    assert_eq!(again.what(), (200, "S1"));
    assert!(again.says("Welcome back") && !again.says("Decline"));
    assert!(!again.says("Confirm your address"), "whoever is signed in has nothing to confirm");
    let done = guest.press(&again, "Continue as taylor").await;
    assert_eq!(done.what(), (200, "S7"));
    assert!(done.says("You have already accepted this invitation from Contoso."));

    house.pass(SignedDuration::from_hours(25));
    let mut elsewhere = house.browser();
    let done = elsewhere.prove(&invited.link).await;
    assert_eq!(done.what(), (200, "S7"));
    assert!(elsewhere.cookies.contains_key("__Host-vst_session"));
    assert_eq!(house.guest(&invited).await.guest_state, accepted_at);
}

#[tokio::test]
async fn accepting_in_two_tabs_ends_at_the_same_page() {
    let house = House::new().await;
    let invited = house.invite(|_| {}).await;
    let mut guest = house.browser();
    let consent = guest.prove(&invited.link).await;

    let winner = guest.press(&consent, "Accept").await;
    let session = guest.cookies["__Host-vst_session"].clone();
    let loser = guest.press(&consent, "Accept").await;
    assert_eq!(guest.cookies["__Host-vst_session"], session, "one acceptance makes one session");
    let back = guest.open("/invitations/redeem/code").await;
    let consent_again = guest.fetch(Method::GET, "/invitations/redeem/consent").await;

    assert!(winner.says("You are now a guest of Contoso."));
    assert_eq!(consent_again.location().as_deref(), Some("/invitations/redeem/done"));
    for late in [loser, back] {
        assert_eq!(late.what(), (200, "S7"));
        assert!(late.says("You have already accepted this invitation from Contoso."));
    }
}

#[tokio::test]
async fn without_a_proof_there_is_no_consent() {
    let house = House::new().await;
    let invited = house.invite(|_| {}).await;
    let mut guest = house.browser();
    let start = guest.open(&invited.link).await;

    let consent = guest.fetch(Method::GET, "/invitations/redeem/consent").await;
    assert_eq!(consent.what(), (409, "S1"));
    assert!(consent.html.contains("role=\"alert\""));

    let mut form = start.form("Send code");
    form.action = "/invitations/redeem/consent".into();
    form.fields.push(("decision".into(), "accept".into()));
    assert_eq!(guest.submit(&form).await.what(), (409, "S1"));
    assert!(matches!(house.guest(&invited).await.guest_state, Some(GuestState::PendingAcceptance { .. })));
}

#[tokio::test]
async fn s7_tells_its_address_only_to_whoever_has_proved_who_they_are() {
    let house = House::new().await;
    let invited = house.invite(|_| {}).await;
    let mut guest = house.browser();
    let consent = guest.prove(&invited.link).await;
    guest.press(&consent, "Accept").await;
    let mut stranger = house.browser();
    stranger.open(&invited.link).await;

    let seen = stranger.open("/invitations/redeem/done").await;
    assert_eq!(seen.screen(), "S1");
    assert!(!seen.html.contains("/start?a=1"));
}

#[tokio::test]
async fn cancelling_shares_nothing_and_the_way_back_is_open() {
    let house = House::new().await;
    let invited = house.invite(|_| {}).await;
    let mut guest = house.browser();
    let consent = guest.prove(&invited.link).await;

    let cancelled = guest.press(&consent, "Cancel").await;
    assert_eq!(cancelled.what(), (200, "S8"));
    assert!(cancelled.says("Nothing was shared with Contoso. The invitation stays open."));
    let back = guest.press(&cancelled, "Go back").await;
    assert_eq!(back.screen(), "S5");
    assert_eq!(guest.press(&back, "Accept").await.screen(), "S7");
}

#[tokio::test]
async fn declining_asks_once_more_and_ends_the_link() {
    let house = House::new().await;
    let invited = house.invite(|_| {}).await;
    let mut guest = house.browser();
    let start = guest.open(&invited.link).await;
    let first = guest.open(&start.link("Decline")).await;
    assert_eq!(first.what(), (200, "S2"));
    assert!(first.says("To decline the invitation, first show that this address is yours."));
    assert!(house.relay.codes().is_empty());

    let code = guest.press(&first, "Send code").await;
    let question = guest.type_code(&code, &house.relay.last_code()).await;
    assert_eq!(question.what(), (200, "S8D"));
    let long = guest.fill(&question, "Decline the invitation", &[("reason", &"x".repeat(501))]).await;
    assert_eq!(long.what(), (422, "S8D"));
    assert!(long.html.contains("aria-invalid=\"true\""));
    let declined = guest.fill(&long, "Decline the invitation", &[("reason", "not now")]).await;
    assert_eq!(declined.what(), (200, "S8D"));
    assert!(declined.says("You declined the invitation"));

    let again = house.browser().open(&invited.link).await;
    assert_eq!(again.what(), (410, "S-E3"));
    assert!(again.says("This invitation was declined"));
    let block = guest.open(&declined.link("Block future invitations")).await;
    assert_eq!(block.what(), (200, "S13"));
}

#[tokio::test]
async fn microsofts_my_apps_is_ours_unless_the_operator_says_otherwise() {
    for (maps, wanted, target) in [
        (true, "https://myapps.microsoft.com", "https://guests.example/myapps/?tenantid="),
        (
            true,
            "https://myapplications.microsoft.com/?tenantid=x",
            "https://guests.example/myapps/?tenantid=",
        ),
        (true, "https://myapps.microsoft.com.evil.example/", "https://myapps.microsoft.com.evil.example/"),
        (false, "https://myapps.microsoft.com", "https://myapps.microsoft.com"),
    ] {
        let house = House::with(|settings| settings.map_myapps = maps, |_, _| {}).await;
        let invited = house.invite(|request| request.redirect_url = Some(wanted.into())).await;
        let mut guest = house.browser();
        let consent = guest.prove(&invited.link).await;
        let done = guest.press(&consent, "Accept").await;

        assert!(done.html.contains(&format!("content=\"0;url={target}")), "{wanted}: {}", done.main());
    }
}

#[tokio::test]
async fn a_guest_without_a_method_is_told_so() {
    let off = House::with(|_| {}, |_, policy| policy.passcodes = PasscodePolicy::Disabled).await;
    let invited = off.invite(|_| {}).await;
    assert_eq!(off.browser().open(&invited.link).await.what(), (403, "S-E5"));

    let mute = House::with(|settings| settings.sender = None, |_, _| {}).await;
    let invited = mute.invite(|_| {}).await;
    assert_eq!(mute.browser().open(&invited.link).await.what(), (403, "S-E5"));
}

#[tokio::test]
async fn an_expired_invitation_says_until_when_it_was_valid() {
    let house = House::with_lifetime(30).await;
    let invited = house.invite(|_| {}).await;
    assert!(house.browser().open(&invited.link).await.says("Sunday, 20 December 2026, 06:00 UTC"));
    house.pass(SignedDuration::from_hours(31 * 24));

    let seen = house.browser().open(&invited.link).await;
    assert_eq!(seen.what(), (410, "S-E3"));
    assert!(seen.says("It could be accepted until Sunday, 20 December 2026, 06:00 UTC."));
    assert!(!seen.html.contains("<form method=\"post\""));
}

#[tokio::test]
async fn somebody_else_signed_in_is_named_and_can_step_aside() {
    let house = House::new().await;
    let taylor = house.invite(|_| {}).await;
    let sam = house.invite(|request| request.email_address = Some("sam@fabrikam.com".into())).await;
    let mut shared = house.browser();
    let consent = shared.prove(&taylor.link).await;
    shared.press(&consent, "Accept").await;

    let start = shared.open(&sam.link).await;
    assert!(start.says("You are signed in as taylor.") && !start.says("Continue as"));
    let alone = shared.press(&start, "Use another account").await;
    assert_eq!(alone.what(), (200, "S1"));
    assert!(alone.says("s•••@fabrikam.com") && !alone.says("You are signed in"));
    assert!(!shared.cookies.contains_key("__Host-vst_session"));
}
