//! Every filter that must work exactly as written (Graph contract 4.2), on both engines and both versions.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use vestibule_tests::server::Setup;
use vestibule_tests::{App, Server, database};

/// Whether a query needs `ConsistencyLevel: eventual` and `$count=true`.
#[derive(Clone, Copy, PartialEq)]
enum Needs {
    Nothing,
    ThePair,
}

/// The query, what it needs, and whom of the four guests it finds.
const MUST_WORK: &[(&str, Needs, &[&str])] = &[
    ("externalUserState eq 'PendingAcceptance'", Needs::Nothing, &["taylor", "brien", "kim"]),
    (
        "userType eq 'Guest' and externalUserState eq 'PendingAcceptance'",
        Needs::Nothing,
        &["taylor", "brien", "kim"],
    ),
    (
        "createdDateTime ge 2026-01-01T00:00:00Z and userType eq 'Guest'",
        Needs::Nothing,
        &["taylor", "brien", "kim", "j"],
    ),
    ("startswith(mail,'taylor') or startswith(displayName,'O''Brien')", Needs::Nothing, &["taylor", "brien"]),
    ("mail in ('taylor@fabrikam.com','kim@adatum.example')", Needs::Nothing, &["taylor", "kim"]),
    (
        "identities/any(c:c/issuerAssignedId eq 'j@fabrikam.com' and c/issuer eq 'mail')",
        Needs::Nothing,
        &["j"],
    ),
    ("endsWith(mail,'@fabrikam.com')", Needs::ThePair, &["taylor", "brien", "j"]),
    (
        "endsWith(userPrincipalName,'#EXT#@contoso.localhost')",
        Needs::ThePair,
        &["taylor", "brien", "kim", "j"],
    ),
    ("companyName ne null and NOT(companyName eq 'Microsoft')", Needs::ThePair, &["kim"]),
    (
        "not(otherMails/any(o:o eq 'taylor@fabrikam.com')) and userType eq 'Guest'",
        Needs::ThePair,
        &["brien", "kim", "j"],
    ),
    ("otherMails/$count eq 0 and userType eq 'Guest'", Needs::ThePair, &["kim"]),
    ("accountEnabled ne true", Needs::ThePair, &["kim"]),
];

#[tokio::test]
async fn every_filter_of_the_contract_works_as_written_on_sqlite() {
    let Some(server) = Server::dev().await else { return };
    all_filters(&server).await;
}

#[tokio::test]
async fn every_filter_of_the_contract_works_as_written_on_postgres() {
    let Some(url) = database::fresh_postgres().await else { return };
    let setup = Setup::new().variable("VESTIBULE_DATABASE_URL", url.as_str());
    let Some(server) = Server::dev_with(setup).await else { return };
    all_filters(&server).await;
}

async fn all_filters(server: &Server) {
    let app = server.app().await;
    four_guests(server, &app).await;

    for collection in ["/v1.0/users", "/beta/users"] {
        for (filter, needs, expected) in MUST_WORK {
            if *needs == Needs::ThePair {
                let without = app.filter(collection, filter).await;
                assert_eq!(without.status, 400, "without the pair: {filter}");
            }
            let found = names(&app.filter_advanced(collection, filter).await.expect(200).json());
            assert_eq!(found, expected.iter().map(ToString::to_string).collect(), "{collection} {filter}");
            if *needs == Needs::Nothing {
                let without = names(&app.filter(collection, filter).await.expect(200).json());
                assert_eq!(without, found, "without the pair: {collection} {filter}");
            }
        }
        let ordered = [("$filter", "userType eq 'Guest'"), ("$orderby", "displayName"), ("$count", "true")];
        let request = app.request(Method::GET, collection).query(&ordered);
        app.send(request.try_clone().unwrap()).await.expect(400);
        let page = app.send(request.header("ConsistencyLevel", "eventual")).await.expect(200).json();
        assert_eq!(page["@odata.count"], 4);
        let in_order: Vec<&str> = users(&page).map(|user| user["displayName"].as_str().unwrap()).collect();
        assert_eq!(in_order, ["j", "Kim", "O'Brien", "Taylor"]);
    }
    let count = app.request(Method::GET, "/v1.0/users/$count").query(&[("$filter", "userType eq 'Guest'")]);
    assert_eq!(app.send(count.header("ConsistencyLevel", "eventual")).await.expect(200).text, "4");
}

