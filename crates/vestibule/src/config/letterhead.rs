//! What the operator puts on every mail.

use vestibule_model::Address;
use vestibule_model::address::PlusAddressing;

use super::setting::{Kind, Setting};

/// The rest of the section `mail`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Letterhead {
    /// The operator's name and postal line; absent means none.
    pub(crate) operator: Option<String>,
    /// Takes block requests by mail; absent means none does.
    pub(crate) unsubscribe_mailbox: Option<Address>,
}

/// More would be a text and no line.
const LINE_CHARACTERS: usize = 200;

pub(super) const ROWS: &[Setting] = &[
    Setting::new(
        "mail.operator",
        "",
        Kind::Form {
            form: "one line of text",
            read: |settings, text| {
                if text.chars().any(char::is_control) || text.chars().count() > LINE_CHARACTERS {
                    return Err(format!("must be one line of at most {LINE_CHARACTERS} characters"));
                }
                settings.letterhead.operator = Some(text.trim().to_owned()).filter(|line| !line.is_empty());
                Ok(())
            },
        },
        "Your name and postal address, at the foot of invitation mail: some countries ask for it. Unset: nothing stands there.",
    ),
    Setting::new(
        "mail.unsubscribe_mailbox",
        "",
        Kind::Form {
            form: "mail address",
            read: |settings, text| {
                settings.letterhead.unsubscribe_mailbox = match text {
                    "" => None,
                    text => Some(
                        Address::parse(text, PlusAddressing::Allowed)
                            .map_err(|_| "must be a mail address such as block@example.com".to_owned())?,
                    ),
                };
                Ok(())
            },
        },
        "A mailbox that you read and act on: named in `List-Unsubscribe` beside the one-click block, for mail programs that \
         ask by mail. Unset: one-click alone.",
    ),
];
