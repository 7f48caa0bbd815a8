//! The binary as a user types it.

use serde_json::Value;
use vestibule_tests::server::Setup;
use vestibule_tests::tools::Tool;
use vestibule_tests::{Server, process};

#[tokio::test]
async fn invite_and_users_work_as_the_manual_prints_them() {
    let Some(server) = Server::dev().await else { return };

    let invited = server
        .cli(&[
            "invite",
            "taylor@fabrikam.com",
            "--display-name",
            "Taylor",
            "--send-message",
            "--message",
            "Hello Taylor",
            "--cc",
            "boss@contoso.example",
        ])
        .await
        .unwrap();
    let mail = server.mail("taylor@fabrikam.com", "invitation").await.unwrap();
    server.mail("boss@contoso.example", "invitation").await.unwrap();
    server.redeem(mail.redeem_link()).await.unwrap().expect(200);
    let accepted = server.cli(&["users", "--filter", "externalUserState eq 'Accepted'"]).await.unwrap();

    assert!(invited.status.success(), "{invited:?}");
    let printed = String::from_utf8(invited.stdout).unwrap();
    assert!(printed.trim_end().ends_with(mail.redeem_link()), "the redeem URL is last: {printed}");
    assert!(mail.text.contains("Hello Taylor"));
    let rows: Value = serde_json::from_slice(&accepted.stdout).unwrap();
    let text = rows.to_string();
    assert!(text.contains("taylor_fabrikam.com#EXT#@contoso.localhost"), "{text}");
}

#[tokio::test]
async fn users_are_listed_in_four_formats() {
    let Some(server) = Server::dev().await else { return };
    server.app().await.invite("taylor@fabrikam.com").await;
    let filter = ["--filter", "externalUserState eq 'PendingAcceptance'"];
    let select = ["--select", "displayName,userPrincipalName,externalUserState"];

    for (format, expected) in [
        ("list", "externalUserState"),
        ("table", "PendingAcceptance"),
        ("json", "\"externalUserState\""),
        ("csv", "displayName,userPrincipalName,externalUserState"),
    ] {
        let arguments = [&["users", "--format", format][..], &filter, &select].concat();
        let output = server.cli(&arguments).await.unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();

        assert!(output.status.success(), "{format}");
        assert!(printed.contains(expected), "{format}: {printed}");
        assert!(printed.contains("taylor_fabrikam.com#EXT#@contoso.localhost"), "{format}: {printed}");
    }
}

#[tokio::test]
async fn users_may_be_asked_whatever_graph_answers_to_an_advanced_query() {
    let Some(server) = Server::dev().await else { return };
    server.app().await.invite("taylor@fabrikam.com").await;

    for question in [
        &["--filter", "userType eq 'Guest'", "--orderby", "displayName"][..],
        &["--filter", "endsWith(mail, '@fabrikam.com')"],
        &["--filter", "accountEnabled ne false and userType eq 'Guest'"],
    ] {
        let arguments = [&["users", "--select", "mail", "--format", "json"][..], question].concat();
        let output = server.cli(&arguments).await.unwrap();

        assert!(output.status.success(), "{question:?}: {output:?}");
        let users: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(users, serde_json::json!([{"mail": "taylor@fabrikam.com"}]), "{question:?}");
    }
}

#[tokio::test]
async fn a_server_may_be_called_by_another_of_its_names() {
    let Some(server) = Server::dev().await else { return };
    let facts = server.facts();
    let by_address = facts.url.replace("localhost", "127.0.0.1");
    let ca = server.data().join("ca.pem");

    let said = ["users", "--server", &by_address, "--ca", ca.to_str().unwrap(), "--tenant", &facts.tenant_id];
    let app = ["--client-id", &facts.client_id, "--client-secret", &facts.client_secret];
    let output = server.cli(&[&said[..], &app].concat()).await.unwrap();

    assert!(output.status.success(), "{output:?}");
}

