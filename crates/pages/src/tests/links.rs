//! Links that work, links that don't, and forms that are not ours.

use axum::http::Method;
use jiff::SignedDuration;

use super::house::{House, PUBLIC, Seen};

#[tokio::test]
async fn the_wrapped_link_leads_to_the_bare_one_on_a_relative_path() {
    let house = House::new().await;
    let invited = house.invite(|_| {}).await;
    let seen = house.browser().fetch(Method::GET, &format!("{}&mkt=ko-KR", invited.link)).await;

    assert_eq!(seen.status.as_u16(), 302);
    let next = seen.location().unwrap();
    assert!(next.starts_with("/invitations/redeem/?tenant="), "{next}");
    assert!(next.ends_with("&ver=2.0&mkt=ko-KR"), "{next}");
    assert!(seen.header("set-cookie").starts_with("__Host-vst_lang=ko;"));
}

#[tokio::test]
async fn broken_links_look_alike_whatever_the_cause() {
    let house = House::new().await;
    let invited = house.invite(|_| {}).await;
    let bare = house.browser().fetch(Method::GET, &invited.link).await.location().unwrap();
    let (head, ticket) = bare.split_once("ticket=").unwrap();
    let tenant = house.caller.tenant.to_string();
    let user = invited.invitation.to_string();
    let stranger = "6f0e8f5e-7f3d-4b9f-9a53-1d1c1d1c1d1c";
    let cases = [
        (404, format!("{head}ticket=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA&ver=2.0")),
        (404, bare.replace(&tenant, stranger)),
        (404, bare.replace(&user, stranger)),
        (400, head.to_owned()),
        (400, bare.replace(&user, "1")),
        (400, format!("{head}ticket=a%20b")),
        (400, "/invitations/redeem/?ver=2.0".into()),
        (400, "/redeem".into()),
        (400, format!("/redeem?rd=https://evil.example/invitations/redeem/?ticket={ticket}")),
    ];

    let mut faces = Vec::new();
    for (status, path) in cases {
        let seen = house.browser().fetch(Method::GET, &path).await;
        assert_eq!(seen.what(), (status, "S-E1"), "{path}");
        assert_eq!(seen.title(), "Something&#39;s not right · vestibule");
        assert!(seen.headers.get("set-cookie").is_none(), "{path}");
        faces.push(without_reference(&seen));
    }
    faces.dedup();
    assert_eq!(faces.len(), 1);
}

#[tokio::test]
async fn without_a_flow_there_is_nothing_to_go_on_with() {
    let house = House::new().await;
    for path in ["", "code", "consent", "done", "cancelled", "decline", "block"] {
        let seen = house.browser().fetch(Method::GET, &format!("/invitations/redeem/{path}")).await;
        assert_eq!(seen.what(), (400, "S-E2"), "{path}");
        assert!(seen.says("Cookies are needed") && seen.says("Open the link in the mail again."));
        assert!(!seen.main().contains("<button"), "{path}");
    }
}

#[tokio::test]
async fn a_form_of_another_browser_is_refused_and_can_start_again() {
    let house = House::new().await;
    let invited = house.invite(|_| {}).await;
    let form = house.browser().open(&invited.link).await.form("Send code");

    let mut without_cookies = house.browser();
    let refused = without_cookies.submit(&form).await;
    assert_eq!(refused.what(), (400, "S-E2"));
    let again = without_cookies.press(&refused, "Start again").await;
    assert_eq!(again.what(), (200, "S1"));

    let mut other = house.browser();
    other.open(&invited.link).await;
    assert_eq!(other.submit(&form).await.what(), (400, "S-E2"));
    assert!(house.relay.codes().is_empty());
}

#[tokio::test]
async fn forms_must_come_from_our_own_origin() {
    for (site, origin, is_ours) in [
        ("same-origin", "", true),
        ("same-origin", "null", true),
        ("cross-site", "", false),
        ("cross-site", PUBLIC, false),
        ("same-site", "", false),
        ("none", "", false),
        ("", "", true),
        ("", PUBLIC, true),
        ("", "null", true),
        ("", "https://evil.example", false),
        ("", "http://guests.example", false),
        ("", "https://guests.example:8443", false),
        ("", "rubbish", false),
    ] {
        let house = House::new().await;
        let invited = house.invite(|_| {}).await;
        let mut guest = house.browser();
        let form = guest.open(&invited.link).await.form("Send code");
        let mut guest = if origin.is_empty() { guest } else { guest.header("origin", origin) };
        let seen = guest.post(&form.action, &form.fields, site).await;

        let status = if is_ours { 303 } else { 400 };
        assert_eq!(seen.status.as_u16(), status, "site {site:?}, origin {origin:?}");
        assert_eq!(house.relay.codes().len(), usize::from(is_ours), "site {site:?}, origin {origin:?}");
    }
}

#[tokio::test]
async fn a_second_tab_joins_the_flow_and_another_invitation_replaces_it() {
    let house = House::new().await;
    let invited = house.invite(|_| {}).await;
    let other = house.invite(|request| request.email_address = Some("sam@fabrikam.com".into())).await;
    let mut guest = house.browser();
    let first = guest.open(&invited.link).await;
    let second = guest.open(&invited.link).await;
    assert_eq!(first.form("Send code").fields, second.form("Send code").fields);

    guest.open(&other.link).await;
    assert_eq!(guest.submit(&first.form("Send code")).await.what(), (400, "S-E2"));
}

#[tokio::test]
async fn a_flow_ends_after_an_hour_of_idleness() {
    let house = House::new().await;
    let invited = house.invite(|_| {}).await;
    let mut guest = house.browser();
    let consent = guest.prove(&invited.link).await;
    house.pass(SignedDuration::from_mins(61));

    assert_eq!(guest.press(&consent, "Accept").await.what(), (400, "S-E2"));
}

fn without_reference(seen: &Seen) -> String {
    let (before, rest) = seen.html.split_once("<code>").unwrap();
    let (_, after) = rest.split_once("</code>").unwrap();
    format!("{before}{after}")
}
