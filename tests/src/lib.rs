//! The outside of vestibule: what the acceptance tests and the pictures drive the built binary with.
//!
//! Nothing here links a room. A [`Server`] is a process, a [`Guest`](browser::Browser) is Chromium, an SDK is Python,
//! a mail relay is a real SMTP server. Everything started is ended when its value is dropped.
//! What a machine lacks is named once, loudly, and the test that needs it ends early; under `cargo xtask test`
//! it is a failure instead ([`tools`]).

pub mod app;
pub mod browser;
pub mod database;
pub mod fit;
pub mod form;
pub mod http;
pub mod landing;
pub mod mail;
pub mod process;
pub mod python;
pub mod server;
pub mod smtp;
pub mod tools;
pub mod tour;
pub mod wait;

pub use app::App;
pub use browser::Browser;
pub use http::{Answer, Http};
pub use mail::Mail;
pub use server::Server;
