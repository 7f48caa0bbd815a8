//! One row of the table of settings, and how its text becomes a value.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;

use secrecy::SecretString;

use super::Settings;

/// One setting: what a reader of the manual sees, and what the loader does with it.
pub(crate) struct Setting {
    /// Its name in the file, section and all: `smtp.url`.
    pub(crate) key: &'static str,
    /// What it is when nobody says otherwise, as text. Empty means unset.
    pub(crate) default: &'static str,
    /// What it is in dev mode when nobody says otherwise, where that differs.
    pub(crate) dev_default: Option<&'static str>,
    /// What it does, in a sentence or two, for the manual.
    pub(crate) meaning: &'static str,
    /// How its text is read, and where the value goes.
    pub(crate) kind: Kind,
}

impl Setting {
    /// A row that is the same in every mode.
    pub(crate) const fn new(
        key: &'static str,
        default: &'static str,
        kind: Kind,
        meaning: &'static str,
    ) -> Self {
        Self { key, default, dev_default: None, meaning, kind }
    }

    /// The same row with another default in dev mode.
    pub(crate) const fn in_dev(self, default: &'static str) -> Self {
        Self { dev_default: Some(default), ..self }
    }

    /// The environment variable that sets it: `VESTIBULE_SMTP_URL`.
    pub(crate) fn variable(&self) -> String {
        format!("VESTIBULE_{}", self.key.replace('.', "_").to_ascii_uppercase())
    }

    /// Whether its value must never be shown, and may be given as a file (`KEY_file`).
    pub(crate) const fn is_secret(&self) -> bool {
        matches!(self.kind, Kind::Secret(_))
    }

    /// Puts `text` where it belongs.
    ///
    /// # Errors
    ///
    /// What would have been right, as the end of a sentence that begins with the key.
    pub(crate) fn put(&self, settings: &mut Settings, text: &str) -> Result<(), String> {
        match &self.kind {
            Kind::Text(slot) => *slot(settings) = text.to_owned(),
            Kind::Switch(slot) => *slot(settings) = switch(text)?,
            Kind::Number { bounds, slot, .. } => *slot(settings) = number(text, bounds)?,
            Kind::Path(slot) => *slot(settings) = Some(text).filter(|t| !t.is_empty()).map(PathBuf::from),
            Kind::Secret(slot) => {
                *slot(settings) = Some(text).filter(|t| !t.is_empty()).map(SecretString::from);
            }
            Kind::Form { read, .. } => read(settings, text)?,
        }
        Ok(())
    }
}

/// How a setting's text is read. Each kind carries the place that the value goes to.
pub(crate) enum Kind {
    /// Text as it stands.
    Text(fn(&mut Settings) -> &mut String),
    /// `true` or `false`.
    Switch(fn(&mut Settings) -> &mut bool),
    /// A whole number inside bounds.
    Number { unit: &'static str, bounds: RangeInclusive<u64>, slot: fn(&mut Settings) -> &mut u64 },
    /// The path of a file or folder; empty means none.
    Path(fn(&mut Settings) -> &mut Option<PathBuf>),
    /// Text that is never shown; empty means none.
    Secret(fn(&mut Settings) -> &mut Option<SecretString>),
    /// Text with a form of its own, which `form` describes for the manual.
    Form { form: &'static str, read: fn(&mut Settings, &str) -> Result<(), String> },
}

impl Kind {
    /// What may be written, for the manual.
    pub(crate) fn form(&self) -> String {
        match self {
            Self::Text(_) => "text".into(),
            Self::Switch(_) => "`true` or `false`".into(),
            Self::Number { unit, bounds, .. } => format!("{unit}, {} to {}", bounds.start(), bounds.end()),
            Self::Path(_) => "path".into(),
            Self::Secret(_) => "text, secret".into(),
            Self::Form { form, .. } => (*form).into(),
        }
    }
}

/// Reads a list: items between commas, which is also what an array of the file becomes. Says `form` and the item that is none.
pub(crate) fn list_of<T>(text: &str, form: &str, read: fn(&str) -> Option<T>) -> Result<Vec<T>, String> {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    items.map(|item| read(item).ok_or_else(|| format!("must be {form}, not '{item}'"))).collect()
}

/// Reads `text` as a `T` and says `form` when it is none.
pub(crate) fn read_as<T: FromStr>(text: &str, form: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("must be {form}"))
}

fn switch(text: &str) -> Result<bool, String> {
    read_as(text, "true or false")
}

fn number(text: &str, bounds: &RangeInclusive<u64>) -> Result<u64, String> {
    let wrong = || format!("must be a whole number from {} to {}", bounds.start(), bounds.end());
    let number: u64 = text.parse().map_err(|_| wrong())?;
    if bounds.contains(&number) { Ok(number) } else { Err(wrong()) }
}
