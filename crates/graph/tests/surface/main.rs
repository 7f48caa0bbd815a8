//! The surface in process: real use cases, a real store on tmpfs, a held clock and seeded ids.

mod authorisation;
mod invitations;
mod protocol;
mod server;
mod users;
