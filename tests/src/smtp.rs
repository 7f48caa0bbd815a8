//! A real SMTP server that keeps what it is given.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use tempfile::TempDir;

use crate::mail::Mail;
use crate::process::Process;
use crate::{python, wait};

const READY_LIMIT: Duration = Duration::from_secs(30);
const MAIL_LIMIT: Duration = Duration::from_secs(30);

/// How a connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    /// Not at all.
    Plain,
    /// Asked for by `STARTTLS`, and nothing is taken before it.
    StartTls,
    /// From the first byte.
    Implicit,
}

/// How a client proves who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authentication {
    /// It need not.
    None,
    /// `AUTH PLAIN`, and nothing is taken before it.
    Plain,
    /// `AUTH LOGIN`, and nothing is taken before it.
    Login,
}

/// A running relay, ended when dropped.
#[derive(Debug)]
pub struct Relay {
    folder: TempDir,
    port: u16,
    protection: Protection,
    authentication: Authentication,
    _process: Process,
}

/// One delivery as the relay saw it.
#[derive(Clone, Debug, Deserialize)]
pub struct Delivery {
    /// What was sent.
    #[serde(flatten)]
    pub mail: Mail,
    /// The `MAIL FROM` address.
    pub mail_from: String,
    /// Whether the connection was encrypted.
    pub is_encrypted: bool,
    /// Who had authenticated; empty when nobody had.
    pub authenticated_as: String,
}

impl Relay {
    /// Starts one; `None`, said loudly, where there is no Python environment.
    ///
    /// # Panics
    ///
    /// When it does not become ready.
    pub async fn start(protection: Protection, authentication: Authentication) -> Option<Self> {
        let mut command = python::script("relay.py")?;
        let folder = TempDir::with_prefix("vestibule-relay-").expect("a temporary folder");
        command.arg(folder.path()).arg(match protection {
            Protection::Plain => "plain",
            Protection::StartTls => "starttls",
            Protection::Implicit => "implicit",
        });
        command.arg(match authentication {
            Authentication::None => "none",
            Authentication::Plain => "PLAIN",
            Authentication::Login => "LOGIN",
        });
        let mut process = Process::start(&mut command, &folder.path().join("log")).expect("a relay");

        let port_file = folder.path().join("port");
        let ready = wait::until(READY_LIMIT, "the relay", async || {
            if let Some(status) = process.ended()? {
                bail!("the relay ended with {status}: {}", fs::read_to_string(folder.path().join("log"))?);
            }
            Ok(fs::read_to_string(&port_file).ok().and_then(|text| text.trim().parse().ok()))
        });
        let port = ready.await.unwrap_or_else(|error| panic!("{error:#}"));
        Some(Self { folder, port, protection, authentication, _process: process })
    }

    /// What `smtp.url` must be to reach it.
    pub fn url(&self) -> String {
        let scheme = if self.protection == Protection::Implicit { "smtps" } else { "smtp" };
        let user =
            if self.authentication == Authentication::None { "" } else { "vestibule:rather%20secret@" };
        format!("{scheme}://{user}localhost:{}", self.port)
    }

    /// The authority that signed its certificate, for `smtp.ca`.
    pub fn ca(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// Everything delivered so far, oldest first.
    ///
    /// # Errors
    ///
    /// What the relay wrote cannot be read.
    pub fn deliveries(&self) -> Result<Vec<Delivery>> {
        let text = fs::read_to_string(self.folder.path().join("mail.jsonl")).unwrap_or_default();
        let whole = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
        whole.map(|line| serde_json::from_str(line).with_context(|| line.to_owned())).collect()
    }

    /// The first delivery to `address` whose subject contains `part`, waited for.
    ///
    /// # Errors
    ///
    /// None came in time.
    pub async fn delivery(&self, address: &str, part: &str) -> Result<Delivery> {
        wait::until(MAIL_LIMIT, &format!("delivery to {address}: {part}"), async || {
            let deliveries = self.deliveries()?;
            Ok(deliveries.into_iter().find(|delivery| {
                delivery.mail.envelope_to.as_str() == Some(address) && delivery.mail.subject.contains(part)
            }))
        })
        .await
    }
}