#[tokio::test]
async fn pages_follow_one_another_without_a_gap_or_a_repeat_while_guests_arrive() {
    let Some(server) = Server::dev().await else { return };
    let app = server.app().await;
    for number in 0..23 {
        app.invite(&format!("guest{number}@fabrikam.com")).await;
    }

    let mut seen: Vec<String> = Vec::new();
    let mut next =
        Some(format!("{}/v1.0/users?$filter=userType eq 'Guest'&$top=5&$select=id,mail", server.url()));
    while let Some(link) = next {
        let page = app.get(&link).await.expect(200).json();
        seen.extend(users(&page).map(|user| user["mail"].as_str().unwrap().to_owned()));
        next = page["@odata.nextLink"].as_str().map(str::to_owned);
        app.invite(&format!("late{}@fabrikam.com", seen.len())).await;
    }

    let without_repeats: BTreeSet<&String> = seen.iter().collect();
    assert_eq!(without_repeats.len(), seen.len(), "{seen:?}");
    assert!((0..23).all(|number| seen.contains(&format!("guest{number}@fabrikam.com"))), "{seen:?}");
}

#[tokio::test]
async fn a_walk_in_the_largest_pages_meets_everybody_once() {
    let Some(server) = Server::dev().await else { return };
    let app = server.app().await;
    many_guests(&app, 2_000).await;
    let options = "$filter=userType eq 'Guest'&$select=id,mail&$orderby=displayName&$count=true&$top=999";

    let mut pages: Vec<usize> = Vec::new();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut next = Some(format!("{}/v1.0/users?{options}", server.url()));
    while let Some(link) = next {
        let request = app.request(Method::GET, &link).header("ConsistencyLevel", "eventual");
        let page = app.send(request).await.expect(200).json();
        assert_eq!(
            page.get("@odata.count"),
            pages.is_empty().then_some(&json!(2_000)),
            "the first page only"
        );
        pages.push(users(&page).count());
        seen.extend(users(&page).map(|user| user["id"].as_str().unwrap().to_owned()));
        next = page["@odata.nextLink"].as_str().map(str::to_owned);
        assert!(
            next.iter().all(|link| link.contains("$select=id,mail") && link.contains("$top=999")),
            "{next:?}"
        );
    }

    assert_eq!(pages, [999, 999, 2]);
    assert_eq!(seen.len(), 2_000);
}

/// Invites so many, a hundred at a time.
async fn many_guests(app: &App, count: usize) {
    for hundred in 0..count / 100 {
        let invitations = (0..100).map(|number| {
            let app = app.clone();
            async move { app.invite(&format!("guest{hundred}.{number}@fabrikam.com")).await }
        });
        invitations.collect::<JoinSet<_>>().join_all().await;
    }
}

/// Taylor; O'Brien of Microsoft; Kim, disabled, of Adatum; and j, who has accepted.
async fn four_guests(server: &Server, app: &App) {
    for (name, address, change) in [
        ("Taylor", "taylor@fabrikam.com", json!({})),
        ("O'Brien", "brien@fabrikam.com", json!({"companyName": "Microsoft"})),
        (
            "Kim",
            "kim@adatum.example",
            json!({"companyName": "Adatum", "accountEnabled": false, "otherMails": []}),
        ),
        ("j", "j@fabrikam.com", json!({})),
    ] {
        let invitation = app.invite_with(address, json!({"invitedUserDisplayName": name})).await;
        let id = invitation["invitedUser"]["id"].as_str().unwrap();
        if change != json!({}) {
            app.patch(&format!("/v1.0/users/{id}"), &change).await.expect(204);
        }
        if name == "j" {
            server.redeem(invitation["inviteRedeemUrl"].as_str().unwrap()).await.unwrap().expect(200);
        }
    }
}

/// The local parts of the addresses found.
fn names(page: &Value) -> BTreeSet<String> {
    users(page).map(|user| user["mail"].as_str().unwrap().split('@').next().unwrap().to_owned()).collect()
}

fn users(page: &Value) -> impl Iterator<Item = &Value> {
    page["value"].as_array().unwrap().iter()
}
