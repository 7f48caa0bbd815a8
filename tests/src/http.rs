//! Plain HTTP against a server: nothing followed, nothing remembered, everything shown.

use std::net::SocketAddr;
use std::sync::Once;
use std::time::Duration;

use anyhow::{Context, Result};
use reqwest::header::HeaderMap;
use reqwest::{Certificate, Client, ClientBuilder, Method, RequestBuilder};
use serde_json::Value;

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as text.
    pub text: String,
}

impl Answer {
    /// The header `name`; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body as JSON.
    ///
    /// # Panics
    ///
    /// When it is none; the panic shows it.
    pub fn json(&self) -> Value {
        match serde_json::from_str(&self.text) {
            Ok(value) => value,
            Err(error) => panic!("{} with a body that is not JSON ({error}): {}", self.status, self.text),
        }
    }

    /// This answer, which must have `status`.
    ///
    /// # Panics
    ///
    /// When it has another; the panic shows the body.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }
}

/// A client of one origin.
#[derive(Clone, Debug)]
pub struct Http {
    client: Client,
    origin: String,
}

impl Http {
    /// A client of `origin` that trusts the authority in `ca` alone.
    ///
    /// # Errors
    ///
    /// `ca` is no certificate.
    pub fn new(origin: &str, ca: Option<&[u8]>) -> Result<Self> {
        let client = builder(ca)?.build()?;
        Ok(Self { client, origin: origin.trim_end_matches('/').to_owned() })
    }

    /// The origin, without a slash at its end.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// A request for `target`: a path of this origin, or a whole URL.
    pub fn request(&self, method: Method, target: &str) -> RequestBuilder {
        let url =
            if target.starts_with('/') { format!("{}{target}", self.origin) } else { target.to_owned() };
        self.client.request(method, url)
    }

    /// `GET target`.
    ///
    /// # Errors
    ///
    /// No answer came.
    pub async fn get(&self, target: &str) -> Result<Answer> {
        send(self.request(Method::GET, target)).await
    }

    /// `POST target` with a JSON body.
    ///
    /// # Errors
    ///
    /// No answer came.
    pub async fn post_json(&self, target: &str, body: &Value) -> Result<Answer> {
        send(self.request(Method::POST, target).json(body)).await
    }

    /// `POST target` with a form.
    ///
    /// # Errors
    ///
    /// No answer came.
    pub async fn post_form(&self, target: &str, fields: &[(&str, &str)]) -> Result<Answer> {
        send(self.request(Method::POST, target).form(fields)).await
    }

    /// `DELETE target`.
    ///
    /// # Errors
    ///
    /// No answer came.
    pub async fn delete(&self, target: &str) -> Result<Answer> {
        send(self.request(Method::DELETE, target)).await
    }
}

/// Sends a request and reads all of the answer.
///
/// # Errors
///
/// No answer came.
pub async fn send(request: RequestBuilder) -> Result<Answer> {
    let response = request.send().await.context("no answer")?;
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let text = response.text().await.context("an answer that broke off")?;
    Ok(Answer { status, headers, text })
}

/// The process-wide choice of who does the cryptography, made before the first client is built.
pub fn use_one_crypto_provider() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    });
}

fn builder(ca: Option<&[u8]>) -> Result<ClientBuilder> {
    use_one_crypto_provider();
    let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
    let builder = Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(60))
        .resolve("localhost", loopback);
    let Some(pem) = ca else { return Ok(builder) };
    Ok(builder.tls_certs_only([Certificate::from_pem(pem).context("the authority's certificate")?]))
}
