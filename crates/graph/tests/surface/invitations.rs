//! `POST /invitations` on the wire.

use serde_json::{Value, json};

use super::server::{ALL, ORIGIN, TestServer};

const URL: &str = "/v1.0/invitations";

#[tokio::test]
async fn the_201_has_every_property_in_its_published_shape() {
    let server = TestServer::start().await;
    let app = server.app("User.Invite.All").await;

    let answer = app
        .post(URL, json!({"invitedUserEmailAddress": "Taylor@Fabrikam.com", "inviteRedirectUrl": "https://myapp.contoso.com"}))
        .await;

    assert_eq!(answer.status, 201);
    assert_eq!(
        answer.headers["content-type"],
        "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
    );
    assert_eq!(answer.headers["odata-version"], "4.0");
    assert_eq!(answer.headers["cache-control"], "private, no-store");
    assert!(!answer.headers.contains_key("location"));
    let mut body = answer.json();
    let (id, user) = (body["id"].take(), body["invitedUser"]["id"].take());
    let redeem = body["inviteRedeemUrl"].take();
    assert_eq!(
        body,
        json!({
            "@odata.context": format!("{ORIGIN}/v1.0/$metadata#invitations/$entity"),
            "id": null,
            "inviteRedeemUrl": null,
            "invitedUserDisplayName": null,
            "invitedUserType": "Guest",
            "invitedUserEmailAddress": "Taylor@Fabrikam.com",
            "sendInvitationMessage": false,
            "resetRedemption": false,
            "inviteRedirectUrl": "https://myapp.contoso.com",
            "status": "PendingAcceptance",
            "invitedUserMessageInfo": {
                "messageLanguage": null,
                "customizedMessageBody": null,
                "ccRecipients": [{"emailAddress": {"name": null, "address": null}}],
            },
            "invitedUser": {"id": null},
        })
    );
    let wanted =
        format!("{ORIGIN}/redeem?rd=https%3a%2f%2fguests.example%2finvitations%2fredeem%2f%3ftenant%3d");
    let redeem = redeem.as_str().unwrap();
    assert!(redeem.starts_with(&wanted), "{redeem}");
    assert!(redeem.contains(&format!("%26user%3d{}%26ticket%3d", id.as_str().unwrap())), "{redeem}");
    assert!(redeem.ends_with("%26ver%3d2.0"), "{redeem}");
    assert_ne!(id, user);
}

#[tokio::test]
async fn every_refusal_has_its_status_code_and_words() {
    let server = TestServer::start().await;
    let app = server.app(ALL).await;
    let ok = json!({"invitedUserEmailAddress": "a@b.example", "inviteRedirectUrl": "https://x.example"});
    let with = |name: &str, value: Value| {
        let mut body = ok.clone();
        body[name] = value;
        body
    };

    for (body, status, code, message) in [
        (
            json!({"inviteRedirectUrl": "https://x.example"}),
            400,
            "BadRequest",
            "The invited user email address is missing.",
        ),
        (
            with("invitedUserEmailAddress", json!("a+b@b.example")),
            400,
            "BadRequest",
            "The invited user email address is invalid.",
        ),
        (
            json!({"invitedUserEmailAddress": "a@b.example"}),
            400,
            "BadRequest",
            "The invite redirect url is missing.",
        ),
        (
            with("inviteRedirectUrl", json!("javascript:alert(1)")),
            400,
            "BadRequest",
            "The invite redirect url is invalid.",
        ),
        (with("invitedUserType", json!("Admin")), 400, "BadRequest", "UserType is neither guest nor member."),
        (
            with("resetRedemption", json!(true)),
            400,
            "BadRequest",
            "The invitedUser id is required to reset redemption.",
        ),
        (
            with("sendInvitationMessage", json!("yes")),
            400,
            "BadRequest",
            "Cannot convert the literal 'yes' to the expected type 'Edm.Boolean'.",
        ),
        (
            with("invitedToGroups", json!([])),
            400,
            "BadRequest",
            "The property 'invitedToGroups' does not exist on type 'microsoft.graph.invitation'. Make sure to only use \
             property names that are defined by the type.",
        ),
        (
            with("invitedUserEmailAddress", json!("a@contoso.example")),
            400,
            "BadRequest",
            "This user cannot be invited because the domain of the user's email address is a verified domain of this \
             directory.",
        ),
        (
            with("invitedUser", json!({"id": "00000000-0000-0000-0000-000000000009"})),
            404,
            "Request_ResourceNotFound",
            "Resource '00000000-0000-0000-0000-000000000009' does not exist or one of its queried reference-property \
             objects are not present.",
        ),
    ] {
        let answer = app.post(URL, body.clone()).await;
        assert_eq!(answer.error(), (status, code.to_owned(), message.to_owned()), "{body}");
        let inner = answer.json()["error"]["innerError"].clone();
        let mut names: Vec<_> = inner.as_object().unwrap().keys().cloned().collect();
        names.sort();
        assert_eq!(names, ["client-request-id", "date", "request-id"]);
        assert_eq!(inner["request-id"], answer.headers["request-id"].to_str().unwrap());
    }
}

