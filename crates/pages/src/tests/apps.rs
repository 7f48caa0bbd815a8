//! S9: a greeting, the sentence that nothing is shared yet, and signing out.

use jiff::SignedDuration;

use super::house::{GUEST, House};

#[tokio::test]
async fn without_a_session_the_mail_is_the_way_in() {
    let house = House::new().await;
    for path in ["/myapps", "/myapps/", "/myapps/?tenantid=x", "/myapps/contoso.com", "/myapps/signin/a/b"] {
        let seen = house.browser().open(path).await;
        assert_eq!(seen.what(), (401, "S9"), "{path}");
        assert!(seen.says("Open the link in the mail that invited you."));
    }
}

#[tokio::test]
async fn a_guest_is_greeted_until_the_session_ends() {
    let house = House::new().await;
    let invited = house.invite(|request| request.display_name = Some("Taylor Kim".into())).await;
    let mut guest = house.browser();
    let consent = guest.prove(&invited.link).await;
    guest.press(&consent, "Accept").await;

    let apps = guest.open("/myapps/").await;
    assert_eq!(apps.what(), (200, "S9"));
    assert_eq!(apps.title(), "My Apps · Contoso");
    assert!(apps.says("Hello, Taylor Kim") && apps.says("Contoso hasn't shared any app with you yet."));

    house.pass(SignedDuration::from_hours(24));
    assert_eq!(guest.open("/myapps/").await.what(), (401, "S9"));
}

#[tokio::test]
async fn signing_out_ends_the_session_here_and_in_the_store() {
    let house = House::new().await;
    let invited = house.invite(|_| {}).await;
    let mut guest = house.browser();
    let consent = guest.prove(&invited.link).await;
    guest.press(&consent, "Accept").await;
    let apps = guest.open("/myapps/").await;
    let kept = guest.cookies.clone();

    let mut form = apps.form("Sign out");
    form.fields.clear();
    assert_eq!(guest.submit(&form).await.what(), (400, "S-E2"), "without its token");
    let out = guest.press(&apps, "Sign out").await;
    assert_eq!(out.what(), (200, "S9"));
    assert!(guest.cookies.is_empty());

    let mut thief = house.browser();
    thief.cookies = kept;
    assert_eq!(thief.open("/myapps/").await.what(), (401, "S9"));
}

#[tokio::test]
async fn my_apps_of_another_organisation_is_not_shown_to_whoever_is_no_guest_there() {
    let house = House::new().await;
    let own = house.caller.tenant;
    let neighbour = house.neighbour("Fabrikam", "fabrikam.example").await.tenant;
    let invited = house.invite(|_| {}).await;
    let mut guest = house.browser();
    let consent = guest.prove(&invited.link).await;
    guest.press(&consent, "Accept").await;

    for (path, status, screen) in [
        (format!("/myapps/?tenantid={own}"), 200, "S9"),
        (format!("/myapps/?tenantId={}", own.to_string().to_uppercase()), 200, "S9"),
        ("/myapps/Contoso.com/".into(), 200, "S9"),
        ("/myapps/?tenantid=".into(), 200, "S9"),
        (format!("/myapps/signin/Wiki/7f1c?tenantId={own}"), 200, "S9"),
        (format!("/myapps/?tenantid={neighbour}"), 403, "S-E4"),
        ("/myapps/fabrikam.example".into(), 403, "S-E4"),
        (format!("/myapps/signin/Wiki/7f1c?tenantId={neighbour}"), 403, "S-E4"),
        ("/myapps/nobody.example".into(), 404, "404"),
        ("/myapps/?tenantid=nobody".into(), 404, "404"),
    ] {
        assert_eq!(guest.open(&path).await.what(), (status, screen), "{path}");
    }

    let refused = guest.open("/myapps/fabrikam.example").await;
    assert_eq!(refused.title(), "Something&#39;s not right · Fabrikam");
    assert!(refused.says(&format!("{GUEST} isn't in Fabrikam's directory yet.")), "{}", refused.main());
    assert!(refused.says("Ask Fabrikam to invite you."));
    let out = guest.press(&refused, "Sign in with another account").await;
    assert_eq!(out.what(), (200, "S9"));
    assert!(guest.cookies.is_empty());
}

#[tokio::test]
async fn whoever_is_a_guest_there_too_is_sent_to_that_mail() {
    let house = House::new().await;
    let neighbour = house.neighbour("Fabrikam", "fabrikam.example").await;
    let invited = house.invite(|_| {}).await;
    house.invite_by(&neighbour, |_| {}).await;
    let mut guest = house.browser();
    let consent = guest.prove(&invited.link).await;
    guest.press(&consent, "Accept").await;

    let seen = guest.open("/myapps/fabrikam.example").await;
    assert_eq!(seen.what(), (401, "S9"));
    assert!(seen.says("Open the link in the mail that invited you."));
}
