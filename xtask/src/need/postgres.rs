//! A PostgreSQL cluster of our own: on loopback, in a temporary folder, gone when the chore ends.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::run;

const SUPERUSER: &str = "vestibule";
const PASSWORD: &str = "only-for-tests";
const START_LIMIT: Duration = Duration::from_secs(30);
const STOP_LIMIT: Duration = Duration::from_secs(20);

/// A running cluster. It syncs like a real one: what the tests say about lost writes would be worth nothing otherwise.
pub(crate) struct Cluster {
    server: Child,
    port: u16,
    folder: TempDir,
}

impl Cluster {
    /// Makes a cluster and waits until it answers.
    ///
    /// Texts are ordered by an ICU locale, unlike in `COLLATE "C"`: SQL that forgets its collation is seen to.
    pub(crate) fn start() -> Result<Self> {
        let programs = programs().context("PostgreSQL is not installed")?;
        let account = Account::choose()?;
        let folder = tempfile::Builder::new().prefix("vestibule-postgres-").tempdir()?;
        let password = folder.path().join("password");
        fs::write(&password, PASSWORD)?;
        account.own(folder.path())?;
        account.own(&password)?;

        let data = folder.path().join("data");
        let mut initdb = account.command(&programs.join("initdb"));
        initdb.args(["--username", SUPERUSER, "--auth", "scram-sha-256", "--encoding", "UTF8"]);
        initdb.args(["--locale-provider", "icu", "--icu-locale", "en-US", "--locale", "C.UTF-8"]);
        run::quiet(initdb.arg("--pwfile").arg(&password).arg("--pgdata").arg(&data))?;

        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let log = fs::File::create(folder.path().join("log"))?;
        let mut postgres = account.command(&programs.join("postgres"));
        postgres.arg("-D").arg(&data).arg("-k").arg(folder.path()).args(["-p", &port.to_string()]);
        postgres.args(["-c", "listen_addresses=127.0.0.1", "-c", "max_connections=300"]);
        postgres.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let server = postgres.spawn().context("cannot start postgres")?;

        let mut cluster = Self { server, port, folder };
        cluster.wait_until_ready(&programs.join("pg_isready"))?;
        eprintln!("PostgreSQL from {} on 127.0.0.1:{port}", programs.display());
        Ok(cluster)
    }

    /// Where to connect, as the superuser.
    pub(crate) fn url(&self) -> String {
        format!("postgres://{SUPERUSER}:{PASSWORD}@127.0.0.1:{}/postgres", self.port)
    }

    fn wait_until_ready(&mut self, pg_isready: &Path) -> Result<()> {
        let port = self.port.to_string();
        let began = Instant::now();
        while began.elapsed() < START_LIMIT {
            if run::succeeds(Command::new(pg_isready).args(["-q", "-h", "127.0.0.1", "-p", &port])) {
                return Ok(());
            }
            if let Some(status) = self.server.try_wait()? {
                bail!("postgres ended with {status}: {}", self.log());
            }
            thread::sleep(Duration::from_millis(50));
        }
        bail!("postgres was not ready within {START_LIMIT:?}: {}", self.log())
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Cluster {
    /// Asks for a fast shutdown, and insists when that takes too long.
    fn drop(&mut self) {
        let asked =
            run::succeeds(Command::new("sh").args(["-c", &format!("kill -INT {}", self.server.id())]));
        let began = Instant::now();
        while asked && began.elapsed() < STOP_LIMIT {
            if !matches!(self.server.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// The folder of the newest server's programs.
pub(crate) fn programs() -> Option<PathBuf> {
    let installed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let debian = installed.filter_map(|entry| {
        let version: u32 = entry.file_name().to_str()?.parse().ok()?;
        let programs = entry.path().join("bin");
        programs.join("postgres").exists().then_some((version, programs))
    });
    let newest = debian.max().map(|(_, programs)| programs);

    newest.or_else(|| {
        let programs = PathBuf::from(run::quiet(Command::new("pg_config").arg("--bindir")).ok()?);
        programs.join("postgres").exists().then_some(programs)
    })
}

/// Who runs the server: PostgreSQL refuses to run as root.
enum Account {
    Ours,
    Other { name: &'static str, user: u32, group: u32 },
}

impl Account {
    fn choose() -> Result<Self> {
        if !run::is_root() {
            return Ok(Self::Ours);
        }
        for name in ["postgres", "nobody"] {
            if let Ok(user) = run::quiet(Command::new("id").args(["-u", name])) {
                let group = run::quiet(Command::new("id").args(["-g", name]))?;
                return Ok(Self::Other { name, user: user.parse()?, group: group.parse()? });
            }
        }
        bail!("no unprivileged user to run PostgreSQL as")
    }

    fn own(&self, path: &Path) -> Result<()> {
        if let Self::Other { user, group, .. } = self {
            chown(path, Some(*user), Some(*group))?;
        }
        Ok(())
    }

    /// `program` as this user. It gets a signal when we die, so that no cluster is left behind.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "INT"]);
        if let Self::Other { name, user, group } = self {
            eprintln!("running {} as {name}", program.display());
            command.args([format!("--reuid={user}"), format!("--regid={group}"), "--clear-groups".into()]);
        }
        command.arg("--").arg(program).current_dir("/");
        command
    }
}
