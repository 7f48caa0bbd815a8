//! The built binary as a running server.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::app::App;
use crate::http::Http;
use crate::mail::Mail;
use crate::process::{self, Process};
use crate::tools::Tool;
use crate::wait;

const READY_LIMIT: Duration = Duration::from_secs(30);
const STOP_LIMIT: Duration = Duration::from_secs(30);
const MAIL_LIMIT: Duration = Duration::from_secs(20);

/// What `serve --dev` writes to `dev.json` when it is ready (`cli.md`, *Dev mode*).
#[derive(Clone, Debug, Deserialize)]
pub struct DevFacts {
    /// The origin.
    pub url: String,
    /// The path of the local authority's certificate.
    pub ca: PathBuf,
    /// The tenant `contoso`.
    pub tenant_id: String,
    /// Its first verified domain.
    pub tenant_domain: String,
    /// The seeded application.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// The seeded members.
    pub users: BTreeMap<String, DevUser>,
    /// Applications of a seed file, by name.
    #[serde(default)]
    pub apps: BTreeMap<String, DevApp>,
    /// Where captured mail is shown.
    pub mailbox_url: String,
    /// A command to paste.
    pub invite_example: String,
    /// Whose facts these are.
    pub pid: u32,
}

/// A seeded member.
#[derive(Clone, Debug, Deserialize)]
pub struct DevUser {
    /// The user principal name.
    pub upn: String,
    /// The password.
    pub password: String,
}

/// A seeded application.
#[derive(Clone, Debug, Deserialize)]
pub struct DevApp {
    /// The tenant it is registered in.
    pub tenant_id: String,
    /// Its id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
}

/// How a server shall be started.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    wrapper: Vec<String>,
    port: u16,
}

impl Setup {
    /// Nothing beyond what every start has.
    pub fn new() -> Self {
        Self::default()
    }

    /// With one more command line argument.
    #[must_use]
    pub fn argument(mut self, argument: impl Into<String>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// With one more variable.
    #[must_use]
    pub fn variable(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.push((name.to_owned(), value.into()));
        self
    }

    /// At this port instead of one that the system chooses.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Run by another program, for example a tracer.
    #[must_use]
    pub fn under(mut self, wrapper: &[&str]) -> Self {
        self.wrapper = wrapper.iter().map(|&word| word.to_owned()).collect();
        self
    }
}

/// A running server, killed when dropped.
#[derive(Debug)]
pub struct Server {
    binary: PathBuf,
    setup: Setup,
    folder: TempDir,
    process: Process,
    http: Http,
    facts: Option<DevFacts>,
}

impl Server {
    /// `serve --dev` on an empty data folder; `None`, said loudly, where there is no binary.
    ///
    /// # Panics
    ///
    /// When it does not become ready.
    pub async fn dev() -> Option<Self> {
        Self::dev_with(Setup::new()).await
    }

    /// [`dev`](Self::dev) with more arguments or variables.
    ///
    /// # Panics
    ///
    /// When it does not become ready.
    pub async fn dev_with(setup: Setup) -> Option<Self> {
        let folder = TempDir::with_prefix("vestibule-").expect("a temporary folder");
        Self::dev_in(folder, setup).await
    }

    /// The same in this folder.
    ///
    /// # Panics
    ///
    /// When it does not become ready.
    pub async fn dev_in(folder: TempDir, setup: Setup) -> Option<Self> {
        let binary = PathBuf::from(Tool::Binary.find()?);
        Some(Self::start_dev(binary, setup, folder).await.unwrap_or_else(|error| panic!("{error:#}")))
    }

    async fn start_dev(binary: PathBuf, setup: Setup, folder: TempDir) -> Result<Self> {
        let (process, facts) = spawn_dev(&binary, &setup, folder.path()).await?;
        let http = Http::new(&facts.url, read_ca(&facts.ca).as_deref())?;
        Ok(Self { binary, setup, folder, process, http, facts: Some(facts) })
    }

