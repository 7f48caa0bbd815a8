//! Single requests, for tokens and for checks: the load itself is `wrk`'s.

use std::fs;
use std::path::Path;

use anyhow::Result;
use reqwest::{Certificate, Client, RequestBuilder};
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

/// A client of one origin that waits for its answers.
pub(crate) struct Http {
    runtime: Runtime,
    client: Client,
    origin: String,
}

/// What came back.
pub(crate) struct Answer {
    /// The status code.
    pub(crate) status: u16,
    /// The body as JSON; null when it is none.
    pub(crate) body: Value,
}

impl Http {
    /// A client of `origin` that trusts the authority at `ca`, when there is one.
    ///
    /// # Errors
    ///
    /// `ca` is no certificate.
    pub(crate) fn new(origin: &str, ca: &Path) -> Result<Self> {
        // No connection is kept: between two requests nobody would answer what the server says on it.
        let mut client = Client::builder().no_proxy().http1_only().pool_max_idle_per_host(0);
        if origin.starts_with("https:") {
            client = client.tls_certs_only([Certificate::from_pem(&fs::read(ca)?)?]);
        }
        let runtime = Builder::new_current_thread().enable_all().build()?;
        Ok(Self { runtime, client: client.build()?, origin: origin.into() })
    }

    /// `GET path`.
    ///
    /// # Errors
    ///
    /// No answer came.
    pub(crate) fn get(&self, path: &str, headers: &[(&str, &str)]) -> Result<Answer> {
        let mut request = self.client.get(format!("{}{path}", self.origin));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request)
    }

    /// `POST path` with a form's body.
    ///
    /// # Errors
    ///
    /// No answer came.
    pub(crate) fn post_form(&self, path: &str, body: String) -> Result<Answer> {
        let request = self.client.post(format!("{}{path}", self.origin));
        self.send(request.header("content-type", "application/x-www-form-urlencoded").body(body))
    }

    fn send(&self, request: RequestBuilder) -> Result<Answer> {
        self.runtime.block_on(async {
            let answer = request.send().await?;
            let status = answer.status().as_u16();
            let text = answer.text().await?;
            let body = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap_or_default();
            Ok(Answer { status, body })
        })
    }
}
