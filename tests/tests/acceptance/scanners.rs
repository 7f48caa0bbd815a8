//! Mail scanners: whatever they fetch, load or press, nothing is redeemed, declined or blocked.

use reqwest::Method;
use serde_json::json;
use vestibule_tests::browser::{Browser, Scripts};
use vestibule_tests::form::{Form, links};
use vestibule_tests::{App, Server, http};

use crate::redemption::invited;

const GUEST: &str = "taylor@fabrikam.com";

#[tokio::test]
async fn fifty_gets_and_heads_of_every_link_in_the_mail_change_nothing() {
    let Some(server) = Server::dev().await else { return };
    let app = server.app().await;
    let (id, mail) = invited(&server, &app, "https://myapps.microsoft.com/", "en-US").await;
    let before = Everything::of(&app, &id).await;
    let unsubscribe = mail.header("List-Unsubscribe");
    let block = unsubscribe.split(['<', '>']).filter(|part| part.starts_with("http")).map(str::to_owned);
    let all: Vec<String> = mail.links.iter().cloned().chain(block).collect();

    let ours: Vec<&String> = all.iter().filter(|link| link.starts_with(server.url())).collect();
    for link in &ours {
        for round in 0..50 {
            let method = if round % 2 == 0 { Method::GET } else { Method::HEAD };
            let answer = http::send(server.http().request(method, link)).await.unwrap();
            assert!(answer.status < 400, "{link}: {}", answer.status);
            if answer.status == 302 {
                let to = answer.header("location").to_owned();
                let followed = format!("{}{}", server.url(), to.trim_start_matches(server.url()));
                http::send(server.http().request(Method::GET, &followed)).await.unwrap().expect(200);
            }
        }
    }

    assert!(ours.len() >= 2, "the links to redeem and to block: {ours:?}");
    Everything::of(&app, &id).await.must_equal(before);
    assert_eq!(server.mailbox().await.unwrap().len(), 1, "a passcode was sent");
    server.redeem(mail.redeem_link()).await.unwrap().expect(200);
}

#[tokio::test]
async fn a_prefetch_gets_nothing_at_all() {
    let Some(server) = Server::dev().await else { return };
    let app = server.app().await;
    let (_, mail) = invited(&server, &app, "https://myapps.microsoft.com/", "en-US").await;
    let first = server.http().get(mail.redeem_link()).await.unwrap().expect(302);
    let page = format!("{}{}", server.url(), first.header("location").trim_start_matches(server.url()));

    for (name, value) in [("Sec-Purpose", "prefetch"), ("Purpose", "prefetch"), ("X-Moz", "prefetch")] {
        let answer = http::send(server.http().request(Method::GET, &page).header(name, value)).await.unwrap();

        assert_eq!(answer.status, 204, "{name}");
        assert_eq!(answer.header("set-cookie"), "", "{name}");
    }
}

#[tokio::test]
async fn a_headless_browser_that_only_loads_the_page_changes_nothing() {
    let Some(server) = Server::dev().await else { return };
    let app = server.app().await;
    let (id, mail) = invited(&server, &app, "https://myapps.microsoft.com/", "en-US").await;
    let before = Everything::of(&app, &id).await;
    let Some(scanner) = Browser::start(&server.ca(), Scripts::On).await else { return };

    for _ in 0..5 {
        scanner.open_page(mail.redeem_link()).await.unwrap();
        scanner.expect_screen("S1").await.unwrap();
    }

    Everything::of(&app, &id).await.must_equal(before);
    assert_eq!(server.mailbox().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_scanner_that_presses_every_link_and_button_without_a_code_causes_one_passcode_mail() {
    let Some(server) = Server::dev().await else { return };
    let app = server.app().await;
    let (id, mail) = invited(&server, &app, "https://myapps.microsoft.com/", "en-US").await;
    let before = Everything::of(&app, &id).await;
    let Some(scanner) = Browser::start(&server.ca(), Scripts::On).await else { return };

    scanner.open_page(mail.redeem_link()).await.unwrap();
    scanner.expect_screen("S1").await.unwrap();
    let html = scanner.driver().source().await.unwrap();
    let controls =
        scanner.driver().find_all(thirtyfour::By::Css("main a, main button, main summary")).await.unwrap();
    for index in 0..controls.len() {
        open_again(&scanner, mail.redeem_link()).await;
        let all = scanner
            .driver()
            .find_all(thirtyfour::By::Css("main a, main button, main summary"))
            .await
            .unwrap();
        all[index].click().await.unwrap();
        // Each leads to S2, which has more to press: its first button too, and the others if they are still there then.
        scanner.expect_screen("S2").await.unwrap();
        let more = scanner.driver().find_all(thirtyfour::By::Css("main button")).await.unwrap();
        for (nth, button) in more.iter().enumerate() {
            let pressed = button.click().await;
            assert!(nth > 0 || pressed.is_ok(), "control {index}: {pressed:?}");
        }
    }

    // What was pressed last has taken effect once another page is there.
    open_again(&scanner, mail.redeem_link()).await;

    assert!(controls.len() >= 3, "send, decline and block: {:?} {:?}", Form::all(&html), links(&html));
    Everything::of(&app, &id).await.must_equal(before);
    let passcodes =
        server.mailbox().await.unwrap().into_iter().filter(|mail| mail.kind == "passcode").count();
    assert_eq!(
        passcodes, 1,
        "the one that Send code sends: the buttons were pressed, and no second code so soon"
    );
    app.invite_with(GUEST, json!({"sendInvitationMessage": true})).await;
    server.mail(GUEST, "invitation").await.unwrap();
}

/// Opens S1 after a press; a form that was still on its way may come in between.
async fn open_again(scanner: &Browser, link: &str) {
    for _ in 0..5 {
        scanner.open_page(link).await.unwrap();
        if scanner.screen().await.unwrap() == "S1" {
            return;
        }
    }
    scanner.expect_screen("S1").await.unwrap();
}

/// What a scanner must not change: the user, and what the audit log says about them.
#[derive(Debug, PartialEq)]
struct Everything {
    user: serde_json::Value,
    events: Vec<String>,
}

impl Everything {
    async fn of(app: &App, id: &str) -> Self {
        let user = app
            .user(id, "id,externalUserState,externalUserStateChangeDateTime,identities,accountEnabled")
            .await;
        Self { user, events: app.audit_of(id).await }
    }

    fn must_equal(&self, before: Self) {
        let mail_sent = |event: &String| event != "Invitation Email";
        assert_eq!(self.user, before.user);
        let events =
            |all: &[String]| all.iter().filter(|event| mail_sent(event)).cloned().collect::<Vec<_>>();
        assert_eq!(events(&self.events), events(&before.events));
    }
}
