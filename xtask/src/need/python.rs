//! A Python environment with the real clients: azure-identity, msgraph-sdk, and the SMTP server that catches mail.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::{run, workspace};

/// The interpreter of an environment that holds exactly `tests/python/requirements.txt`, made anew when that changes.
pub(crate) fn environment() -> Result<PathBuf> {
    let wanted = workspace::root().join("tests/python/requirements.txt");
    let wanted_text = fs::read_to_string(&wanted).with_context(|| format!("no {}", wanted.display()))?;
    let folder = workspace::tools().join("python");
    let stamp = folder.join("installed.txt");
    let python = folder.join("bin/python3");

    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted_text) {
        return Ok(python);
    }

    run::shown(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]);
    run::shown(pip.arg(&wanted))?;
    fs::write(&stamp, wanted_text).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(python)
}
