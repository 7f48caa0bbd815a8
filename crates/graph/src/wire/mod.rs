//! How entities look on the wire.

pub mod invitation;
pub mod user;
