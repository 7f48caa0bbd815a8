//! A guest in a real browser: from the mail's link to the place the inviter chose.

use serde_json::json;
use vestibule_tests::browser::{Browser, Scripts};
use vestibule_tests::landing::Site;
use vestibule_tests::{App, Mail, Server};

const GUEST: &str = "taylor@fabrikam.com";

#[tokio::test]
async fn a_guest_goes_from_the_mail_to_the_redirect_url_with_scripts_and_without() {
    for scripts in [Scripts::On, Scripts::Off] {
        let Some(server) = Server::dev().await else { return };
        let app = server.app().await;
        let site = Site::start("<!doctype html><title>landed</title>").await.unwrap();
        let (id, mail) = invited(&server, &app, &format!("{}/start?a=1&b=2", site.origin()), "en-US").await;
        let Some(guest) = Browser::start(&server.ca(), scripts).await else { return };

        guest.open_page(mail.redeem_link()).await.unwrap();
        guest.expect_screen("S1").await.unwrap();
        let first = guest.text().await.unwrap();
        guest.press("Send code").await.unwrap();
        guest.expect_screen("S2").await.unwrap();
        let sent = guest.text().await.unwrap();
        let code = server.mail(GUEST, "passcode").await.unwrap().code();
        guest.fill("Code", &code).await.unwrap();
        guest.press("Verify").await.unwrap();
        guest.expect_screen("S5").await.unwrap();
        let consent = guest.text().await.unwrap();
        guest.press("Accept").await.unwrap();
        guest.expect_address(&format!("{}/start?a=1&b=2", site.origin())).await.unwrap();

        assert!(first.contains("contoso.localhost") && first.contains("t•••@fabrikam.com"), "{first}");
        assert!(!first.contains(GUEST), "S1 shows the address in full: {first}");
        assert!(sent.contains("We sent a code to t•••@fabrikam.com. It works for 30 minutes."), "{sent}");
        assert!(consent.contains(GUEST) && consent.contains("127.0.0.1"), "{consent}");
        let user = app.user(&id, "externalUserState,identities").await;
        assert_eq!(user["externalUserState"], "Accepted");
        assert_eq!(user["identities"][1]["issuer"], "mail");
        assert_eq!(user["identities"][1]["issuerAssignedId"], GUEST);
        let events = app.audit_of(&id).await;
        assert!(events.contains(&"Redeem external user invite".to_owned()), "{events:?}");
    }
}

#[tokio::test]
async fn a_wrong_code_is_said_at_the_top_and_at_the_field_and_five_end_it() {
    let Some(server) = Server::dev().await else { return };
    let app = server.app().await;
    let (id, mail) = invited(&server, &app, "https://myapps.microsoft.com/", "en-US").await;
    let Some(guest) = Browser::start(&server.ca(), Scripts::Off).await else { return };

    guest.open_page(mail.redeem_link()).await.unwrap();
    guest.press("Send code").await.unwrap();
    guest.expect_screen("S2").await.unwrap();
    let code = server.mail(GUEST, "passcode").await.unwrap().code();
    let wrong = if code == "00000000" { "00000001" } else { "00000000" };
    let mut said = Vec::new();
    for _ in 0..5 {
        guest.fill("Code", wrong).await.unwrap();
        guest.press("Verify").await.unwrap();
        guest.expect_screen("S2").await.unwrap();
        said.push(guest.text().await.unwrap());
    }
    guest.fill("Code", &code).await.unwrap();
    guest.press("Verify").await.unwrap();
    guest.expect_screen("S2").await.unwrap();

    assert!(
        said[0].contains("That code isn't right. 4 tries left.") || said[0].contains("isn’t right"),
        "{}",
        said[0]
    );
    assert!(said[4].contains("Too many wrong codes. Ask for a new one."), "{}", said[4]);
    assert_eq!(app.user(&id, "externalUserState").await["externalUserState"], "PendingAcceptance");
}

#[tokio::test]
async fn a_guest_who_cancels_has_shared_nothing_and_may_go_back() {
    let Some(server) = Server::dev().await else { return };
    let app = server.app().await;
    let site = Site::start("<!doctype html><title>landed</title>").await.unwrap();
    let (id, mail) = invited(&server, &app, site.origin(), "en-US").await;
    let Some(guest) = Browser::start(&server.ca(), Scripts::On).await else { return };

    walk_to_consent(&guest, &server, &mail).await;
    guest.press("Cancel").await.unwrap();
    guest.expect_screen("S8").await.unwrap();
    let pending = app.user(&id, "externalUserState").await;
    guest.press("Go back").await.unwrap();
    guest.expect_screen("S5").await.unwrap();
    guest.press("Accept").await.unwrap();
    guest.expect_address(site.origin()).await.unwrap();

    assert_eq!(pending["externalUserState"], "PendingAcceptance");
    assert_eq!(app.user(&id, "externalUserState").await["externalUserState"], "Accepted");
}

#[tokio::test]
async fn declining_asks_for_the_code_first_and_ends_the_invitation() {
    let Some(server) = Server::dev().await else { return };
    let app = server.app().await;
    let (id, mail) = invited(&server, &app, "https://myapps.microsoft.com/", "en-US").await;
    let Some(guest) = Browser::start(&server.ca(), Scripts::Off).await else { return };

    guest.open_page(mail.redeem_link()).await.unwrap();
    guest.press("Decline").await.unwrap();
    guest.expect_screen("S2").await.unwrap();
    guest.press("Send code").await.unwrap();
    let code = server.mail(GUEST, "passcode").await.unwrap().code();
    guest.fill("Code", &code).await.unwrap();
    guest.press("Verify").await.unwrap();
    guest.expect_screen("S8D").await.unwrap();
    let before = app.audit_of(&id).await;
    guest
        .driver()
        .find(thirtyfour::By::Css("main form[method=post] button"))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    guest.open_page(mail.redeem_link()).await.unwrap();
    guest.expect_screen("S-E3").await.unwrap();

    assert!(!before.contains(&"Decline external user invite".to_owned()), "{before:?}");
    let after = app.audit_of(&id).await;
    assert!(after.contains(&"Decline external user invite".to_owned()), "{after:?}");
    assert_eq!(app.user(&id, "externalUserState").await["externalUserState"], "PendingAcceptance");
    assert_eq!(server.redeem(mail.redeem_link()).await.unwrap().status, 410);
}

