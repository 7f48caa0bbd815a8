//! `cargo xtask test`: the whole suite, with nothing skipped.

use anyhow::Result;

use super::{build_binary, cargo};
use crate::need::{self, postgres};
use crate::run;

/// Sets up the tools, builds the binary, runs `cargo test --workspace` with `filters`, and takes all down again.
pub(crate) fn run(filters: &[String]) -> Result<()> {
    let tools = need::acceptance()?;
    let binary = build_binary()?;
    let cluster = postgres::Cluster::start()?;

    let mut test = cargo();
    test.args(["test", "--workspace"]).args(filters);
    test.envs(tools.environment());
    test.env("VESTIBULE_BIN", binary);
    test.env("VESTIBULE_TEST_POSTGRES", cluster.url());
    // From here on a missing tool is a failure, not a reason to skip.
    test.env("VESTIBULE_TEST_REQUIRED", "1");

    run::shown(&mut test)
}
