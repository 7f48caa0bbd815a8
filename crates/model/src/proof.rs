//! What was shown about the person at the browser.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::address::Address;

/// Somebody has shown control of an address. Only `identity` may vouch for that; the architecture test sees to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    address: Address,
    method: Method,
    at: Timestamp,
}

/// How control was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Method {
    /// A one-time passcode sent to the address.
    EmailPasscode,
}

impl Method {
    /// `additionalDetails` of the audit event, and `amr` of tokens.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EmailPasscode => "otp",
        }
    }
}

impl Proof {
    /// Vouches that whoever holds `address` was at the browser `at` that moment. To be called in `identity` only.
    pub fn established_by(method: Method, address: Address, at: Timestamp) -> Self {
        Self { address, method, at }
    }

    /// Whose control was shown.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// How.
    pub fn method(&self) -> Method {
        self.method
    }

    /// When.
    pub fn at(&self) -> Timestamp {
        self.at
    }
}
