//! The mission, point by point: each test is named after the sentence it keeps.

use serde_json::json;
use vestibule_tests::{Answer, Server};

use crate::operator::Operator;

/// `externalUserState` and when it last changed, as the mission shows them.
const STATE: &str = "displayName,userPrincipalName,externalUserState,externalUserStateChangeDateTime";

#[tokio::test]
async fn capability_1_invite_anybody_whatever_their_e_mail_address() {
    let Some(server) = Server::dev().await else { return };
    let app = server.app().await;

    for (name, address, upn) in [
        ("Taylor", "taylor@fabrikam.com", "taylor_fabrikam.com#EXT#@contoso.localhost"),
        ("Sam", "gsamoogle@gmail.com", "gsamoogle_gmail.com#EXT#@contoso.localhost"),
        (
            "Renée O’Brien",
            "Renee.O'Brien@sub.example.co.uk",
            "Renee.O'Brien_sub.example.co.uk#EXT#@contoso.localhost",
        ),
        (
            "지민",
            "jimin@xn--9d0bm53a3xbzui.example",
            "jimin_xn--9d0bm53a3xbzui.example#EXT#@contoso.localhost",
        ),
    ] {
        let invitation = app.invite_with(address, json!({"invitedUserDisplayName": name})).await;

        assert_eq!(invitation["invitedUserDisplayName"], name);
        assert_eq!(invitation["invitedUserEmailAddress"], address);
        assert_eq!(invitation["status"], "PendingAcceptance");
        let id = invitation["invitedUser"]["id"].as_str().unwrap();
        let user =
            app.user(id, "displayName,mail,userPrincipalName,userType,creationType,externalUserState").await;
        assert_eq!(user["displayName"], name);
        assert_eq!(user["mail"], address);
        assert_eq!(user["userPrincipalName"], upn);
        assert_eq!(user["userType"], "Guest");
        assert_eq!(user["creationType"], "Invitation");
        assert_eq!(user["externalUserState"], "PendingAcceptance");
    }
}

#[tokio::test]
async fn capability_2_choose_where_the_guest_lands_after_accepting() {
    let Some(server) = Server::dev().await else { return };
    let app = server.app().await;

    let chosen = json!({"inviteRedirectUrl": "https://app.contoso.com/start?from=mail#top"});
    let invitation = app.invite_with("taylor@fabrikam.com", chosen).await;
    let redeemed =
        server.redeem(invitation["inviteRedeemUrl"].as_str().unwrap()).await.unwrap().expect(200).json();

    assert_eq!(invitation["inviteRedirectUrl"], "https://app.contoso.com/start?from=mail#top");
    assert_eq!(redeemed["redirectUrl"], "https://app.contoso.com/start?from=mail#top");
    assert_eq!(redeemed["externalUserState"], "Accepted");
}

#[tokio::test]
async fn capability_3_the_service_sends_the_standard_mail_with_words_of_ones_own() {
    let Some(server) = Server::dev().await else { return };
    let app = server.app().await;

    let invitation = app
        .invite_with(
            "gsamoogle@gmail.com",
            json!({
                "sendInvitationMessage": true,
                "invitedUserMessageInfo": {"customizedMessageBody": "Hello Sam, let's collaborate!"},
            }),
        )
        .await;
    let mail = server.mail("gsamoogle@gmail.com", "invitation").await.unwrap();

    assert!(mail.text.contains("Hello Sam, let's collaborate!"), "{}", mail.text);
    assert!(mail.html.as_deref().unwrap().contains("collaborate!"));
    assert_eq!(mail.redeem_link(), invitation["inviteRedeemUrl"]);
}

