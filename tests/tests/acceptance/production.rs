//! The production form: `init --app`, `serve`, a real SMTP server, a real browser.

use serde_json::json;
use vestibule_tests::browser::{Browser, Scripts};
use vestibule_tests::landing::Site;
use vestibule_tests::smtp::{Authentication, Protection, Relay};

use crate::operator::{Credentials, Operator};

const GUEST: &str = "taylor@fabrikam.com";

/// A relay, and an operator who has made a tenant and points vestibule at it.
async fn operator_with(relay: &Relay) -> Option<(Operator, Credentials)> {
    let mut operator = Operator::new()
        .await?
        .variable("VESTIBULE_SMTP_URL", &relay.url())
        .variable("VESTIBULE_SMTP_FROM", "invitations@contoso.example")
        .variable("VESTIBULE_SMTP_CA", relay.ca().to_str().unwrap());
    let credentials =
        operator.init("Contoso", "contoso.example", &["User.ReadWrite.All", "AuditLog.Read.All"]).await;
    Some((operator, credentials))
}

#[tokio::test]
async fn a_guest_is_invited_by_real_mail_and_redeems_in_a_real_browser() {
    let Some(relay) = Relay::start(Protection::StartTls, Authentication::Plain).await else { return };
    let Some((operator, credentials)) = operator_with(&relay).await else { return };
    let operator = operator.variable("VESTIBULE_SMTP_TLS", "required");
    let server = operator.serve().await;
    let app = credentials.sign_in(&server).await;
    let site = Site::start("<!doctype html><title>landed</title>").await.unwrap();
    let Some(guest) = Browser::start(&server.ca(), Scripts::On).await else { return };

    let more = json!({"inviteRedirectUrl": format!("{}/", site.origin()), "sendInvitationMessage": true});
    let invitation = app.invite_with(GUEST, more).await;
    let delivery = relay.delivery(GUEST, "invite").await.unwrap();
    guest.open_page(delivery.mail.redeem_link()).await.unwrap();
    guest.press("Send code").await.unwrap();
    guest.expect_screen("S2").await.unwrap();
    let passcode = relay.delivery(GUEST, "code").await.unwrap();
    guest.fill("Code", &passcode.mail.code()).await.unwrap();
    guest.press("Verify").await.unwrap();
    guest.expect_screen("S5").await.unwrap();
    guest.press("Accept").await.unwrap();
    guest.expect_address(site.origin()).await.unwrap();

    assert_eq!(delivery.mail_from, "invitations@contoso.example");
    assert!(delivery.is_encrypted && delivery.authenticated_as == "vestibule", "{delivery:?}");
    assert_eq!(delivery.mail.redeem_link(), invitation["inviteRedeemUrl"]);
    assert_eq!(delivery.mail.header("X-Vestibule-Invitation"), invitation["id"].as_str().unwrap());
    assert_eq!(delivery.mail.header("Auto-Submitted"), "auto-generated");
    assert!(!passcode.mail.subject.contains(&passcode.mail.code()));
    assert!(passcode.mail.links.is_empty(), "{:?}", passcode.mail.links);
    let user = app.user(invitation["invitedUser"]["id"].as_str().unwrap(), "externalUserState").await;
    assert_eq!(user["externalUserState"], "Accepted");
    // No dev control exists here.
    assert_eq!(server.http().get("/_dev/mailbox").await.unwrap().status, 404);
}

#[tokio::test]
async fn mail_leaves_by_every_protection_and_authentication() {
    for (protection, authentication) in [
        (Protection::Plain, Authentication::None),
        (Protection::Plain, Authentication::Plain),
        (Protection::StartTls, Authentication::Login),
        (Protection::Implicit, Authentication::Plain),
        (Protection::Implicit, Authentication::Login),
    ] {
        let Some(relay) = Relay::start(protection, authentication).await else { return };
        let Some((operator, credentials)) = operator_with(&relay).await else { return };
        let server = operator.serve().await;
        let app = credentials.sign_in(&server).await;

        let cc = json!({"ccRecipients": [{"emailAddress": {"address": "boss@contoso.example"}}]});
        app.invite_with(GUEST, json!({"sendInvitationMessage": true, "invitedUserMessageInfo": cc})).await;
        let to_guest = relay.delivery(GUEST, "invite").await.unwrap();
        let to_boss = relay.delivery("boss@contoso.example", "invite").await.unwrap();

        let case = format!("{protection:?} {authentication:?}");
        assert_eq!(to_guest.is_encrypted, protection != Protection::Plain, "{case}");
        assert_eq!(to_guest.authenticated_as.is_empty(), authentication == Authentication::None, "{case}");
        assert!(to_boss.mail.text.contains("you need do nothing"), "{case}: {}", to_boss.mail.text);
        assert_eq!(to_boss.mail.header("List-Unsubscribe"), "", "{case}");
    }
}

#[tokio::test]
async fn a_relay_that_refuses_an_address_is_seen_in_the_audit_log() {
    let Some(relay) = Relay::start(Protection::Plain, Authentication::None).await else { return };
    let Some((operator, credentials)) = operator_with(&relay).await else { return };
    let server = operator.serve().await;
    let app = credentials.sign_in(&server).await;

    let invitation = app.invite_with("refused@fabrikam.com", json!({"sendInvitationMessage": true})).await;
    let id = invitation["invitedUser"]["id"].as_str().unwrap();
    let filter = "activityDisplayName eq 'Invitation Email'";
    let limit = std::time::Duration::from_secs(20);
    let event = vestibule_tests::wait::until(limit, "the failure in the audit log", async || {
        let events = app.filter("/v1.0/auditLogs/directoryAudits", filter).await.expect(200).json();
        Ok(events["value"].as_array().unwrap().first().cloned())
    })
    .await
    .unwrap();

    assert_eq!(event["result"], "failure", "{event}");
    assert_eq!(event["targetResources"][0]["id"], id, "{event}");
    assert!(event.to_string().contains("550"), "{event}");
}

#[tokio::test]
async fn without_a_mail_server_the_invitation_is_made_and_the_missing_mail_is_recorded() {
    let Some(mut operator) = Operator::new().await else { return };
    let credentials =
        operator.init("Contoso", "contoso.example", &["User.ReadWrite.All", "AuditLog.Read.All"]).await;
    let server = operator.serve().await;
    let app = credentials.sign_in(&server).await;

    let invitation = app.invite_with(GUEST, json!({"sendInvitationMessage": true})).await;
    let filter = "activityDisplayName eq 'Invitation Email'";
    let events = app.filter("/v1.0/auditLogs/directoryAudits", filter).await.expect(200).json();

    assert_eq!(invitation["sendInvitationMessage"], true);
    assert_eq!(events["value"][0]["result"], "failure", "{events}");
}

#[tokio::test]
async fn a_server_without_a_tenant_says_what_to_do_and_init_runs_once() {
    let Some(mut operator) = Operator::new().await else { return };

    let first = operator.init("Contoso", "contoso.example", &["User.Invite.All"]).await;
    let again = operator.run(&["init", "--name", "Contoso", "--domain", "contoso.example"]).await;
    let dev = operator.run(&["serve", "--dev", "--listen", "127.0.0.1:0"]).await;

    assert!(!first.client_secret.is_empty());
    assert_eq!(again.status.code(), Some(1), "{again:?}");
    assert_eq!(
        dev.status.code(),
        Some(1),
        "serve --dev refuses a store with a tenant that it did not make: {dev:?}"
    );
}
