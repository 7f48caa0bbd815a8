//! axe on every screen and mail that a guest can meet, in both languages, widths and schemes.

use anyhow::Result;
use vestibule_tests::Server;
use vestibule_tests::browser::{Browser, Scripts};
use vestibule_tests::tour::{Tour, Visitor};

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

async fn tour(language: &str) -> Vec<String> {
    let Some(server) = Server::dev().await else { return vec![] };
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

impl Visitor for Checker {
    async fn visit(&mut self, browser: &Browser, name: &str) -> Result<()> {
        for (width, scheme) in [(390, "light"), (1180, "dark")] {
            browser.pretend(width, scheme).await?;
            // A mail is shown inside a mail program's page: landmarks and headings are that page's business.
            let without: &[&str] = if name.starts_with("mail-") {
                &["region", "landmark-one-main", "page-has-heading-one"]
            } else {
                &[]
            };
            let found = browser.axe(without).await?.unwrap_or_default();
            self.complaints.extend(found.into_iter().map(|one| format!("{name} {width} {scheme}: {one}")));
        }
        Ok(())
    }
}
