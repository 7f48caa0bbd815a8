//! What only dev mode may do.

use jiff::Timestamp;
use vestibule_model::{Address, Method, Proof};

/// Shows that dev mode is on. Only the binary makes one.
#[derive(Clone, Copy, Debug)]
pub struct DevMode(());

impl DevMode {
    /// To be called by the binary's `serve --dev` and nowhere else.
    pub fn switched_on_by_serve_dev() -> Self {
        Self(())
    }
}

/// A proof as if a passcode had been typed.
pub fn assume_passcode(_: DevMode, address: Address, now: Timestamp) -> Proof {
    Proof::established_by(Method::EmailPasscode, address, now)
}
