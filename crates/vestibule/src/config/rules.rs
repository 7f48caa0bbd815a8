//! What settings demand of each other.

use secrecy::ExposeSecret as _;

use super::{Mode, Settings};

/// Two settings, or a setting and the mode, that cannot stand together.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum Contradiction {
    #[error("tls.cert and tls.key belong together: give both or neither")]
    HalfACertificate,
    #[error("with tls.mode = off, public_url must be given: it is what guests' links begin with")]
    OffWithoutPublicUrl,
    #[error(
        "with tls.mode = off, proxy.trusted must be given: else all guests would share one network's passcode limit"
    )]
    OffWithoutProxy,
    #[error("public_url must begin with https:// unless tls.mode is off")]
    PlainPublicUrl,
    #[error("with database_url, secret.key_file must be given: every node needs the same key")]
    DatabaseWithoutKey,
    #[error("database_url must begin with postgres://")]
    NotPostgres,
    #[error("with smtp.url, smtp.from must be given: the address that mail comes from")]
    MailFromNobody,
    #[error(
        "serve --dev listens on loopback only; dev.allow_remote = true lifts that (then /_dev/* asks for a token)"
    )]
    DevBeyondLoopback,
}

/// Whether the settings can stand together in `mode`.
///
/// # Errors
///
/// The first contradiction found.
pub(crate) fn settle(settings: &Settings, mode: Mode) -> Result<(), Contradiction> {
    use Contradiction as C;
    let is_production = mode == Mode::Production;
    let Settings { server, tls, proxy, smtp, dev, .. } = settings;
    let database = server.database_url.as_ref().map(|url| url.expose_secret());

    let broken = [
        (tls.cert.is_some() != tls.key.is_some(), C::HalfACertificate),
        (is_production && tls.is_off && server.public_url.is_none(), C::OffWithoutPublicUrl),
        (is_production && tls.is_off && proxy.trusted.is_empty(), C::OffWithoutProxy),
        (!tls.is_off && server.public_url.as_ref().is_some_and(|url| !url.is_https()), C::PlainPublicUrl),
        (is_production && database.is_some() && server.key_file.is_none(), C::DatabaseWithoutKey),
        (database.is_some_and(|url| !is_postgres(url)), C::NotPostgres),
        (smtp.url.is_some() && smtp.from.is_empty(), C::MailFromNobody),
        (!is_production && !dev.allow_remote && !server.listen.ip().is_loopback(), C::DevBeyondLoopback),
    ];
    match broken.into_iter().find(|(is_broken, _)| *is_broken) {
        Some((_, contradiction)) => Err(contradiction),
        None => Ok(()),
    }
}

fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

#[cfg(test)]
mod tests {
    use super::super::load;
    use super::super::load::Given;
    use super::*;

    #[test]
    fn contradictions_are_named() {
        use Contradiction as C;
        use Mode::{Dev, Production};
        for (mode, flags, wanted) in [
            (Production, "", None),
            (Dev, "", None),
            (Production, "tls.cert=a", Some(C::HalfACertificate)),
            (Production, "tls.cert=a tls.key=b", None),
            (Production, "tls.mode=off", Some(C::OffWithoutPublicUrl)),
            (Production, "tls.mode=off public_url=https://a.example", Some(C::OffWithoutProxy)),
            (Production, "tls.mode=off public_url=https://a.example proxy.trusted=10.0.0.0/8", None),
            (Dev, "tls.mode=off", None),
            (Production, "public_url=http://a.example", Some(C::PlainPublicUrl)),
            (Production, "database_url=postgres://h/d", Some(C::DatabaseWithoutKey)),
            (Production, "database_url=postgres://h/d secret.key_file=k", None),
            (Dev, "database_url=postgres://h/d", None),
            (Dev, "database_url=mysql://h/d", Some(C::NotPostgres)),
            (Production, "smtp.url=smtp://h", Some(C::MailFromNobody)),
            (Dev, "listen=0.0.0.0:8443", Some(C::DevBeyondLoopback)),
            (Dev, "listen=0.0.0.0:8443 dev.allow_remote=true", None),
            (Production, "listen=0.0.0.0:8443", None),
        ] {
            let flags = flags.split_whitespace().filter_map(|flag| flag.split_once('='));
            let flags = flags.map(|(key, text)| (key.to_owned(), text.to_owned())).collect();
            let settings = load(Given { mode, flags, ..Given::nothing() }).unwrap().settings;
            assert_eq!(settle(&settings, mode).err(), wanted, "{mode:?} {wanted:?}");
        }
    }
}
