//! Debian packages: installed when we are root, named otherwise.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use super::postgres;
use crate::run;

/// A Debian package and how to see that what it brings is there.
pub(crate) struct Package {
    name: &'static str,
    is_there: Box<dyn Fn() -> bool>,
}

impl Package {
    /// `package` brings `program` into the search path.
    pub(crate) fn program(program: &'static str, package: &'static str) -> Self {
        Self { name: package, is_there: Box::new(move || find(program).is_some()) }
    }

    /// The server, of whichever version this Debian has.
    pub(crate) fn postgres() -> Self {
        Self { name: "postgresql", is_there: Box::new(|| postgres::programs().is_some()) }
    }

    /// `python3 -m venv`, which Debian packs apart from the interpreter.
    pub(crate) fn python_venv() -> Self {
        let is_there = || run::succeeds(Command::new("python3").args(["-c", "import ensurepip, venv"]));
        Self { name: "python3-venv", is_there: Box::new(is_there) }
    }

    /// Glyphs for the Korean pages: without them the pictures show boxes.
    pub(crate) fn korean_font() -> Self {
        let is_there = || Path::new("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc").exists();
        Self { name: "fonts-noto-cjk", is_there: Box::new(is_there) }
    }
}

/// Sees to it that every package is there.
///
/// # Errors
///
/// One line with the command to type, when something is missing and we may not install it.
pub(crate) fn ensure(packages: &[Package]) -> Result<()> {
    let missing = missing(packages);
    if missing.is_empty() {
        return Ok(());
    }
    if !may_install() {
        bail!("{}", to_type(&missing));
    }

    run::shown(apt_get().args(["update", "-q"]))?;
    install(&missing)
}

/// The same for what one can do without: where it cannot be had, `loss` says what that costs.
pub(crate) fn wish(packages: &[Package], loss: &str) {
    let missing = missing(packages);
    if missing.is_empty() {
        return;
    }
    if !may_install() || install(&missing).is_err() {
        eprintln!("{}; {loss}", to_type(&missing));
    }
}

fn missing(packages: &[Package]) -> Vec<&'static str> {
    packages.iter().filter(|package| !(package.is_there)()).map(|package| package.name).collect()
}

fn may_install() -> bool {
    run::is_root() && find("apt-get").is_some()
}

fn to_type(missing: &[&str]) -> String {
    format!("not found: {0}. On Debian: apt-get install {0}", missing.join(" "))
}

fn install(missing: &[&str]) -> Result<()> {
    run::shown(apt_get().args(["install", "-q", "-y", "--no-install-recommends"]).args(missing))
}

/// Where `program` is; its bare name when it is not in the search path, so that the error names it.
pub(crate) fn path_of(program: &str) -> PathBuf {
    find(program).unwrap_or_else(|| program.into())
}

fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

fn apt_get() -> Command {
    let mut apt = Command::new("apt-get");
    apt.env("DEBIAN_FRONTEND", "noninteractive");
    apt
}
