//! The README's commands, as printed.

use std::path::Path;
use std::process::Output;
use std::time::Duration;

use serde_json::{Value, json};
use vestibule_tests::process::{self, Process};
use vestibule_tests::server::DevFacts;
use vestibule_tests::tools::Tool;
use vestibule_tests::{Http, wait};

const READY_LIMIT: Duration = Duration::from_secs(30);

#[tokio::test]
async fn the_first_steps_of_the_readme_work_as_printed() {
    let Some(binary) = Tool::Binary.find() else { return };
    let commands = commands_of("## Try it");
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

/// Runs what a reader would paste, with the built binary in place of `cargo run --release --`.
async fn typed(script: &str, binary: &str, folder: &Path) -> Output {
    let mut bash = process::clean("bash");
    let cargo = "cargo() { shift 3; \"$BINARY\" \"$@\"; }";
    bash.args(["-e", "-c", &format!("{cargo}\n{script}")]).env("BINARY", binary).current_dir(folder);
    process::finish(bash).await.unwrap()
}

/// The commands of the README's section `title`, in order, each with its continuation lines.
fn commands_of(title: &str) -> Vec<String> {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md")).unwrap();
    let section = readme.split(title).nth(1).unwrap().split("\n## ").next().unwrap();
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
