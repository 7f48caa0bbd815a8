//! Results on standard output: lists, tables, JSON, CSV.

use std::io::{self, IsTerminal as _, Write as _};

use clap::ValueEnum;
use comfy_table::presets::NOTHING;
use comfy_table::{ContentArrangement, Table};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::Failure;

/// How a list of objects is written.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Format {
    /// Like PowerShell's Format-List
    List,
    /// Columns; the default on a terminal
    Table,
    /// An array; the default in a pipe
    Json,
    /// RFC 4180, with a header
    Csv,
}

impl Format {
    /// What suits where the output goes.
    pub(super) fn of_stdout() -> Self {
        if io::stdout().is_terminal() { Self::Table } else { Self::Json }
    }
}

/// One object as the server sent it.
pub(super) type Object = Map<String, Value>;

/// Writes a result, flushed. A reader that has gone is no failure.
///
/// # Errors
///
/// When it cannot be written for another reason: a full disk must not look like success.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(why) if why.kind() != io::ErrorKind::BrokenPipe => Err(Failure::no(why)),
        _ => Ok(()),
    }
}

/// `objects` with these `columns`, as text.
pub(super) fn render(objects: &[Object], columns: &[&str], format: Format) -> String {
    match format {
        Format::List => list(objects, columns),
        Format::Table => table(objects, columns),
        Format::Json => json(&objects.iter().map(|object| Chosen { object, columns }).collect::<Vec<_>>()),
        Format::Csv => csv(objects, columns),
    }
}

/// Indented, with a line break at the end.
pub(super) fn json(value: &impl Serialize) -> String {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    format!("{text}\n")
}

/// The properties of an object that were chosen, in that order.
struct Chosen<'a> {
    object: &'a Object,
    columns: &'a [&'a str],
}

impl Serialize for Chosen<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let chosen = self.columns.iter().filter_map(|column| property(self.object, column));
        serializer.collect_map(chosen)
    }
}

fn list(objects: &[Object], columns: &[&str]) -> String {
    let width = columns.iter().map(|column| column.len()).max().unwrap_or(0);
    let mut text = String::new();
    for object in objects {
        for column in columns {
            let cell = printable(&cell(object, column));
            text.push_str(format!("{column:width$} : {cell}").trim_end());
            text.push('\n');
        }
        text.push('\n');
    }
    text
}

fn table(objects: &[Object], columns: &[&str]) -> String {
    let mut table = Table::new();
    // Ids are copied from here: no cell is broken to fit, and some terminals say that they are nothing wide.
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(columns);
    for object in objects {
        table.add_row(columns.iter().map(|column| printable(&cell(object, column))));
    }
    let lines: Vec<String> = table.lines().map(|line| line.trim().to_owned()).collect();
    lines.join("\n") + "\n"
}

fn csv(objects: &[Object], columns: &[&str]) -> String {
    let line =
        |cells: Vec<String>| cells.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(",") + "\r\n";
    let header = line(columns.iter().map(|&column| column.to_owned()).collect());
    let rows = objects.iter().map(|object| line(columns.iter().map(|column| cell(object, column)).collect()));
    std::iter::once(header).chain(rows).collect()
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.into()
    }
}

fn cell(object: &Object, column: &str) -> String {
    match property(object, column).map(|(_, value)| value) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) if items.iter().all(Value::is_string) => {
            format!("{{{}}}", items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "))
        }
        Some(other) => other.to_string(),
    }
}

/// What a terminal may see: names are typed by strangers.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// A property by the name that the user typed, in any case, as the server took it.
fn property<'a>(object: &'a Object, column: &str) -> Option<(&'a String, &'a Value)> {
    object.iter().find(|(name, _)| name.eq_ignore_ascii_case(column))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_list_of_users_in_every_format() {
        let guest = serde_json::json!({
            "displayName": "Taylor, \"T\"\u{1b}[31m", "mail": "taylor@fabrikam.com",
            "externalUserState": null, "otherMails": ["a@b.c", "d@e.f"], "accountEnabled": true,
        });
        let Value::Object(guest) = guest else { unreachable!() };
        let columns = ["displayName", "Mail", "externalUserState", "otherMails", "accountEnabled"];
        for (format, wanted) in [
            (
                Format::List,
                "displayName       : Taylor, \"T\"\u{fffd}[31m\nMail              : taylor@fabrikam.com\n\
                 externalUserState :\notherMails        : {a@b.c, d@e.f}\naccountEnabled    : true\n\n",
            ),
            (
                Format::Csv,
                "displayName,Mail,externalUserState,otherMails,accountEnabled\r\n\
                 \"Taylor, \"\"T\"\"\u{1b}[31m\",taylor@fabrikam.com,,\"{a@b.c, d@e.f}\",true\r\n",
            ),
        ] {
            assert_eq!(render(std::slice::from_ref(&guest), &columns, format), wanted, "{format:?}");
        }
        let table = render(std::slice::from_ref(&guest), &columns, Format::Table);
        assert!(table.starts_with("displayName"), "{table}");
        assert_eq!(render(&[], &columns, Format::Json), "[]\n");
        let json =
            render(std::slice::from_ref(&guest), &["mail", "accountEnabled", "nonsense"], Format::Json);
        assert_eq!(
            json,
            "[\n  {\n    \"mail\": \"taylor@fabrikam.com\",\n    \"accountEnabled\": true\n  }\n]\n"
        );
    }
}
