//! The property tables: every wire name, what may be asked of it, and where it is shown. Data, not code.

pub mod audit;
pub mod user;
