//! The client half of the command line: finds the server, signs in as an app, speaks Graph. Never opens a store.

mod trust;

use std::net::{TcpStream, ToSocketAddrs as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::Args;
use reqwest::{Response, StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use url::Url;

use crate::cli::Failure;
use crate::dev::facts::{DEFAULT_DATA, DevFacts};

/// How to reach a server, and as whom.
#[derive(Args, Debug)]
#[command(next_help_heading = "Server")]
pub(crate) struct Reach {
    /// The server [default: the one that dev.json in the data folder names]
    #[arg(long, value_name = "URL", env = "VESTIBULE_SERVER", hide_env_values = true)]
    server: Option<String>,
    /// A CA to trust beside the system's
    #[arg(long, value_name = "FILE", env = "VESTIBULE_CA", hide_env_values = true)]
    ca: Option<PathBuf>,
    /// Sign in as this app
    #[arg(long, value_name = "ID", env = "VESTIBULE_CLIENT_ID", hide_env_values = true)]
    client_id: Option<String>,
    /// Its secret; better given as VESTIBULE_CLIENT_SECRET
    #[arg(long, value_name = "SECRET", env = "VESTIBULE_CLIENT_SECRET", hide_env_values = true)]
    client_secret: Option<String>,
    /// The tenant, by id or domain
    #[arg(long, value_name = "TENANT", env = "VESTIBULE_TENANT", hide_env_values = true)]
    tenant: Option<String>,
    /// Where to look for dev.json [default: ./vestibule-data]
    #[arg(long, value_name = "FOLDER", env = "VESTIBULE_DATA", hide_env_values = true)]
    data: Option<PathBuf>,
}

/// How long an answer may take. A passcode page may wait 10 s; nothing here does.
const PATIENCE: Duration = Duration::from_secs(60);

/// Every server of ours knows its own Graph by Microsoft's name too, whatever name we reach it by.
const SCOPE: &str = "https://graph.microsoft.com/.default";

/// Where requests would go and in which tenant, as far as that was said. No server was asked.
pub(crate) struct Target<'a> {
    reach: &'a Reach,
    folder: PathBuf,
    /// `--server`, as an origin.
    given: Option<String>,
    dev: Option<DevFacts>,
}

/// A server and an app to sign in as.
pub(crate) struct Client {
    server: String,
    tenant: String,
    client_id: String,
    client_secret: SecretString,
    http: reqwest::Client,
}

/// A client that has signed in.
pub(crate) struct Session<'a> {
    client: &'a Client,
    token: SecretString,
    /// The tenant's id, as the token says.
    pub(crate) tenant_id: String,
}

impl<'a> Target<'a> {
    /// From flags and environment, and from `dev.json` of a running server for what they leave out.
    ///
    /// The secrets of a `dev.json` are only ever sent to the server that it names.
    ///
    /// # Errors
    ///
    /// [`Failure::Usage`] when `--server` is no URL.
    pub(crate) fn of(reach: &'a Reach) -> Result<Self, Failure> {
        let given = reach.server.as_deref().map(origin).transpose()?;
        let folder = reach.data.clone().unwrap_or_else(|| PathBuf::from(DEFAULT_DATA));
        let dev = DevFacts::read(&folder).filter(is_alive);
        let dev = dev.filter(|dev| given.as_ref().is_none_or(|given| *given == dev.url));
        Ok(Self { reach, folder, given, dev })
    }

    /// The server's origin.
    ///
    /// # Errors
    ///
    /// [`Failure::Unreachable`] when there is none to speak to.
    pub(crate) fn server(&self) -> Result<String, Failure> {
        let server = self.given.clone().or_else(|| self.dev.as_ref().map(|dev| dev.url.clone()));
        server.ok_or_else(|| nobody_there(&self.folder))
    }

    /// The tenant as it was named.
    ///
    /// # Errors
    ///
    /// [`Failure::Usage`] when it was not.
    pub(crate) fn tenant(&self) -> Result<String, Failure> {
        self.said(&self.reach.tenant, |dev| &dev.tenant_id, "VESTIBULE_TENANT")
    }

