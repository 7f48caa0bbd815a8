//! What was acknowledged is on disk: seen in system calls and in the database's own sessions.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use serde_json::json;
use vestibule_tests::server::Setup;
use vestibule_tests::{Server, database, process, tools};

#[tokio::test]
async fn the_log_is_synced_before_each_answer_on_sqlite() {
    let Some(strace) = tools::in_path("strace") else { return tools::skip("strace is not here") };
    if !process::clean(&strace)
        .args(["-f", "-qq", "-e", "trace=none", "true"])
        .status()
        .is_ok_and(|ran| ran.success())
    {
        return tools::skip("strace may not trace here");
    }
    let folder = tempfile::TempDir::new().unwrap();
    let trace = folder.path().join("trace");
    let words = ["-f", "-y", "-qq", "-e", "trace=fsync,fdatasync", "-o", trace.to_str().unwrap()];
    let setup = Setup::new().under(&[&[strace.to_str().unwrap()], &words[..]].concat());
    let Some(mut server) = Server::dev_with(setup).await else { return };
    let app = server.app().await;

    let mut syncs = vec![syncs_of_the_log(&trace)];
    for number in 0..20 {
        app.invite(&format!("guest{number}@fabrikam.com")).await;
        syncs.push(syncs_of_the_log(&trace));
    }
    process::signal(server.facts().pid, "TERM").unwrap();
    server.stop().await.unwrap();

    assert!(syncs.windows(2).all(|pair| pair[1] > pair[0]), "an answer came without a sync: {syncs:?}");
}

#[tokio::test]
async fn our_sessions_commit_synchronously_whatever_the_database_says() {
    let Some(url) = database::fresh_postgres().await else { return };
    let name = url.path().trim_start_matches('/').to_owned();
    let sql = format!("ALTER DATABASE {name} SET synchronous_commit = off");
    database::postgres_rows(&url, &sql).await.unwrap();
    let setup = Setup::new().variable("VESTIBULE_DATABASE_URL", url.as_str());
    let Some(server) = Server::dev_with(setup).await else { return };
    let app = server.app().await;

    // A trigger sees the setting in the very session that writes.
    let watch = "CREATE TABLE seen (setting TEXT);
        CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN INSERT INTO seen VALUES (current_setting('synchronous_commit')); RETURN NEW; END $$;
        CREATE TRIGGER see AFTER INSERT ON invitation FOR EACH ROW EXECUTE FUNCTION see();";
    database::postgres_rows(&url, watch).await.unwrap();
    for number in 0..10 {
        app.invite(&format!("guest{number}@fabrikam.com")).await;
    }

    let seen =
        database::postgres_rows(&url, "SELECT setting, count(*) FROM seen GROUP BY setting").await.unwrap();
    assert_eq!(seen, [["on", "10"]]);
}

#[tokio::test]
async fn a_full_disk_is_a_clear_error_and_ends_when_there_is_room_again() {
    // Writes past the limit fail as on a full disk (EFBIG instead of ENOSPC); the signal must not end the process.
    let setup = Setup::new().under(&["env", "--ignore-signal=XFSZ"]);
    let Some(server) = Server::dev_with(setup).await else { return };
    let app = server.app().await;
    let kept = app.invite("before@fabrikam.com").await;

    limit_files(&server, "1:unlimited");
    let body = json!({"invitedUserEmailAddress": "during@fabrikam.com", "inviteRedirectUrl": "https://myapps.microsoft.com/"});
    let refused = app.post("/v1.0/invitations", &body).await;
    let still_reads = app.user(kept["invitedUser"]["id"].as_str().unwrap(), "externalUserState").await;
    limit_files(&server, "unlimited:unlimited");
    let after = app.invite("after@fabrikam.com").await;

    assert!([500, 503].contains(&refused.status), "{} {}", refused.status, refused.text);
    assert!(refused.json()["error"]["code"].is_string());
    assert_eq!(still_reads["externalUserState"], "PendingAcceptance");
    assert_eq!(after["status"], "PendingAcceptance");
    let nobody = app.filter("/v1.0/users", "mail eq 'during@fabrikam.com'").await.expect(200).json();
    assert_eq!(nobody["value"], json!([]), "nothing half written");
}

