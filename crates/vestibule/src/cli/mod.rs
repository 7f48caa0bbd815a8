//! What a user types, and how a command ends.
//!
//! One file a command. `serve`, `init`, `tenant` and `check` open the store; every other command talks HTTP like any client.
//! Nothing but a command's result goes to standard output.

mod check;
mod init;
mod invite;
mod output;
mod serve;
mod tenant;
mod users;

use std::ffi::OsString;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::load::ConfigFile;
use crate::config::{self, Given, LoadError, Loaded, Mode};

/// Self-hosted guest invitations that speak Microsoft Graph.
#[derive(Debug, Parser)]
#[command(name = "vestibule", version, max_term_width = 100, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server, until SIGINT or SIGTERM
    Serve(serve::Serve),
    /// Create the first tenant, and perhaps an app that may use it
    Init(init::Init),
    /// Further tenants
    #[command(subcommand)]
    Tenant(tenant::Tenant),
    /// Invite somebody, and print the invitation with its redeem URL
    Invite(invite::Invite),
    /// List users
    Users(users::Users),
    /// Look whether everything is as it must be
    Check(check::Check),
}

/// What every command that reads the configuration takes.
#[derive(Args, Debug)]
struct Configuration {
    /// Configuration file [default: ./vestibule.toml if it stands]
    #[arg(long, value_name = "FILE", env = "VESTIBULE_CONFIG", hide_env_values = true)]
    config: Option<PathBuf>,
    /// Folder of the embedded store, the keys and the local CA [default: ./vestibule-data]
    #[arg(long, value_name = "FOLDER")]
    data: Option<String>,
    /// Any setting by its key; `vestibule check --explain` lists them
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_and_value)]
    settings: Vec<(String, String)>,
}

impl Configuration {
    /// File, environment and flags as settings. `flags` are those that the command itself has.
    fn load<const N: usize>(
        &self,
        mode: Mode,
        flags: [(&str, Option<&String>); N],
    ) -> Result<Loaded, LoadError> {
        let file = match &self.config {
            Some(file) => ConfigFile::Named(file.clone()),
            None => ConfigFile::IfStands(PathBuf::from("vestibule.toml")),
        };
        let own = flags.into_iter().chain([("data", self.data.as_ref())]);
        let own = own.filter_map(|(key, text)| Some((key.to_owned(), text?.clone())));
        let environment = std::env::vars_os()
            .filter_map(|(name, text)| Some((name.into_string().ok()?, text.into_string().ok()?)))
            .collect();
        config::load(Given {
            mode,
            file,
            environment,
            flags: self.settings.iter().cloned().chain(own).collect(),
        })
    }
}

fn key_and_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("must be KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}

/// How a command ended badly: what to say, and with which code.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Exit code 1: the server or a check said no, or something here stood in the way.
    #[error("{0}")]
    No(String),
    /// Exit code 2: it was not asked rightly.
    #[error("{0}")]
    Usage(String),
    /// Exit code 3: the server could not be reached.
    #[error("{0}")]
    Unreachable(String),
    /// Exit code 1, and everything is said already.
    #[error("")]
    Said,
}

impl Failure {
    /// Anything that stood in the way.
    pub(crate) fn no(why: impl std::fmt::Display) -> Self {
        Self::No(why.to_string())
    }

    fn code(&self) -> u8 {
        match self {
            Self::No(_) | Self::Said => 1,
            Self::Usage(_) => 2,
            Self::Unreachable(_) => 3,
        }
    }
}

/// Does what the command line asks for.
pub(crate) fn run() -> ExitCode {
    // Whoever reads our output may stop reading: that is no reason to panic.
    match try_run(std::env::args_os()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Said) => ExitCode::from(Failure::Said.code()),
        Err(failure) => {
            let _ = writeln!(std::io::stderr(), "vestibule: {failure}");
            ExitCode::from(failure.code())
        }
    }
}

fn try_run(arguments: impl IntoIterator<Item = OsString>) -> Result<(), Failure> {
    let cli = Cli::try_parse_from(arguments).unwrap_or_else(|wrong| wrong.exit());
    let runtime = tokio::runtime::Runtime::new().map_err(Failure::no)?;
    runtime.block_on(async {
        match cli.command {
            Command::Serve(serve) => serve.run().await,
            Command::Init(init) => init.run().await,
            Command::Tenant(tenant) => tenant.run().await,
            Command::Invite(invite) => invite.run().await,
            Command::Users(users) => users.run().await,
            Command::Check(check) => check.run().await,
        }
    })
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_help_of_every_command_reads_so() {
        let mut text = String::new();
        write_help(Cli::command().term_width(100), &mut text);
        insta::assert_snapshot!("help", text);
    }

    fn write_help(mut command: clap::Command, text: &mut String) {
        let name = command.get_name().to_owned();
        let _ = writeln!(text, "── {name} ──\n{}", command.render_long_help());
        for inner in command.get_subcommands().cloned().collect::<Vec<_>>() {
            write_help(inner.term_width(100), text);
        }
    }

    #[test]
    fn wrong_usage_is_seen_before_anything_is_done() {
        for line in [
            "vestibule",
            "vestibule fly",
            "vestibule invite",
            "vestibule serve --seed seed.toml",
            "vestibule serve --ephemeral",
            "vestibule init --name Contoso",
            "vestibule users --format yaml",
            "vestibule invite a@b.c --reset-redemption",
            "vestibule serve --set listen",
        ] {
            let wrong = Cli::try_parse_from(line.split_whitespace()).unwrap_err();
            assert_eq!(wrong.exit_code(), 2, "{line}");
        }
    }
}
