//! What vestibule promises, seen from outside.
//!
//! One binary, so that it is linked once. Each module is a subject; begin with [`capabilities`].

#![expect(clippy::unwrap_used, reason = "a test that meets what it did not expect ends there")]

mod accessibility;
mod architecture;
mod capabilities;
mod command_line;
mod concurrency;
mod durability;
mod filters;
mod harness;
mod hostile;
mod kills;
mod operations;
mod operator;
mod passcodes;
mod production;
mod readme;
mod redemption;
mod scanners;
mod sdk;
mod seeds;
