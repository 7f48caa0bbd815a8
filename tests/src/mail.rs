//! Mail as a test reads it, whoever caught it.

use serde::Deserialize;
use serde_json::Value;

/// One captured mail, in the shape of `GET /_dev/mailbox`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mail {
    /// `invitation`, `passcode`, … (redemption contract 3.4).
    #[serde(default)]
    pub kind: String,
    /// `Name <address>` of the sender.
    #[serde(default)]
    pub from: String,
    /// Addresses of `To:`.
    #[serde(default)]
    pub to: Vec<String>,
    /// The subject, decoded.
    pub subject: String,
    /// The plain part.
    pub text: String,
    /// The HTML part.
    #[serde(default)]
    pub html: Option<String>,
    /// The addressee of the envelope, as one address or a list of them.
    pub envelope_to: Value,
    /// The header fields: an object, or a list of name and value.
    #[serde(default)]
    pub headers: Value,
    /// The links in order of appearance.
    #[serde(default)]
    pub links: Vec<String>,
}

impl Mail {
    /// The header `name`, in any case; empty when it is not there.
    pub fn header(&self, name: &str) -> String {
        let pairs: Vec<(String, String)> = match &self.headers {
            Value::Object(fields) => {
                fields.iter().map(|(name, value)| (name.clone(), text_of(value))).collect()
            }
            Value::Array(fields) => fields.iter().map(named).collect(),
            _ => Vec::new(),
        };
        let found = pairs.into_iter().find(|(field, _)| field.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value).unwrap_or_default()
    }

    /// The link to redeem by.
    ///
    /// # Panics
    ///
    /// When the mail has none.
    pub fn redeem_link(&self) -> &str {
        let link = self.links.iter().find(|link| link.contains("/redeem"));
        link.unwrap_or_else(|| panic!("no redeem link in {self:?}"))
    }

    /// The eight digits of a passcode mail.
    ///
    /// # Panics
    ///
    /// When the mail has none.
    pub fn code(&self) -> String {
        let mut words = self.text.split(|symbol: char| !symbol.is_ascii_digit());
        let code = words.find(|word| word.len() == 8);
        code.unwrap_or_else(|| panic!("no passcode in {:?}", self.text)).to_owned()
    }
}

fn named(field: &Value) -> (String, String) {
    match field {
        Value::Array(pair) => (text_of(&pair[0]), pair.get(1).map(text_of).unwrap_or_default()),
        _ => (text_of(&field["name"]), text_of(&field["value"])),
    }
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(text_of).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
