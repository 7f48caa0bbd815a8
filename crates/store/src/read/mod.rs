//! What can be asked. One method a question, one snapshot a method.

pub mod audit;
pub mod directory;
mod fetch;
pub mod identity;
pub mod redemption;
pub mod users;
