//! The use cases over the real SQLite store, in one process, at one held moment.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops here")]

mod audit_logs;
mod fixture;
mod inviting;
mod redeeming;
mod setting_up;
mod users;
