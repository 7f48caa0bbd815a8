//! The table as text: the page of the manual, and `vestibule check --explain`.

use std::fmt::Write as _;

use super::load::Loaded;
use super::setting::Setting;
use super::table;

/// `docs/configuration.md`, whole.
#[cfg(test)]
pub(crate) fn page() -> String {
    let mut page = String::from(
        "# Configuration\n\n\
         <!-- Made from the table in crates/vestibule/src/config. \
         VESTIBULE_UPDATE_DOCS=1 cargo test -p vestibule reference writes it anew. -->\n\n\
         One TOML file (`--config FILE`, default `./vestibule.toml` if it stands).\n\
         Every setting is also an environment variable, and `--set KEY=VALUE` on the command line.\n\
         Flags beat the environment, the environment beats the file.\n\
         A list is written with commas between its items (`VESTIBULE_REDEMPTION_REDIRECT_HOSTS=a.example,b.example`); in the file also as an array: `redirect_hosts = [\"a.example\", \"b.example\"]`.\n\
         A secret can be given as `KEY_file` (`…_FILE` in the environment): a path to read.\n\
         A key that is not in this table stops the start, and the nearest one is named; a variable `VESTIBULE_…` that is none is a warning.\n\
         Whatever stands here has its effect, but `throttling.mode`. Limits of mail a minute and of invitations a day, and DKIM, are not built yet: they have no keys.\n\n\
         | setting | default | form | meaning |\n|---|---|---|---|\n",
    );
    for row in table::rows() {
        let _ = writeln!(page, "| {} |", cells(row).map(|cell| cell.replace('|', "\\|")).join(" | "));
    }
    page
}

#[cfg(test)]
fn cells(row: &Setting) -> [String; 4] {
    let quoted = |text: &str| if text.is_empty() { "unset".to_owned() } else { format!("`{text}`") };
    let default = match row.dev_default {
        Some(dev) => format!("{}; in dev mode {}", quoted(row.default), quoted(dev)),
        None => quoted(row.default),
    };
    [format!("`{}`<br>`{}`", row.key, row.variable()), default, row.kind.form(), row.meaning.to_owned()]
}

/// Every setting in force: its value, where it came from, its default and what it means.
pub(crate) fn explain(loaded: &Loaded) -> String {
    let mut text = String::new();
    for row in table::rows() {
        let origin = &loaded.origins[row.key];
        let _ = writeln!(text, "{} = {}", row.key, shown(row, &origin.text));
        let _ = writeln!(text, "    from: {}", origin.source);
        let _ = writeln!(text, "    default: {}", shown_default(row));
        let _ = writeln!(text, "    form: {}", row.kind.form().replace('`', ""));
        let _ = writeln!(text, "    {}\n", row.meaning.replace('`', ""));
    }
    text
}

fn shown(row: &Setting, value: &str) -> String {
    match value {
        "" => "(unset)".into(),
        _ if row.is_secret() => "(secret)".into(),
        value => value.into(),
    }
}

fn shown_default(row: &Setting) -> String {
    let default = if row.default.is_empty() { "(unset)" } else { row.default };
    match row.dev_default {
        Some(dev) => format!("{default} (in dev mode: {dev})"),
        None => default.into(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::config::{Given, load};

    #[test]
    fn the_reference_page_says_what_the_table_says() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md");
        if std::env::var_os("VESTIBULE_UPDATE_DOCS").is_some() {
            fs::write(&path, page()).unwrap();
        }

        assert_eq!(fs::read_to_string(&path).unwrap(), page(), "run with VESTIBULE_UPDATE_DOCS=1");
    }

    #[test]
    fn explaining_names_every_setting_and_shows_no_secret() {
        let flags = vec![("smtp.url".to_owned(), "smtp://me:hunter2@mail".to_owned())];
        let text = explain(&load(Given { flags, ..Given::nothing() }).unwrap());

        assert!(table::rows().all(|row| text.contains(row.key)));
        assert!(text.contains("smtp.url = (secret)\n    from: flag"));
        assert!(!text.contains("hunter2"));
    }
}
