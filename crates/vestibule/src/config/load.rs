//! Where the values come from: flags beat environment beats file beats default.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use super::setting::Setting;
use super::table::{self, Variable};
use super::{Mode, Settings};

/// Everything a user has said about the configuration, not yet looked at.
pub(crate) struct Given {
    /// In which mode the server is to run.
    pub(crate) mode: Mode,
    /// `--config`; without it, `./vestibule.toml` if it stands.
    pub(crate) file: ConfigFile,
    /// All environment variables; those of others are passed over.
    pub(crate) environment: Vec<(String, String)>,
    /// Keys and values given as flags.
    pub(crate) flags: Vec<(String, String)>,
}

/// Which file to read.
pub(crate) enum ConfigFile {
    /// It was named, so it must stand.
    Named(PathBuf),
    /// It is read if it stands.
    IfStands(PathBuf),
    /// None.
    #[cfg(test)]
    None,
}

impl Given {
    /// Nothing but defaults.
    #[cfg(test)]
    pub(crate) fn nothing() -> Self {
        Self { mode: Mode::Production, file: ConfigFile::None, environment: Vec::new(), flags: Vec::new() }
    }
}

/// The settings in force, and what is worth saying about them.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) settings: Settings,
    /// For every key: its text, and who said so.
    pub(crate) origins: BTreeMap<&'static str, Origin>,
    /// Sentences for the log and for `check`.
    pub(crate) warnings: Vec<String>,
}

/// The text of one setting and who said so.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    pub(crate) text: String,
    pub(crate) source: Source,
}

