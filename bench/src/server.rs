//! The built binary as a running server in dev mode.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde_json::Value;

use crate::http::Http;
use crate::process::{self, Memory};

const STOP_LIMIT: Duration = Duration::from_secs(60);

/// What `serve --dev` writes to `dev.json` (`cli.md`, *Dev mode*), as far as it is needed here.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Facts {
    /// The origin.
    pub(crate) url: String,
    /// The path of the local authority's certificate.
    pub(crate) ca: PathBuf,
    /// The tenant `contoso`.
    pub(crate) tenant_id: String,
    /// The seeded application.
    pub(crate) client_id: String,
    /// Its secret.
    pub(crate) client_secret: String,
}

/// Whether the one port speaks TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tls {
    /// With the certificate that the server made itself.
    On,
    /// Plain HTTP.
    Off,
}

impl Tls {
    /// For a table.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
        }
    }
}

/// How a server shall be started.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setup<'a> {
    /// The data folder.
    pub(crate) folder: &'a Path,
    /// Whether with TLS.
    pub(crate) tls: Tls,
    /// A PostgreSQL URL, or nothing for SQLite in the folder.
    pub(crate) database: Option<&'a str>,
}

/// A running server, killed when dropped.
pub(crate) struct Server {
    child: Child,
    _stdout: BufReader<ChildStdout>,
    facts: Facts,
    http: Http,
    ready_after: Duration,
}

impl Server {
    /// Starts one and waits until it says that it is ready.
    ///
    /// # Errors
    ///
    /// It ends before, or is not ready when it says so.
    pub(crate) fn start(setup: Setup<'_>) -> Result<Self> {
        fs::create_dir_all(setup.folder)?;
        let log = setup.folder.with_extension("log");
        let mut command = command(setup, fs::File::create(&log)?)?;

        let began = Instant::now();
        let mut child = command.spawn().context("cannot run the binary")?;
        let mut stdout = BufReader::new(child.stdout.take().context("no standard output")?);
        let is_told = stdout.fill_buf().is_ok_and(|bytes| !bytes.is_empty());
        let ready_after = began.elapsed();
        if !is_told {
            bail!("the server ended with {}: {}", child.wait()?, fs::read_to_string(&log)?);
        }

        let facts = fs::read(setup.folder.join("dev.json")).context("ready without a dev.json")?;
        let facts: Facts = serde_json::from_slice(&facts)?;
        let http = Http::new(&facts.url, &facts.ca)?;
        ensure!(http.get("/readyz", &[])?.status == 200, "it says that it is ready, and is not");
        Ok(Self { child, _stdout: stdout, facts, http, ready_after })
    }

    /// From before exec to the first byte of what it prints when it is ready.
    pub(crate) fn ready_after(&self) -> Duration {
        self.ready_after
    }

    /// The origin.
    pub(crate) fn url(&self) -> &str {
        &self.facts.url
    }

    /// What `dev.json` says.
    pub(crate) fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it holds now.
    ///
    /// # Errors
    ///
    /// It is gone.
    pub(crate) fn memory(&self) -> Result<Memory> {
        Memory::of(self.pid())
    }

    /// Processor seconds that it has used.
    pub(crate) fn cpu_seconds(&self) -> f64 {
        process::cpu_seconds(self.pid())
    }

    /// The body of a `client_credentials` request.
    pub(crate) fn token_form(&self) -> String {
        let scope = format!("{}/.default", self.facts.url).replace(':', "%3A").replace('/', "%2F");
        let secret: String = self.facts.client_secret.bytes().map(form_encoded).collect();
        format!(
            "grant_type=client_credentials&client_id={}&client_secret={secret}&scope={scope}",
            self.facts.client_id
        )
    }

    /// An access token of the seeded application.
    ///
    /// # Errors
    ///
    /// None is given.
    pub(crate) fn token(&self) -> Result<String> {
        let path = format!("/{}/oauth2/v2.0/token", self.facts.tenant_id);
        let answer = self.http.post_form(&path, self.token_form())?;
        let token = answer.body["access_token"].as_str();
        Ok(token.with_context(|| format!("no token: {} {}", answer.status, answer.body))?.to_owned())
    }

    /// How many users the directory has.
    ///
    /// # Errors
    ///
    /// It does not tell.
    pub(crate) fn users(&self, token: &str) -> Result<u64> {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str()), ("consistencylevel", "eventual")];
        let answer = self.http.get("/v1.0/users/$count", &headers)?;
        answer.body.as_u64().with_context(|| format!("no count: {} {}", answer.status, answer.body))
    }

    /// `GET target` with `token`, as JSON.
    ///
    /// # Errors
    ///
    /// It does not answer 200.
    pub(crate) fn get(&self, target: &str, token: &str) -> Result<Value> {
        let bearer = format!("Bearer {token}");
        let answer = self.http.get(target, &[("authorization", bearer.as_str())])?;
        ensure!(answer.status == 200, "{target}: {} {}", answer.status, answer.body);
        Ok(answer.body)
    }

    /// Asks it to end, and waits.
    ///
    /// # Errors
    ///
    /// It does not end in time, or not well.
    pub(crate) fn stop(mut self) -> Result<()> {
        Command::new("kill").args(["-TERM", &self.pid().to_string()]).status()?;
        let began = Instant::now();
        while began.elapsed() < STOP_LIMIT {
            if let Some(status) = self.child.try_wait()? {
                ensure!(status.success(), "the server ended with {status}");
                return Ok(());
            }
            thread::sleep(Duration::from_millis(5));
        }
        bail!("the server did not end within {STOP_LIMIT:?}")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(setup: Setup<'_>, log: fs::File) -> Result<Command> {
    let binary =
        std::env::var_os("VESTIBULE_BIN").context("VESTIBULE_BIN is not set: run cargo xtask bench")?;
    let mut command = Command::new(binary);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("VESTIBULE_") {
            command.env_remove(name);
        }
    }
    command.args(["serve", "--dev", "--listen", "127.0.0.1:0", "--data"]).arg(setup.folder);
    if setup.tls == Tls::Off {
        command.env("VESTIBULE_TLS_MODE", "off");
    }
    if let Some(url) = setup.database {
        command.env("VESTIBULE_DATABASE_URL", url);
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
    Ok(command)
}

fn form_encoded(byte: u8) -> String {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    }
}