#[tokio::test]
async fn capability_4_keep_others_in_the_loop() {
    let Some(server) = Server::dev().await else { return };
    let app = server.app().await;

    let cc = json!([
        {"emailAddress": {"name": "Boss", "address": "boss@contoso.example"}},
        {"emailAddress": {"address": "desk@contoso.example"}},
    ]);
    let more = json!({"sendInvitationMessage": true, "invitedUserMessageInfo": {"ccRecipients": cc}});
    let invitation = app.invite_with("taylor@fabrikam.com", more).await;
    let link = invitation["inviteRedeemUrl"].as_str().unwrap();
    let to_guest = server.mail("taylor@fabrikam.com", "invitation").await.unwrap();
    let to_boss = server.mail("boss@contoso.example", "invitation").await.unwrap();
    let to_desk = server.mail("desk@contoso.example", "invitation").await.unwrap();

    assert!(to_guest.header("Cc").contains("boss@contoso.example"), "{to_guest:?}");
    assert_eq!(to_guest.redeem_link(), link);
    let ticket = ticket_of(link);
    for copy in [to_boss, to_desk] {
        assert!(copy.header("To").contains("taylor@fabrikam.com"), "{copy:?}");
        assert!(!copy.text.contains(&ticket) && !copy.html.unwrap_or_default().contains(&ticket));
    }
}

#[tokio::test]
async fn capability_5_or_send_nothing_and_get_the_redeem_url_back() {
    let Some(server) = Server::dev().await else { return };
    let app = server.app().await;

    let invitation = app.invite_with("taylor@fabrikam.com", json!({"sendInvitationMessage": false})).await;

    let link = invitation["inviteRedeemUrl"].as_str().unwrap();
    assert!(link.starts_with(&format!("{}/redeem?rd=https%3a%2f%2f", server.url())), "{link}");
    let page = server.http().get(link).await.unwrap();
    assert_eq!(page.status, 302);
    assert!(server.mailbox().await.unwrap().is_empty());
}

#[tokio::test]
async fn capability_6_an_administrator_may_invite_as_a_member() {
    let Some(server) = Server::dev().await else { return };
    let app = server.app().await;

    let invitation = app.invite_with("taylor@fabrikam.com", json!({"invitedUserType": "Member"})).await;

    assert_eq!(invitation["invitedUserType"], "Member");
    let id = invitation["invitedUser"]["id"].as_str().unwrap();
    assert_eq!(app.user(id, "userType").await["userType"], "Member");
}

#[tokio::test]
async fn the_look_up_finds_a_person_by_each_of_its_five_branches() {
    let Some(server) = Server::dev().await else { return };
    let app = server.app().await;

    let nobody = found(app.filter("/v1.0/users", &look_up("taylor@fabrikam.com")).await);
    let invitation = app.invite("taylor@fabrikam.com").await;
    let id = invitation["invitedUser"]["id"].as_str().unwrap();
    app.patch(&format!("/v1.0/users/{id}"), &json!({"otherMails": ["t.other@fabrikam.com"]}))
        .await
        .expect(204);

    assert!(nobody.is_empty());
    for address in [
        "taylor@fabrikam.com",
        "TAYLOR@Fabrikam.com",
        "t.other@fabrikam.com",
        "taylor_fabrikam.com#EXT#@contoso.localhost",
    ] {
        for version in ["/v1.0/users", "/beta/users"] {
            assert_eq!(found(app.filter(version, &look_up(address)).await), [id], "{version} {address}");
        }
    }
    let member = &server.facts().users["member"].upn;
    assert_eq!(found(app.filter("/v1.0/users", &look_up(member)).await).len(), 1);
}

