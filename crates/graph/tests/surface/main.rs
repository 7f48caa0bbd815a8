//! The surface in process: real use cases, a real store on tmpfs, a held clock and seeded ids.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod audit_logs;
mod authorisation;
mod invitations;
mod protocol;
mod server;
mod users;
