//! The controls under `/_dev/`, behind their guard, and how they say no.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Router, middleware};
use futures_util::future::BoxFuture;
use http::StatusCode;
use vestibule_courier::transport::DevMailbox;

use super::clock::{self, DevClock};
use super::faults::{self, Faults};
use super::gate::{self, Gate};
use super::guard::{self, Guard};
use super::mailbox;
use super::redeem::{self, Redeemer};
use super::refusal::refusal;

/// Makes the store, and what is remembered of it, what a first start leaves, or says why not.
pub(crate) type Reseed = Arc<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// Everything the controls reach.
pub(crate) struct Controls {
    pub(crate) mailbox: DevMailbox,
    pub(crate) clock: Arc<DevClock>,
    pub(crate) faults: Arc<Faults>,
    pub(crate) redeemer: Redeemer,
    pub(crate) reseed: Reseed,
    pub(crate) gate: Gate,
    pub(crate) guard: Guard,
}

#[derive(Clone)]
struct Reset {
    mailbox: DevMailbox,
    clock: Arc<DevClock>,
    faults: Arc<Faults>,
    reseed: Reseed,
    gate: Gate,
}

impl Controls {
    /// The routes of `cli.md`, *Dev mode*.
    pub(crate) fn router(self) -> Router {
        let Self { mailbox, clock, faults, redeemer, reseed, gate, guard } = self;
        let (mail, time) = (mailbox.clone(), clock.clone());
        let reset = Reset { mailbox: mail, clock: time, faults: faults.clone(), reseed, gate: gate.clone() };

        let mailbox = Router::new()
            .route("/_dev/mailbox", get(mailbox::list).delete(mailbox::empty))
            .route("/_dev/mailbox.css", get(mailbox::style))
            .route("/_dev/mailbox.js", get(mailbox::script))
            .with_state(mailbox);
        let clock = Router::new().route("/_dev/clock", get(clock::read).post(clock::set)).with_state(clock);
        let faults = Router::new().route("/_dev/faults", post(faults::set)).with_state(faults);
        let redeem = Router::new().route("/_dev/redeem", post(redeem::redeem)).with_state(redeemer);
        let redeem = redeem.layer(middleware::from_fn_with_state(gate, gate::pass));
        let reset = Router::new().route("/_dev/reset", post(reset_all)).with_state(reset);

        let all = mailbox.merge(clock).merge(faults).merge(redeem).merge(reset);
        all.layer(middleware::from_fn_with_state(guard, guard::check))
    }
}

/// `POST /_dev/reset`. Runs to its end whether or not the caller waits for it: half a world is of no use to anybody.
async fn reset_all(State(reset): State<Reset>) -> Response {
    match tokio::spawn(reset.run()).await {
        Ok(Ok(())) => StatusCode::NO_CONTENT.into_response(),
        Ok(Err(why)) => failed(&why),
        Err(why) => failed(&why.to_string()),
    }
}

fn failed(why: &str) -> Response {
    tracing::error!("the reset failed: {why}");
    refusal(StatusCode::INTERNAL_SERVER_ERROR, "The reset failed; the log says why.")
}

impl Reset {
    async fn run(self) -> Result<(), String> {
        // First, since who waits inside may wait for mail.
        self.faults.end_all();
        let _closed = self.gate.close().await;
        self.clock.reset();
        (self.reseed)().await?;
        // Last, so that mail that was under way is forgotten too.
        self.mailbox.clear();
        Ok(())
    }
}
