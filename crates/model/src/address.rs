//! E-mail addresses as Graph's invitation accepts them.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Whether `+` may stand in an invited address: the setting `invitations.allow_plus_addressing`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlusAddressing {
    /// As the real service documents it.
    Refused,
    /// Our operator's choice, and always so for cc recipients.
    Allowed,
}

/// An e-mail address somebody typed, known to be usable for mail and for look-up. ASCII only (Graph's rule for invitations).
///
/// At most 254 octets: RFC 5321 §4.5.3.1.3 allows a path of 256, and a path carries `<` and `>`.
/// RFC 5321 §2.4 asks that the case of the local part be kept, so [`as_typed`](Self::as_typed) keeps it; look-up ignores it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address {
    typed: Box<str>,
    key: Box<str>,
    at: u8,
}

/// Characters that Microsoft's page "invitation resource type" forbids in the local part; `+` stands apart.
const FORBIDDEN: &str = "~!#$%^&*()=[]{}\\/|;:\"<>?,";

impl Address {
    /// The longest address that is taken, in octets.
    pub const MAX_OCTETS: usize = 254;

    /// Reads `typed` as one address, without display name or angle brackets. Nothing is trimmed.
    ///
    /// # Errors
    ///
    /// The first rule broken, in the order of the [`AddressError`] variants.
    pub fn parse(typed: &str, plus: PlusAddressing) -> Result<Self, AddressError> {
        if typed.len() > Self::MAX_OCTETS {
            return Err(AddressError::TooLong { octets: typed.len() });
        }
        if !typed.is_ascii() {
            return Err(AddressError::NotAscii);
        }
        let Some((local, domain)) = typed.split_once('@') else {
            return Err(AddressError::NoAtSign);
        };
        if !is_local_part(local, plus) {
            return Err(AddressError::BadLocalPart);
        }
        if !is_host_name(domain) {
            return Err(AddressError::BadDomain);
        }

        let at = u8::try_from(local.len()).map_err(|_| AddressError::BadLocalPart)?;
        Ok(Self { typed: typed.into(), key: typed.to_ascii_lowercase().into(), at })
    }

    /// What to show and to send to: exactly what was typed.
    pub fn as_typed(&self) -> &str {
        &self.typed
    }

    /// What to look up by. Never shown to anyone.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What stands before the `@`, as typed.
    pub fn local(&self) -> &str {
        &self.typed[..usize::from(self.at)]
    }

    /// What stands after the `@`, in lower case.
    pub fn domain(&self) -> &str {
        &self.key[usize::from(self.at) + 1..]
    }

    /// The first character, three dots and the whole domain: `s•••@gmail.com`. For people who may only half know it.
    pub fn masked(&self) -> String {
        let first = self.typed.chars().next().unwrap_or('•');
        format!("{first}•••@{}", self.domain())
    }
}

fn is_local_part(local: &str, plus: PlusAddressing) -> bool {
    let is_allowed = |c: char| {
        c.is_ascii_graphic() && !FORBIDDEN.contains(c) && (c != '+' || plus == PlusAddressing::Allowed)
    };
    let is_edge = |c: Option<char>| matches!(c, Some('.' | '-') | None);

    (1..=64).contains(&local.len())
        && local.chars().all(is_allowed)
        && !is_edge(local.chars().next())
        && !is_edge(local.chars().next_back())
        && !local.contains("..")
}

/// Whether `domain` is a host name of at least two labels whose last is not a number.
pub fn is_host_name(domain: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let Some((_, last)) = domain.rsplit_once('.') else { return false };

    domain.len() <= 253 && domain.split('.').all(is_label) && !last.bytes().all(|b| b.is_ascii_digit())
}

impl TryFrom<String> for Address {
    type Error = AddressError;

    /// Reads what was stored, so a `+` that was once allowed stays readable.
    fn try_from(stored: String) -> Result<Self, AddressError> {
        Self::parse(&stored, PlusAddressing::Allowed)
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.typed.into()
    }
}

impl PartialEq for Address {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Address {}

/// Addresses are personal data, so debugging output shows them masked.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

/// Which rule an address broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AddressError {
    /// Longer than [`Address::MAX_OCTETS`].
    #[error("an address has at most 254 octets, this one has {octets}")]
    TooLong {
        /// How long it is.
        octets: usize,
    },
    /// Mail of this release is ASCII; an internationalised domain must come as `xn--`.
    #[error("an address must be ASCII")]
    NotAscii,
    /// No `@` at all.
    #[error("an address needs an @")]
    NoAtSign,
    /// Empty, too long, or with a character that Graph forbids there.
    #[error("the part before the @ is not allowed")]
    BadLocalPart,
    /// Not a host name of two labels or more.
    #[error("the part after the @ is not a domain name")]
    BadDomain,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_says_which_rule_was_broken() {
        for (typed, broken) in [
            ("taylor", AddressError::NoAtSign),
            ("@fabrikam.com", AddressError::BadLocalPart),
            ("tay lor@fabrikam.com", AddressError::BadLocalPart),
            ("taylor+x@fabrikam.com", AddressError::BadLocalPart),
            (".taylor@fabrikam.com", AddressError::BadLocalPart),
            ("taylor-@fabrikam.com", AddressError::BadLocalPart),
            ("tay..lor@fabrikam.com", AddressError::BadLocalPart),
            ("taylor@", AddressError::BadDomain),
            ("taylor@fabrikam", AddressError::BadDomain),
            ("taylor@fabrikam.com.", AddressError::BadDomain),
            ("taylor@-fabrikam.com", AddressError::BadDomain),
            ("taylor@fabrikam.123", AddressError::BadDomain),
            ("taylor@[127.0.0.1]", AddressError::BadDomain),
            ("taylor@fabrikam.com@x.com", AddressError::BadDomain),
            ("taylor@fabrikam.com\r\n", AddressError::BadDomain),
            ("täylor@fabrikam.com", AddressError::NotAscii),
        ] {
            assert_eq!(Address::parse(typed, PlusAddressing::Refused).unwrap_err(), broken, "{typed}");
        }
    }

    #[test]
    fn every_documented_character_but_plus_is_forbidden_whatever_the_setting() {
        for c in "~!#$%^&*()=[]{}\\/|;:\"<>?,".chars() {
            let typed = format!("tay{c}lor@fabrikam.com");
            assert!(Address::parse(&typed, PlusAddressing::Allowed).is_err(), "{typed}");
        }
        assert!(Address::parse("taylor+x@fabrikam.com", PlusAddressing::Allowed).is_ok());
    }

    #[test]
    fn case_is_kept_for_showing_and_dropped_for_looking_up() {
        let address = Address::parse("_O'Brien.Taylor@Fabrikam.COM", PlusAddressing::Refused).unwrap();

        assert_eq!(address.as_typed(), "_O'Brien.Taylor@Fabrikam.COM");
        assert_eq!(address.key(), "_o'brien.taylor@fabrikam.com");
        assert_eq!((address.local(), address.domain()), ("_O'Brien.Taylor", "fabrikam.com"));
        assert_eq!(address.masked(), "_•••@fabrikam.com");
    }
}
