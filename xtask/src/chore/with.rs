//! `cargo xtask with <command> …`: any command among what the tests need, for working on one test.

use std::process::Command;

use anyhow::{Context, Result};

use super::build_binary;
use crate::need::{self, postgres};
use crate::{run, workspace};

/// Sets up the tools, builds the binary, starts a cluster, runs `words`, and takes all down again.
pub(crate) fn run(words: &[String]) -> Result<()> {
    let (program, arguments) = words.split_first().context("which command?")?;
    let tools = need::acceptance()?;
    let binary = build_binary()?;
    let cluster = postgres::Cluster::start()?;

    let mut command = Command::new(program);
    command.args(arguments).current_dir(workspace::root());
    command.envs(tools.environment());
    command.env("VESTIBULE_BIN", binary);
    command.env("VESTIBULE_TEST_POSTGRES", cluster.url());
    // From here on a missing tool is a failure, not a reason to skip.
    command.env("VESTIBULE_TEST_REQUIRED", "1");

    run::shown(&mut command)
}