    fn said(
        &self,
        flag: &Option<String>,
        of_dev: fn(&DevFacts) -> &String,
        name: &str,
    ) -> Result<String, Failure> {
        let value = flag.clone().or_else(|| self.dev.as_ref().map(|dev| of_dev(dev).clone()));
        value.ok_or_else(|| Failure::Usage(format!("--{} is needed (or {name})", flag_of(name))))
    }
}

impl Client {
    /// What [`Target`] says, and whom to sign in as.
    ///
    /// # Errors
    ///
    /// [`Failure::Unreachable`] when there is no server to speak to, [`Failure::Usage`] when something was not said.
    pub(crate) fn new(reach: &Reach) -> Result<Self, Failure> {
        let target = Target::of(reach)?;
        let server = target.server()?;
        let ca = reach.ca.clone().or_else(|| target.dev.as_ref().and_then(|dev| dev.ca.clone()));
        let tls = trust::config(ca.as_deref())?;
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("vestibule/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(Failure::no)?;
        let said = |flag, of_dev, name| target.said(flag, of_dev, name);
        Ok(Self {
            tenant: target.tenant()?,
            client_id: said(&reach.client_id, |dev| &dev.client_id, "VESTIBULE_CLIENT_ID")?,
            client_secret: said(&reach.client_secret, |dev| &dev.client_secret, "VESTIBULE_CLIENT_SECRET")?
                .into(),
            server,
            http,
        })
    }

    /// A path on this server.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server)
    }

    /// Gets a token by `client_credentials`.
    ///
    /// # Errors
    ///
    /// [`Failure::Unreachable`], or the server's refusal.
    pub(crate) async fn sign_in(&self) -> Result<Session<'_>, Failure> {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &self.client_id),
            ("client_secret", self.client_secret.expose_secret()),
            ("scope", SCOPE),
        ];
        let url = self.url(&format!("/{}/oauth2/v2.0/token", self.tenant));
        let answer = self.http.post(url).form(&form).send().await.map_err(|why| self.unreachable(&why))?;
        let status = answer.status();
        let body: Value = answer.json().await.unwrap_or_default();

        let token = body["access_token"].as_str().filter(|_| status.is_success());
        let token = token.ok_or_else(|| no(status, &body["error"], &body["error_description"]))?;
        let tenant_id = tenant_of(token).unwrap_or_else(|| self.tenant.clone());
        Ok(Session { client: self, token: token.into(), tenant_id })
    }

    fn unreachable(&self, why: &reqwest::Error) -> Failure {
        let mut text = format!("{} cannot be reached: {why}", self.server);
        let mut cause = std::error::Error::source(why);
        while let Some(deeper) = cause {
            text.push_str(&format!(": {deeper}"));
            cause = deeper.source();
        }
        Failure::Unreachable(text)
    }
}

impl Session<'_> {
    /// A JSON answer to a GET of a path, or of a link of this server.
    pub(crate) async fn get(&self, path: &str) -> Result<Value, Failure> {
        json(self.send(self.request(reqwest::Method::GET, path)?).await?).await
    }

    /// A text answer to a GET, for `/$count`.
    pub(crate) async fn get_text(&self, path: &str) -> Result<String, Failure> {
        self.send(self.request(reqwest::Method::GET, path)?).await?.text().await.map_err(Failure::no)
    }

    /// A JSON answer to a POST.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        json(self.send(self.request(reqwest::Method::POST, path)?.json(body)).await?).await
    }

    fn request(&self, method: reqwest::Method, path: &str) -> Result<reqwest::RequestBuilder, Failure> {
        let url = if path.starts_with('/') { self.client.url(path) } else { path.to_owned() };
        // A next link is the server's word; the token still goes to no other origin.
        if origin(&url)? != self.client.server {
            return Err(Failure::No(format!("the server's next link leads elsewhere: {url}")));
        }
        let request = self.client.http.request(method, url).bearer_auth(self.token.expose_secret());
        Ok(request.header("ConsistencyLevel", "eventual"))
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Response, Failure> {
        let answer = request.send().await.map_err(|why| self.client.unreachable(&why))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(answer);
        }
        let body: Value = answer.json().await.unwrap_or_default();
        Err(no(status, &body["error"]["code"], &body["error"]["message"]))
    }
}

async fn json(answer: Response) -> Result<Value, Failure> {
    answer.json().await.map_err(|why| Failure::No(format!("the server's answer is no JSON: {why}")))
}