    /// `serve` in production form on a folder where `init` was run, at the origin that `setup`'s variables name.
    ///
    /// # Errors
    ///
    /// It does not become ready.
    pub async fn production(folder: TempDir, setup: Setup, port: u16) -> Result<Self> {
        let binary = PathBuf::from(Tool::Binary.find().context("no binary")?);
        let mut command = command(&binary, &setup);
        command
            .arg("serve")
            .args(["--listen", &format!("127.0.0.1:{port}"), "--data"])
            .arg(data(folder.path()));
        command.args(&setup.arguments);
        let mut process = Process::start(&mut command, &log(folder.path()))?;

        let ca = data(folder.path()).join("ca.pem");
        let http = wait::until(READY_LIMIT, "/readyz", async || {
            fail_when_ended(&mut process, folder.path())?;
            let Some(pem) = read_ca(&ca) else { return Ok(None) };
            let Ok(http) = Http::new(&format!("https://localhost:{port}"), Some(&pem)) else {
                return Ok(None);
            };
            let is_ready = http.get("/readyz").await.is_ok_and(|answer| answer.status == 200);
            Ok(is_ready.then_some(http))
        })
        .await
        .with_context(|| read_log(folder.path()))?;

        Ok(Self { binary, setup, folder, process, http, facts: None })
    }

    /// What `dev.json` says.
    ///
    /// # Panics
    ///
    /// On a server in production form.
    pub fn facts(&self) -> &DevFacts {
        self.facts.as_ref().expect("dev.json exists in dev mode only")
    }

    /// The origin.
    pub fn url(&self) -> &str {
        self.http.origin()
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        data(self.folder.path())
    }

    /// The local authority's certificate.
    pub fn ca(&self) -> PathBuf {
        self.data().join("ca.pem")
    }

    /// Everything the server wrote to its two outputs.
    pub fn log(&self) -> String {
        read_log(self.folder.path())
    }

    /// A client that trusts this server's authority.
    pub fn http(&self) -> &Http {
        &self.http
    }

    /// The process.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// The seeded application with a token.
    ///
    /// # Panics
    ///
    /// When it gets none.
    pub async fn app(&self) -> App {
        let facts = self.facts();
        let (tenant, id, secret) = (&facts.tenant_id, &facts.client_id, &facts.client_secret);
        App::sign_in(self.http.clone(), tenant, id, secret).await.expect("a token")
    }

    /// An application of the seed file with a token.
    ///
    /// # Panics
    ///
    /// When there is none of that name, or it gets no token.
    pub async fn app_named(&self, name: &str) -> App {
        let app = self.facts().apps.get(name).unwrap_or_else(|| panic!("no application {name} in dev.json"));
        let (tenant, id, secret) = (&app.tenant_id, &app.client_id, &app.client_secret);
        App::sign_in(self.http.clone(), tenant, id, secret).await.expect("a token")
    }

    /// All captured mail, newest first.
    ///
    /// # Errors
    ///
    /// The mailbox does not answer.
    pub async fn mailbox(&self) -> Result<Vec<Mail>> {
        self.mailbox_at("/_dev/mailbox").await
    }

    /// The newest mail of `kind` to `address`, waited for.
    ///
    /// # Errors
    ///
    /// None came in time.
    pub async fn mail(&self, address: &str, kind: &str) -> Result<Mail> {
        let address = address.replace('+', "%2B");
        wait::until(MAIL_LIMIT, &format!("{kind} mail to {address}"), async || {
            let mails = self.mailbox_at(&format!("/_dev/mailbox?to={address}")).await?;
            Ok(mails.into_iter().find(|mail| mail.kind == kind))
        })
        .await
    }

    async fn mailbox_at(&self, path: &str) -> Result<Vec<Mail>> {
        let answer = self.http.get(path).await?;
        if answer.status != 200 {
            bail!("{path}: {} {}", answer.status, answer.text);
        }
        Ok(serde_json::from_value(answer.json()["value"].clone())?)
    }