#[tokio::test]
async fn app_only_invites_with_user_invite_all_and_with_each_of_the_older_permissions() {
    let Some(mut operator) = Operator::new().await else { return };
    let invite = operator.init("contoso", "contoso.example", &["User.Invite.All"]).await;
    let users = operator.tenant("fabrikam", "fabrikam.example", &["User.ReadWrite.All"]).await;
    let directory = operator.tenant("tailspin", "tailspin.example", &["Directory.ReadWrite.All"]).await;
    let neither = operator.tenant("wingtip", "wingtip.example", &["User.Read.All"]).await;
    let server = operator.serve().await;

    let body = json!({
        "invitedUserEmailAddress": "taylor@adatum.example",
        "inviteRedirectUrl": "https://myapps.microsoft.com/",
    });
    let as_member = json!({
        "invitedUserEmailAddress": "member@adatum.example",
        "inviteRedirectUrl": "https://myapps.microsoft.com/",
        "invitedUserType": "Member",
    });
    for (credentials, status, status_as_member) in
        [(invite, 201, 403), (users, 201, 201), (directory, 201, 201), (neither, 401, 401)]
    {
        let app = credentials.sign_in(&server).await;
        let answer = app.post("/v1.0/invitations", &body).await;
        let answer_as_member = app.post("/v1.0/invitations", &as_member).await;

        assert_eq!(answer.status, status, "{credentials:?} {}", answer.text);
        assert_eq!(answer_as_member.status, status_as_member, "{credentials:?} {}", answer_as_member.text);
    }
}

#[tokio::test]
async fn the_status_filter_lists_who_has_not_accepted_and_when_that_last_changed() {
    let Some(server) = Server::dev().await else { return };
    let app = server.app().await;

    let pending = app.invite_with("taylor@fabrikam.com", json!({"invitedUserDisplayName": "Taylor"})).await;
    let accepted = app.invite("sam@fabrikam.com").await;
    server.advance(3600).await.unwrap();
    server.redeem(accepted["inviteRedeemUrl"].as_str().unwrap()).await.unwrap().expect(200);

    for version in ["/v1.0/users", "/beta/users"] {
        let query = [("$filter", "externalUserState eq 'PendingAcceptance'"), ("$select", STATE)];
        let request = app.request(reqwest::Method::GET, version).query(&query);
        let rows = app.send(request).await.expect(200).json()["value"].clone();

        assert_eq!(rows.as_array().unwrap().len(), 1, "{rows}");
        assert_eq!(rows[0]["displayName"], "Taylor");
        assert_eq!(rows[0]["userPrincipalName"], "taylor_fabrikam.com#EXT#@contoso.localhost");
        assert_eq!(rows[0]["externalUserState"], "PendingAcceptance");

        let accepted_ids = found(app.filter(version, "externalUserState eq 'Accepted'").await);
        assert_eq!(accepted_ids, [accepted["invitedUser"]["id"].as_str().unwrap()]);
    }
    let changed = |id: &serde_json::Value| {
        let (app, id) = (app.clone(), id.as_str().unwrap().to_owned());
        async move {
            let user = app.user(&id, "createdDateTime,externalUserStateChangeDateTime").await;
            let instant = |name: &str| user[name].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
            instant("externalUserStateChangeDateTime").duration_since(instant("createdDateTime")).as_secs()
        }
    };
    assert_eq!(changed(&pending["invitedUser"]["id"]).await, 0);
    assert!((3600..3660).contains(&changed(&accepted["invitedUser"]["id"]).await));
}

/// The query of the mission, letter for letter.
fn look_up(address: &str) -> String {
    "userPrincipalName eq '{0}' or mail eq '{0}' or proxyAddresses/any(x:x eq 'SMTP:{0}') or \
     signInNames/any(x:x eq '{0}') or otherMails/any(x:x eq '{0}')"
        .replace("{0}", address)
}

fn found(answer: Answer) -> Vec<String> {
    let body = answer.expect(200).json();
    body["value"].as_array().unwrap().iter().map(|user| user["id"].as_str().unwrap().to_owned()).collect()
}

fn ticket_of(link: &str) -> String {
    let decoded = link.replace("%26", "&").replace("%3d", "=").replace("%3D", "=");
    let (_, after) = decoded.split_once("ticket=").unwrap();
    after.split('&').next().unwrap().to_owned()
}