/// Who said what a setting is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Source {
    /// Nobody: it is the default.
    Default,
    /// Nobody: it is dev mode's default.
    DevDefault,
    /// The configuration file.
    File(PathBuf),
    /// This variable.
    Environment(String),
    /// A flag.
    Flag,
    /// The secret's own file, named by one of the others.
    SecretFile(PathBuf),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::DevDefault => f.write_str("default of dev mode"),
            Self::File(path) | Self::SecretFile(path) => write!(f, "{}", path.display()),
            Self::Environment(name) => f.write_str(name),
            Self::Flag => f.write_str("flag"),
        }
    }
}

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoadError {
    #[error("{}: {why}", path.display())]
    Unreadable { path: PathBuf, why: std::io::Error },
    #[error("{}: {why}", path.display())]
    NotToml { path: PathBuf, why: Box<toml::de::Error> },
    #[error("'{key}_file' names {}, which cannot be read: {why}", path.display())]
    NoSecretFile { key: &'static str, path: PathBuf, why: std::io::Error },
    #[error("unknown setting '{key}' in {place}; {nearest}")]
    UnknownKey { key: String, place: String, nearest: String },
    #[error("'{key}' in {} must be a text, a number, true, false or a list of texts", path.display())]
    NotAValue { key: String, path: PathBuf },
    #[error("'{key}' ({source_text}) {why}")]
    BadValue { key: &'static str, source_text: String, why: String },
    #[error("'{key}' and '{key}_file' are both given: give one")]
    Twice { key: &'static str },
}

/// Reads the file, the environment and the flags into settings.
///
/// # Errors
///
/// The first thing that cannot be understood; see [`LoadError`].
pub(crate) fn load(given: Given) -> Result<Loaded, LoadError> {
    let mut said = Said::defaults(given.mode);
    match given.file {
        ConfigFile::Named(path) => said.file(&path)?,
        ConfigFile::IfStands(path) if path.exists() => said.file(&path)?,
        ConfigFile::IfStands(_) => {}
        #[cfg(test)]
        ConfigFile::None => {}
    }
    said.environment(given.environment)?;
    said.flags(given.flags)?;

    let mut settings = Settings::default();
    for row in table::rows() {
        let Origin { text, source } = &said.origins[row.key];
        row.put(&mut settings, text).map_err(|why| LoadError::BadValue {
            key: row.key,
            source_text: source.to_string(),
            why,
        })?;
    }
    Ok(Loaded { settings, origins: said.origins, warnings: said.warnings })
}

/// What has been said so far; later sayings replace earlier ones.
struct Said {
    origins: BTreeMap<&'static str, Origin>,
    warnings: Vec<String>,
}

impl Said {
    fn defaults(mode: Mode) -> Self {
        let of_row = |row: &'static Setting| match (mode, row.dev_default) {
            (Mode::Dev, Some(text)) => (row.key, Origin { text: text.into(), source: Source::DevDefault }),
            _ => (row.key, Origin { text: row.default.into(), source: Source::Default }),
        };
        Self { origins: table::rows().map(of_row).collect(), warnings: Vec::new() }
    }

    fn file(&mut self, path: &Path) -> Result<(), LoadError> {
        let text =
            fs::read_to_string(path).map_err(|why| LoadError::Unreadable { path: path.into(), why })?;
        let root: toml::Table = toml::from_str(&text)
            .map_err(|why| LoadError::NotToml { path: path.into(), why: Box::new(why) })?;

        let mut sayings = Vec::new();
        flatten("", root, &mut sayings);
        let mut layer = Layer::default();
        for (key, value) in sayings {
            let text =
                as_text(value).ok_or_else(|| LoadError::NotAValue { key: key.clone(), path: path.into() });
            match known(&key) {
                Some((row, Form::Value)) => layer.say(row, text?, Source::File(path.into()))?,
                Some((row, Form::File)) => layer.say_file(row, text?)?,
                None => return Err(unknown_key(key, path.display().to_string())),
            }
        }
        self.take(layer);
        Ok(())
    }

    fn environment(&mut self, variables: Vec<(String, String)>) -> Result<(), LoadError> {
        let mut layer = Layer::default();
        for (name, text) in variables.into_iter().filter(|(name, _)| name.starts_with(table::PREFIX)) {
            match table::variable(&name) {
                Variable::Value(row) => layer.say(row, text, Source::Environment(name))?,
                Variable::SecretFile(row) => layer.say_file(row, text)?,
                Variable::Client => {}
                Variable::Unknown(nearest) => self.warnings.push(format!(
                    "the environment variable {name} is no setting{}",
                    did_you_mean(nearest.as_deref())
                )),
            }
        }
        self.take(layer);
        Ok(())
    }

    fn flags(&mut self, flags: Vec<(String, String)>) -> Result<(), LoadError> {
        let mut layer = Layer::default();
        for (key, text) in flags {
            match known(&key) {
                Some((row, Form::Value)) => layer.replace(row, text, Source::Flag),
                Some((row, Form::File)) => layer.say_file(row, text)?,
                None => return Err(unknown_key(key, "--set".into())),
            }
        }
        self.take(layer);
        Ok(())
    }

    fn take(&mut self, layer: Layer) {
        self.origins.extend(layer.0);
    }
}

/// What one source said: a secret may be said there once, as itself or as a file.
#[derive(Default)]
struct Layer(BTreeMap<&'static str, Origin>);

impl Layer {
    fn say(&mut self, row: &'static Setting, text: String, source: Source) -> Result<(), LoadError> {
        if self.0.insert(row.key, Origin { text, source }).is_some() {
            return Err(LoadError::Twice { key: row.key });
        }
        Ok(())
    }

    fn say_file(&mut self, row: &'static Setting, path: String) -> Result<(), LoadError> {
        let path = PathBuf::from(path);
        let unreadable = |why| LoadError::NoSecretFile { key: row.key, path: path.clone(), why };
        let text = fs::read_to_string(&path).map_err(unreadable)?;
        self.say(row, text.trim_end_matches(['\r', '\n']).to_owned(), Source::SecretFile(path))
    }

    /// A flag given twice: the last one counts.
    fn replace(&mut self, row: &'static Setting, text: String, source: Source) {
        self.0.insert(row.key, Origin { text, source });
    }
}

enum Form {
    Value,
    File,
}

fn known(key: &str) -> Option<(&'static Setting, Form)> {
    if let Some(row) = table::find(key) {
        return Some((row, Form::Value));
    }
    let row = table::find(key.strip_suffix("_file")?)?;
    row.is_secret().then_some((row, Form::File))
}

/// The leaves of the file with their full keys, in order.
fn flatten(prefix: &str, table: toml::Table, into: &mut Vec<(String, toml::Value)>) {
    for (name, value) in table {
        let key = if prefix.is_empty() { name } else { format!("{prefix}.{name}") };
        match value {
            toml::Value::Table(inner) => flatten(&key, inner, into),
            leaf => into.push((key, leaf)),
        }
    }
}

fn as_text(value: toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(truth) => Some(truth.to_string()),
        toml::Value::Array(items) => {
            let texts: Option<Vec<String>> = items.into_iter().map(as_text).collect();
            texts.map(|texts| texts.join(","))
        }
        toml::Value::Float(_) | toml::Value::Datetime(_) | toml::Value::Table(_) => None,
    }
}

fn unknown_key(key: String, place: String) -> LoadError {
    let nearest = table::nearest_key(&key);
    LoadError::UnknownKey { key, place, nearest }
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map(|key| format!("; did you mean '{key}'?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_beat_environment_beats_file_beats_default() {
        let file = file_with("[smtp]\nconnections = 8\n");
        let by_file = || Given { file: ConfigFile::Named(file.path().into()), ..Given::nothing() };
        let environment = vec![("VESTIBULE_SMTP_CONNECTIONS".to_owned(), "16".to_owned())];
        let flags = vec![("smtp.connections".to_owned(), "32".to_owned())];

        for (given, connections, source) in [
            (Given::nothing(), 4, "default".to_owned()),
            (by_file(), 8, file.path().display().to_string()),
            (
                Given { environment: environment.clone(), ..by_file() },
                16,
                "VESTIBULE_SMTP_CONNECTIONS".into(),
            ),
            (Given { environment, flags, ..by_file() }, 32, "flag".into()),
        ] {
            let loaded = load(given).unwrap();
            assert_eq!(loaded.settings.smtp.connections, connections);
            assert_eq!(loaded.origins["smtp.connections"].source.to_string(), source);
        }
    }

    #[test]
    fn what_cannot_be_used_is_said_in_a_sentence() {
        for (text, wanted) in [
            (
                "[invitation]\nlifetime_days = 3",
                "unknown setting 'invitation.lifetime_days' in FILE; did you mean 'invitations.lifetime_days'?",
            ),
            ("colour = 'red'", "unknown setting 'colour' in FILE; the nearest one is '"),
            ("smtp = 3", "unknown setting 'smtp' in FILE; it is a section, with 'smtp.url'"),
            ("[smtp]\nurl_file = '/none'", "'smtp.url_file' names /none, which cannot be read: "),
            (
                "[passcode]\nlifetime_seconds = 3",
                "'passcode.lifetime_seconds' (FILE) must be a whole number from 300 to 1800",
            ),
            (
                "listen = 'everywhere'",
                "'listen' (FILE) must be an address and a port, such as 127.0.0.1:8443",
            ),
            ("listen_file = '/etc/listen'", "unknown setting 'listen_file' in FILE"),
            (
                "[limits]\nscan_rows = 1.5",
                "'limits.scan_rows' in FILE must be a text, a number, true, false or a list of texts",
            ),
            (
                "[proxy]\ntrusted = ['10.0.0.0/8', 'x']",
                "'proxy.trusted' (FILE) must be networks such as 10.0.0.0/8, not 'x'",
            ),
            (
                "[redemption]\nredirect_hosts = ['app.example', '*.a b']",
                "'redemption.redirect_hosts' (FILE) must be host names such as app.example.com, not '*.a b'",
            ),
            (
                "[redemption]\nredirect_hosts = '[\"app.example\"]'",
                "'redemption.redirect_hosts' (FILE) must be host names such as app.example.com, not '[\"app.example\"]'",
            ),
            (
                "[redemption]\nredirect_schemes = ['myapp', 'javascript']",
                "'redemption.redirect_schemes' (FILE) must be schemes such as myapp (never javascript, data, vbscript or file), \
                 not 'javascript'",
            ),
        ] {
            let file = file_with(text);
            let given = Given { file: ConfigFile::Named(file.path().into()), ..Given::nothing() };
            let said = load(given).unwrap_err().to_string();
            let said = said.replace(&file.path().display().to_string(), "FILE");
            assert!(said.starts_with(wanted), "{said}");
        }
    }

    #[test]
    fn an_unknown_variable_is_only_a_warning_and_the_client_s_are_none() {
        let environment = [
            ("VESTIBULE_PORT", "tcp://10.0.0.1:443"),
            ("VESTIBULE_CLIENT_SECRET", "s"),
            ("VESTIBULE_TENANT", "contoso"),
            ("HOME", "/"),
            ("VESTIBULE_DATA", "/var/lib/vestibule"),
        ];
        let environment = environment.map(|(name, text)| (name.to_owned(), text.to_owned())).to_vec();

        let loaded = load(Given { environment, ..Given::nothing() }).unwrap();

        assert_eq!(loaded.warnings.len(), 1, "{:?}", loaded.warnings);
        assert_eq!(loaded.warnings[0], "the environment variable VESTIBULE_PORT is no setting");
        assert_eq!(loaded.settings.server.data, Path::new("/var/lib/vestibule"));
    }

    #[test]
    fn a_secret_may_stand_in_a_file_of_its_own_but_not_in_two_places() {
        use secrecy::ExposeSecret as _;

        let secret = file_with("smtps://mail.example.com\n");
        let by_file = format!("[smtp]\nurl_file = '{}'\n", secret.path().display());
        let alone = file_with(&by_file);
        let twice = file_with(&format!("{by_file}url = 'smtp://other.example.com'\n"));
        let load_file = |file: &tempfile::NamedTempFile| {
            load(Given { file: ConfigFile::Named(file.path().into()), ..Given::nothing() })
        };

        let loaded = load_file(&alone).unwrap();
        assert_eq!(loaded.settings.smtp.url.unwrap().expose_secret(), "smtps://mail.example.com");
        assert!(matches!(load_file(&twice), Err(LoadError::Twice { key: "smtp.url" })));
    }

    fn file_with(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), text).unwrap();
        file
    }
}
