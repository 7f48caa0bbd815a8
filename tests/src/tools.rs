//! What a test needs beyond cargo, found by the variables that `cargo xtask test` sets.

use std::io::Write;
use std::path::PathBuf;

/// Something outside the repository that a test drives.
#[derive(Clone, Copy, Debug)]
pub enum Tool {
    /// The built `vestibule`.
    Binary,
    /// A PostgreSQL cluster, as its superuser's URL.
    Postgres,
    /// The interpreter of the environment with azure-identity, msgraph-sdk and aiosmtpd.
    Python,
    /// axe-core's script.
    Axe,
    /// The browser.
    Chromium,
    /// What drives the browser.
    Chromedriver,
}

impl Tool {
    /// The variable that holds where it is.
    pub fn variable(self) -> &'static str {
        match self {
            Self::Binary => "VESTIBULE_BIN",
            Self::Postgres => "VESTIBULE_TEST_POSTGRES",
            Self::Python => "VESTIBULE_TEST_PYTHON",
            Self::Axe => "VESTIBULE_TEST_AXE",
            Self::Chromium => "VESTIBULE_TEST_CHROMIUM",
            Self::Chromedriver => "VESTIBULE_TEST_CHROMEDRIVER",
        }
    }

    /// Where it is; `None`, said loudly, when it is not here.
    ///
    /// # Panics
    ///
    /// When it is not here although everything must be: under `cargo xtask test`.
    pub fn find(self) -> Option<String> {
        if let Ok(place) = std::env::var(self.variable()) {
            return Some(place);
        }
        skip(&format!("{self:?} is not here ({} is not set)", self.variable()));
        None
    }
}

/// Says that a test ends early, past the test runner's capture, so that it is read even when all is green.
///
/// # Panics
///
/// When nothing may be skipped: `VESTIBULE_TEST_REQUIRED`, which `cargo xtask test` sets.
pub fn skip(why: &str) {
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    assert!(std::env::var_os("VESTIBULE_TEST_REQUIRED").is_none(), "{test} needs what is not here: {why}");
    let _ = writeln!(std::io::stderr(), "skipped: {test}: {why} (run cargo xtask test)");
}

/// Says, as loudly, that a test ends early because this account may not do what it needs: no installation helps against that.
pub fn not_allowed(why: &str) {
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    let _ = writeln!(std::io::stderr(), "skipped: {test}: {why} (run it as root)");
}

/// `program` in the search path, for what a test can do without only by skipping.
pub fn in_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}
