//! How a catalogue says "the eye should find this" without markup: two private-use characters around the words.
//! Plain text drops them, HTML turns them into `<strong>` after everything else was escaped.

use std::borrow::Cow;

const BEGIN: char = '\u{E000}';
const END: char = '\u{E001}';

/// `words`, marked.
pub(crate) fn mark(words: &str) -> String {
    format!("{BEGIN}{words}{END}")
}

/// Whether `character` is one of the two marks.
pub(crate) fn is_mark(character: char) -> bool {
    matches!(character, BEGIN | END)
}

/// `text` as plain text. Also what comes from outside passes here, so that nobody can bring marks along.
pub(crate) fn without_marks(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains([BEGIN, END]) { text.replace([BEGIN, END], "").into() } else { text }
}

/// Any text as HTML, safe in element content and in quoted attributes. A slash stays one, so that URLs stay readable.
pub fn escape_html(text: &str) -> String {
    to_html(&without_marks(text.into()))
}

/// A catalogue's text as HTML, emphasis as `<strong>`.
pub(crate) fn to_html(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + text.len() / 8);
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            BEGIN => html.push_str("<strong>"),
            END => html.push_str("</strong>"),
            other => html.push(other),
        }
    }
    html
}
