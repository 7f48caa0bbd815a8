//! How mail leaves: a seam with three users, the relay, the mailbox of dev mode, and nothing at all.

mod mailbox;
mod none;
mod smtp;

use std::pin::Pin;

use thiserror::Error;

pub use mailbox::{Captured, DevMailbox};
pub use none::NoRelay;
pub use smtp::{ProbeError, Relay, RelayError, Step, TlsPolicy};

use crate::mail::Mail;

/// A future behind a `dyn` trait.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Where mail goes.
pub trait Transport: Send + Sync {
    /// One line to it, not connected yet. A line carries one mail at a time.
    fn line(&self) -> Box<dyn Line>;
}

/// One connection that is opened when needed and kept for the next mail.
///
/// In two steps, so that the caller can write down in between that from here on an outcome may be lost.
/// A future that is dropped half-way closes the connection.
pub trait Line: Send {
    /// Gets as far as the recipient being taken: connect, TLS, AUTH, MAIL, RCPT.
    fn offer<'a>(&'a mut self, mail: &'a Outgoing) -> BoxFuture<'a, Result<(), Trouble>>;

    /// DATA and the message, after a good offer of the same mail; answers with the relay's words.
    fn hand_over<'a>(&'a mut self, mail: &'a Outgoing) -> BoxFuture<'a, Result<String, Trouble>>;

    /// Nothing to do for a while: gives the connection back if it has been idle for long.
    fn rest(&mut self) {}
}

/// A mail with its octets.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// As people see it.
    pub mail: Mail,
    /// As it travels.
    pub bytes: Vec<u8>,
}

/// How an attempt can fail, by what follows from it (`redemption.md` 3.6). Each carries the relay's words or ours.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Trouble {
    /// Connect, TLS or AUTH, or the connection broke before DATA: to be tried again.
    #[error("the relay cannot be reached: {0}")]
    Unreachable(String),
    /// "Not now" (4xx) to MAIL, RCPT or DATA: to be tried again.
    #[error("the relay put it off: {0}")]
    Deferred(String),
    /// "No" (5xx) to MAIL, RCPT or DATA: the end of it.
    #[error("the relay refused it: {0}")]
    Refused(String),
    /// The connection broke between DATA and the answer: nobody knows.
    #[error("the outcome is unknown: {0}")]
    OutcomeLost(String),
}

impl Trouble {
    /// The words alone.
    pub fn words(&self) -> &str {
        let (Self::Unreachable(words)
        | Self::Deferred(words)
        | Self::Refused(words)
        | Self::OutcomeLost(words)) = self;
        words
    }
}
