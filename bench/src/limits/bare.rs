//! A bare axum route that answers the same typed struct as `GET /users/{id}`: what no read can exceed.
//!
//! It runs as a process of its own, like the server, on as many worker threads.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use anyhow::{Context, Result};
use axum::extract::State;
use axum::http::HeaderName;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use tokio::net::TcpListener;

use crate::guests::{address_of, id_of};
use crate::process;
use crate::table::say;

/// What Graph shows of a user without `$select` (`graph.md` 2.2).
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct User {
    #[serde(rename = "@odata.context")]
    context: String,
    business_phones: Vec<String>,
    display_name: String,
    given_name: Option<String>,
    job_title: Option<String>,
    mail: Option<String>,
    mobile_phone: Option<String>,
    office_location: Option<String>,
    preferred_language: Option<String>,
    surname: Option<String>,
    user_principal_name: String,
    id: String,
}

/// Serves the route on a free port, whose origin it prints, until it is killed.
///
/// # Errors
///
/// No port is free.
pub(crate) fn serve() -> Result<()> {
    let user = User {
        context: "http://localhost:12345/v1.0/$metadata#users/$entity".into(),
        business_phones: Vec::new(),
        display_name: "guest0000000".into(),
        given_name: None,
        job_title: None,
        mail: Some(address_of(0)),
        mobile_phone: None,
        office_location: None,
        preferred_language: None,
        surname: None,
        user_principal_name: format!("{}#EXT#@contoso.localhost", address_of(0).replace('@', "_")),
        id: id_of(0).to_string(),
    };
    let router = Router::new().route("/user", get(show)).with_state(Arc::new(user));
    tokio::runtime::Runtime::new()?.block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        say(&format!("http://{}", listener.local_addr()?));
        Ok(axum::serve(listener, router).await?)
    })
}

async fn show(State(user): State<Arc<User>>) -> impl IntoResponse {
    let media_type =
        "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";
    (
        [(CONTENT_TYPE, media_type), (HeaderName::from_static("odata-version"), "4.0")],
        Json(User::clone(&user)),
    )
}

/// The bare server as a process, killed when dropped.
pub(crate) struct Bare {
    child: Child,
    origin: String,
}

impl Bare {
    /// Starts it.
    ///
    /// # Errors
    ///
    /// It does not say where it listens.
    pub(crate) fn start() -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        let mut child = command.arg("bare").stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let mut origin = String::new();
        BufReader::new(child.stdout.take().context("no standard output")?).read_line(&mut origin)?;
        Ok(Self { child, origin: origin.trim().to_owned() })
    }

    /// Its origin.
    pub(crate) fn url(&self) -> &str {
        &self.origin
    }

    /// Processor seconds that it has used.
    pub(crate) fn cpu_seconds(&self) -> f64 {
        process::cpu_seconds(self.child.id())
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
