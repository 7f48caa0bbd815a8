use axum::body::Body;
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use http::{Method, Request};
use jiff::SignedDuration;
use serde_json::{Value, json};
use uuid::Uuid;
use vestibule_model::{AppId, Application, ClientSecret, Permission, TenantId};

use crate::testing::{
    APP, ORIGIN, SECRET, SERVICE_PRINCIPAL, TENANT, World, application, form, good_form, request, secret,
};

#[tokio::test]
async fn a_secret_earns_a_token_and_nothing_else() {
    let world = World::start().await;

    let answer = world.post(&token_path(), &good_form()).await;

    assert_eq!(answer.status, 200);
    let body = answer.json();
    let token = body["access_token"].clone();
    assert_eq!(
        body,
        json!({"token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599, "access_token": token})
    );
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("pragma"), "no-cache");
}

#[tokio::test]
async fn the_token_says_who_the_application_is_and_what_it_may() {
    let world = World::start().await;
    let issuer = format!("{ORIGIN}/{TENANT}/v2.0");

    let claims = claims(&world.token().await);

    let issued_at = world.now().as_second();
    let expected = json!({
        "aud": ORIGIN, "iss": issuer, "idp": issuer,
        "iat": issued_at, "nbf": issued_at, "exp": issued_at + 3599,
        "tid": TENANT, "oid": SERVICE_PRINCIPAL, "sub": SERVICE_PRINCIPAL,
        "idtyp": "app", "ver": "2.0", "appid": APP, "azp": APP, "appidacr": "1", "azpacr": "1",
        "app_displayname": "HR portal", "roles": ["User.Invite.All", "User.ReadWrite.All"],
        "wids": ["0997a1d0-0d1d-4acb-b408-d5ca73121e90"], "uti": claims["uti"],
    });
    assert_eq!(claims, expected);
}

#[tokio::test]
async fn without_a_granted_permission_the_token_has_no_roles() {
    let world = World::start().await;
    let app = other_app(|app| app.permissions.clear());
    world.add_app(app.clone(), vec![secret(SECRET)]).await;

    let answer = world.post(&token_path(), &form_of(&app, SECRET)).await;

    let token = answer.json()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(claims(&token).get("roles"), None);
}

#[tokio::test]
async fn a_client_that_takes_challenges_gets_its_word_back() {
    let world = World::start().await;
    for (claims_sent, echoed) in [
        (r#"{"access_token":{"xms_cc":{"values":["CP1"]}}}"#, json!(["CP1"])),
        (r#"{"access_token":{"xms_cc":{"values":["cp9"]}}}"#, Value::Null),
        (r#"{"id_token":{"signin_state":{"essential":true}}}"#, Value::Null),
    ] {
        let body = format!("{}&{}", good_form(), form(&[("claims", claims_sent)]));
        let answer = world.post(&token_path(), &body).await;
        let token = answer.json()["access_token"].as_str().unwrap().to_owned();
        assert_eq!(claims(&token)["xms_cc"], echoed, "{claims_sent}");
    }
}

#[tokio::test]
async fn the_tenant_may_be_named_by_id_or_domain_in_any_case() {
    let world = World::start().await;
    let id = TENANT.to_string();
    for tenant in [id.as_str(), &id.to_uppercase(), "contoso.localhost", "CONTOSO.localhost"] {
        let answer = world.post(&format!("/{tenant}/oauth2/v2.0/token"), &good_form()).await;
        assert_eq!(answer.status, 200, "{tenant}");
    }
    for tenant in ["consumers", "fabrikam.com", "a%FFb"] {
        let answer = world.post(&format!("/{tenant}/oauth2/v2.0/token"), &good_form()).await;
        assert_eq!(answer.refusal(), (400, "invalid_request".into(), 90002), "{tenant}");
    }
}

#[tokio::test]
async fn where_the_path_names_no_tenant_the_client_does() {
    let world = World::start().await;
    let elsewhere = other_app(|_| {});
    world.add_app(elsewhere.clone(), vec![secret("x")]).await;
    world.add_app_in(TenantId(Uuid::from_u128(7)), elsewhere.clone()).await;
    let nobody = Application { app: AppId(Uuid::from_u128(5)), ..application() };

    for tenant in ["common", "organizations", "Common"] {
        let path = format!("/{tenant}/oauth2/v2.0/token");
        let answer = world.post(&path, &good_form()).await;
        assert_eq!(answer.status, 200, "{tenant}");
        assert_eq!(claims(answer.json()["access_token"].as_str().unwrap())["tid"], TENANT.to_string());

        for (app, shown, refusal) in [
            (&application(), "wrong", (401, "invalid_client".to_owned(), 7000215)),
            (&nobody, "x", (400, "unauthorized_client".to_owned(), 700016)),
            (&elsewhere, "x", (400, "invalid_request".to_owned(), 90002)),
        ] {
            assert_eq!(world.post(&path, &form_of(app, shown)).await.refusal(), refusal, "{tenant}");
        }
    }
}

#[tokio::test]
async fn every_broken_request_is_told_by_its_number() {
    let world = World::start().await;
    let app = APP.to_string();
    let unknown = Uuid::from_u128(5).to_string();
    let good = [
        ("client_id", app.as_str()),
        ("grant_type", "client_credentials"),
        ("client_secret", SECRET),
        ("scope", "https://localhost/.default"),
    ];
    let jwt = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    for (changed, added, refusal) in [
        (("grant_type", ""), None, (400, "invalid_request", 900144)),
        (("grant_type", "password"), None, (400, "unsupported_grant_type", 70003)),
        (("grant_type", "authorization_code"), None, (400, "unsupported_grant_type", 70003)),
        (("client_id", ""), None, (400, "invalid_request", 900144)),
        (("client_id", "not-a-guid"), None, (400, "unauthorized_client", 700016)),
        (("client_id", &unknown), None, (400, "unauthorized_client", 700016)),
        (("client_secret", "wrong"), None, (401, "invalid_client", 7000215)),
        (("client_secret", ""), None, (401, "invalid_client", 7000218)),
        (("client_secret", ""), Some(("client_assertion_type", jwt)), (401, "invalid_client", 700027)),
        (("x", "y"), Some(("client_assertion", "e.y.J")), (400, "invalid_request", 9002313)),
        (("scope", ""), None, (400, "invalid_request", 900144)),
        (("scope", "User.Read"), None, (400, "invalid_scope", 1002012)),
        (("scope", "https://vault.azure.net/.default"), None, (400, "invalid_resource", 500011)),
        (("scope", &format!("{unknown}/.default")), None, (400, "invalid_resource", 500011)),
        (("scope", &format!("{app}/.default .default")), None, (400, "invalid_request", 28000)),
        (("x", "y"), Some(("claims", "{not json")), (400, "invalid_request", 9002313)),
        (("x", "y"), Some(("claims", "[]")), (400, "invalid_request", 9002313)),
        (("x", "y"), Some(("scope", "https://localhost/.default")), (400, "invalid_request", 9002313)),
        (("client_secret", "\u{FFFD}"), None, (400, "invalid_request", 9002313)),
    ] {
        let mut pairs = good.map(|pair| if pair.0 == changed.0 { changed } else { pair }).to_vec();
        pairs.extend(added);
        let answer = world.post(&token_path(), &form(&pairs)).await;
        let (status, word, number) = refusal;
        assert_eq!(answer.refusal(), (status, word.to_owned(), number), "{changed:?} {added:?}");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert!(!answer.text().contains(SECRET));
    }
}

#[tokio::test]
async fn the_first_thing_wrong_is_the_one_that_is_told() {
    let world = World::start().await;
    let app = APP.to_string();
    for (tenant, pairs, number) in [
        ("nowhere", vec![], 90002),
        ("contoso.localhost", vec![("client_id", "nobody"), ("scope", "x")], 900144),
        ("contoso.localhost", vec![("grant_type", "x"), ("client_id", "nobody")], 70003),
        ("common", vec![("grant_type", "password")], 70003),
        (
            "contoso.localhost",
            vec![("grant_type", "client_credentials"), ("client_id", "nobody"), ("client_secret", "x")],
            700016,
        ),
        (
            "contoso.localhost",
            vec![
                ("grant_type", "client_credentials"),
                ("client_id", &app),
                ("client_secret", "x"),
                ("claims", "{"),
            ],
            7000215,
        ),
        (
            "contoso.localhost",
            vec![
                ("grant_type", "client_credentials"),
                ("client_id", &app),
                ("client_secret", SECRET),
                ("claims", "{"),
            ],
            9002313,
        ),
    ] {
        let answer = world.post(&format!("/{tenant}/oauth2/v2.0/token"), &form(&pairs)).await;
        assert_eq!(answer.refusal().2, number, "{tenant} {pairs:?}");
    }
}

#[tokio::test]
async fn the_state_of_an_application_decides() {
    let world = World::start().await;
    let ended = ClientSecret { ends_at: world.now(), ..secret("old") };
    let coming = ClientSecret { starts_at: world.now() + SignedDuration::from_hours(1), ..secret("later") };
    let disabled = other_app(|app| app.is_enabled = false);
    let public = other_app(|app| app.is_public = true);
    let rotating = other_app(|_| {});
    world.add_app(disabled.clone(), vec![secret("x")]).await;
    world.add_app(public.clone(), vec![]).await;
    world.add_app(rotating.clone(), vec![ended, secret("current"), secret("next-one"), coming]).await;

    for (app, shown, refusal) in [
        (&disabled, "x", (400, "unauthorized_client", 7000112)),
        (&disabled, "wrong", (401, "invalid_client", 7000215)),
        (&public, "x", (401, "invalid_client", 700025)),
        (&public, "", (400, "unsupported_grant_type", 70003)),
        (&rotating, "old", (401, "invalid_client", 7000222)),
        (&rotating, "later", (401, "invalid_client", 7000215)),
    ] {
        let answer = world.post(&token_path(), &form_of(app, shown)).await;
        let (status, word, number) = refusal;
        assert_eq!(answer.refusal(), (status, word.to_owned(), number), "{shown} {number}");
    }
    for shown in ["current", "next-one"] {
        assert_eq!(world.post(&token_path(), &form_of(&rotating, shown)).await.status, 200, "{shown}");
    }
}

#[tokio::test]
async fn basic_authentication_is_as_good_as_the_body() {
    let world = World::start().await;
    let encoded: String = url::form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
    let pairs = [("grant_type", "client_credentials"), ("scope", ".default")];
    for (credentials, more, status, number) in [
        (format!("{APP}:{encoded}"), None, 200, 0),
        (format!("{APP}:{encoded}"), Some(("client_id", APP.to_string())), 200, 0),
        (format!("{APP}:{encoded}"), Some(("client_id", Uuid::nil().to_string())), 400, 9002313),
        (format!("{APP}:{encoded}"), Some(("client_secret", SECRET.to_owned())), 400, 9002313),
        (format!("{APP}:wrong"), None, 401, 7000215),
        (format!("{APP}"), None, 400, 9002313),
    ] {
        let mut pairs = pairs.to_vec();
        pairs.extend(more.as_ref().map(|(name, value)| (*name, value.as_str())));
        let mut request = request(Method::POST, &token_path(), &form(&pairs));
        let header = format!("Basic {}", BASE64_STANDARD.encode(&credentials));
        request.headers_mut().insert("authorization", header.parse().unwrap());

        let answer = world.send(request).await;

        assert_eq!(answer.status, status, "{credentials} {more:?}");
        assert_eq!(answer.refusal().2, number, "{credentials} {more:?}");
        assert_eq!(answer.headers.contains_key("www-authenticate"), status == 401);
    }
}

#[tokio::test]
async fn ten_wrong_secrets_in_a_minute_close_the_door_for_a_minute_from_there_only() {
    let mut world = World::start().await;
    for _ in 0..10 {
        let answer = world.post(&token_path(), &form_of(&application(), "wrong")).await;
        assert_eq!(answer.refusal().2, 7000215);
    }

    let locked = world.post(&token_path(), &good_form()).await;
    assert_eq!(locked.refusal(), (429, "temporarily_unavailable".into(), 50196));
    assert_eq!(locked.header("retry-after"), "60");

    world.client = Some("192.0.2.8".parse().unwrap());
    assert_eq!(world.post(&token_path(), &good_form()).await.status, 200);

    world.client = Some("192.0.2.7".parse().unwrap());
    world.advance(SignedDuration::from_secs(60));
    assert_eq!(world.post(&token_path(), &good_form()).await.status, 200);
}

#[tokio::test]
async fn a_token_for_an_applications_own_api_names_that_application() {
    let world = World::start().await;
    let scope = form(&[("scope", &format!("api://{APP}/.default"))]);
    let body = good_form().replace(&form(&[("scope", "https://localhost:8443/.default")]), &scope);

    let answer = world.post(&token_path(), &body).await;

    let token = answer.json()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(claims(&token)["aud"], APP.to_string());
    assert_eq!(claims(&token).get("roles"), None);
}

#[tokio::test]
async fn unknown_parameters_are_ignored_as_often_as_they_come() {
    let world = World::start().await;
    let noise = "x-client-SKU=MSAL&x-client-SKU=MSAL&haschrome=1&client-request-id=x&resource=a&resource=b";

    let answer = world.post(&token_path(), &format!("{noise}&{}", good_form())).await;

    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn errors_carry_the_ids_of_the_exchange() {
    let world = World::start().await;
    let told = "6f1c1e0a-0000-4000-8000-000000000abc";
    let own = "11111111-2222-4333-8444-555555555555";
    for (query, header, body, correlation) in [
        ("", Some(told), "", told),
        (&*format!("?client-request-id={told}"), None, "", told),
        ("", None, &*format!("client-request-id={told}"), told),
        ("", Some("not a guid"), "", own),
        ("", None, "", own),
    ] {
        let mut request = request(Method::POST, &format!("{}{query}", token_path()), body);
        if let Some(header) = header {
            request.headers_mut().insert("client-request-id", header.parse().unwrap());
        }

        let answer = world.send(request).await;

        let expected = json!({
            "error": "invalid_request",
            "error_description": format!(
                "AADSTS900144: The request body must contain the following parameter: 'grant_type'. \
                 Trace ID: {own} Correlation ID: {correlation} Timestamp: 2026-11-20 12:00:00Z"
            ),
            "error_codes": [900144],
            "timestamp": "2026-11-20 12:00:00Z",
            "trace_id": own,
            "correlation_id": correlation,
            "error_uri": format!("{ORIGIN}/error?code=900144"),
        });
        assert_eq!(answer.json(), expected);
        assert_eq!(answer.header("x-ms-request-id"), own);
        assert_eq!(answer.header("client-request-id"), correlation);
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
}

#[tokio::test]
async fn a_body_must_be_a_form_of_64_kib_at_most() {
    let world = World::start().await;
    let large = world.post(&token_path(), &format!("{}&x={}", good_form(), "y".repeat(64 * 1024))).await;
    assert_eq!(large.refusal(), (413, "invalid_request".into(), 9002313));

    let broken =
        futures_util::stream::iter([Ok(good_form()), Err(std::io::Error::other("the line went dead"))]);
    let half = Request::post(token_path()).header("content-type", "application/x-www-form-urlencoded");
    let half = world.send(half.body(Body::from_stream(broken)).unwrap()).await;
    assert_eq!(half.refusal(), (400, "invalid_request".into(), 9002313));

    let json = Request::post(token_path()).header("content-type", "application/json").body(Body::from("{}"));
    assert_eq!(world.send(json.unwrap()).await.refusal(), (400, "invalid_request".into(), 900144));

    let get = world.get(&token_path()).await;
    assert_eq!(get.refusal(), (405, "invalid_request".into(), 900561));
    assert_eq!(get.header("allow"), "POST");
    assert_eq!(get.header("cache-control"), "no-store");
}

fn token_path() -> String {
    format!("/{TENANT}/oauth2/v2.0/token")
}

fn other_app(change: impl FnOnce(&mut Application)) -> Application {
    let mut app = Application { permissions: vec![Permission::UserReadAll], ..application() };
    change(&mut app);
    // A different one for every difference.
    let n = u128::from(!app.is_enabled)
        + 2 * u128::from(app.is_public)
        + 4 * u128::from(app.permissions.is_empty());
    app.app = AppId(Uuid::from_u128(100 + n));
    app.id = Uuid::from_u128(200 + n).into();
    app.service_principal = Uuid::from_u128(300 + n).into();
    app
}

fn form_of(app: &Application, secret: &str) -> String {
    form(&[
        ("client_id", &app.app.to_string()),
        ("grant_type", "client_credentials"),
        ("client_secret", secret),
        ("scope", "https://graph.microsoft.com/.default"),
    ])
}

fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}
