//! What the chores need beyond cargo: found, installed where that is possible, or named.

mod apt;
mod axe;
pub(crate) mod postgres;
mod python;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use apt::Package;

use crate::run;

/// The tools of the acceptance tests, each with the variable by which the tests find it.
pub(crate) struct Tools {
    python: PathBuf,
    axe: PathBuf,
}

impl Tools {
    /// The variables of `vestibule_tests::tools`.
    pub(crate) fn environment(&self) -> Vec<(&'static str, OsString)> {
        vec![
            ("VESTIBULE_TEST_PYTHON", self.python.clone().into()),
            ("VESTIBULE_TEST_AXE", self.axe.clone().into()),
            ("VESTIBULE_TEST_CHROMIUM", apt::path_of("chromium").into()),
            ("VESTIBULE_TEST_CHROMEDRIVER", apt::path_of("chromedriver").into()),
        ]
    }
}

/// Everything that `cargo xtask test` needs.
pub(crate) fn acceptance() -> Result<Tools> {
    apt::ensure(&[
        Package::postgres(),
        Package::program("chromium", "chromium"),
        Package::program("chromedriver", "chromium-driver"),
        Package::program("certutil", "libnss3-tools"),
        Package::program("strace", "strace"),
        Package::program("npm", "npm"),
        Package::python_venv(),
        Package::korean_font(),
    ])?;

    Ok(Tools { python: python::environment()?, axe: axe::script()? })
}

/// Everything that `cargo xtask bench` needs.
pub(crate) fn bench() -> Result<()> {
    apt::ensure(&[
        Package::postgres(),
        Package::program("wrk", "wrk"),
        Package::program("strace", "strace"),
        // A slim Debian has `kill` in its shells only.
        Package::program("kill", "procps"),
    ])?;
    apt::wish(&[Package::program("perf", "linux-perf")], "without it syncs read \"not counted\"");
    Ok(())
}

/// Everything that `cargo xtask fuzz` needs: libFuzzer is written in C++.
pub(crate) fn fuzz() -> Result<()> {
    apt::ensure(&[Package::program("c++", "g++")])?;
    if run::succeeds(Command::new("cargo").args(["fuzz", "--version"])) {
        return Ok(());
    }

    run::shown(Command::new("cargo").args(["install", "cargo-fuzz", "--locked"]))
}
