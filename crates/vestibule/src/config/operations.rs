//! What only operators and developers care about: throttling, metrics, logs, dev mode.

use std::net::SocketAddr;

use secrecy::SecretString;

use super::setting::{Kind, Setting, read_as};

/// The section `throttling`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Throttling {
    /// Whether Graph's documented limits are kept.
    pub(crate) is_on: bool,
}

/// The section `metrics`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Metrics {
    /// An address of their own.
    pub(crate) listen: Option<SocketAddr>,
    /// What a scraper must show.
    pub(crate) token: Option<SecretString>,
}

/// The section `log`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log {
    /// Absent means by where the log goes.
    pub(crate) format: Option<LogFormat>,
    /// Which events are kept.
    pub(crate) level: String,
}

/// How a line of the log is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// The section `dev`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Dev {
    /// Whether dev mode may listen beyond loopback.
    pub(crate) allow_remote: bool,
}

pub(super) const ROWS: &[Setting] = &[
    Setting::new(
        "throttling.mode",
        "graph",
        Kind::Form {
            form: "`graph` or `off`",
            read: |settings, text| {
                settings.throttling.is_on = match text {
                    "graph" => true,
                    "off" => false,
                    _ => return Err("must be graph or off".into()),
                };
                Ok(())
            },
        },
        "`graph`: Graph's documented limits and headers. Not enforced by this version yet.",
    )
    .in_dev("off"),
    Setting::new(
        "metrics.listen",
        "",
        Kind::Form {
            form: "address and port",
            read: |settings, text| {
                settings.metrics.listen = match text {
                    "" => None,
                    text => Some(read_as(text, "an address and a port, such as 127.0.0.1:9090")?),
                };
                Ok(())
            },
        },
        "Serves `/metrics` on another address, by plain HTTP. Unset: on the one port, to loopback clients only.",
    ),
    Setting::new(
        "metrics.token",
        "",
        Kind::Secret(|settings| &mut settings.metrics.token),
        "What `/metrics` asks for as `Authorization: Bearer …`, from wherever the client comes.",
    ),
    Setting::new(
        "log.format",
        "",
        Kind::Form {
            form: "`text` or `json`",
            read: |settings, text| {
                settings.log.format = match text {
                    "" => None,
                    "text" => Some(LogFormat::Text),
                    "json" => Some(LogFormat::Json),
                    _ => return Err("must be text or json".into()),
                };
                Ok(())
            },
        },
        "How the log is written, on standard error. Unset: `text` on a terminal, else `json`.",
    ),
    Setting::new(
        "log.level",
        "info",
        Kind::Form {
            form: "`error`, `warn`, `info`, `debug` or `trace`, or directives such as `info,vestibule_store=debug`",
            read: |settings, text| {
                text.parse::<tracing_subscriber::EnvFilter>()
                    .map_err(|_| "must be error, warn, info, debug or trace".to_owned())?;
                text.clone_into(&mut settings.log.level);
                Ok(())
            },
        },
        "Which events are logged.",
    ),
    Setting::new(
        "dev.allow_remote",
        "false",
        Kind::Switch(|settings| &mut settings.dev.allow_remote),
        "Lets `serve --dev` listen beyond loopback (containers). Every call of `/_dev/*` then needs the `dev_token` of `dev.json`.",
    ),
];
