//! Dev mode: a ready-made tenant, a mailbox, and test controls under `/_dev/`.
//!
//! Everything a dev server begins with is a function of its server key and its seed file ([`contoso`], [`seed`]): ids,
//! secrets and passwords come out the same at every start and after every reset.

pub(crate) mod clock;
pub(crate) mod contoso;
pub(crate) mod controls;
pub(crate) mod derived;
pub(crate) mod facts;
pub(crate) mod faults;
pub(crate) mod gate;
pub(crate) mod guard;
pub(crate) mod mailbox;
pub(crate) mod redeem;
mod refusal;
pub(crate) mod relay;
pub(crate) mod seed;
pub(crate) mod start;

use std::path::PathBuf;

/// What `serve --dev` was asked for beside the settings.
#[derive(Clone, Debug)]
pub(crate) struct DevOptions {
    /// Tenants to make besides contoso.
    pub(crate) seed: Option<PathBuf>,
    /// Whether nothing but `ca.pem` stays after a clean stop.
    pub(crate) is_ephemeral: bool,
}
