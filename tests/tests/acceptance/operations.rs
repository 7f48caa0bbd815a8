//! What a client finds before it has a token, and what is not built yet.

use serde_json::json;
use vestibule_tests::{Answer, App, Server};

use crate::seeds::seeded;

#[tokio::test]
async fn health_readiness_and_metrics_answer_on_loopback() {
    let Some(server) = Server::dev().await else { return };
    server.app().await.invite("taylor@fabrikam.com").await;

    let health = server.http().get("/healthz").await.unwrap();
    let ready = server.http().get("/readyz").await.unwrap();
    let metrics = server.http().get("/metrics").await.unwrap();

    assert_eq!([health.status, ready.status, metrics.status], [200, 200, 200]);
    assert!(metrics.text.lines().any(|line| line.starts_with("# TYPE")), "{}", metrics.text);
    assert!(!metrics.text.contains("taylor"), "{}", metrics.text);
}

#[tokio::test]
async fn discovery_names_what_msal_insists_on_and_what_it_lists_exists() {
    let Some(server) = Server::dev().await else { return };
    let tenant = &server.facts().tenant_id;

    for form in [tenant.as_str(), "contoso.localhost", "common", "organizations"] {
        for path in [
            format!("/{form}/v2.0/.well-known/openid-configuration"),
            format!("/{form}/.well-known/openid-configuration"),
            format!("/.well-known/oauth-authorization-server/{form}/v2.0"),
        ] {
            let answer = server.http().get(&path).await.unwrap().expect(200);
            let facts = answer.json();
            assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
            for name in ["issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"] {
                assert!(facts[name].as_str().unwrap().starts_with(server.url()), "{path} {name}: {facts}");
            }
            assert!(
                facts["grant_types_supported"].to_string().contains("client_credentials"),
                "{path}: {facts}"
            );
            let keys =
                server.http().get(facts["jwks_uri"].as_str().unwrap()).await.unwrap().expect(200).json();
            assert_eq!(keys["keys"].as_array().unwrap().len(), 1, "{path}: one signing key");
        }
    }
}

#[tokio::test]
async fn tokens_are_refused_in_the_words_of_entra() {
    let Some(server) = Server::dev().await else { return };
    let facts = server.facts();
    let path = format!("/{}/oauth2/v2.0/token", facts.tenant_id);
    let (id, secret) = (facts.client_id.as_str(), facts.client_secret.as_str());
    let scope = format!("{}/.default", server.url());

    for (fields, error) in [
        (
            vec![("grant_type", "client_credentials"), ("client_id", id), ("client_secret", "wrong")],
            "invalid_client",
        ),
        (
            vec![("grant_type", "password"), ("client_id", id), ("client_secret", secret)],
            "unsupported_grant_type",
        ),
        (vec![("client_id", id), ("client_secret", secret)], "invalid_request"),
        (
            vec![
                ("grant_type", "client_credentials"),
                ("grant_type", "client_credentials"),
                ("client_id", id),
                ("client_secret", secret),
            ],
            "invalid_request",
        ),
    ] {
        let fields: Vec<(&str, &str)> = fields.into_iter().chain([("scope", scope.as_str())]).collect();
        let answer = server.http().post_form(&path, &fields).await.unwrap();
        let body = answer.json();

        assert!([400, 401].contains(&answer.status), "{fields:?}: {} {body}", answer.status);
        assert_eq!(body["error"], error, "{fields:?}: {body}");
        assert!(body["error_description"].as_str().unwrap().starts_with("AADSTS"), "{body}");
        assert_eq!(answer.header("cache-control"), "no-store", "{fields:?}");
    }
    let wrong_method = server.http().get(&path).await.unwrap();
    assert_eq!((wrong_method.status, wrong_method.header("allow")), (405, "POST"));
}

#[tokio::test]
async fn the_state_of_an_application_is_told_by_its_number() {
    let seed = r#"
        [[tenants]]
        domain = "contoso.localhost"
        apps = [
            { name = "expired", client_secret_ends = "2020-01-01T00:00:00Z" },
            { name = "disabled", account_enabled = false },
            { name = "public", public_client = true },
        ]
    "#;
    let Some(server) = seeded(seed).await else { return };
    let path = format!("/{}/oauth2/v2.0/token", server.facts().tenant_id);

    for (name, assertion, status, error, number) in [
        ("expired", None, 401, "invalid_client", 7_000_222),
        ("disabled", None, 400, "unauthorized_client", 7_000_112),
        ("public", None, 401, "invalid_client", 700_025),
        ("expired", Some("e.y.J"), 401, "invalid_client", 700_027),
    ] {
        let app = &server.facts().apps[name];
        let credential = match assertion {
            None => ("client_secret", app.client_secret.as_str()),
            Some(assertion) => ("client_assertion", assertion),
        };
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &app.client_id),
            ("scope", ".default"),
            credential,
        ];
        let answer = server.http().post_form(&path, &form).await.unwrap();

        assert_refusal(&answer, status, error, number);
    }
    let public = &server.facts().apps["public"];
    let bare =
        [("grant_type", "client_credentials"), ("client_id", &*public.client_id), ("scope", ".default")];
    assert_refusal(
        &server.http().post_form(&path, &bare).await.unwrap(),
        400,
        "unsupported_grant_type",
        70003,
    );
}