fn no(status: StatusCode, code: &Value, message: &Value) -> Failure {
    match (code.as_str(), message.as_str()) {
        (Some(code), Some(message)) => Failure::No(format!("{code}: {message}")),
        (Some(code), None) => Failure::No(code.to_owned()),
        (None, _) => Failure::No(format!("the server answered {status}")),
    }
}

/// Scheme, host and port, without a trailing slash.
fn origin(url: &str) -> Result<String, Failure> {
    let parsed =
        Url::parse(url).ok().filter(|url| url.has_host() && matches!(url.scheme(), "https" | "http"));
    let parsed =
        parsed.ok_or_else(|| Failure::Usage(format!("'{url}' is no URL such as https://localhost:8443")))?;
    Ok(parsed.origin().ascii_serialization())
}

fn flag_of(variable: &str) -> String {
    variable.trim_start_matches("VESTIBULE_").to_ascii_lowercase().replace('_', "-")
}

/// A `dev.json` whose process is dead and whose port is silent was left behind by a crash.
fn is_alive(dev: &DevFacts) -> bool {
    let has_process = Path::new("/proc").join(dev.pid.to_string()).exists();
    has_process || answers(&dev.url)
}

fn answers(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else { return false };
    let Ok(addresses) = (host, port).to_socket_addrs() else { return false };
    addresses.into_iter().any(|address| TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok())
}

fn nobody_there(folder: &Path) -> Failure {
    Failure::Unreachable(format!(
        "no server: {} names none that runs. Start one with `vestibule serve --dev`, or name one by --server",
        folder.join("dev.json").display()
    ))
}

/// The `tid` claim. Our own token from our own server: nothing here relies on it being true.
fn tenant_of(token: &str) -> Option<String> {
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let claims: Value = serde_json::from_slice(&claims).ok()?;
    claims["tid"].as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_running_dev_server_is_found_and_its_secrets_go_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        dev_json("https://localhost:8443", std::process::id()).write(folder.path()).unwrap();
        let reach = |server: Option<&str>| Client::new(&reach(folder.path(), server));

        assert_eq!(reach(None).unwrap().url("/v1.0"), "https://localhost:8443/v1.0");
        assert_eq!(reach(Some("https://LOCALHOST:8443/")).unwrap().tenant, "t");
        assert!(matches!(reach(Some("https://elsewhere.example")), Err(Failure::Usage(_))));
        assert!(matches!(reach(Some("elsewhere")), Err(Failure::Usage(_))));
    }

    #[test]
    fn what_a_crashed_server_left_behind_counts_as_absent() {
        const NOBODY: u32 = u32::MAX;
        let folder = tempfile::tempdir().unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("https://{}", port.local_addr().unwrap());
        dev_json(&url, NOBODY).write(folder.path()).unwrap();
        let found = || Client::new(&reach(folder.path(), None));

        assert!(found().is_ok(), "its port answers");
        drop(port);
        assert!(matches!(found(), Err(Failure::Unreachable(_))));
    }

    #[test]
    fn the_tenant_is_read_from_the_token() {
        let claims = URL_SAFE_NO_PAD.encode(r#"{"tid":"t-1"}"#);
        for (token, wanted) in
            [(format!("h.{claims}.s"), Some("t-1")), ("h.e30.s".into(), None), ("x".into(), None)]
        {
            assert_eq!(tenant_of(&token).as_deref(), wanted, "{token}");
        }
    }

    fn reach(data: &Path, server: Option<&str>) -> Reach {
        Reach {
            server: server.map(str::to_owned),
            ca: None,
            client_id: None,
            client_secret: None,
            tenant: None,
            data: Some(data.to_owned()),
        }
    }

    fn dev_json(url: &str, pid: u32) -> DevFacts {
        DevFacts {
            url: url.into(),
            ca: None,
            tenant_id: "t".into(),
            tenant_domain: "contoso.localhost".into(),
            client_id: "c".into(),
            client_secret: "s".into(),
            users: BTreeMap::new(),
            apps: BTreeMap::new(),
            mailbox_url: String::new(),
            invite_example: String::new(),
            pid,
            dev_token: None,
        }
    }
}
