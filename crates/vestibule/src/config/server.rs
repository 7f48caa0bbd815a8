//! Where the server listens, what it is called, and where it keeps things.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use secrecy::SecretString;

use super::PublicUrl;
use super::setting::{Kind, Setting, read_as};

/// The settings without a section of their own.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    /// The one port. Port 0 picks a free one.
    pub(crate) listen: SocketAddr,
    /// What links and issuer begin with; made from the port when absent.
    pub(crate) public_url: Option<PublicUrl>,
    /// Folder of the embedded store, the keys and the local CA.
    pub(crate) data: PathBuf,
    /// A PostgreSQL URL; absent means the embedded store.
    pub(crate) database_url: Option<SecretString>,
    /// Where the server key stands, when not in `data`.
    pub(crate) key_file: Option<PathBuf>,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            public_url: None,
            data: PathBuf::new(),
            database_url: None,
            key_file: None,
        }
    }
}

pub(super) const ROWS: &[Setting] = &[
    Setting::new(
        "listen",
        "127.0.0.1:8443",
        Kind::Form {
            form: "address and port",
            read: |settings, text| {
                settings.server.listen = read_as(text, "an address and a port, such as 127.0.0.1:8443")?;
                Ok(())
            },
        },
        "Address of the one port that serves everything. Port 0 picks a free one.",
    ),
    Setting::new(
        "public_url",
        "",
        Kind::Form {
            form: "origin without a path",
            read: |settings, text| {
                settings.server.public_url = match text {
                    "" => None,
                    text => Some(PublicUrl::parse(text).map_err(|wrong| wrong.to_string())?),
                };
                Ok(())
            },
        },
        "What links, token issuer and `@odata.context` begin with. Unset: `https://localhost:<port>`. \
         Requests for another host name are answered 421.",
    ),
    Setting::new(
        "data",
        "./vestibule-data",
        Kind::Form {
            form: "path",
            read: |settings, text| {
                if text.is_empty() {
                    return Err("must name a folder".into());
                }
                settings.server.data = PathBuf::from(text);
                Ok(())
            },
        },
        "Folder of the embedded store, the server key and the local CA.",
    ),
    Setting::new(
        "database_url",
        "",
        Kind::Secret(|settings| &mut settings.server.database_url),
        "`postgres://…`, PostgreSQL 15 or newer, for many nodes. Unset: SQLite in `data`.",
    ),
    Setting::new(
        "secret.key_file",
        "",
        Kind::Path(|settings| &mut settings.server.key_file),
        "The server key: one key a line, 32 random bytes as 43 characters of base64url. The first line seals and signs, \
         every line opens and verifies. Unset: `server.key` in `data`, made on first start. \
         With `database_url` it must be given, the same on every node.",
    ),
];