#[tokio::test]
async fn an_application_gets_its_own_tenants_token_wherever_the_path_is_common() {
    let Some(server) = Server::dev().await else { return };
    let facts = server.facts();

    for tenant in ["common", "organizations"] {
        let app = App::sign_in(server.http().clone(), tenant, &facts.client_id, &facts.client_secret).await;
        app.unwrap().get("/v1.0/users").await.expect(200);
    }
}

fn assert_refusal(answer: &Answer, status: u16, error: &str, number: u32) {
    let body = answer.json();
    assert_eq!((answer.status, &body["error"]), (status, &json!(error)), "{body}");
    assert_eq!(body["error_codes"], json!([number]), "{body}");
    assert!(body["error_description"].as_str().unwrap().starts_with(&format!("AADSTS{number}: ")), "{body}");
    assert!(body["error_uri"].as_str().unwrap().ends_with(&format!("/error?code={number}")), "{body}");
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn what_is_not_built_yet_says_so() {
    let Some(server) = Server::dev().await else { return };
    let app = server.app().await;

    for (path, status, code) in [
        ("/v1.0/groups", 400, "BadRequest"),
        ("/v1.0/foo", 400, "BadRequest"),
        ("/v2.0/users", 400, "BadRequest"),
        ("/v1.0/users?$search=\"displayName:x\"", 400, "BadRequest"),
        ("/v1.0/users?$expand=manager", 400, "BadRequest"),
        ("/v1.0/invitations", 404, "UnknownError"),
        ("/v1.0/me", 400, "BadRequest"),
    ] {
        let answer = app.get(path).await;
        assert_eq!(
            (answer.status, answer.json()["error"]["code"].as_str().unwrap()),
            (status, code),
            "{path}"
        );
        assert!(!answer.header("request-id").is_empty(), "{path}");
    }
    let post = app.post("/v1.0/users", &json!({})).await;
    assert_eq!(post.status, 405, "{}", post.text);
    assert!(post.header("allow").contains("GET"), "{:?}", post.headers);
    let nobody = server.http().get("/v1.0/users").await.unwrap();
    assert_eq!(nobody.status, 401);
    assert!(nobody.header("www-authenticate").starts_with("Bearer"));
    let page = server.http().get("/no/such/page").await.unwrap();
    assert_eq!(page.status, 404);
    assert!(page.text.contains("<main"), "{}", page.text);
}

#[tokio::test]
async fn an_internal_user_is_not_converted_yet() {
    let Some(server) = Server::dev().await else { return };
    let app = server.app().await;
    let member = app.user(&server.facts().users["member"].upn, "id").await;

    for reset in [true, false] {
        let body = json!({
            "invitedUserEmailAddress": "member@fabrikam.com",
            "inviteRedirectUrl": "https://myapps.microsoft.com/",
            "resetRedemption": reset,
            "invitedUser": {"id": member["id"]},
        });
        let answer = app.post("/v1.0/invitations", &body).await;

        assert_eq!(answer.status, 501, "reset {reset}: {}", answer.text);
        assert_eq!(answer.json()["error"]["code"], "NotImplemented", "reset {reset}");
    }
}

#[tokio::test]
async fn a_reset_makes_an_accepted_guest_pending_and_ends_the_earlier_links() {
    let Some(server) = Server::dev().await else { return };
    let app = server.app().await;
    let first = app.invite("taylor@fabrikam.com").await;
    let id = first["invitedUser"]["id"].as_str().unwrap();
    server.redeem(first["inviteRedeemUrl"].as_str().unwrap()).await.unwrap().expect(200);
    app.patch(&format!("/v1.0/users/{id}"), &json!({"otherMails": ["new@fabrikam.com"]})).await.expect(204);

    let more = json!({"resetRedemption": true, "invitedUser": {"id": id}});
    let second = app.invite_with("new@fabrikam.com", more).await;
    let old_link = server.redeem(first["inviteRedeemUrl"].as_str().unwrap()).await.unwrap();
    let pending = app.user(id, "externalUserState,identities,userPrincipalName").await;
    server.redeem(second["inviteRedeemUrl"].as_str().unwrap()).await.unwrap().expect(200);
    let accepted = app.user(id, "externalUserState,identities,userPrincipalName").await;

    assert_eq!(
        (second["status"].as_str(), second["resetRedemption"].as_bool()),
        (Some("PendingAcceptance"), Some(true))
    );
    assert!(old_link.status >= 400, "{}", old_link.text);
    assert_eq!(pending["externalUserState"], "PendingAcceptance");
    assert_eq!(pending["identities"].as_array().unwrap().len(), 1, "{pending}");
    assert_eq!(accepted["externalUserState"], "Accepted");
    assert_eq!(accepted["identities"][1]["issuerAssignedId"], "new@fabrikam.com");
    assert_eq!(accepted["userPrincipalName"], pending["userPrincipalName"]);
}
