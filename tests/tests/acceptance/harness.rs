//! The harness itself: what it says about a page must be true.

use vestibule_tests::browser::{Browser, Scripts};
use vestibule_tests::landing::Site;

const PAGE: &str = "<!doctype html><html lang=en><title>t</title><main data-screen=S0><h1>One</h1>
    <p id=p>as sent</p><form action=/next><label for=code>Code</label><input id=code name=code>
    <button>Verify</button></form></main><script>document.getElementById('p').textContent = 'by script'</script>";

#[tokio::test]
async fn a_browser_without_scripts_runs_none_and_can_still_be_driven() {
    let site = Site::start(PAGE).await.unwrap();
    let any_certificate = tempfile::TempDir::new().unwrap();
    let ca = any_certificate.path().join("ca.pem");
    std::fs::write(&ca, include_str!("testdata/authority.pem")).unwrap();

    for (scripts, text) in [(Scripts::On, "by script"), (Scripts::Off, "as sent")] {
        let Some(browser) = Browser::start(&ca, scripts).await else { return };
        browser.open_page(site.origin()).await.unwrap();

        assert_eq!(browser.screen().await.unwrap(), "S0");
        assert!(browser.text().await.unwrap().contains(text), "{scripts:?}");

        browser.fill("Code", "12345678").await.unwrap();
        browser.press("Verify").await.unwrap();
        browser.expect_address(&format!("{}/next?code=12345678", site.origin())).await.unwrap();
    }
}