    /// Redeems as a guest would, without a browser.
    ///
    /// # Errors
    ///
    /// No answer came.
    pub async fn redeem(&self, invite_redeem_url: &str) -> Result<crate::Answer> {
        self.http.post_json("/_dev/redeem", &json!({"inviteRedeemUrl": invite_redeem_url})).await
    }

    /// Moves the server's clock.
    ///
    /// # Errors
    ///
    /// It refuses.
    pub async fn advance(&self, seconds: i64) -> Result<Value> {
        Ok(self.http.post_json("/_dev/clock", &json!({"advanceSeconds": seconds})).await?.expect(200).json())
    }

    /// Ends it without warning.
    ///
    /// # Errors
    ///
    /// The system refuses.
    pub fn kill(&mut self) -> Result<()> {
        self.process.kill()
    }

    /// Asks it to end and waits.
    ///
    /// # Errors
    ///
    /// It did not end in time.
    pub async fn stop(&mut self) -> Result<std::process::ExitStatus> {
        self.process.stop(STOP_LIMIT).await
    }

    /// Starts it again on the same data, once it has ended.
    ///
    /// # Errors
    ///
    /// It does not become ready.
    pub async fn start_again(&mut self) -> Result<()> {
        let (process, facts) = spawn_dev(&self.binary, &self.setup, self.folder.path()).await?;
        self.http = Http::new(&facts.url, read_ca(&facts.ca).as_deref())?;
        self.process = process;
        self.facts = Some(facts);
        Ok(())
    }

    /// Runs the binary as a client of this server: it finds `dev.json` by `VESTIBULE_DATA`.
    ///
    /// # Errors
    ///
    /// It cannot be started.
    pub async fn cli(&self, arguments: &[&str]) -> Result<Output> {
        let mut command = process::clean(&self.binary);
        command.env("VESTIBULE_DATA", self.data()).args(arguments).current_dir(self.folder.path());
        process::finish(command).await
    }
}

impl Drop for Server {
    /// A tracer that is killed leaves what it traced behind.
    fn drop(&mut self) {
        let Some(facts) = &self.facts else { return };
        if facts.pid != self.process.id() && !self.setup.wrapper.is_empty() {
            let _ = process::signal(facts.pid, "KILL");
        }
    }
}

async fn spawn_dev(binary: &Path, setup: &Setup, folder: &Path) -> Result<(Process, DevFacts)> {
    let facts_file = data(folder).join("dev.json");
    let _ = fs::remove_file(&facts_file);
    let mut command = command(binary, setup);
    command
        .args(["serve", "--dev", "--listen", &format!("127.0.0.1:{}", setup.port), "--data"])
        .arg(data(folder))
        .args(&setup.arguments);
    let mut process = Process::start(&mut command, &log(folder))?;

    let facts = wait::until(READY_LIMIT, "dev.json", async || {
        fail_when_ended(&mut process, folder)?;
        let Ok(text) = fs::read_to_string(&facts_file) else { return Ok(None) };
        Ok(serde_json::from_str::<DevFacts>(&text).ok())
    })
    .await
    .with_context(|| read_log(folder))?;
    Ok((process, facts))
}

fn command(binary: &Path, setup: &Setup) -> Command {
    let mut command = match setup.wrapper.split_first() {
        None => process::clean(binary),
        Some((wrapper, words)) => {
            let mut command = process::clean(wrapper);
            command.args(words).arg(binary);
            command
        }
    };
    command.envs(setup.environment.iter().map(|(name, value)| (name, value)));
    command
}

fn fail_when_ended(process: &mut Process, folder: &Path) -> Result<()> {
    match process.ended()? {
        None => Ok(()),
        Some(status) => bail!("the server ended with {status}: {}", read_log(folder)),
    }
}

fn data(folder: &Path) -> PathBuf {
    folder.join("data")
}

fn log(folder: &Path) -> PathBuf {
    folder.join("log")
}

fn read_log(folder: &Path) -> String {
    fs::read_to_string(log(folder)).unwrap_or_default()
}

fn read_ca(path: &Path) -> Option<Vec<u8>> {
    fs::read(path).ok()
}
