use std::borrow::Cow;

use fluent_bundle::{FluentArgs, FluentValue};

use crate::emphasis;

/// The variables of one text: names of people, numbers, dates already worded.
///
/// Names come in clean (no controls, no bidirectional marks): whoever takes them from outside cleans them.
#[derive(Debug, Default)]
pub struct Args<'a>(FluentArgs<'a>);

impl<'a> Args<'a> {
    /// No variables yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives `$name` a text.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Cow<'a, str>>) -> Self {
        self.0.set(name, FluentValue::String(emphasis::without_marks(value.into())));
        self
    }

    /// Gives `$name` a number, which also chooses the plural.
    #[must_use]
    pub fn count(mut self, name: &'static str, value: u64) -> Self {
        self.0.set(name, FluentValue::from(value));
        self
    }

    /// Gives `$name` a text of which one part is to be found by the eye, as the host within a URL.
    #[must_use]
    pub fn with_core(mut self, name: &'static str, before: &str, core: &str, after: &str) -> Self {
        let parts = [before, core, after].map(|part| emphasis::without_marks(part.into()));
        let value = format!("{}{}{}", parts[0], emphasis::mark(&parts[1]), parts[2]);
        self.0.set(name, FluentValue::from(value));
        self
    }

    pub(crate) fn fluent(&self) -> &FluentArgs<'a> {
        &self.0
    }
}
