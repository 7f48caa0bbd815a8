//! Many at once.

use futures_util::future::join_all;
use serde_json::json;
use vestibule_tests::server::Setup;
use vestibule_tests::{Server, database};

#[tokio::test]
async fn fifty_simultaneous_invitations_of_one_address_give_one_user_on_sqlite() {
    let Some(server) = Server::dev().await else { return };
    fifty_at_once(&server).await;
}

#[tokio::test]
async fn fifty_simultaneous_invitations_of_one_address_give_one_user_on_postgres() {
    let Some(url) = database::fresh_postgres().await else { return };
    let setup = Setup::new().variable("VESTIBULE_DATABASE_URL", url.as_str());
    let Some(server) = Server::dev_with(setup).await else { return };
    fifty_at_once(&server).await;
}

#[tokio::test]
async fn accepting_in_two_tabs_keeps_one_event_and_one_date() {
    let Some(server) = Server::dev().await else { return };
    let app = server.app().await;
    let invitation = app.invite("taylor@fabrikam.com").await;
    let link = invitation["inviteRedeemUrl"].as_str().unwrap();

    let answers = join_all((0..8).map(|_| server.redeem(link))).await;

    let bodies: Vec<_> = answers.into_iter().map(|answer| answer.unwrap().expect(200).json()).collect();
    assert_eq!(bodies.iter().filter(|body| body["alreadyAccepted"] == false).count(), 1, "{bodies:?}");
    let events = app.audit_of(invitation["invitedUser"]["id"].as_str().unwrap()).await;
    assert_eq!(
        events.iter().filter(|event| *event == "Redeem external user invite").count(),
        1,
        "{events:?}"
    );
}

#[tokio::test]
async fn the_same_idempotency_key_answers_the_same_invitation() {
    let Some(server) = Server::dev().await else { return };
    let app = server.app().await;
    let body = json!({"invitedUserEmailAddress": "taylor@fabrikam.com", "inviteRedirectUrl": "https://myapps.microsoft.com/"});
    let other = json!({"invitedUserEmailAddress": "sam@fabrikam.com", "inviteRedirectUrl": "https://myapps.microsoft.com/"});
    let with_key = |body| {
        let request =
            app.request(reqwest::Method::POST, "/v1.0/invitations").header("Idempotency-Key", "row-17");
        app.send(request.json(body))
    };

    let first = with_key(&body).await.expect(201).json();
    let again = with_key(&body).await.expect(201).json();
    let reused = with_key(&other).await;

    assert_eq!(first["id"], again["id"]);
    assert_eq!(first["inviteRedeemUrl"], again["inviteRedeemUrl"]);
    assert_eq!(reused.status, 422, "{}", reused.text);
    assert_eq!(reused.json()["error"]["code"], "IdempotencyKeyReused");
}

async fn fifty_at_once(server: &Server) {
    let app = server.app().await;

    let invitations = join_all((0..50).map(|_| app.invite("taylor@fabrikam.com"))).await;

    let first = &invitations[0]["invitedUser"]["id"];
    assert!(invitations.iter().all(|invitation| &invitation["invitedUser"]["id"] == first));
    let users = app.filter("/v1.0/users", "mail eq 'taylor@fabrikam.com'").await.expect(200).json();
    assert_eq!(users["value"].as_array().unwrap().len(), 1);
    let events = app.audit_of(first.as_str().unwrap()).await;
    assert_eq!(events.iter().filter(|event| *event == "Add user").count(), 1, "{events:?}");
    assert_eq!(events.iter().filter(|event| *event == "Invite external user").count(), 50, "{events:?}");
}
