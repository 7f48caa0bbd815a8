//! What the operator decides about this room.

use jiff::SignedDuration;
use url::Url;
use vestibule_model::PurposeKeys;

/// The operator's part, handed in by the binary.
#[derive(Clone, Debug)]
pub struct Settings {
    /// An origin without a path: issuer, audience and every endpoint begin with it.
    pub public_url: Url,
    /// HMAC of passcodes, and of self-contained flow cookies and form tokens (each with a label of its own).
    pub keys: PurposeKeys,
    /// `passcode.*`.
    pub passcodes: PasscodeRules,
    /// Whether mail can leave; without it a passcode is no method.
    pub sends_mail: bool,
    /// Whether cookies carry the `__Host-` prefix and `Secure`; off over plain http in dev mode only.
    pub has_secure_cookies: bool,
}

/// `passcode.*`, with the defaults of `redemption.md` 2.5.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the settings of the same name")]
pub struct PasscodeRules {
    pub lifetime: SignedDuration,
    pub tries_per_code: u32,
    pub tries_per_address: u32,
    pub lock: SignedDuration,
    pub resend: SignedDuration,
    pub per_hour: u32,
    pub per_day: u32,
    pub per_network_per_hour: u32,
}

impl Default for PasscodeRules {
    fn default() -> Self {
        Self {
            lifetime: SignedDuration::from_mins(30),
            tries_per_code: 5,
            tries_per_address: 10,
            lock: SignedDuration::from_mins(15),
            resend: SignedDuration::from_secs(60),
            per_hour: 5,
            per_day: 10,
            per_network_per_hour: 30,
        }
    }
}
