//! `vestibule check`: looks whether a start would go well, and changes nothing.

use std::fmt::{self, Write as _};
use std::fs;
use std::io;
use std::path::Path;

use clap::Args;
use secrecy::ExposeSecret as _;
use vestibule_model::{Clock as _, PurposeKey};
use vestibule_store::{Engine, SchemaAge, Store, StoreError};
use vestibule_wording::{Catalogue, Language};

use super::{Configuration, Failure, output};
use crate::clock::SystemClock;
use crate::config::{Loaded, Mode, PublicUrl, Settings, reference, rules};
use crate::lock::DataLock;
use crate::server_key::{Purpose, ServerKeys};
use crate::{store, tls};

#[derive(Args, Debug)]
pub(super) struct Check {
    /// List every setting in force: what it means, its default, and where its value came from
    #[arg(long)]
    explain: bool,
    #[command(flatten)]
    configuration: Configuration,
}

/// One line of the result.
struct Finding {
    verdict: Verdict,
    subject: &'static str,
    words: String,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Verdict {
    Ok,
    Warning,
    Error,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

impl Check {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let findings = match self.configuration.load(Mode::Production, []) {
            Err(why) => vec![Finding::error("configuration", why)],
            Ok(loaded) if self.explain => return output::print(&reference::explain(&loaded)),
            Ok(loaded) => findings(&loaded).await,
        };

        let mut text = String::new();
        for Finding { verdict, subject, words } in &findings {
            let _ = writeln!(text, "{verdict:<8} {subject}: {words}");
        }
        output::print(&text)?;
        match findings.iter().any(|finding| finding.verdict == Verdict::Error) {
            true => Err(Failure::Said),
            false => Ok(()),
        }
    }
}

async fn findings(loaded: &Loaded) -> Vec<Finding> {
    let settings = &loaded.settings;
    let port = settings.server.listen.port();
    let local = || PublicUrl::local(!settings.tls.is_off, port);
    let public_url = settings.server.public_url.clone().unwrap_or_else(local);

    let mut findings = configuration(loaded);
    let keys = server_key(settings, &mut findings);
    findings.push(data_folder(&settings.server.data));
    findings.extend(stored(settings, keys.as_deref()).await);
    findings.push(certificate(settings, &public_url));
    findings.push(relay(settings).await);
    findings.push(translations());
    findings
}

fn configuration(loaded: &Loaded) -> Vec<Finding> {
    let mut findings: Vec<Finding> =
        loaded.warnings.iter().map(|warning| Finding::warning("configuration", warning)).collect();
    match rules::settle(&loaded.settings, Mode::Production) {
        Err(why) => findings.push(Finding::error("configuration", why)),
        Ok(()) => findings.push(Finding::ok("configuration", "every setting is understood")),
    }
    findings
}

/// What opens the store; `None` when the file is no key. Before the first start there is none, unless the operator named it.
fn server_key(settings: &Settings, findings: &mut Vec<Finding>) -> Option<Vec<PurposeKey>> {
    const SUBJECT: &str = "server key";
    let path = settings.key_file();
    if store::is_key_lost(settings) {
        findings.push(Finding::error(SUBJECT, store::key_is_lost(&path)));
        return None;
    }
    if !path.exists() && settings.server.key_file.is_none() {
        findings.push(Finding::ok(SUBJECT, "will be made at the first start"));
        return Some(Vec::new());
    }
    match ServerKeys::read(&path) {
        Ok(keys) => {
            findings.push(Finding::ok(SUBJECT, path.display()));
            Some(keys.for_purpose(Purpose::Store).all().to_vec())
        }
        Err(why) => {
            findings.push(Finding::error(SUBJECT, why));
            None
        }
    }
}

fn data_folder(data: &Path) -> Finding {
    const SUBJECT: &str = "data folder";
    let data = std::path::absolute(data).unwrap_or_else(|_| data.to_owned());
    let stands = data.ancestors().find(|folder| folder.exists()).unwrap_or(&data);
    if let Err(why) = write_in(stands) {
        return Finding::error(SUBJECT, format!("{} is not writable: {why}", stands.display()));
    }
    match DataLock::look(&data) {
        _ if stands != data => {
            Finding::ok(SUBJECT, format!("{} will be made at the first start", data.display()))
        }
        Some(held) => Finding::ok(SUBJECT, held),
        None => Finding::ok(SUBJECT, format!("{} is writable", data.display())),
    }
}

/// Tries it, and clears up.
fn write_in(folder: &Path) -> io::Result<()> {
    let probe = folder.join(format!(".vestibule-check-{}", std::process::id()));
    fs::write(&probe, b"")?;
    fs::remove_file(&probe)
}

/// The store: reachable, of a known schema, sealed with a key at hand, and what its engine promises.
async fn stored(settings: &Settings, keys: Option<&[PurposeKey]>) -> Vec<Finding> {
    const SUBJECT: &str = "store";
    let engine = store::engine(settings);
    if let Engine::Sqlite { folder, .. } = &engine
        && !Store::is_in(folder)
    {
        return vec![Finding::ok(SUBJECT, "will be made at the first start")];
    }
    let found = match Store::inspect(&engine, keys.unwrap_or_default()).await {
        Ok(found) => found,
        Err(why) => return vec![Finding::error(SUBJECT, why)],
    };

    let by = found.written_by.unwrap_or_else(|| "nobody".into());
    let this = env!("CARGO_PKG_VERSION");
    let schema = match found.schema {
        SchemaAge::Missing => Finding::ok(SUBJECT, "reachable and empty: the first start fills it"),
        SchemaAge::Older => {
            Finding::ok(SUBJECT, format!("written by vestibule {by}: the next start migrates it"))
        }
        SchemaAge::Current => Finding::ok(SUBJECT, format!("reachable, written by vestibule {by}")),
        SchemaAge::Newer => {
            Finding::error(SUBJECT, format!("this store was written by vestibule {by}, this is {this}"))
        }
    };
    // Without a readable key file every key is missing, which is said already.
    let missing_key = found.missing_key.filter(|_| keys.is_some());
    let sealed = missing_key.map(|id| Finding::error(SUBJECT, StoreError::UnknownKey { id }));
    let doubts = found.doubts.into_iter().map(|doubt| Finding::warning(SUBJECT, doubt));
    std::iter::once(schema).chain(sealed).chain(doubts).collect()
}

fn certificate(settings: &Settings, public_url: &PublicUrl) -> Finding {
    const SUBJECT: &str = "certificate";
    if settings.tls.is_off {
        return Finding::ok(SUBJECT, "none: tls.mode is off, a proxy ends TLS");
    }
    match tls::check(&settings.tls, &settings.server.data, public_url, SystemClock.now()) {
        Ok(words) => Finding::ok(SUBJECT, words),
        Err(why) => Finding::error(SUBJECT, why),
    }
}

/// What that costs is not plain from the setting's name.
const NO_RELAY: &str =
    "smtp.url is not set: no mail leaves, no passcode either, so no guest can redeem an invitation";

async fn relay(settings: &Settings) -> Finding {
    const SUBJECT: &str = "mail";
    let Some(url) = &settings.smtp.url else {
        return Finding::warning(SUBJECT, NO_RELAY);
    };
    let relay = match crate::mail::relay(&settings.smtp, url.expose_secret()) {
        Ok(relay) => relay,
        Err(why) => return Finding::error(SUBJECT, why),
    };
    match relay.probe(&settings.smtp.from).await {
        Ok(()) => Finding::ok(SUBJECT, format!("the relay takes mail from {}", settings.smtp.from)),
        Err(why) => Finding::error(SUBJECT, why),
    }
}

fn translations() -> Finding {
    const SUBJECT: &str = "translations";
    let catalogue = Catalogue::new();
    let missing = |language: &Language| match catalogue.untranslated(*language).as_slice() {
        [] => None,
        ids => Some(format!("{} is said in English in place of {}", ids.join(", "), language.tag())),
    };
    let missing: Vec<String> = Language::ALL.iter().filter_map(missing).collect();
    if !missing.is_empty() {
        return Finding::warning(SUBJECT, missing.join("; "));
    }

    let names: Vec<&str> = Language::ALL.iter().map(|language| language.tag()).collect();
    Finding::ok(SUBJECT, format!("complete: {}", names.join(", ")))
}

impl Finding {
    fn ok(subject: &'static str, words: impl fmt::Display) -> Self {
        Self { verdict: Verdict::Ok, subject, words: words.to_string() }
    }

