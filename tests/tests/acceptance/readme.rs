//! The manual's commands, as printed.

use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use serde_json::{Value, json};
use vestibule_tests::process::{self, Process};
use vestibule_tests::server::DevFacts;
use vestibule_tests::smtp::{Authentication, Protection, Relay};
use vestibule_tests::tools::Tool;
use vestibule_tests::{Http, wait};

const READY_LIMIT: Duration = Duration::from_secs(30);

#[tokio::test]
async fn the_first_steps_of_the_readme_work_as_printed() {
    let Some(binary) = Tool::Binary.find() else { return };
    let commands = commands_of("README.md", "## Try it");
    let (serve, rest) = commands.split_first().unwrap();
    let (last, others) = rest.split_last().unwrap();
    let folder = tempfile::TempDir::new().unwrap();

    let arguments = serve.strip_prefix("cargo run --release -- ").unwrap().split(' ');
    let mut command = process::clean(&binary);
    command.args(arguments).current_dir(folder.path());
    let log = folder.path().join("log");
    let mut server = Process::start(&mut command, &log).unwrap();
    let facts_file = folder.path().join("vestibule-data/dev.json");
    let ready = wait::until(READY_LIMIT, "dev.json", async || {
        assert_eq!(server.ended()?, None, "{}", std::fs::read_to_string(&log)?);
        Ok(std::fs::read_to_string(&facts_file)
            .ok()
            .and_then(|text| serde_json::from_str::<DevFacts>(&text).ok()))
    });
    let facts = ready.await.unwrap();
    let printed_at_start = std::fs::read_to_string(&log).unwrap();
    let invited = typed(&others.join("\n"), &binary, folder.path()).await;

    let http = Http::new(&facts.url, Some(&std::fs::read(&facts.ca).unwrap())).unwrap();
    let link = wait::until(READY_LIMIT, "the mail", async || {
        let mailbox = http.get("/_dev/mailbox?to=taylor@fabrikam.com").await?.expect(200).json();
        let links = mailbox["value"][0]["links"].as_array().cloned().unwrap_or_default();
        Ok(links.into_iter().find(|link| link.to_string().contains("/redeem")))
    });
    let link = link.await.unwrap_or_else(|error| panic!("{error}: {invited:?}"));
    http.post_json("/_dev/redeem", &json!({"inviteRedeemUrl": link})).await.unwrap().expect(200);
    let accepted = typed(last, &binary, folder.path()).await;

    assert!(invited.status.success(), "{invited:?}");
    let printed = String::from_utf8_lossy(&invited.stdout).into_owned();
    assert!(printed.contains("\"invitedUserEmailAddress\":\"sam@fabrikam.com\""), "{printed}");
    assert!(printed.contains("taylor@fabrikam.com"), "{printed}");
    assert!(printed_at_start.contains(&facts.mailbox_url), "{printed_at_start}");
    let rows: Value = serde_json::from_slice(&accepted.stdout).unwrap();
    assert!(rows.to_string().contains("taylor_fabrikam.com#EXT#@contoso.localhost"), "{rows}");
    assert!(!rows.to_string().contains("sam_fabrikam.com"), "{rows}");
}