#[tokio::test]
async fn a_disk_without_room_refuses_what_it_cannot_keep_and_loses_nothing_acknowledged() {
    let Some(disk) = SmallDisk::mounted() else { return tools::not_allowed("no small disk can be mounted") };
    let Some(mut server) = Server::dev_in(disk.folder(), Setup::new()).await else { return };
    let app = server.app().await;
    app.invite("before@fabrikam.com").await;

    disk.fill();
    let (mut kept, mut refused) = (vec!["before@fabrikam.com".to_owned()], Vec::new());
    // What the log has room for already is still taken.
    for number in 0..5_000 {
        let address = format!("during{number}@fabrikam.com");
        let body =
            json!({"invitedUserEmailAddress": address, "inviteRedirectUrl": "https://myapps.microsoft.com/"});
        let answer = app.post("/v1.0/invitations", &body).await;
        match answer.status {
            201 => kept.push(address),
            500 | 503 if answer.json()["error"]["code"].is_string() => refused.push(address),
            other => panic!("{other}: {}", answer.text),
        }
        if refused.len() == 5 {
            break;
        }
    }
    assert_eq!(refused.len(), 5, "a full disk takes no {} invitations", kept.len());
    app.filter("/v1.0/users", "mail eq 'before@fabrikam.com'").await.expect(200);

    disk.make_room();
    app.invite("after@fabrikam.com").await;
    kept.push("after@fabrikam.com".to_owned());
    server.kill().unwrap();
    server.start_again().await.unwrap();

    let app = server.app().await;
    let who = async |address: &String| {
        let found = app.filter("/v1.0/users", &format!("mail eq '{address}'")).await.expect(200).json();
        found["value"].as_array().unwrap().len()
    };
    for address in &kept {
        assert_eq!(who(address).await, 1, "{address} was acknowledged");
    }
    for address in &refused {
        assert_eq!(who(address).await, 0, "{address} was refused");
    }
}

#[tokio::test]
async fn a_database_that_goes_away_is_a_clear_error_and_nothing_acknowledged_is_lost() {
    let Some(url) = database::fresh_postgres().await else { return };
    let setup = Setup::new().variable("VESTIBULE_DATABASE_URL", url.as_str());
    let Some(server) = Server::dev_with(setup).await else { return };
    let app = server.app().await;
    let name = url.path().trim_start_matches('/').to_owned();
    let mut admin = url.clone();
    admin.set_path("/postgres");
    let cut = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' AND pid <> pg_backend_pid()"
    );

    let mut acknowledged = Vec::new();
    let mut refused = 0;
    for round in 0..10 {
        let bodies = (0..8).map(|number| {
            let address = format!("guest{round}x{number}@fabrikam.com");
            json!({"invitedUserEmailAddress": address, "inviteRedirectUrl": "https://myapps.microsoft.com/"})
        });
        let bodies: Vec<_> = bodies.collect();
        let answers =
            futures_util::future::join_all(bodies.iter().map(|body| app.post("/v1.0/invitations", body)));
        let (answers, _) = tokio::join!(answers, database::postgres_rows(&admin, &cut));
        for answer in answers {
            match answer.status {
                201 => acknowledged.push(answer.json()["invitedUser"]["id"].as_str().unwrap().to_owned()),
                500 | 503 => refused += usize::from(answer.json()["error"]["code"].is_string()),
                other => panic!("{other}: {}", answer.text),
            }
        }
    }

    assert_eq!(acknowledged.len() + refused, 80);
    let limit = std::time::Duration::from_secs(10);
    let body = json!({"invitedUserEmailAddress": "after@fabrikam.com", "inviteRedirectUrl": "https://myapps.microsoft.com/"});
    let back = vestibule_tests::wait::until(limit, "the server to find its database again", async || {
        let answer = app.post("/v1.0/invitations", &body).await;
        let read = app.get("/v1.0/users?$top=1").await;
        Ok((answer.status == 201 && read.status == 200).then_some(()))
    });
    back.await.unwrap();
    for id in &acknowledged {
        app.user(id, "id").await;
    }
}

/// A disk of a few MiB, which is full when a test wants it to be.
struct SmallDisk {
    at: tempfile::TempDir,
}

impl SmallDisk {
    /// `None` where this account may not mount.
    fn mounted() -> Option<Self> {
        let at = tempfile::TempDir::with_prefix("vestibule-disk-").unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=24m,mode=0700", "tmpfs"]).arg(at.path());
        let is_mounted = mount.output().is_ok_and(|ran| ran.status.success());
        is_mounted.then_some(Self { at })
    }

    /// A folder on it.
    fn folder(&self) -> tempfile::TempDir {
        tempfile::TempDir::new_in(self.at.path()).unwrap()
    }

    /// Leaves no byte free.
    fn fill(&self) {
        let mut filler = fs::File::create(self.at.path().join("filler")).unwrap();
        for size in [1 << 20, 1 << 12, 1] {
            while filler.write_all(&vec![0; size]).is_ok() {}
        }
    }

    fn make_room(&self) {
        fs::remove_file(self.at.path().join("filler")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.at.path()).status();
    }
}

/// How often a write-ahead log was synced so far.
fn syncs_of_the_log(trace: &Path) -> usize {
    let text = fs::read_to_string(trace).unwrap_or_default();
    text.lines().filter(|line| line.contains("sync(") && line.contains("-wal>")).count()
}

fn limit_files(server: &Server, limit: &str) {
    let mut prlimit = Command::new("prlimit");
    let pid = server.facts().pid.to_string();
    let status = prlimit.args(["--pid", &pid, &format!("--fsize={limit}")]).status().unwrap();
    assert!(status.success(), "prlimit --fsize={limit}");
}
