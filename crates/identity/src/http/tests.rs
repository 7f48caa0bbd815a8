use axum::body::Body;
use http::{Method, Request};
use serde_json::{Value, json};

use crate::testing::{ORIGIN, TENANT, World, good_form, request};

#[tokio::test]
async fn discovery_names_every_endpoint_and_lists_what_works() {
    let world = World::start().await;
    let login = format!("{ORIGIN}/{TENANT}");

    let answer = world.get(&format!("/{TENANT}/v2.0/.well-known/openid-configuration")).await;

    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.json(),
        json!({
            "issuer": format!("{login}/v2.0"),
            "authorization_endpoint": format!("{login}/oauth2/v2.0/authorize"),
            "token_endpoint": format!("{login}/oauth2/v2.0/token"),
            "jwks_uri": format!("{login}/discovery/v2.0/keys"),
            "device_authorization_endpoint": format!("{login}/oauth2/v2.0/devicecode"),
            "end_session_endpoint": format!("{login}/oauth2/v2.0/logout"),
            "userinfo_endpoint": format!("{ORIGIN}/oidc/userinfo"),
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "response_types_supported": [],
            "grant_types_supported": ["client_credentials"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "claims_supported": ["sub", "iss", "aud", "exp", "iat", "tid", "ver", "oid"],
            "authorization_response_iss_parameter_supported": true,
            "request_uri_parameter_supported": false,
            "http_logout_supported": false,
            "frontchannel_logout_supported": false,
            "tenant_region_scope": null,
            "cloud_instance_name": "localhost:8443",
            "cloud_graph_host_name": "localhost:8443",
            "msgraph_host": "localhost:8443",
        })
    );
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    assert_eq!(answer.header("cache-control"), "public, max-age=3600");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
}

#[tokio::test]
async fn a_slash_too_many_leads_to_the_same_endpoint() {
    let world = World::start().await;
    let document = world.get(&format!("/{TENANT}/v2.0/.well-known/openid-configuration")).await.json();
    for path in [
        format!("//{TENANT}/v2.0/.well-known/openid-configuration"),
        format!("/{TENANT}//v2.0/.well-known/openid-configuration"),
        format!("/{TENANT}/v2.0/.well-known/openid-configuration/"),
    ] {
        assert_eq!(world.get(&path).await.json(), document, "{path}");
    }
    for path in [format!("//{TENANT}/oauth2/v2.0/token"), format!("/{TENANT}/oauth2/v2.0/token/")] {
        assert_eq!(world.post(&path, &good_form()).await.status, 200, "{path}");
    }
    assert_eq!(world.get(&format!("/{TENANT}/oauth2/v2.0/none/")).await.status, 404);
}

#[tokio::test]
async fn the_three_forms_are_one_document_and_every_name_of_a_tenant_leads_to_its_id() {
    let world = World::start().await;
    let id = world.get(&format!("/{TENANT}/v2.0/.well-known/openid-configuration")).await.json();
    for path in [
        &*format!("/{TENANT}/.well-known/openid-configuration"),
        &*format!("/.well-known/oauth-authorization-server/{TENANT}/v2.0"),
        "/contoso.localhost/v2.0/.well-known/openid-configuration",
        "/Contoso.LOCALHOST/v2.0/.well-known/openid-configuration",
        &*format!("/{}/v2.0/.well-known/openid-configuration", TENANT.to_string().to_uppercase()),
    ] {
        assert_eq!(world.get(path).await.json(), id, "{path}");
    }
}

#[tokio::test]
async fn without_one_tenant_the_issuer_is_a_template() {
    let world = World::start().await;
    for word in ["common", "organizations"] {
        let document = world.get(&format!("/{word}/v2.0/.well-known/openid-configuration")).await.json();
        assert_eq!(document["issuer"], format!("{ORIGIN}/{{tenantid}}/v2.0"));
        assert_eq!(document["token_endpoint"], format!("{ORIGIN}/{word}/oauth2/v2.0/token"));
    }
}

#[tokio::test]
async fn an_unknown_tenant_is_told_to_every_origin() {
    let world = World::start().await;
    for tenant in ["consumers", "fabrikam.com", "00000000-0000-4000-8000-000000000000", "%FF"] {
        for path in ["v2.0/.well-known/openid-configuration", "discovery/v2.0/keys"] {
            let answer = world.get(&format!("/{tenant}/{path}")).await;
            assert_eq!(answer.refusal(), (400, "invalid_tenant".into(), 90002), "{tenant}");
            assert_eq!(answer.header("access-control-allow-origin"), "*");
            assert_eq!(answer.header("cache-control"), "no-store");
        }
    }
}

#[tokio::test]
async fn the_published_key_is_the_one_that_signs() {
    let world = World::start().await;
    let token = world.token().await;

    for path in ["discovery/v2.0/keys", "discovery/keys"] {
        let answer = world.get(&format!("/contoso.localhost/{path}")).await;
        assert_eq!(answer.header("cache-control"), "public, max-age=3600");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        let keys = answer.json();
        let key = &keys["keys"][0];
        assert_eq!(keys["keys"].as_array().unwrap().len(), 1);
        assert_eq!(key["issuer"], format!("{ORIGIN}/{TENANT}/v2.0"));
        assert_eq!(key["cloud_instance_name"], "localhost:8443");
        let header = jsonwebtoken::decode_header(&token).unwrap();
        assert_eq!(header.kid.as_deref(), key["kid"].as_str());
        assert_eq!(header.typ.as_deref(), Some("JWT"));
        let published =
            jsonwebtoken::DecodingKey::from_rsa_components(text(&key["n"]), text(&key["e"])).unwrap();
        let (message, signature) = token.rsplit_once('.').unwrap();
        let verified = jsonwebtoken::crypto::verify(signature, message.as_bytes(), &published, header.alg);
        assert!(verified.unwrap());
    }
}

