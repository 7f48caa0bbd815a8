//! `cargo xtask fuzz`: the targets of `fuzz/`, a workspace of its own.

use std::fs;

use anyhow::{Context, Result};

use super::cargo;
use crate::{need, run, workspace};

const SECONDS_EACH: &str = "60";

/// Runs the target named first, or all, for the seconds named second.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    need::fuzz()?;
    let named = arguments.first().cloned();
    let seconds = arguments.get(1).map_or(SECONDS_EACH, String::as_str);
    for target in named.map_or_else(targets, |target| Ok(vec![target]))? {
        // Without a sanitizer a stable compiler will do, once it lets coverage flags through.
        let mut fuzz = cargo();
        fuzz.env("RUSTC_BOOTSTRAP", "1").args(["fuzz", "run", "-s", "none", &target, "--"]);
        fuzz.arg(format!("-dict=fuzz/dictionaries/{target}.dict"));
        run::shown(fuzz.arg(format!("-max_total_time={seconds}")))?;
    }
    Ok(())
}

fn targets() -> Result<Vec<String>> {
    let folder = workspace::root().join("fuzz/fuzz_targets");
    let mut targets = Vec::new();
    for file in fs::read_dir(&folder).with_context(|| format!("no {}", folder.display()))? {
        let path = file?.path();
        if let Some(name) = path.file_stem() {
            targets.push(name.to_string_lossy().into_owned());
        }
    }
    targets.sort();
    Ok(targets)
}