    fn warning(subject: &'static str, words: impl fmt::Display) -> Self {
        Self { verdict: Verdict::Warning, subject, words: words.to_string() }
    }

    fn error(subject: &'static str, words: impl fmt::Display) -> Self {
        Self { verdict: Verdict::Error, subject, words: words.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use vestibule_store::read::identity::SigningKeyRow;

    use super::*;
    use crate::config::server::Server;
    use crate::config::{Given, load};

    #[tokio::test]
    async fn a_store_that_the_key_at_hand_does_not_open_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().to_owned();
        let settings = Settings { server: Server { data, ..Server::default() }, ..Settings::default() };
        let file = settings.key_file();
        let keys = ServerKeys::read_or_make(&file).unwrap();
        let opened = store::open(&settings, &keys, Mode::Production).await.unwrap();
        let (kid, private, certificate) = ("kid".to_owned(), vec![1], vec![2]);
        let row = SigningKeyRow { kid, private, certificate, created_at: Timestamp::UNIX_EPOCH };
        opened.offer_signing_key(row).await.unwrap();

        assert_eq!(errors(&settings).await, [""; 0]);
        for (what, replace, said) in [
            ("another one", true, "the store was sealed with server key "),
            ("none", false, "the server key "),
        ] {
            fs::remove_file(&file).unwrap();
            if replace {
                ServerKeys::read_or_make(&file).unwrap();
            }
            let errors = errors(&settings).await;
            assert_eq!(errors.len(), 1, "{what}: {errors:?}");
            assert!(errors[0].starts_with(said), "{what}: {errors:?}");
        }

        let start = store::DataFolder::claim(&settings, Mode::Production);
        assert!(matches!(start, Err(store::OpenError::KeyLost { .. })));
        assert!(!file.exists(), "no key is put in the place of the lost one");
    }

    #[test]
    fn a_data_folder_that_could_not_be_made_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();

        for (data, verdict) in [
            (folder.path().join("new"), Verdict::Ok),
            (folder.path().join("new/deeper"), Verdict::Ok),
            (file.clone(), Verdict::Error),
            (file.join("new"), Verdict::Error),
        ] {
            let finding = data_folder(&data);
            assert_eq!(finding.verdict, verdict, "{}: {}", data.display(), finding.words);
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "looking leaves no trace");
    }