#[tokio::test]
async fn two_nodes_over_one_store_sign_with_one_key() {
    let world = World::start().await;
    let (one, other) = (world.identity.clone(), world.another_node());

    let (first, second) = tokio::join!(one.prepare(), other.prepare());
    first.unwrap();
    second.unwrap();

    assert_eq!(world.store.signing_keys().await.unwrap().len(), 1);
    let token = format!("Bearer {}", world.token().await);
    assert!(other.caller(Some(&token), world.now()).await.is_ok());
}

#[tokio::test]
async fn another_origin_may_ask_before_it_reads() {
    let world = World::start().await;
    let path = format!("/{TENANT}/v2.0/.well-known/openid-configuration");
    let asking = Request::options(&path)
        .header("origin", "https://spa.example")
        .header("access-control-request-method", "GET")
        .header("access-control-request-headers", "client-request-id")
        .body(Body::empty());

    let answer = world.send(asking.unwrap()).await;

    assert_eq!(answer.status, 204);
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.header("access-control-allow-headers"), "client-request-id");
    assert_eq!(answer.header("access-control-max-age"), "600");
    assert_eq!(world.send(request(Method::OPTIONS, &path, "")).await.status, 405);
}

#[tokio::test]
async fn a_wrong_method_is_told_with_those_that_are_right() {
    let world = World::start().await;
    for (method, path, allowed) in [
        (Method::POST, "/common/v2.0/.well-known/openid-configuration", "GET, HEAD"),
        (Method::DELETE, "/common/discovery/v2.0/keys", "GET, HEAD"),
        (Method::PUT, "/common/oauth2/v2.0/authorize", "GET, HEAD, POST"),
        (Method::GET, "/common/oauth2/v2.0/devicecode", "POST"),
        (Method::OPTIONS, "/common/oauth2/v2.0/token", "POST"),
        (Method::POST, "/error", "GET, HEAD"),
    ] {
        let answer = world.send(request(method.clone(), path, "")).await;
        assert_eq!(answer.refusal(), (405, "invalid_request".into(), 900561), "{method} {path}");
        assert_eq!(answer.header("allow"), allowed, "{method} {path}");
    }
}

#[tokio::test]
async fn what_is_not_built_says_so_to_programs_and_to_people() {
    let world = World::start().await;
    for (method, path) in [
        (Method::POST, "/common/oauth2/v2.0/devicecode"),
        (Method::GET, "/common/discovery/instance?api-version=1.1"),
        (Method::GET, "/oidc/userinfo"),
        (Method::GET, "/metadata/endpoints"),
        (Method::GET, "/subscriptions"),
        (Method::GET, "/tenants"),
    ] {
        let answer = world.send(request(method, path, "")).await;
        assert_eq!(answer.refusal(), (400, "unsupported_grant_type".into(), 70003), "{path}");
    }
    for path in [
        "/common/oauth2/v2.0/authorize?client_id=%3Cscript%3E",
        "/devicelogin",
        "/common/oauth2/deviceauth",
        "/common/oauth2/v2.0/logout",
        "/common/v2.0/adminconsent",
        "/common/adminconsent",
    ] {
        let answer = world.get(path).await;
        assert_eq!(answer.status, 400, "{path}");
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"));
        assert_eq!(answer.header("access-control-allow-origin"), "", "never on authorize");
        assert!(answer.text().contains("<h1>AADSTS70003</h1>") && !answer.text().contains("<script>"));
        assert!(answer.text().contains("Trace ID: 11111111-2222-4333-8444-555555555555"));
    }
}

#[tokio::test]
async fn the_v1_endpoints_point_at_v2() {
    let world = World::start().await;
    for (method, path) in [
        (Method::GET, "/common/oauth2/authorize?resource=x"),
        (Method::POST, "/common/oauth2/token"),
        (Method::POST, "/common/oauth2/devicecode"),
        (Method::GET, "/common/userrealm/taylor@fabrikam.com"),
    ] {
        let answer = world.send(request(method, path, "")).await;
        assert_eq!((answer.status.as_u16(), answer.refusal().1), (404, "invalid_request".into()), "{path}");
        assert!(answer.text().contains("v2.0"));
    }
}

#[tokio::test]
async fn every_error_uri_leads_to_an_explanation() {
    let world = World::start().await;
    for number in [90002, 900144, 9002313, 900561, 70003, 700016, 7000112, 7000215, 7000222, 7000218, 700025]
    {
        let answer = world.get(&format!("/error?code={number}")).await;
        assert_eq!(answer.status, 200, "{number}");
        assert!(answer.text().contains(&format!("<h1>AADSTS{number}</h1>")));
    }
    for query in ["", "?code=", "?code=1", "?code=%3Cscript%3E", "?code=1&code=2"] {
        let answer = world.get(&format!("/error{query}")).await;
        assert_eq!(answer.status, 404, "{query}");
        assert!(!answer.text().contains("<script>"));
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}
