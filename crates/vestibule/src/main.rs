//! `vestibule`: self-hosted guest invitations that speak Microsoft Graph.
//!
//! The binary brings the rooms together and decides nothing itself: command line ([`cli`]), configuration ([`config`]),
//! the one port ([`front`], [`tls`]), wiring ([`serve`]), dev mode ([`dev`]). Start reading at [`serve`].

mod cli;
mod client;
mod clock;
mod config;
mod constant_time;
mod dev;
mod front;
mod lock;
mod mail;
mod ops;
mod rooms;
mod serve;
mod server_key;
mod setup;
mod store;
mod telemetry;
mod tls;

use std::process::ExitCode;

#[expect(clippy::disallowed_methods, reason = "draws nothing that is used: it wakes the source")]
fn main() -> ExitCode {
    // The first random byte costs aws-lc some 35 ms of collecting entropy. Nobody waits for it this way.
    std::thread::spawn(|| aws_lc_rs::rand::fill(&mut [0]));
    cli::run()
}