    #[tokio::test]
    async fn what_cannot_be_reached_is_named() {
        let refused = |key: &str, url: &str| {
            let flags = [("smtp.from", "a@mail.example"), (key, url)];
            let flags = flags.map(|(key, text)| (key.to_owned(), text.to_owned())).to_vec();
            load(Given { flags, ..Given::nothing() }).unwrap().settings
        };

        let mail = relay(&refused("smtp.url", "smtp://me:hunter2@127.0.0.1:1")).await;
        let store = stored(&refused("database_url", "postgres://me:hunter2@127.0.0.1:1/d"), None).await;

        assert_eq!(mail.verdict, Verdict::Error);
        assert!(mail.words.starts_with("127.0.0.1:1, at connect: Connection refused"), "{}", mail.words);
        assert!(store[0].words.contains("127.0.0.1:1"), "{}", store[0].words);
        assert!(store[0].words.contains("Connection refused"), "{}", store[0].words);
        assert!(!store[0].words.contains("hunter2"), "{}", store[0].words);
    }

    #[tokio::test]
    async fn without_a_relay_the_worse_half_is_said_too() {
        let nothing = relay(&Settings::default()).await;

        assert_eq!(nothing.verdict, Verdict::Warning);
        assert!(nothing.words.contains("no guest can redeem"), "{}", nothing.words);
    }

    /// Of the key and the store.
    async fn errors(settings: &Settings) -> Vec<String> {
        let mut findings = Vec::new();
        let keys = server_key(settings, &mut findings);
        findings.extend(stored(settings, keys.as_deref()).await);
        let errors = findings.into_iter().filter(|finding| finding.verdict == Verdict::Error);
        errors.map(|finding| finding.words).collect()
    }
}
