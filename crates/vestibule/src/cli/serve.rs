//! `vestibule serve`

use std::path::PathBuf;

use clap::Args;

use super::{Configuration, Failure};
use crate::config::{Mode, rules};
use crate::dev::DevOptions;
use crate::{serve, telemetry};

#[derive(Args, Debug)]
pub(super) struct Serve {
    /// Dev mode: a ready-made tenant, a built-in mailbox and test controls
    #[arg(long)]
    dev: bool,
    /// Load tenants, users and apps from a TOML or JSON file too
    #[arg(long, value_name = "FILE", requires = "dev")]
    seed: Option<PathBuf>,
    /// Leave nothing but ca.pem after a clean stop
    #[arg(long, requires = "dev")]
    ephemeral: bool,
    /// Address of the one port; port 0 picks a free one [default: 127.0.0.1:8443]
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// What links and token issuer begin with [default: https://localhost:PORT]
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Which events are logged [default: info]
    #[arg(long, value_name = "LEVEL")]
    log_level: Option<String>,
    /// text or json [default: text on a terminal]
    #[arg(long, value_name = "FORMAT")]
    log_format: Option<String>,
    #[command(flatten)]
    configuration: Configuration,
}

impl Serve {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let mode = if self.dev { Mode::Dev } else { Mode::Production };
        let flags = [
            ("listen", self.listen.as_ref()),
            ("public_url", self.public_url.as_ref()),
            ("log.level", self.log_level.as_ref()),
            ("log.format", self.log_format.as_ref()),
        ];
        let loaded = self.configuration.load(mode, flags).map_err(Failure::no)?;
        rules::settle(&loaded.settings, mode).map_err(Failure::no)?;

        telemetry::start_logging(&loaded.settings.log);
        for warning in &loaded.warnings {
            tracing::warn!("{warning}");
        }
        let dev = self.dev.then_some(DevOptions { seed: self.seed, is_ephemeral: self.ephemeral });
        serve::serve(loaded.settings, dev).await.map_err(Failure::no)
    }
}
