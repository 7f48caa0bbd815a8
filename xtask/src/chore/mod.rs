//! One file per chore.

pub(crate) mod bench;
pub(crate) mod fuzz;
pub(crate) mod pictures;
pub(crate) mod test;
pub(crate) mod with;

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::{run, workspace};

/// Builds the binary that the acceptance tests drive, and answers where it is.
///
/// The profile `checked` is the release profile without the minute that linking it as a whole takes.
fn build_binary() -> Result<PathBuf> {
    run::shown(cargo().args(["build", "--profile", "checked", "--package", "vestibule"]))?;
    Ok(workspace::target().join("checked").join("vestibule"))
}

/// `cargo` at the root of the workspace, the same one that runs this chore.
fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(workspace::root());
    cargo
}
