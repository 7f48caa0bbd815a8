//! `--seed`: further tenants, apps and policies, and the wall between tenants.

use std::path::Path;

use serde_json::json;
use vestibule_tests::browser::{Browser, Scripts};
use vestibule_tests::server::Setup;
use vestibule_tests::{App, Server};

/// Tenants whose policies stand in the way, each with an app that may invite.
const POLICIES: &str = r#"
[[tenants]]
domain = "nobody.example"
policy = { allow_invites_from = "none" }
apps = [{ name = "nobody", permissions = ["User.Invite.All"] }]

[[tenants]]
domain = "admins.example"
policy = { allow_invites_from = "adminsAndGuestInviters" }
apps = [
    { name = "admins invite", permissions = ["User.Invite.All"] },
    { name = "admins write", permissions = ["User.ReadWrite.All"] },
]

[[tenants]]
domain = "denies.example"
domains = ["also-ours.example"]
policy = { blocked_domains = ["fabrikam.com", "*.tailspin.example"] }
apps = [{ name = "denies", permissions = ["User.Invite.All"] }]

[[tenants]]
domain = "allows.example"
policy = { allowed_domains = ["fabrikam.com"] }
apps = [{ name = "allows", permissions = ["User.Invite.All"] }]

[[tenants]]
domain = "no-codes.example"
policy = { passcodes = false }
apps = [{ name = "no codes", permissions = ["User.Invite.All"] }]
"#;

const NOT_ALLOWED: &str =
    "Guest invitations not allowed for your company. Contact your company administrator for more details.";
const DOMAIN_BLOCKED: &str = "The domain of the invited user is currently blocked by your invitation policy.";
const OWN_DOMAIN: &str = "This user cannot be invited because the domain of the user's email address is a verified domain of this directory.";

#[tokio::test]
async fn who_may_be_invited_is_what_the_tenants_policy_says() {
    let Some(server) = seeded(POLICIES).await else { return };

    for (app, address, status, message) in [
        ("nobody", "taylor@fabrikam.com", 403, NOT_ALLOWED),
        ("admins invite", "taylor@fabrikam.com", 201, ""),
        ("admins write", "sam@fabrikam.com", 403, NOT_ALLOWED),
        ("denies", "taylor@fabrikam.com", 400, DOMAIN_BLOCKED),
        ("denies", "taylor@FABRIKAM.com", 400, DOMAIN_BLOCKED),
        ("denies", "taylor@mail.fabrikam.com", 201, ""),
        ("denies", "taylor@mail.tailspin.example", 400, DOMAIN_BLOCKED),
        ("denies", "taylor@tailspin.example", 201, ""),
        ("denies", "taylor@denies.example", 400, OWN_DOMAIN),
        ("denies", "taylor@also-ours.example", 400, OWN_DOMAIN),
        ("allows", "taylor@fabrikam.com", 201, ""),
        ("allows", "taylor@adatum.example", 400, DOMAIN_BLOCKED),
    ] {
        let body =
            json!({"invitedUserEmailAddress": address, "inviteRedirectUrl": "https://myapps.microsoft.com/"});
        let answer = server.app_named(app).await.post("/v1.0/invitations", &body).await;

        assert_eq!(answer.status, status, "{app} {address}: {}", answer.text);
        if status != 201 {
            assert_eq!(answer.json()["error"]["message"], message, "{app} {address}");
        }
    }
}

#[tokio::test]
async fn without_a_method_the_guest_is_told_and_sent_to_the_organisation() {
    let Some(server) = seeded(POLICIES).await else { return };
    let invitation = server.app_named("no codes").await.invite("taylor@fabrikam.com").await;
    let link = invitation["inviteRedeemUrl"].as_str().unwrap();
    server.redeem(link).await.unwrap().expect(403);
    let Some(guest) = Browser::start(&server.ca(), Scripts::Off).await else { return };

    guest.open_page(link).await.unwrap();

    guest.expect_screen("S-E5").await.unwrap();
}

#[tokio::test]
async fn a_tenant_sees_nothing_of_another_by_id_by_filter_or_by_token() {
    let example =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/seed.toml")).unwrap();
    let Some(server) = seeded(&example).await else { return };
    let contoso = server.app().await;
    let fabrikam = server.app_named("fabrikam app").await;

    let guest = contoso.invite("taylor@adatum.example").await;
    let id = guest["invitedUser"]["id"].as_str().unwrap();
    let same_address = fabrikam.invite("taylor@adatum.example").await;

    assert_ne!(same_address["invitedUser"]["id"], id, "each tenant has a user of its own");
    fabrikam.get(&format!("/v1.0/users/{id}")).await.expect(404);
    fabrikam.patch(&format!("/v1.0/users/{id}"), &json!({"displayName": "x"})).await.expect(404);
    fabrikam.delete(&format!("/v1.0/users/{id}")).await.expect(404);
    assert_eq!(ids(&fabrikam, "/v1.0/users", &format!("id eq '{id}'")).await, Vec::<String>::new());
    assert_eq!(ids(&fabrikam, "/v1.0/users", "mail eq 'taylor@adatum.example'").await.len(), 1);
    let about_the_guest = format!("targetResources/any(t:t/id eq '{id}')");
    assert!(ids(&fabrikam, "/v1.0/auditLogs/directoryAudits", &about_the_guest).await.is_empty());
    assert!(!ids(&contoso, "/v1.0/auditLogs/directoryAudits", &about_the_guest).await.is_empty());
    let (contoso_id, app) = (&server.facts().tenant_id, &server.facts().apps["fabrikam app"]);
    let foreign = App::sign_in(server.http().clone(), contoso_id, &app.client_id, &app.client_secret).await;
    assert!(foreign.is_err(), "an app of one tenant gets no token of another");
}

#[tokio::test]
async fn a_seed_with_a_mistake_stops_the_server_and_names_the_place() {
    let Some(binary) = vestibule_tests::tools::Tool::Binary.find() else { return };
    let folder = tempfile::TempDir::new().unwrap();
    let seed = folder.path().join("seed.toml");
    for (text, named) in [
        ("[[tenants]]\ndomain = \"a.example\"\ndomian = \"b.example\"\n", "domian"),
        ("[[tenants]]\ndomain = \"a b\"\n", "a b"),
        (
            "[[tenants]]\ndomain = \"a.example\"\napps = [{ name = \"x\", permissions = [\"User.Invent.All\"] }]\n",
            "User.Invent.All",
        ),
    ] {
        std::fs::write(&seed, text).unwrap();
        let mut command = vestibule_tests::process::clean(&binary);
        command.args(["serve", "--dev", "--listen", "127.0.0.1:0", "--seed"]).arg(&seed);
        command.arg("--data").arg(folder.path().join("data"));

        let output = vestibule_tests::process::finish(command).await.unwrap();

        assert_eq!(output.status.code(), Some(1), "{text}: {output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(named), "{text}: {output:?}");
    }
}

/// A dev server with `seed`, a text in TOML.
pub(crate) async fn seeded(seed: &str) -> Option<Server> {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("seed.toml");
    std::fs::write(&file, seed).unwrap();
    Server::dev_with(Setup::new().argument("--seed").argument(file.to_str().unwrap())).await
}

async fn ids(app: &App, collection: &str, filter: &str) -> Vec<String> {
    let body = app.filter(collection, filter).await.expect(200).json();
    body["value"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}