#[tokio::test]
async fn a_body_that_is_none_is_told_apart() {
    let server = TestServer::start().await;
    let app = server.app("User.Invite.All").await;

    for (body, content_type, status, code) in [
        ("", "application/json", 400, "BadRequest"),
        ("{}", "text/plain", 415, "UnsupportedMediaType"),
        ("[]", "application/json", 400, "BadRequest"),
        ("{\"status\":\"a\",\"Status\":\"b\"}", "application/json", 400, "BadRequest"),
        ("{\"invitedUserEmailAddress\":\"a\\u0000\"}", "application/json; charset=utf-8", 400, "BadRequest"),
    ] {
        let answer = app.call("POST", URL, Some(body.to_owned()), &[("content-type", content_type)]).await;
        let (found, code_found, _) = answer.error();
        assert_eq!((found, code_found.as_str()), (status, code), "{body}");
    }
    let large = format!("{{\"invitedUserDisplayName\":\"{}\"}}", "x".repeat(4 << 20));
    assert_eq!(app.call("POST", URL, Some(large), &[]).await.error().0, 413);
}

#[tokio::test]
async fn a_repeated_key_answers_the_first_invitation_again() {
    let server = TestServer::start().await;
    let app = server.app("User.Invite.All").await;
    let body = r#"{"invitedUserEmailAddress":"a@b.example","inviteRedirectUrl":"https://x.example"}"#;
    let spaced = r#"{ "inviteRedirectUrl": "https://x.example", "invitedUserEmailAddress": "a@b.example" }"#;
    let send = async |body: &str| {
        app.call("POST", URL, Some(body.to_owned()), &[("idempotency-key", "run-1/7")]).await
    };

    let (first, again) = (send(body).await, send(spaced).await);
    let other = send(&body.replace("a@b", "c@d")).await;

    assert_eq!((first.status.as_u16(), again.status.as_u16()), (201, 201));
    assert_eq!(first.json(), again.json());
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert!(!first.headers.contains_key("idempotency-replayed"));
    assert_eq!(other.error().0, 422);
    assert_eq!(other.error().1, "IdempotencyKeyReused");
}

#[tokio::test]
async fn fifty_simultaneous_invitations_of_one_address_make_one_user() {
    let server = TestServer::start().await;
    let app = server.app("User.Invite.All").await;

    let mut calls = Vec::new();
    for _ in 0..50 {
        calls.push(app.invite("taylor@fabrikam.com"));
    }
    let mut ids = futures_join(calls).await;

    ids.dedup();
    assert_eq!(ids.len(), 1);
}

/// Polls all of `calls` together.
async fn futures_join<T>(calls: Vec<impl Future<Output = T>>) -> Vec<T> {
    let mut calls: Vec<_> = calls.into_iter().map(|call| (Box::pin(call), None)).collect();
    std::future::poll_fn(|context| {
        for (call, done) in &mut calls {
            if done.is_none()
                && let std::task::Poll::Ready(value) = call.as_mut().poll(context)
            {
                *done = Some(value);
            }
        }
        match calls.iter().all(|(_, done)| done.is_some()) {
            true => std::task::Poll::Ready(()),
            false => std::task::Poll::Pending,
        }
    })
    .await;
    calls.into_iter().filter_map(|(_, done)| done).collect()
}