#[tokio::test]
async fn after_acceptance_the_link_still_leads_to_the_redirect_url() {
    let Some(server) = Server::dev().await else { return };
    let app = server.app().await;
    let site = Site::start("<!doctype html><title>landed</title>").await.unwrap();
    let (id, mail) = invited(&server, &app, site.origin(), "en-US").await;
    server.redeem(mail.redeem_link()).await.unwrap().expect(200);
    let accepted = app.user(&id, "externalUserStateChangeDateTime").await;
    server.advance(7200).await.unwrap();
    let Some(guest) = Browser::start(&server.ca(), Scripts::Off).await else { return };

    guest.open_page(mail.redeem_link()).await.unwrap();
    guest.expect_screen("S1").await.unwrap();
    assert!(guest.text().await.unwrap().contains("Welcome back"));
    guest.press("Send code").await.unwrap();
    guest.expect_screen("S2").await.unwrap();
    let code = server.mail(GUEST, "passcode").await.unwrap().code();
    guest.fill("Code", &code).await.unwrap();
    guest.press("Verify").await.unwrap();
    guest.expect_address(site.origin()).await.unwrap();

    // The clock has left the first token behind.
    let app = server.app().await;
    assert_eq!(app.user(&id, "externalUserStateChangeDateTime").await, accepted);
}

#[tokio::test]
async fn one_click_blocks_and_the_same_page_lifts_it_again() {
    let Some(server) = Server::dev().await else { return };
    let app = server.app().await;
    let (_, mail) = invited(&server, &app, "https://myapps.microsoft.com/", "en-US").await;
    let header = mail.header("List-Unsubscribe");
    let block = header.split(['<', '>']).find(|part| part.starts_with("http")).unwrap().to_owned();
    let Some(guest) = Browser::start(&server.ca(), Scripts::Off).await else { return };

    // RFC 8058: what a mail program sends has neither cookie nor Origin.
    let one_click = [("List-Unsubscribe", "One-Click")];
    server.http().post_form(&block, &one_click).await.unwrap().expect(200);
    let again = app.invite_with(GUEST, json!({"sendInvitationMessage": true})).await;
    let events = app.audit_of(again["invitedUser"]["id"].as_str().unwrap()).await;
    guest.open_page(&block).await.unwrap();
    guest.press("Block").await.unwrap();
    guest.expect_text("You won't get invitations from contoso any more").await.unwrap();
    guest.press("Undo").await.unwrap();
    guest.expect_text("The block is lifted").await.unwrap();
    server.http().delete("/_dev/mailbox").await.unwrap().expect(204);
    app.invite_with(GUEST, json!({"sendInvitationMessage": true})).await;

    assert_eq!(mail.header("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
    assert!(events.contains(&"Email not sent, user unsubscribed".to_owned()), "{events:?}");
    server.mail(GUEST, "invitation").await.unwrap();
}

#[tokio::test]
async fn pages_and_mail_speak_korean_to_whom_was_invited_in_korean() {
    let Some(server) = Server::dev().await else { return };
    let app = server.app().await;
    let (_, mail) = invited(&server, &app, "https://myapps.microsoft.com/", "ko-KR").await;
    let Some(guest) = Browser::start(&server.ca(), Scripts::Off).await else { return };

    guest.open_page(mail.redeem_link()).await.unwrap();
    guest.expect_screen("S1").await.unwrap();

    assert_eq!(mail.header("Content-Language"), "ko");
    assert!(mail.text.contains("초대"), "{}", mail.text);
    assert!(guest.text().await.unwrap().contains("초대"));
    let language =
        guest.driver().find(thirtyfour::By::Css("html")).await.unwrap().attr("lang").await.unwrap();
    assert!(language.unwrap().starts_with("ko"));
}

/// Invites [`GUEST`] with a mail and answers the user's id and the mail.
pub(crate) async fn invited(server: &Server, app: &App, redirect: &str, language: &str) -> (String, Mail) {
    let invitation = app
        .invite_with(
            GUEST,
            json!({
                "inviteRedirectUrl": redirect,
                "sendInvitationMessage": true,
                "invitedUserMessageInfo": {"messageLanguage": language, "customizedMessageBody": "See you there."},
            }),
        )
        .await;
    let mail = server.mail(GUEST, "invitation").await.unwrap();
    (invitation["invitedUser"]["id"].as_str().unwrap().to_owned(), mail)
}

/// From the mail to S5, in English.
pub(crate) async fn walk_to_consent(guest: &Browser, server: &Server, mail: &Mail) {
    guest.open_page(mail.redeem_link()).await.unwrap();
    guest.expect_screen("S1").await.unwrap();
    guest.press("Send code").await.unwrap();
    guest.expect_screen("S2").await.unwrap();
    let code = server.mail(GUEST, "passcode").await.unwrap().code();
    guest.fill("Code", &code).await.unwrap();
    guest.press("Verify").await.unwrap();
    guest.expect_screen("S5").await.unwrap();
}
