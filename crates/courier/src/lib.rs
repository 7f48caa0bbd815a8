//! What goes out: mail from the outbox. Claim, render, send, acknowledge.
//!
//! Decides neither who gets mail nor what it tells, only how it reads and how it travels; no request handler calls this
//! room. Start reading at [`mail`] for what a guest receives, at [`transport`] for how it leaves, at [`Courier`] for when.

pub mod mail;
pub mod transport;

mod attempt;
mod backoff;
mod lines;
mod run;
#[cfg(test)]
mod testing;

pub use run::Courier;
