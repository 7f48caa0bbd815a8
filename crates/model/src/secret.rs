//! Text that only the one whom it is for may read.

use std::fmt;

/// A ticket or a link in clear. Debugging output says no more than that there is one.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text, for the one whom it is for.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The same, kept.
    pub fn into_exposed(self) -> String {
        self.0
    }
}

impl From<String> for Secret {
    fn from(clear: String) -> Self {
        Self(clear)
    }
}

impl From<&str> for Secret {
    fn from(clear: &str) -> Self {
        Self(clear.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use uuid::Uuid;

    use super::*;
    use crate::change::Change;
    use crate::id::{Digest, InvitationId, UserId};
    use crate::invitation::Remembered;
    use crate::invitation::decide::Drawn;

    #[test]
    fn nothing_that_holds_a_ticket_prints_it() {
        let ticket = || Secret::from("in-clear");
        let (invitation, expires_at) = (InvitationId(Uuid::nil()), Timestamp::UNIX_EPOCH);
        let hash = Digest([1; 32]);
        let drawn = Drawn {
            invitation,
            ticket: ticket(),
            ticket_hash: hash,
            redeem_url: ticket(),
            block_url: ticket(),
        };
        let remember = Change::Remember {
            scope: hash,
            body: hash,
            invitation,
            user: UserId(Uuid::nil()),
            ticket: ticket(),
            expires_at,
        };
        let correlation = Uuid::nil();
        let remembered = Remembered { body: hash, invitation, ticket: ticket(), expires_at, correlation };

        for printed in [format!("{drawn:?}"), format!("{remember:?}"), format!("{remembered:?}")] {
            assert!(printed.contains("[secret]") && !printed.contains("in-clear"), "{printed}");
        }
    }
}
