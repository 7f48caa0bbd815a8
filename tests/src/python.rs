//! Scripts of `tests/python/`, run with the real clients.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};
use serde_json::Value;

use crate::process;
use crate::server::Server;
use crate::tools::Tool;

/// The interpreter on the script `name` of `tests/python/`; `None`, said loudly, where there is none.
pub fn script(name: &str) -> Option<Command> {
    let mut command = process::clean(Tool::Python.find()?);
    // These beat what a caller passes, and a build machine may have them set (`identity.md` 12).
    command.env_remove("REQUESTS_CA_BUNDLE").env_remove("CURL_CA_BUNDLE").env_remove("SSL_CERT_FILE");
    command.env_remove("HTTPS_PROXY").env_remove("https_proxy").env("NO_PROXY", "*");
    command.arg(folder().join(name)).env("PYTHONUNBUFFERED", "1");
    Some(command)
}

/// Runs the script `name` against `server`, with its facts in the environment, and answers the JSON it prints.
///
/// # Errors
///
/// The script failed; the error holds its traceback.
pub async fn client(server: &Server, name: &str) -> Option<Result<Value>> {
    let mut command = script(name)?;
    let facts = server.facts();
    command
        .env("SERVER", server.url())
        .env("TENANT", &facts.tenant_id)
        .env("CLIENT_ID", &facts.client_id)
        .env("CLIENT_SECRET", &facts.client_secret)
        .env("REQUESTS_CA_BUNDLE", server.ca())
        .env("SSL_CERT_FILE", server.ca());
    Some(printed(command).await)
}

async fn printed(command: Command) -> Result<Value> {
    let output = process::finish(command).await?;
    if !output.status.success() {
        bail!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("python")
}
