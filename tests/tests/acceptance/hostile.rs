//! Bad input and bad neighbours: a clear answer, nothing half written, and the server stays up.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use vestibule_tests::browser::{Browser, Scripts};
use vestibule_tests::form::Form;
use vestibule_tests::landing::Site;
use vestibule_tests::server::Setup;
use vestibule_tests::{Server, http, wait};

use crate::redemption::invited;

const INVITATIONS: &str = "/v1.0/invitations";

#[tokio::test]
async fn bodies_that_are_no_invitation_are_told_what_is_wrong() {
    let Some(server) = Server::dev().await else { return };
    let app = server.app().await;
    let good = r#""invitedUserEmailAddress":"taylor@fabrikam.com","inviteRedirectUrl":"https://myapps.microsoft.com/""#;
    let deep =
        format!("{{{good},\"invitedUserMessageInfo\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let large = format!("{{{good},\"invitedUserDisplayName\":\"{}\"}}", "x".repeat(5 * 1024 * 1024));

    for (name, body, status) in [
        ("no JSON", "invitedUserEmailAddress=taylor".to_owned(), 400),
        ("half a document", format!("{{{good}"), 400),
        ("a list", "[]".to_owned(), 400),
        ("nothing", String::new(), 400),
        ("too deep", deep, 400),
        ("too large", large, 413),
        (
            "a name twice",
            format!("{{{good},\"sendInvitationMessage\":false,\"sendInvitationMessage\":false}}"),
            400,
        ),
        ("a name twice in other case", format!("{{{good},\"status\":null,\"Status\":null}}"), 400),
        ("U+0000", format!("{{{good},\"invitedUserDisplayName\":\"a\\u0000b\"}}"), 400),
        ("a lone surrogate", format!("{{{good},\"invitedUserDisplayName\":\"\\ud800\"}}"), 400),
        ("an unknown property", format!("{{{good},\"invitedToGroups\":[]}}"), 400),
        ("a text for a Boolean", format!("{{{good},\"sendInvitationMessage\":\"true\"}}"), 400),
    ] {
        let request = app.request(Method::POST, INVITATIONS).header("content-type", "application/json");
        let answer = app.send(request.body(body)).await;

        assert_eq!(answer.status, status, "{name}: {}", answer.text);
        assert_envelope(&answer.json(), name);
    }
    let invalid_utf8 = app.request(Method::POST, INVITATIONS).header("content-type", "application/json");
    assert_eq!(app.send(invalid_utf8.body(b"{\"a\":\"\xff\"}".to_vec())).await.status, 400);
    let form = app.request(Method::POST, INVITATIONS).form(&[("a", "b")]);
    assert_eq!(app.send(form).await.status, 415);
    assert_nobody_was_invited(&server).await;
}

#[tokio::test]
async fn addresses_and_names_cannot_smuggle_headers_or_direction() {
    let Some(server) = Server::dev().await else { return };
    let app = server.app().await;

    for address in [
        "taylor",
        "taylor@",
        "@fabrikam.com",
        "taylor@fabrikam",
        "tay lor@fabrikam.com",
        " taylor@fabrikam.com",
        "taylor@fabrikam.com\r\nBcc: all@contoso.example",
        "taylor@fabrikam.com\u{0}",
        "taylor\u{202e}@fabrikam.com",
        "tåylor@fabrikam.com",
        "taylor+x@fabrikam.com",
        "taylor@fabrikam.com, sam@fabrikam.com",
        "\"taylor\"@fabrikam.com",
        "taylor@[127.0.0.1]",
        "taylor@127.0.0.1",
        &format!("{}@fabrikam.com", "x".repeat(65)),
    ] {
        let body =
            json!({"invitedUserEmailAddress": address, "inviteRedirectUrl": "https://myapps.microsoft.com/"});
        let answer = app.post(INVITATIONS, &body).await;

        assert_eq!(answer.status, 400, "{address:?}: {}", answer.text);
        assert_envelope(&answer.json(), address);
    }
    assert_nobody_was_invited(&server).await;

    let spoof = "Contoso <ceo@contoso.com>\r\nBcc: all@contoso.example\u{202e}";
    let more = json!({
        "invitedUserDisplayName": spoof,
        "sendInvitationMessage": true,
        "invitedUserMessageInfo": {"customizedMessageBody": "<script>alert(1)</script> & <b>bold</b>"},
    });
    let body = json!({"invitedUserEmailAddress": "taylor@fabrikam.com", "inviteRedirectUrl": "https://myapps.microsoft.com/"});
    let mut body = body.as_object().unwrap().clone();
    body.extend(more.as_object().unwrap().clone());
    // Kept as given (graph.md 5.7); cleaned wherever it is shown or sent.
    let invitation = app.post(INVITATIONS, &Value::Object(body)).await.expect(201).json();
    assert_eq!(invitation["invitedUserDisplayName"], spoof);
    let guest = app.user(invitation["invitedUser"]["id"].as_str().unwrap(), "displayName").await;
    assert_eq!(guest["displayName"], spoof);
    let mail = server.mail("taylor@fabrikam.com", "invitation").await.unwrap();
    assert_eq!(mail.header("Bcc"), "");
    assert!(!mail.html.as_deref().unwrap().contains("<script>"));
    let headers = mail.headers.to_string();
    assert!(!headers.contains("ceo@contoso.com"), "{headers}");
    // "Contoso Bcc:" is what is left of the name, and all that the encoded word holds.
    assert_eq!(mail.header("To"), "=?utf-8?b?Q29udG9zbyBCY2M6?= <taylor@fabrikam.com>");
    assert_eq!(headers.matches("=?").count(), 1, "{headers}");
}

#[tokio::test]
async fn a_body_that_breaks_off_is_malformed_and_nothing_comes_of_it() {
    let Some(server) = Server::dev_with(Setup::new().variable("VESTIBULE_TLS_MODE", "off")).await else {
        return;
    };
    let app = server.app().await;
    let port = server.url().rsplit(':').next().unwrap();
    let whole = r#"{"invitedUserEmailAddress":"taylor@fabrikam.com","inviteRedirectUrl":"https://myapps.microsoft.com/"}"#;
    let head = format!(
        "POST {INVITATIONS} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n\
         Authorization: Bearer {}\r\n",
        app.token()
    );

    for body in [
        format!("Content-Length: {}\r\n\r\n{whole}", whole.len() + 1),
        format!("Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{whole}\r\n", whole.len()),
        format!("Transfer-Encoding: chunked\r\n\r\nzz\r\n{whole}\r\n0\r\n\r\n"),
    ] {
        let answer = raw_and_over(port, &format!("{head}{body}")).await;
        assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("BadRequest"), "{body}: {answer}");
    }
    assert_nobody_was_invited(&server).await;
}

#[tokio::test]
async fn redirect_urls_that_lead_astray_are_refused() {
    let Some(server) = Server::dev().await else { return };
    let app = server.app().await;

    for url in [
        "javascript:alert(1)",
        "data:text/html,x",
        "/relative",
        "//elsewhere.example/",
        "https://",
        "https://user:secret@elsewhere.example/",
        "https://elsewhere.example/\r\nSet-Cookie: a=b",
        "https://elsewhere.example/ blank",
        "mailto:taylor@fabrikam.com",
        &format!("https://elsewhere.example/{}", "x".repeat(2048)),
    ] {
        let body = json!({"invitedUserEmailAddress": "taylor@fabrikam.com", "inviteRedirectUrl": url});
        let answer = app.post(INVITATIONS, &body).await;

        assert_eq!(answer.status, 400, "{url:?}: {}", answer.text);
        assert_eq!(answer.json()["error"]["message"], "The invite redirect url is invalid.", "{url:?}");
    }
    assert_nobody_was_invited(&server).await;
}

#[tokio::test]
async fn nothing_but_this_origin_comes_out_of_the_redeem_link() {
    let Some(server) = Server::dev().await else { return };
    let host = server.url().trim_start_matches("https://").to_owned();

    for rd in [
        "https://elsewhere.example/invitations/redeem/?tenant=a&user=b&ticket=c&ver=2.0".to_owned(),
        format!("https://{host}@elsewhere.example/invitations/redeem/"),
        format!("https://elsewhere.example\\@{host}/invitations/redeem/"),
        format!("https://user@{host}/invitations/redeem/"),
        format!("http://{host}/invitations/redeem/"),
        format!("https://{host}/elsewhere"),
        format!("https://{host}.elsewhere.example/invitations/redeem/"),
        "//elsewhere.example/invitations/redeem/".to_owned(),
        "javascript:alert(1)".to_owned(),
        String::new(),
    ] {
        let request = server.http().request(Method::GET, "/redeem").query(&[("rd", &rd)]);
        let answer = http::send(request).await.unwrap();

        assert_eq!(answer.status, 400, "{rd}");
        assert_eq!(answer.header("location"), "", "{rd}");
        assert!(answer.text.contains("data-screen=\"S-E1\""), "{rd}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_page_elsewhere_cannot_reach_the_dev_controls() {
    let Some(server) = Server::dev().await else { return };
    let reset = |name: &'static str, value: String| {
        server.http().request(Method::POST, "/_dev/reset").header(name, value).json(&json!({}))
    };

    for (name, value, status) in [
        ("sec-fetch-site", "cross-site".to_owned(), 403),
        ("sec-fetch-site", "same-site".to_owned(), 403),
        ("origin", "https://elsewhere.example".to_owned(), 403),
        ("origin", "null".to_owned(), 403),
        ("sec-fetch-site", "same-origin".to_owned(), 204),
        ("origin", server.url().to_owned(), 204),
    ] {
        let answer = http::send(reset(name, value.clone())).await.unwrap();
        assert_eq!(answer.status, status, "{name}: {value}");
    }
    let as_form = server.http().request(Method::POST, "/_dev/reset").form(&[("a", "b")]);
    assert_eq!(http::send(as_form).await.unwrap().status, 415);
}

#[tokio::test]
async fn an_auto_submitted_form_of_another_site_sends_no_code_and_redeems_nothing() {
    let Some(server) = Server::dev().await else { return };
    let app = server.app().await;
    let (id, mail) = invited(&server, &app, "https://myapps.microsoft.com/", "en-US").await;
    let Some(guest) = Browser::start(&server.ca(), Scripts::On).await else { return };

    // The guest has opened the mail, so cookie and hidden token exist; the attacker even knows the token.
    guest.open_page(mail.redeem_link()).await.unwrap();
    guest.expect_screen("S1").await.unwrap();
    let form = Form::find(&guest.driver().source().await.unwrap(), "/redeem/start");
    let hidden: String = form
        .fields
        .iter()
        .filter(|(name, _)| ["flow", "csrf", "tenant", "user", "ticket"].contains(&name.as_str()))
        .map(|(name, value)| format!("<input type=hidden name=\"{name}\" value=\"{value}\">"))
        .collect();
    let buttons = form.fields.iter().find(|(_, value)| value == "otp").unwrap();
    let page = format!(
        "<!doctype html><form id=f method=post action=\"{}/invitations/redeem/start\">{hidden}\
         <input type=hidden name=\"{}\" value=otp></form><script>document.getElementById('f').submit()</script>",
        server.url(),
        buttons.0
    );
    let attacker = Site::start(&page).await.unwrap();
    guest.open_page(attacker.origin()).await.unwrap();
    guest.expect_screen("S-E2").await.unwrap();

    assert!(server.mailbox().await.unwrap().iter().all(|mail| mail.kind != "passcode"));
    assert_eq!(app.user(&id, "externalUserState").await["externalUserState"], "PendingAcceptance");
    // The same form on its own page works, Origin and Sec-Fetch-Site included.
    guest.open_page(mail.redeem_link()).await.unwrap();
    guest.press("Send code").await.unwrap();
    guest.expect_screen("S2").await.unwrap();
}

#[tokio::test]
async fn a_wrong_host_is_misdirected_and_no_host_is_bad() {
    let Some(server) = Server::dev_with(Setup::new().variable("VESTIBULE_TLS_MODE", "off")).await else {
        return;
    };
    let address = server.url().trim_start_matches("http://").to_owned();
    let port = address.rsplit(':').next().unwrap().to_owned();

    for (hosts, status) in [
        (vec![format!("localhost:{port}")], "200"),
        (vec!["LOCALHOST.".to_owned()], "200"),
        (vec![format!("127.0.0.1:{port}")], "200"),
        (vec!["elsewhere.example".to_owned()], "421"),
        (vec![], "400"),
        (vec!["localhost".to_owned(), "localhost".to_owned()], "400"),
    ] {
        let headers: String = hosts.iter().map(|host| format!("Host: {host}\r\n")).collect();
        let answer =
            raw(&port, &format!("GET /_dev/clock HTTP/1.1\r\n{headers}Connection: close\r\n\r\n")).await;

        assert_eq!(answer.split(' ').nth(1), Some(status), "{hosts:?}: {answer}");
        if status == "421" {
            assert!(answer.to_lowercase().contains("content-type: text/plain"), "{answer}");
            assert!(answer.contains("http://localhost"), "it names public_url: {answer}");
        }
    }
    let anywhere =
        raw(&port, "GET /healthz HTTP/1.1\r\nHost: elsewhere.example\r\nConnection: close\r\n\r\n").await;
    assert!(anywhere.starts_with("HTTP/1.1 200"), "{anywhere}");
}

#[tokio::test]
async fn a_forged_x_forwarded_for_does_not_escape_the_limit_of_a_network() {
    let setup = Setup::new().variable("VESTIBULE_PASSCODE_PER_NETWORK_PER_HOUR", "2");
    let Some(server) = Server::dev_with(setup).await else { return };
    let app = server.app().await;

    let mut statuses = Vec::new();
    for number in 0..3 {
        let invitation = app.invite(&format!("guest{number}@fabrikam.com")).await;
        statuses.push(ask_for_code(&server, &invitation, &format!("203.0.113.{number}")).await);
    }

    assert_eq!(statuses, [303, 303, 429]);
}

#[tokio::test]
async fn silent_and_endless_connections_do_not_stop_the_others() {
    let Some(server) = Server::dev().await else { return };
    let port: u16 = server.url().rsplit(':').next().unwrap().parse().unwrap();

    let mut silent = Vec::new();
    for _ in 0..300 {
        silent.push(TcpStream::connect(("127.0.0.1", port)).await.unwrap());
    }
    let mut garbage = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    garbage.write_all(&[0xff; 4096]).await.unwrap();
    let answer = tokio::time::timeout(Duration::from_secs(10), server.http().get("/healthz")).await;

    assert_eq!(answer.expect("an answer in time").unwrap().status, 200);
}

#[tokio::test]
async fn handshakes_that_never_end_make_room_for_others() {
    let setup = Setup::new()
        .variable("VESTIBULE_LIMITS_CONNECTIONS", "4")
        .variable("VESTIBULE_LIMITS_HEADER_SECONDS", "1");
    let Some(server) = Server::dev_with(setup).await else { return };
    let port: u16 = server.url().rsplit(':').next().unwrap().parse().unwrap();

    let mut half_open = Vec::new();
    for _ in 0..20 {
        let mut connection = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        // A TLS record of 512 octets begins, and never comes.
        connection.write_all(&[0x16, 3, 1, 2, 0]).await.unwrap();
        half_open.push(connection);
    }
    // On a busy machine our own handshake and question may take longer than the second that they have: then once more.
    let asked = async || Ok(server.http().get("/healthz").await.ok().filter(|answer| answer.status == 200));
    let answered = wait::until(Duration::from_secs(30), "an answer", asked).await;

    answered.unwrap();
}

#[tokio::test]
async fn a_client_that_asks_and_never_reads_makes_room_for_others() {
    let setup = Setup::new()
        .variable("VESTIBULE_TLS_MODE", "off")
        .variable("VESTIBULE_LIMITS_CONNECTIONS", "1")
        .variable("VESTIBULE_LIMITS_WRITE_SECONDS", "1");
    let Some(server) = Server::dev_with(setup).await else { return };
    let port = server.url().rsplit(':').next().unwrap().to_owned();
    let request = "GET /common/discovery/v2.0/keys HTTP/1.1\r\nHost: localhost\r\n\r\n";

    let mut deaf = TcpStream::connect(format!("127.0.0.1:{port}")).await.unwrap();
    let asking = tokio::spawn(async move { while deaf.write_all(request.as_bytes()).await.is_ok() {} });
    tokio::time::timeout(Duration::from_secs(30), asking).await.expect("the deaf one is let go").unwrap();
    let answer = raw(&port, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await;

    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn a_request_inside_a_request_is_not_answered() {
    let Some(server) = Server::dev_with(Setup::new().variable("VESTIBULE_TLS_MODE", "off")).await else {
        return;
    };
    let port = server.url().rsplit(':').next().unwrap().to_owned();
    let inner = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";

    // Two lengths: the chunks count, and the connection ends before what a proxy might have taken for the body.
    for lengths in
        ["Content-Length: 5\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 5"]
    {
        let request =
            format!("POST {INVITATIONS} HTTP/1.1\r\nHost: localhost\r\n{lengths}\r\n\r\n0\r\n\r\n{inner}");
        let answer = raw(&port, &request).await;
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{lengths}: {answer}");
        assert!(answer.starts_with("HTTP/1.1 401 "), "{lengths}: {answer}");
    }
    // One length: what it counts is body, whatever it looks like.
    let request = format!(
        "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{inner}",
        inner.len()
    );
    let answer = raw(&port, &request).await;
    assert!(answer.matches("HTTP/1.1 ").count() == 1 && answer.ends_with("ready\n"), "{answer}");
}

#[tokio::test]
async fn absurd_headers_get_an_answer_and_not_an_end() {
    let Some(server) = Server::dev_with(Setup::new().variable("VESTIBULE_TLS_MODE", "off")).await else {
        return;
    };
    let app = server.app().await;
    let port = server.url().rsplit(':').next().unwrap().to_owned();
    let long = "x".repeat(200_000);

    for (name, value, status) in [
        ("authorization", "Bearer ..".to_owned(), 401),
        ("authorization", "Bearer eyJhbGciOiJub25lIn0.e30.".to_owned(), 401),
        ("authorization", format!("Bearer {long}"), 431),
        ("client-request-id", long.clone(), 431),
        ("cookie", long.clone(), 431),
        ("accept-language", long, 431),
    ] {
        let request = format!(
            "GET /v1.0/users HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{name}: {value}\r\n\r\n"
        );
        let answer = raw(&port, &request).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{name}: {answer:.200}");
    }
    for lengths in [
        "Content-Length: 99999999999999999999",
        "Content-Length: 1\r\nContent-Length: 2",
        "Content-Length: -1",
    ] {
        let request = format!("POST {INVITATIONS} HTTP/1.1\r\nHost: localhost\r\n{lengths}\r\n\r\n{{}}");
        let answer = raw(&port, &request).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{lengths}: {answer}");
    }
    app.get("/v1.0/users").await.expect(200);
}

/// GETs S1 and posts its form from the address that the header claims; answers the status.
async fn ask_for_code(server: &Server, invitation: &Value, forwarded_for: &str) -> u16 {
    let link = invitation["inviteRedeemUrl"].as_str().unwrap();
    let first = server.http().get(link).await.unwrap().expect(302);
    let page = format!("{}{}", server.url(), first.header("location").trim_start_matches(server.url()));
    let shown = server.http().get(&page).await.unwrap().expect(200);
    let cookie = shown.header("set-cookie").split(';').next().unwrap().to_owned();
    let form = Form::find(&shown.text, "/redeem/start");
    let button = form.fields.iter().find(|(_, value)| value == "otp").unwrap().0.clone();
    let request = server
        .http()
        .request(Method::POST, "/invitations/redeem/start")
        .header("cookie", cookie)
        .header("origin", server.url())
        .header("x-forwarded-for", forwarded_for)
        .header("forwarded", format!("for={forwarded_for}"))
        .form(&form.with(&button, "otp"));
    http::send(request).await.unwrap().status
}

async fn raw(port: &str, request: &str) -> String {
    let mut connection = TcpStream::connect(format!("127.0.0.1:{port}")).await.unwrap();
    // The server may have read enough before all is written.
    let _ = connection.write_all(request.as_bytes()).await;
    all_of(connection).await
}

/// [`raw`] by a client that says no more.
async fn raw_and_over(port: &str, request: &str) -> String {
    let mut connection = TcpStream::connect(format!("127.0.0.1:{port}")).await.unwrap();
    connection.write_all(request.as_bytes()).await.unwrap();
    connection.shutdown().await.unwrap();
    all_of(connection).await
}

async fn all_of(mut connection: TcpStream) -> String {
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(10), connection.read_to_end(&mut answer)).await;
    String::from_utf8_lossy(&answer).into_owned()
}

async fn assert_nobody_was_invited(server: &Server) {
    let guests = server.app().await.filter("/v1.0/users", "userType eq 'Guest'").await.expect(200).json();
    assert_eq!(guests["value"], json!([]));
}

fn assert_envelope(body: &Value, case: &str) {
    let error = &body["error"];
    assert!(error["code"].is_string() && error["message"].is_string(), "{case}: {body}");
    let inner = error["innerError"].as_object().unwrap_or_else(|| panic!("{case}: {body}"));
    let mut members: Vec<&str> = inner.keys().map(String::as_str).collect();
    members.sort_unstable();
    assert_eq!(members, ["client-request-id", "date", "request-id"], "{case}");
}