#[tokio::test]
async fn running_it_for_real_works_as_printed() {
    let Some(binary) = Tool::Binary.find() else { return };
    let Some(relay) = Relay::start(Protection::StartTls, Authentication::Plain).await else { return };
    let commands = commands_of("README.md", "## Run it for real");
    let [install, init, serve] = &commands[..] else { panic!("{commands:?}") };
    let invite = commands_of("docs/production.md", "## The first invitation").join("\n");
    let folder = tempfile::TempDir::new().unwrap();
    std::os::unix::fs::symlink(&binary, folder.path().join("vestibule")).unwrap();
    let port = process::free_port().unwrap();
    let pasted = |script: &str| pasted(script, folder.path(), port, &relay);

    let made = process::finish(pasted(init)).await.unwrap();
    let made: Value = serde_json::from_slice(&made.stdout).unwrap_or_else(|_| panic!("{made:?}"));
    let serve = serve.replacen("VESTIBULE_", "exec env VESTIBULE_", 1);
    let _server = Process::start(&mut pasted(&serve), &folder.path().join("log")).unwrap();
    ready(folder.path(), port).await;
    let invite = invite
        .replace("CLIENT_ID=…", &format!("CLIENT_ID={}", made["clientId"]))
        .replace("CLIENT_SECRET=…", &format!("CLIENT_SECRET={}", made["clientSecret"]));
    let mut invite = pasted(&invite);
    invite.env("VESTIBULE_CA", folder.path().join("vestibule-data/ca.pem"));
    let invited = process::finish(invite).await.unwrap();

    assert!(install.starts_with("cargo install --locked --path crates/vestibule"), "{install}");
    assert!(invited.status.success(), "{invited:?}");
    let printed = String::from_utf8_lossy(&invited.stdout).into_owned();
    assert!(printed.contains("taylor_fabrikam.com#EXT#@contoso.com"), "{printed}");
    let delivery = relay.delivery("taylor@fabrikam.com", "invite").await.unwrap();
    assert!(delivery.is_encrypted && delivery.authenticated_as == "vestibule", "{delivery:?}");
    assert!(printed.contains(delivery.mail.redeem_link()), "{printed}");
}

/// `script` with what the reader has and we have not: a name in the DNS, a relay that the system trusts, port 443.
fn pasted(script: &str, folder: &Path, port: u16, relay: &Relay) -> Command {
    let script = script
        .replace("https://guests.contoso.com", &format!("https://localhost:{port}"))
        .replace("smtp://user:password@mail.contoso.com:587", &relay.url())
        .replace("0.0.0.0:443", &format!("127.0.0.1:{port}"));
    let path = std::env::join_paths(
        std::iter::once(folder.to_owned()).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    let mut bash = process::clean("bash");
    bash.args(["-e", "-c", &script]).current_dir(folder).env("PATH", path.unwrap());
    bash.env("VESTIBULE_SMTP_CA", relay.ca());
    bash
}

/// Waits for the server at `port`, whose local authority stands below `folder`.
async fn ready(folder: &Path, port: u16) {
    let ca = folder.join("vestibule-data/ca.pem");
    let ready = wait::until(READY_LIMIT, "/readyz", async || {
        let Ok(pem) = std::fs::read(&ca) else { return Ok(None) };
        let http = Http::new(&format!("https://localhost:{port}"), Some(&pem))?;
        Ok(http.get("/readyz").await.is_ok_and(|answer| answer.status == 200).then_some(()))
    });
    let log = || std::fs::read_to_string(folder.join("log")).unwrap_or_default();
    ready.await.unwrap_or_else(|error| panic!("{error:#} {}", log()));
}

/// Runs what a reader would paste, with the built binary in place of `cargo run --release --`.
async fn typed(script: &str, binary: &str, folder: &Path) -> Output {
    let mut bash = process::clean("bash");
    let cargo = "cargo() { shift 3; \"$BINARY\" \"$@\"; }";
    bash.args(["-e", "-c", &format!("{cargo}\n{script}")]).env("BINARY", binary).current_dir(folder);
    process::finish(bash).await.unwrap()
}

/// The commands of the section `title` of `page`, in order, each with its continuation lines.
fn commands_of(page: &str, title: &str) -> Vec<String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(page);
    let text = std::fs::read_to_string(page).unwrap();
    let section = text.split(title).nth(1).unwrap().split("\n## ").next().unwrap();
    let blocks = section.split("```console\n").skip(1).filter_map(|block| block.split("```").next());
    let mut commands: Vec<String> = Vec::new();
    for line in blocks.flat_map(str::lines) {
        match (line.strip_prefix("$ "), commands.last_mut()) {
            (Some(command), _) => commands.push(command.to_owned()),
            (None, Some(begun)) => *begun = format!("{begun}\n{line}"),
            (None, None) => {}
        }
    }
    commands
}
