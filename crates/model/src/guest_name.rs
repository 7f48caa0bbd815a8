//! The user principal name and mail nickname of a new guest (`graph.md` 2.1, `redemption.md` 1.2).

use crate::address::Address;
use crate::id::Digest;

/// SHA-256, handed in: this room has no cryptography of its own.
pub type Sha256 = fn(&[u8]) -> Digest;

/// What marks a guest in a user principal name.
const MARK: &str = "#EXT#";

/// The most characters that a user principal name has before its mark (`redemption.md` 1.2).
const UPN_STEM: usize = 113;

/// The most characters of a mail nickname, mark included (`graph.md` 2.2).
const NICKNAME: usize = 64;

/// The names that a guest at one address may get: the first that is free is taken.
#[derive(Clone, Debug)]
pub struct GuestNames {
    stem: String,
    hash: String,
}

/// One free pair of names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuestName {
    /// `taylor_fabrikam.com#EXT#@contoso.onmicrosoft.com`.
    pub user_principal_name: String,
    /// `taylor_fabrikam.com#EXT#`.
    pub mail_nickname: String,
}

impl GuestNames {
    /// Names for whoever is invited at `address`.
    pub fn of(address: &Address, sha256: Sha256) -> Self {
        let stem = address.as_typed().replace('@', "_");
        let hash = hex(&sha256(stem.as_bytes()).0[..4]);
        Self { stem, hash }
    }

    /// What the key of every candidate begins with, for looking up which are taken.
    pub fn prefix(&self) -> String {
        let longest_common = UPN_STEM - 16;
        self.stem[..self.stem.len().min(longest_common)].to_ascii_lowercase()
    }

    /// The first candidate in `initial_domain` whose key is not among `taken`.
    pub fn first_free(&self, taken: &[String], initial_domain: &str) -> GuestName {
        let is_free = |name: &GuestName| !taken.contains(&name.user_principal_name.to_ascii_lowercase());
        let numbered = (2_u32..).map(|n| self.candidate(&format!("_{n}"), initial_domain));
        std::iter::once(self.candidate("", initial_domain))
            .chain(numbered)
            .find(is_free)
            .expect("there are more numbers than users")
    }

    fn candidate(&self, suffix: &str, initial_domain: &str) -> GuestName {
        let upn = self.cut(UPN_STEM, suffix);
        let nickname = self.cut(NICKNAME - MARK.len(), suffix);
        GuestName {
            user_principal_name: format!("{upn}{MARK}@{initial_domain}"),
            mail_nickname: format!("{nickname}{MARK}"),
        }
    }

    /// The stem and `suffix` in at most `longest` characters; a cut stem ends with eight digits of its hash.
    fn cut(&self, longest: usize, suffix: &str) -> String {
        if self.stem.len() + suffix.len() <= longest {
            return format!("{}{suffix}", self.stem);
        }
        let kept = longest - self.hash.len() - suffix.len();
        format!("{}{}{suffix}", &self.stem[..kept], self.hash)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::PlusAddressing;

    fn names(typed: &str) -> GuestNames {
        let address = Address::parse(typed, PlusAddressing::Allowed).unwrap();
        GuestNames::of(&address, |_| Digest([0xab; 32]))
    }

    #[test]
    fn the_first_free_name_is_taken_whatever_the_case() {
        let taken = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
        for (taken_upns, name) in [
            (taken(&[]), "Taylor_fabrikam.com#EXT#@contoso.com"),
            (taken(&["taylor_fabrikam.com#ext#@contoso.com"]), "Taylor_fabrikam.com_2#EXT#@contoso.com"),
            (
                taken(&["taylor_fabrikam.com#ext#@contoso.com", "taylor_fabrikam.com_2#ext#@contoso.com"]),
                "Taylor_fabrikam.com_3#EXT#@contoso.com",
            ),
            (taken(&["taylor_fabrikam.com.au#ext#@contoso.com"]), "Taylor_fabrikam.com#EXT#@contoso.com"),
        ] {
            let found = names("Taylor@fabrikam.com").first_free(&taken_upns, "contoso.com");

            assert_eq!(found.user_principal_name, name, "{taken_upns:?}");
        }
    }

    #[test]
    fn long_names_are_cut_and_told_apart_by_their_hash() {
        let typed = format!("{}@{}.{}.example.com", "l".repeat(64), "d".repeat(63), "e".repeat(30));
        let names = names(&typed);

        let first = names.first_free(&[], "contoso.com");
        let (stem, _) = first.user_principal_name.split_once('#').unwrap();
        assert_eq!(stem.len(), 113);
        assert!(stem.ends_with("abababab"));
        assert_eq!(first.mail_nickname.len(), 64);

        let second = names.first_free(&[first.user_principal_name.to_ascii_lowercase()], "contoso.com");
        let (stem, _) = second.user_principal_name.split_once('#').unwrap();
        assert_eq!(stem.len(), 113);
        assert!(stem.ends_with("abababab_2"));
        assert!(second.user_principal_name.starts_with(&names.prefix()));
    }
}
