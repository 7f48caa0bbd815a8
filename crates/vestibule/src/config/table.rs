//! The table: every row of every section, and how a row is found.

use super::nearest::{meant, nearest};
use super::setting::Setting;
use super::{compat, invitations, letterhead, limits, operations, passcode, proxy, server, smtp, tls};

/// The sections in the order of the manual.
const SECTIONS: [&[Setting]; 10] = [
    server::ROWS,
    tls::ROWS,
    proxy::ROWS,
    smtp::ROWS,
    invitations::ROWS,
    letterhead::ROWS,
    passcode::ROWS,
    limits::ROWS,
    compat::ROWS,
    operations::ROWS,
];

/// `VESTIBULE_…` variables that belong to the command line and are no settings (`cli.md`).
const CLIENT_VARIABLES: [&str; 6] = [
    "VESTIBULE_SERVER",
    "VESTIBULE_CA",
    "VESTIBULE_CLIENT_ID",
    "VESTIBULE_CLIENT_SECRET",
    "VESTIBULE_TENANT",
    "VESTIBULE_CONFIG",
];

/// What every variable of ours begins with.
pub(crate) const PREFIX: &str = "VESTIBULE_";

/// Every setting there is.
pub(crate) fn rows() -> impl Iterator<Item = &'static Setting> {
    SECTIONS.into_iter().flatten()
}

/// The setting of that name.
pub(crate) fn find(key: &str) -> Option<&'static Setting> {
    rows().find(|row| row.key == key)
}

/// What an environment variable is to us.
pub(crate) enum Variable {
    /// It sets this.
    Value(&'static Setting),
    /// It names the file that holds this secret.
    SecretFile(&'static Setting),
    /// It belongs to the client commands.
    Client,
    /// It only looks like ours; the setting that was perhaps meant.
    Unknown(Option<String>),
}

/// What the environment variable `name`, which begins with `VESTIBULE_`, is to us.
pub(crate) fn variable(name: &str) -> Variable {
    if CLIENT_VARIABLES.contains(&name) {
        return Variable::Client;
    }
    if let Some(row) = rows().find(|row| row.variable() == name) {
        return Variable::Value(row);
    }
    let of_file = name.strip_suffix("_FILE").and_then(|stem| rows().find(|row| row.variable() == stem));
    if let Some(row) = of_file.filter(|row| row.is_secret()) {
        return Variable::SecretFile(row);
    }

    let bare = |name: &str| name.trim_start_matches(PREFIX).to_owned();
    let meant = meant(&bare(name), rows().map(|row| bare(&row.variable())));
    Variable::Unknown(meant.map(|meant| format!("{PREFIX}{meant}")))
}

/// The known key that looks most like `key`, in words: the one that was perhaps meant, or just the nearest.
pub(crate) fn nearest_key(key: &str) -> String {
    let keys = || rows().map(|row| row.key.to_owned());
    let section = format!("{key}.");
    if let Some(row) = rows().find(|row| row.key.starts_with(&section)) {
        return format!("it is a section, with '{}'", row.key);
    }
    match (meant(key, keys()), nearest(key, keys())) {
        (Some(meant), _) => format!("did you mean '{meant}'?"),
        (None, Some((_, nearest))) => format!("the nearest one is '{nearest}'"),
        (None, None) => unreachable!("there are settings"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::config::{Mode, Settings, load};

    #[test]
    fn every_default_is_a_value_the_setting_itself_accepts() {
        for row in rows() {
            for default in [Some(row.default), row.dev_default].into_iter().flatten() {
                let put = row.put(&mut Settings::default(), default);
                assert_eq!(put, Ok(()), "{} = {default:?}", row.key);
            }
        }
    }

    #[test]
    fn no_two_settings_share_a_key_or_a_variable() {
        let keys: BTreeSet<_> = rows().map(|row| row.key).collect();
        let variables: BTreeSet<_> = rows().map(Setting::variable).collect();

        assert_eq!(keys.len(), rows().count());
        assert_eq!(variables.len(), rows().count());
        assert!(CLIENT_VARIABLES.iter().all(|name| !variables.contains(*name)));
    }

    #[test]
    fn the_contract_s_defaults_hold() {
        let of = |mode| load(load::Given { mode, ..load::Given::nothing() }).unwrap().settings;

        let production = of(Mode::Production);
        assert_eq!(production.server.listen.to_string(), "127.0.0.1:8443");
        assert_eq!(production.invitations.max_cc_recipients, 10);
        assert_eq!(production.passcode.lifetime_seconds, 1800);
        assert_eq!(production.limits.scan_rows, 200_000);
        assert!(production.throttling.is_on);
        assert!(!of(Mode::Dev).throttling.is_on);
    }
}
