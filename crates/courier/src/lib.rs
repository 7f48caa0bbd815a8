//! What goes out: mail from the outbox. Claim, render, send, acknowledge.
//!
//! Decides neither who gets mail nor what it tells, only how it reads and how it travels; no request handler calls this
//! room. Start reading at [`mail`] for what a guest receives, at [`transport`] for how it leaves, at [`run`] for when.

pub mod mail;
