//! Every screen and mail that a guest can meet, in both languages, widths and schemes: for a screen reader (axe), for a
//! finger on a narrow phone, and for a keyboard; the whole way without a mouse, with scripts and without.

use anyhow::Result;
use thirtyfour::Key;
use vestibule_tests::browser::{Browser, Scripts};
use vestibule_tests::landing::Site;
use vestibule_tests::tour::{Tour, Visitor};
use vestibule_tests::{Server, fit};

use crate::redemption::invited;

const GUEST: &str = "taylor@fabrikam.com";

#[tokio::test]
async fn axe_finds_nothing_on_any_screen_in_english() {
    let complaints = tour("en-US").await;
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[tokio::test]
async fn axe_finds_nothing_on_any_screen_in_korean() {
    let complaints = tour("ko-KR").await;
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[tokio::test]
async fn the_whole_way_works_by_keyboard_alone() {
    for scripts in [Scripts::On, Scripts::Off] {
        let Some(server) = Server::dev().await else { return };
        let app = server.app().await;
        let site = Site::start("<!doctype html><title>landed</title>").await.unwrap();
        let (id, mail) = invited(&server, &app, site.origin(), "en-US").await;
        let Some(guest) = Browser::start(&server.ca(), scripts).await else { return };

        guest.open_page(mail.redeem_link()).await.unwrap();
        guest.expect_screen("S1").await.unwrap();
        choose(&guest, "Send code").await;
        guest.expect_screen("S2").await.unwrap();
        type_code(&guest, "12").await;
        guest.expect_text("Enter the 8 digits from the e-mail.").await.unwrap();
        // The summary has the focus; its link leads to the field.
        choose(&guest, "Check the code").await;
        guest.tab_to("Code").await.unwrap();
        let code = server.mail(GUEST, "passcode").await.unwrap().code();
        guest.key(Key::End).await.unwrap();
        for _ in 0..2 {
            guest.key(Key::Backspace).await.unwrap();
        }
        type_code(&guest, &code).await;
        guest.expect_screen("S5").await.unwrap();
        choose(&guest, "Cancel").await;
        guest.expect_screen("S8").await.unwrap();
        choose(&guest, "Go back").await;
        guest.expect_screen("S5").await.unwrap();
        choose(&guest, "Accept").await;
        guest.expect_address(site.origin()).await.unwrap();

        assert_eq!(app.user(&id, "externalUserState").await["externalUserState"], "Accepted", "{scripts:?}");
    }
}

#[tokio::test]
async fn declining_and_blocking_work_by_keyboard_alone() {
    for scripts in [Scripts::On, Scripts::Off] {
        let Some(server) = Server::dev().await else { return };
        let app = server.app().await;
        let (id, mail) = invited(&server, &app, "https://myapps.microsoft.com/", "en-US").await;
        let Some(guest) = Browser::start(&server.ca(), scripts).await else { return };

        guest.open_page(mail.redeem_link()).await.unwrap();
        choose(&guest, "Block future invitations from contoso").await;
        guest.expect_screen("S2").await.unwrap();
        choose(&guest, "Send code").await;
        guest.expect_text("We sent a code").await.unwrap();
        type_code(&guest, &server.mail(GUEST, "passcode").await.unwrap().code()).await;
        guest.expect_screen("S13").await.unwrap();
        choose(&guest, "Block").await;
        guest.expect_text("You won't get invitations from contoso any more").await.unwrap();
        choose(&guest, "Undo").await;
        guest.expect_text("The block is lifted").await.unwrap();
        guest.open_page(mail.redeem_link()).await.unwrap();
        choose(&guest, "Decline").await;
        guest.expect_screen("S8D").await.unwrap();
        guest.tab_to("Reason (optional)").await.unwrap();
        guest.type_keys("Not now.").await.unwrap();
        choose(&guest, "Decline the invitation").await;
        guest.expect_text("You declined").await.unwrap();

        let events = app.audit_of(&id).await;
        for activity in ["Email unsubscribed", "Email subscribed", "Decline external user invite"] {
            assert!(events.contains(&activity.to_owned()), "{scripts:?}: {events:?}");
        }
    }
}

#[tokio::test]
async fn the_mails_own_block_link_works_by_keyboard_alone() {
    for scripts in [Scripts::On, Scripts::Off] {
        let Some(server) = Server::dev().await else { return };
        let app = server.app().await;
        let (id, mail) = invited(&server, &app, "https://myapps.microsoft.com/", "en-US").await;
        let header = mail.header("List-Unsubscribe");
        let link = header.split(['<', '>']).find(|part| part.starts_with("http")).unwrap();
        let Some(guest) = Browser::start(&server.ca(), scripts).await else { return };

        guest.open_page(link).await.unwrap();
        choose(&guest, "Block").await;
        guest.expect_text("You won't get invitations from contoso any more").await.unwrap();
        choose(&guest, "Undo").await;
        guest.expect_text("The block is lifted").await.unwrap();

        let events = app.audit_of(&id).await;
        assert!(events.ends_with(&["Email unsubscribed".into(), "Email subscribed".into()]), "{events:?}");
    }
}

/// Tab to what is called `name`, and Enter.
async fn choose(guest: &Browser, name: &str) {
    guest.tab_to(name).await.unwrap();
    guest.key(Key::Enter).await.unwrap();
}

/// Into the field that has the focus by itself; Enter sends the form.
async fn type_code(guest: &Browser, code: &str) {
    assert_eq!(guest.focused().await.unwrap(), "Code");
    guest.type_keys(code).await.unwrap();
    guest.key(Key::Enter).await.unwrap();
}

async fn tour(language: &str) -> Vec<String> {
    let Some(server) = Tour::server(language).await.unwrap() else { return vec![] };
    let Some(guest) = Browser::start(&server.ca(), Scripts::On).await else { return vec![] };
    let mut checker = Checker::default();
    let tour = Tour::new(&server, &guest, language).await.unwrap();
    if let Err(error) = tour.walk(&mut checker).await {
        checker.complaints.push(format!("the tour ended early: {error:#}"));
    }
    checker.complaints
}

#[derive(Default)]
struct Checker {
    complaints: Vec<String>,
}

impl Checker {
    fn add(&mut self, place: &str, complaints: Vec<String>) {
        self.complaints.extend(complaints.into_iter().map(|one| format!("{place}: {one}")));
    }
}

impl Visitor for Checker {
    async fn visit(&mut self, browser: &Browser, name: &str) -> Result<()> {
        let is_mail = name.starts_with("mail-");
        for (width, scheme) in [(320, "light"), (390, "light"), (1180, "dark")] {
            browser.pretend(width, scheme).await?;
            let place = format!("{name} {width} {scheme}");
            self.add(&place, fit::misfits(browser).await?);
            // A mail is shown inside a mail program's page: landmarks and headings are that page's business.
            let without: &[&str] =
                if is_mail { &["region", "landmark-one-main", "page-has-heading-one"] } else { &[] };
            self.add(&place, browser.axe(without).await?.unwrap_or_default());
        }
        // What has the focus in a mail is shown by the mail program; the frame of the mailbox holds one.
        if !is_mail && !name.starts_with("dev-") {
            self.add(name, fit::unreached(browser).await?);
        }
        Ok(())
    }
}
