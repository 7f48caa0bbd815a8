//! Microsoft's own Python clients, as a program would use them (identity contract, section 12).

use serde_json::json;
use vestibule_tests::{Server, python};

#[tokio::test]
async fn the_python_sdk_invites_filters_pages_and_deletes() {
    let Some(server) = Server::dev().await else { return };
    let Some(printed) = python::client(&server, "graph_client.py").await else { return };
    let seen = printed.unwrap_or_else(|error| panic!("{error:#}"));

    assert_eq!(seen["invited"]["status"], "PendingAcceptance");
    assert!(seen["invited"]["invite_redeem_url"].as_str().unwrap().starts_with(server.url()));
    assert_eq!(seen["before"], 0, "the look-up of the mission, before");
    assert_eq!(seen["after"], 1, "the look-up of the mission, after");
    assert_eq!(seen["pending"], 13, "all pages of the pending list");
    assert_eq!(seen["pages"], 3, "13 guests by five");
    assert_eq!(seen["selected"], "taylor_fabrikam.com#EXT#@contoso.localhost");
    assert_eq!(seen["patched"], json!(["Buyer", "+82 2 1234 5678"]));
    assert_eq!(seen["counted"], 12, "all but the one that was deleted");
    assert_eq!(
        seen["recorded"],
        json!(["Add user", "Invite external user", "Update user", "Delete user", "Delete external user"])
    );
    assert_eq!(seen["deleted"], true);
    assert_eq!(seen["error_code"], "Request_ResourceNotFound");
    let guest = server.mail("taylor@fabrikam.com", "invitation").await.unwrap();
    assert!(guest.text.contains("Hello from the SDK"));
    server.mail("boss@contoso.example", "invitation").await.unwrap();
}

#[tokio::test]
async fn azure_identity_gets_a_token_with_and_without_discovery() {
    let Some(server) = Server::dev().await else { return };
    let Some(printed) = python::client(&server, "tokens.py").await else { return };
    let seen = printed.unwrap_or_else(|error| panic!("{error:#}"));

    for client in ["sync", "async", "msal"] {
        assert_eq!(seen[client]["status"], 200, "{client}: {seen}");
    }
    assert!(seen["wrong_secret"].as_str().unwrap().contains("AADSTS7000215"), "{seen}");
}
