//! The surface in process: real rooms below it, SQLite on memory, a held clock, a relay that takes passcodes at once.

mod apps;
mod blocking;
mod codes;
mod endings;
mod frame;
mod house;
mod links;
mod redeeming;
