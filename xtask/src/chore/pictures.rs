//! `cargo xtask pictures`: every screen and mail, for the eye.

use anyhow::Result;

use super::{build_binary, cargo};
use crate::need;
use crate::run;

/// Builds the binary and lets the acceptance crate's `pictures` walk through it with a browser.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let tools = need::acceptance()?;
    let binary = build_binary()?;

    let mut pictures = cargo();
    pictures.args(["run", "--package", "vestibule-tests", "--bin", "pictures", "--"]).args(arguments);
    pictures.envs(tools.environment());
    pictures.env("VESTIBULE_BIN", binary);

    run::shown(&mut pictures)
}
