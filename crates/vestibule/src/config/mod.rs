//! Configuration: one table of settings, and the typed structs it fills.
//!
//! A section is a file: its struct, and its rows of the table. A row says what a setting is called, what it means, what
//! it is when nobody says otherwise, and where its value goes. Everything else is made from the table: reading the file,
//! the environment and the flags ([`mod@load`]), `vestibule check --explain` and `docs/configuration.md` ([`mod@reference`]).
//! What no single setting can know about itself stands in [`rules`].
//!
//! Start reading at [`setting`]. Rooms never see this module: `serve` hands each its own small struct.

pub(crate) mod compat;
pub(crate) mod invitations;
pub(crate) mod letterhead;
pub(crate) mod limits;
pub(crate) mod load;
mod nearest;
pub(crate) mod operations;
pub(crate) mod passcode;
pub(crate) mod proxy;
pub(crate) mod public_url;
mod redirect;
pub(crate) mod reference;
pub(crate) mod rules;
pub(crate) mod server;
mod setting;
pub(crate) mod smtp;
pub(crate) mod table;
pub(crate) mod tls;

use std::path::PathBuf;

pub(crate) use load::{Given, LoadError, Loaded, load};
pub(crate) use public_url::PublicUrl;

/// Whether the server is somebody's laptop or CI (`serve --dev`), or the real thing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Mode {
    /// Everything but `serve --dev`.
    Production,
    /// `serve --dev`: a ready-made tenant, a mailbox and test controls.
    Dev,
}

/// Every setting in force, one struct per section.
///
/// [`Default`] is blank, not the defaults: those stand in the table, once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    pub(crate) server: server::Server,
    pub(crate) tls: tls::Tls,
    pub(crate) proxy: proxy::Proxy,
    pub(crate) smtp: smtp::Smtp,
    pub(crate) invitations: invitations::Invitations,
    pub(crate) redemption: invitations::Redemption,
    pub(crate) mail: invitations::Mail,
    pub(crate) letterhead: letterhead::Letterhead,
    pub(crate) passcode: passcode::Passcode,
    pub(crate) limits: limits::Limits,
    pub(crate) compat: compat::Compat,
    pub(crate) throttling: operations::Throttling,
    pub(crate) metrics: operations::Metrics,
    pub(crate) log: operations::Log,
    pub(crate) dev: operations::Dev,
}

impl Settings {
    /// Where the server key stands: as configured, else in the data folder.
    pub(crate) fn key_file(&self) -> PathBuf {
        self.server.key_file.clone().unwrap_or_else(|| self.server.data.join("server.key"))
    }
}
