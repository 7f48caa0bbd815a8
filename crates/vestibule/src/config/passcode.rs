//! One-time passcodes: how long they live and how often they may be tried (`redemption.md` 2.5).

use super::Settings;
use super::setting::{Kind, Setting};

/// The section `passcode`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Passcode {
    pub(crate) lifetime_seconds: u64,
    pub(crate) tries_per_code: u64,
    pub(crate) tries_per_address: u64,
    pub(crate) lock_seconds: u64,
    pub(crate) resend_seconds: u64,
    pub(crate) per_hour: u64,
    pub(crate) per_day: u64,
    pub(crate) per_network_per_hour: u64,
}

pub(super) const ROWS: &[Setting] = &[
    Setting::new(
        "passcode.lifetime_seconds",
        "1800",
        number("seconds", 300, 1800, |settings| &mut settings.passcode.lifetime_seconds),
        "How long a passcode may be used, counted from when it was made.",
    ),
    Setting::new(
        "passcode.tries_per_code",
        "5",
        number("tries", 1, 10, |settings| &mut settings.passcode.tries_per_code),
        "Wrong tries that end a passcode.",
    ),
    Setting::new(
        "passcode.tries_per_address",
        "10",
        number("tries", 1, 100, |settings| &mut settings.passcode.tries_per_address),
        "Wrong tries within 60 minutes that lock an address, over all its codes.",
    ),
    Setting::new(
        "passcode.lock_seconds",
        "900",
        number("seconds", 60, 86_400, |settings| &mut settings.passcode.lock_seconds),
        "How long an address stays locked.",
    ),
    Setting::new(
        "passcode.resend_seconds",
        "60",
        number("seconds", 0, 3600, |settings| &mut settings.passcode.resend_seconds),
        "How long to wait before another passcode can be asked for.",
    ),
    Setting::new(
        "passcode.per_hour",
        "5",
        number("passcodes", 1, 1000, |settings| &mut settings.passcode.per_hour),
        "Passcodes that one address may be sent within 60 minutes.",
    ),
    Setting::new(
        "passcode.per_day",
        "10",
        number("passcodes", 1, 10_000, |settings| &mut settings.passcode.per_day),
        "Passcodes that one address may be sent within 24 hours.",
    ),
    Setting::new(
        "passcode.per_network_per_hour",
        "30",
        number("passcodes", 1, 1_000_000, |settings| &mut settings.passcode.per_network_per_hour),
        "Passcodes that one client network (/24, or /64 of IPv6) may ask for within 60 minutes.",
    ),
];

const fn number(unit: &'static str, least: u64, most: u64, slot: fn(&mut Settings) -> &mut u64) -> Kind {
    Kind::Number { unit, bounds: least..=most, slot }
}
