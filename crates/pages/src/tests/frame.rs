//! What all pages share: headers, languages, methods, the stylesheet.

use axum::http::Method;

use super::house::{House, Seen};

const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; \
                      frame-ancestors 'none'; base-uri 'none'";

#[tokio::test]
async fn every_answer_carries_the_headers() {
    let house = House::new().await;
    let invited = house.invite(|_| {}).await;
    let bare = house.browser().fetch(Method::GET, &invited.link).await.location().unwrap();
    for path in [&invited.link, &bare, "/nowhere", "/myapps/", "/redeem", "/invitations/redeem/start"] {
        let seen = house.browser().fetch(Method::GET, path).await;
        for (name, value) in [
            ("cache-control", "no-store"),
            ("referrer-policy", "same-origin"),
            ("x-robots-tag", "noindex"),
            ("x-content-type-options", "nosniff"),
            ("content-security-policy", POLICY),
        ] {
            assert_eq!(seen.header(name), value, "{name} of {path}");
        }
    }
}

#[tokio::test]
async fn a_prefetch_gets_nothing_and_leaves_nothing() {
    let house = House::new().await;
    let invited = house.invite(|_| {}).await;
    for (name, value) in [
        ("sec-purpose", "prefetch"),
        ("sec-purpose", "prefetch;prerender"),
        ("purpose", "prefetch"),
        ("x-moz", "prefetch"),
    ] {
        let mut eager = house.browser().header(name, value);
        let seen = eager.fetch(Method::GET, &invited.link).await;
        assert_eq!(seen.status.as_u16(), 204, "{name}: {value}");
        assert!(seen.html.is_empty() && eager.cookies.is_empty(), "{name}: {value}");
    }
}

#[tokio::test]
async fn a_head_is_a_get_without_its_body() {
    let house = House::new().await;
    let invited = house.invite(|_| {}).await;
    let bare = house.browser().fetch(Method::GET, &invited.link).await.location().unwrap();
    let seen = house.browser().fetch(Method::HEAD, &bare).await;

    assert_eq!(seen.status.as_u16(), 200);
    assert!(seen.html.is_empty());
}

#[tokio::test]
async fn a_wrong_method_is_told_which_ones_would_do() {
    let house = House::new().await;
    for (method, path, allowed) in [
        (Method::POST, "/redeem", "GET,HEAD"),
        (Method::PUT, "/invitations/redeem/", "GET,HEAD"),
        (Method::GET, "/invitations/redeem/start", "POST"),
        (Method::DELETE, "/invitations/redeem/code", "GET,HEAD,POST"),
        (Method::PUT, "/invitations/unsubscribe", "GET,HEAD,POST"),
    ] {
        let seen = house.browser().fetch(method.clone(), path).await;
        assert_eq!(seen.what(), (405, "405"), "{method} {path}");
        assert_eq!(seen.header("allow"), allowed, "{method} {path}");
    }
}

#[tokio::test]
async fn what_is_nowhere_is_the_products_own_404() {
    let seen = House::new().await.browser().fetch(Method::GET, "/nowhere").await;

    assert_eq!(seen.what(), (404, "404"));
    assert!(seen.title().ends_with(" · vestibule"));
}

#[tokio::test]
async fn a_body_beyond_reason_is_refused() {
    let house = House::new().await;
    let body = vec![b'a'; 40_000];
    let seen = house.browser().send(Method::POST, "/invitations/redeem/code", body, "same-origin").await;

    assert_eq!(seen.status.as_u16(), 413);
}

#[tokio::test]
async fn errors_carry_a_reference_and_the_time() {
    let house = House::new().await;
    let seen = house.browser().fetch(Method::GET, "/nowhere").await;

    assert!(seen.html.contains("2026-11-20 06:00:00 UTC"));
    assert!(seen.html.contains("<code>"));
}

