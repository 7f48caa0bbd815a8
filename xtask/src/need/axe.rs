//! axe-core, the accessibility checker that the suite runs on every screen.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::{run, workspace};

const VERSION: &str = "4.14.1";

/// The script to inject into a page, fetched once.
pub(crate) fn script() -> Result<PathBuf> {
    let folder = workspace::tools().join(format!("axe-core-{VERSION}"));
    let script = folder.join("node_modules/axe-core/axe.min.js");
    if script.exists() {
        return Ok(script);
    }

    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix"]);
    run::shown(npm.arg(&folder).arg(format!("axe-core@{VERSION}")))?;
    Ok(script)
}
