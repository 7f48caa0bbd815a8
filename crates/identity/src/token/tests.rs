use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use vestibule_model::{Caller, Permission};

use crate::TokenError;
use crate::testing::{APP, SERVICE_PRINCIPAL, TENANT, World, form, good_form};

#[tokio::test]
async fn a_good_token_names_its_caller() {
    let world = World::start().await;

    let caller = caller(&world, &world.token().await).await.unwrap();

    assert_eq!(caller.tenant, TENANT);
    assert_eq!(caller.app.app, APP);
    assert_eq!(caller.app.service_principal.0, SERVICE_PRINCIPAL);
    assert_eq!(caller.app.display_name, "HR portal");
    assert_eq!(caller.permissions, [Permission::UserInviteAll, Permission::UserReadWriteAll]);
    assert_eq!(caller.issued_at.as_second(), world.now().as_second());
    assert!(caller.is_app_only());
}

#[tokio::test]
async fn what_is_no_bearer_token_is_told_apart() {
    let world = World::start().await;
    let now = world.now();
    for header in [None, Some(""), Some("Bearer"), Some("Bearer "), Some("Basic YTpi")] {
        let refused = world.identity.caller(header, now).await;
        assert!(matches!(refused, Err(TokenError::Empty)), "{header:?}");
    }
    for token in ["abc", "a.b", "a.b.c", "a.b.c.d", "....", "\u{fc}.b.c"] {
        let refused = caller(&world, token).await;
        assert!(matches!(refused, Err(TokenError::NotWellFormed)), "{token}");
    }
    let good = format!("bearer  {} ", world.token().await);
    assert!(world.identity.caller(Some(&good), now).await.is_ok());
}

#[tokio::test]
async fn times_are_checked_at_every_use_with_five_minutes_of_grace() {
    let world = World::start().await;
    let token = world.token().await;
    for (seconds, is_alive) in [(0, true), (3599 + 299, true), (1, false), (-(3599 + 600), true), (-1, false)]
    {
        world.advance(SignedDuration::from_secs(seconds));
        let answer = caller(&world, &token).await;
        assert_eq!(answer.is_ok(), is_alive, "{seconds}");
        assert!(is_alive || matches!(answer, Err(TokenError::Expired)), "{seconds}");
    }
}

#[tokio::test]
async fn a_token_for_another_resource_is_not_for_graph() {
    let world = World::start().await;
    let scope = form(&[("scope", &format!("{APP}/.default"))]);
    let body = good_form().replace(&form(&[("scope", "https://localhost:8443/.default")]), &scope);
    let answer = world.post(&format!("/{TENANT}/oauth2/v2.0/token"), &body).await;
    let token = answer.json()["access_token"].as_str().unwrap().to_owned();

    assert!(matches!(caller(&world, &token).await, Err(TokenError::WrongAudience)));
}

#[tokio::test]
async fn nothing_but_our_own_rs256_signature_is_believed() {
    let world = World::start().await;
    let token = world.token().await;
    let kid = jsonwebtoken::decode_header(&token).unwrap().kid.unwrap();
    let keys = world.get("/common/discovery/v2.0/keys").await.json();
    let public = keys["keys"][0]["n"].as_str().unwrap().to_owned();
    let parts: Vec<&str> = token.split('.').collect();
    let other = World::start().await.token().await;

    let none = part(&json!({"alg": "none", "typ": "JWT", "kid": kid}));
    let by_hmac = jsonwebtoken::encode(
        &Header { kid: Some(kid.clone()), ..Header::new(Algorithm::HS256) },
        &claims(&token),
        &EncodingKey::from_secret(public.as_bytes()),
    );
    let mut more = claims(&token);
    more["roles"] = json!(["Directory.ReadWrite.All"]);
    for (forged, why) in [
        (format!("{none}.{}.", parts[1]), "none"),
        (format!("{none}.{}.{}", parts[1], parts[2]), "none with a signature"),
        (by_hmac.unwrap(), "HMAC under the public key"),
        (format!("{}.{}.{}", parts[0], part(&more), parts[2]), "more roles"),
        (format!("{}.{}.", parts[0], parts[1]), "no signature"),
        (format!("{}.{}.{}", part(&json!({"alg": "RS256"})), parts[1], parts[2]), "no kid"),
        (other, "another server's key"),
    ] {
        let refused = caller(&world, &forged).await;
        assert!(matches!(refused, Err(TokenError::Invalid)), "{why}: {refused:?}");
    }
    assert!(caller(&world, &token).await.is_ok());
}

#[tokio::test]
async fn a_token_of_this_store_is_believed_after_a_reset_of_the_memory() {
    let world = World::start().await;
    let token = world.token().await;

    world.identity.forget();

    assert!(caller(&world, &token).await.is_ok());
}

async fn caller(world: &World, token: &str) -> Result<Caller, TokenError> {
    world.identity.caller(Some(&format!("Bearer {token}")), world.now()).await
}

fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

fn part(json: &Value) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(json.to_string())
}