#[tokio::test]
async fn the_language_is_the_links_the_menus_the_invitations_and_then_the_browsers() {
    let house = House::new().await;
    let plain = house.invite(|_| {}).await;
    let korean = house.invite(|request| {
        request.email_address = Some("minji@fabrikam.com".into());
        request.message_language = Some("ko-KR".into());
    });
    let korean = korean.await;
    let is_korean = |seen: &Seen| {
        let is_korean = seen.html.contains("<html lang=\"ko\">");
        assert_eq!(seen.header("content-language"), if is_korean { "ko" } else { "en" });
        is_korean
    };

    for (link, query, accepted, is_korean_wanted) in [
        (&plain.link, "", "", false),
        (&plain.link, "", "ko", true),
        (&plain.link, "", "fr, ko;q=0.5, en;q=0.4", true),
        (&korean.link, "", "en", true),
        (&korean.link, "&ui_locales=en-US", "ko", false),
        (&plain.link, "&ui_locales=fr%20ko", "en", true),
        (&plain.link, "&mkt=ko-KR", "en", true),
        (&plain.link, "&lc=1042", "en", true),
    ] {
        let mut guest = house.browser().speaking(accepted);
        let seen = guest.open(&format!("{link}{query}")).await;
        assert_eq!(is_korean(&seen), is_korean_wanted, "{query:?} {accepted:?}");
    }
}

#[tokio::test]
async fn the_language_menu_keeps_the_query_and_holds_for_the_pages_that_follow() {
    let house = House::new().await;
    let invited = house.invite(|_| {}).await;
    let mut guest = house.browser();
    let start = guest.open(&invited.link).await;

    let korean = guest.fill(&start, "Change", &[("ui_locales", "ko")]).await;
    assert_eq!(korean.what(), (200, "S1"));
    assert!(korean.html.contains("<html lang=\"ko\">"));
    let code = guest.press(&korean, "인증 코드 보내기").await;
    assert!(code.says("인증 코드 입력"), "{}", code.html);
}

#[tokio::test]
async fn the_stylesheet_may_be_kept_for_ever() {
    let house = House::new().await;
    let page = house.browser().fetch(Method::GET, "/nowhere").await;
    let (_, rest) = page.html.split_once("<link rel=\"stylesheet\" href=\"").unwrap();
    let path = rest.split('"').next().unwrap();

    let css = house.browser().fetch(Method::GET, path).await;
    assert_eq!(css.status.as_u16(), 200);
    assert_eq!(css.header("content-type"), "text/css; charset=utf-8");
    assert_eq!(css.header("cache-control"), "public, max-age=31536000, immutable");
    assert!(css.html.len() < 10_000);
    assert_eq!(house.browser().fetch(Method::GET, "/assets/style-old.css").await.status.as_u16(), 404);
}

#[tokio::test]
async fn names_that_tenants_choose_stay_text() {
    let house = House::with(
        |_| {},
        |tenant, _| {
            tenant.display_name = "<script>alert(1)</script> https://evil.example".into();
            tenant.privacy_statement_url = Some("javascript:alert(1)".into());
            tenant.privacy_contact = Some("privacy@contoso.com".into());
        },
    )
    .await;
    let invited = house.invite(|_| {}).await;
    let seen = house.browser().open(&invited.link).await;

    assert!(!seen.html.contains("<script") && !seen.html.contains("javascript:"));
    assert!(!seen.html.contains("evil.example"));
    assert!(seen.html.contains("href=\"mailto:privacy@contoso.com\""));
}

#[tokio::test]
async fn every_page_has_one_heading_one_main_and_no_script() {
    let house = House::new().await;
    let invited = house.invite(|_| {}).await;
    let mut guest = house.browser();
    let mut seen = vec![guest.open(&invited.link).await, guest.open("/nowhere").await];
    seen.push(guest.ask_for_code(&invited.link).await);
    let consent = guest.type_code(&seen[2], &house.relay.last_code()).await;
    seen.push(guest.press(&consent, "Cancel").await);
    seen.push(guest.open("/invitations/redeem/decline").await);
    seen.push(guest.open(&house.block_link(&invited)).await);
    seen.push(guest.press(&consent, "Accept").await);
    seen.push(guest.open("/myapps/").await);
    seen.push(consent);

    for page in seen {
        for (part, count) in [("<h1", 1), ("<main", 1), ("<script", 0), (" style=", 0)] {
            let found = page.html.matches(part).count();
            assert_eq!(found, count, "{part} on {}: {}", page.screen(), page.html);
        }
    }
}