#[tokio::test]
async fn what_if_prints_the_request_and_sends_nothing() {
    let Some(server) = Server::dev().await else { return };

    let output = server.cli(&["invite", "taylor@fabrikam.com", "--what-if"]).await.unwrap();

    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8(output.stdout).unwrap().contains("\"invitedUserEmailAddress\""));
    let guests = server.app().await.filter("/v1.0/users", "userType eq 'Guest'").await.json();
    assert_eq!(guests["value"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn exit_codes_tell_a_no_from_a_wrong_word_from_a_silent_server() {
    let Some(mut server) = Server::dev().await else { return };

    let refused = server.cli(&["invite", "not an address"]).await.unwrap();
    let misspelt = server.cli(&["invit"]).await.unwrap();
    let seed_without_dev = server.cli(&["serve", "--seed", "seed.toml"]).await.unwrap();
    server.stop().await.unwrap();
    let gone = server.cli(&["invite", "taylor@fabrikam.com", "--server", server.url()]).await.unwrap();
    let nowhere = server.cli(&["users"]).await.unwrap();

    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("BadRequest"), "{refused:?}");
    assert!(refused.stdout.is_empty());
    assert_eq!(misspelt.status.code(), Some(2));
    assert_eq!(seed_without_dev.status.code(), Some(2));
    assert!([Some(2), Some(3)].contains(&gone.status.code()), "{gone:?}");
    assert!([Some(2), Some(3)].contains(&nowhere.status.code()), "{nowhere:?}");
}

#[tokio::test]
async fn a_second_server_on_the_same_folder_names_the_first() {
    let Some(mut server) = Server::dev().await else { return };
    let pid = server.process().id().to_string();

    let data = server.data();
    let arguments = ["serve", "--dev", "--listen", "127.0.0.1:0", "--data", data.to_str().unwrap()];
    let second = server.cli(&arguments).await.unwrap();

    assert_eq!(second.status.code(), Some(1), "{second:?}");
    assert!(String::from_utf8_lossy(&second.stderr).contains(&pid), "{second:?}");
}

#[tokio::test]
async fn check_passes_beside_a_running_server_and_explains_every_setting() {
    let Some(server) = Server::dev().await else { return };

    let data = server.data();
    let check = server.cli(&["check", "--data", data.to_str().unwrap()]).await.unwrap();
    let explained = server.cli(&["check", "--explain", "--data", data.to_str().unwrap()]).await.unwrap();

    let printed = String::from_utf8_lossy(&check.stdout).into_owned();
    assert!(printed.lines().any(|line| line.contains("ok")), "{printed} {check:?}");
    assert!(!printed.contains("error"), "{printed}");
    let explained = String::from_utf8_lossy(&explained.stdout).into_owned();
    for key in
        ["listen", "public_url", "smtp.tls", "passcode.lifetime_seconds", "invitations.max_cc_recipients"]
    {
        assert!(explained.contains(key), "{key} is missing in {explained}");
    }
}

#[tokio::test]
async fn a_clean_stop_exits_0_and_takes_dev_json_with_it() {
    let Some(mut server) = Server::dev().await else { return };
    let facts = server.data().join("dev.json");
    let existed = facts.exists();

    let status = server.stop().await.unwrap();

    assert!(existed && status.success(), "{status} {}", server.log());
    assert!(!facts.exists());
}

#[tokio::test]
async fn the_same_folder_gives_the_same_tenant_and_secrets_and_old_tokens_work() {
    let Some(mut server) = Server::dev().await else { return };
    let before = server.facts().clone();

    server.stop().await.unwrap();
    server.start_again().await.unwrap();

    assert_eq!(server.facts().tenant_id, before.tenant_id);
    assert_eq!(server.facts().client_secret, before.client_secret);
    assert_eq!(server.facts().users["admin"].password, before.users["admin"].password);
}

#[tokio::test]
async fn ephemeral_leaves_the_certificate_of_the_authority_alone() {
    let Some(mut server) = Server::dev_with(Setup::new().argument("--ephemeral")).await else { return };
    server.app().await.invite("taylor@fabrikam.com").await;

    server.stop().await.unwrap();

    let left: Vec<_> =
        std::fs::read_dir(server.data()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["ca.pem"]);
}

#[tokio::test]
async fn reset_is_a_first_start_with_the_same_secrets() {
    let Some(server) = Server::dev().await else { return };
    let app = server.app().await;
    app.invite_with("taylor@fabrikam.com", serde_json::json!({"sendInvitationMessage": true})).await;
    server.mail("taylor@fabrikam.com", "invitation").await.unwrap();
    server.advance(500_000).await.unwrap();

    server.http().post_json("/_dev/reset", &serde_json::json!({})).await.unwrap().expect(204);

    let guests = app.filter("/v1.0/users", "userType eq 'Guest'").await.expect(200).json();
    assert_eq!(guests["value"].as_array().unwrap().len(), 0, "the old token works, and nobody is left");
    assert!(server.mailbox().await.unwrap().is_empty());
    let clock = server.http().get("/_dev/clock").await.unwrap().json();
    assert_eq!(clock["offsetSeconds"], 0);
    server.app().await;
}

#[tokio::test]
async fn during_a_reset_everybody_sees_the_old_world_or_the_new_one() {
    let Some(server) = Server::dev().await else { return };
    let app = server.app().await;
    let ready = async || server.http().get("/readyz").await.unwrap().status;
    let named = async || {
        let path = format!("/{}/v2.0/.well-known/openid-configuration", server.facts().tenant_domain);
        server.http().get(&path).await.unwrap().status
    };
    let users = async || app.get("/v1.0/users?$top=1").await.status;

    for round in 0..20 {
        let reset =
            async || server.http().post_json("/_dev/reset", &serde_json::json!({})).await.unwrap().status;
        let seen = tokio::join!(reset(), ready(), named(), users(), users(), ready(), named(), users());
        assert_eq!(seen, (204, 200, 200, 200, 200, 200, 200, 200), "round {round}");
    }
}

#[tokio::test]
async fn a_reset_that_nobody_waits_for_is_a_whole_one() {
    let Some(server) = Server::dev().await else { return };
    let app = server.app().await;
    app.invite("taylor@fabrikam.com").await;

    for milliseconds in 1..30 {
        let reset = server.http().request(reqwest::Method::POST, "/_dev/reset");
        let reset = reset.timeout(std::time::Duration::from_millis(milliseconds)).send();
        let _ = reset.await;
        assert_eq!(app.get("/v1.0/users?$top=1").await.status, 200, "after {milliseconds} ms");
    }
}

#[tokio::test]
async fn a_reset_forgets_failed_attempts() {
    let Some(server) = Server::dev().await else { return };
    let facts = server.facts();
    let path = format!("/{}/oauth2/v2.0/token", facts.tenant_id);
    let wrong = [
        ("grant_type", "client_credentials"),
        ("client_id", facts.client_id.as_str()),
        ("client_secret", "wrong"),
        ("scope", ".default"),
    ];
    for _ in 0..10 {
        server.http().post_form(&path, &wrong).await.unwrap().expect(401);
    }
    server.http().post_form(&path, &wrong).await.unwrap().expect(429);

    server.http().post_json("/_dev/reset", &serde_json::json!({})).await.unwrap().expect(204);

    server.app().await;
}

#[tokio::test]
async fn faults_come_as_often_as_asked() {
    let Some(server) = Server::dev().await else { return };
    let app = server.app().await;
    let fault = serde_json::json!({"path": "/v1.0/users", "status": 429, "retryAfter": 2, "times": 2});

    server.http().post_json("/_dev/faults", &fault).await.unwrap().expect(204);
    let answers = [app.get("/v1.0/users").await, app.get("/v1.0/users").await, app.get("/v1.0/users").await];

    assert_eq!(answers.each_ref().map(|answer| answer.status), [429, 429, 200]);
    assert_eq!(answers[0].header("retry-after"), "2");

    let unready = serde_json::json!({"path": "/readyz", "status": 503});
    server.http().post_json("/_dev/faults", &unready).await.unwrap().expect(204);
    assert_eq!(server.http().get("/readyz").await.unwrap().status, 503);
    assert_eq!(server.http().get("/readyz").await.unwrap().status, 200);
}

#[tokio::test]
async fn no_log_line_holds_a_secret() {
    let Some(server) = Server::dev_with(Setup::new().variable("VESTIBULE_LOG_LEVEL", "debug")).await else {
        return;
    };
    let app = server.app().await;
    let invitation =
        app.invite_with("taylor@fabrikam.com", serde_json::json!({"sendInvitationMessage": true})).await;
    let mail = server.mail("taylor@fabrikam.com", "invitation").await.unwrap();
    let link = invitation["inviteRedeemUrl"].as_str().unwrap();
    let first = server.http().get(link).await.unwrap();
    let page = format!("{}{}", server.url(), first.header("location").trim_start_matches(server.url()));
    server.http().get(&page).await.unwrap().expect(200);
    server.redeem(link).await.unwrap().expect(200);

    // What `serve --dev` prints for a person to copy is not a log; every line after it is.
    let log = server.log();
    let lines = log
        .lines()
        .filter(|line| line.trim_start().starts_with('{') || line.contains("INFO") || line.contains("DEBUG"));
    let log: String = lines.map(|line| format!("{line}\n")).collect();
    let ticket = link.split("ticket%3d").nth(1).unwrap().split("%26").next().unwrap();
    assert!(log.contains("/v1.0/invitations"), "requests are logged: {log}");
    for secret in [ticket, app.token(), &server.facts().client_secret, "taylor@fabrikam.com"] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
    assert_eq!(mail.redeem_link(), link);
}

#[tokio::test]
async fn help_names_the_commands() {
    let Some(binary) = Tool::Binary.find() else { return };
    let mut command = process::clean(binary);
    command.arg("--help");

    let output = process::finish(command).await.unwrap();

    let printed = String::from_utf8(output.stdout).unwrap();
    for name in ["serve", "init", "tenant", "invite", "users", "check"] {
        assert!(printed.contains(name), "{name} is missing in {printed}");
    }
}
