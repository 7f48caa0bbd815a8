//! The one port: connections, TLS, and what every request passes before a room sees it.
//!
//! [`listener`] accepts and bounds connections; [`door`] gives each request its id and its client's address, refuses a
//! wrong [`host`], keeps the deadline, and counts and logs the answer. It knows nothing of what is asked.

mod activity;
pub(crate) mod client_address;
pub(crate) mod door;
pub(crate) mod host;
mod leftover;
pub(crate) mod listener;
mod patient;
