//! The load generator: wrk with `scripts/load.lua`, which makes the requests and checks every answer.
//!
//! It is a closed loop, and it shares the machine with the server. wrk corrects its latencies for coordinated omission:
//! a stall counts as often as requests would have come in it, so the high percentiles are read on the hard side.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

/// One run of the generator.
pub(crate) struct Shot<'a> {
    /// The server's origin.
    pub(crate) origin: &'a str,
    /// A kind of `scripts/load.lua` with its arguments.
    pub(crate) words: Vec<String>,
    /// Kept alive all the time, one request in flight on each.
    pub(crate) connections: usize,
    /// How long.
    pub(crate) time: Duration,
}

/// What the generator saw.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Seen {
    /// Answers.
    pub(crate) requests: u64,
    micros: u64,
    /// Answers that were not as they must be.
    pub(crate) bad: u64,
    /// Requests without an answer.
    pub(crate) broken: u64,
    first_bad: String,
    p50: u64,
    p95: u64,
    p99: u64,
    worst: u64,
}

impl Shot<'_> {
    /// Fires for the whole time.
    ///
    /// # Errors
    ///
    /// wrk could not be run or understood, or not one answer was good.
    pub(crate) fn fire(&self) -> Result<Seen> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/load.lua");
        let mut wrk = Command::new("wrk");
        wrk.args(["--threads", "1", "--timeout", "30s", "--connections", &self.connections.to_string()]);
        wrk.args(["--duration", &format!("{}s", self.time.as_secs()), "--script"]).arg(script);
        wrk.arg(self.origin).arg("--").args(&self.words).stdin(Stdio::null());
        let output = wrk.output().context("cannot run wrk: apt-get install wrk")?;

        let text = String::from_utf8_lossy(&output.stdout);
        let result = text.lines().find_map(|line| line.strip_prefix("RESULT "));
        let result = result.with_context(|| format!("{text}{}", String::from_utf8_lossy(&output.stderr)))?;
        let seen: Seen = serde_json::from_str(result).with_context(|| result.to_owned())?;
        ensure!(
            seen.bad < seen.requests,
            "{}: no good answer; the first was {}",
            self.words[0],
            seen.first_bad
        );
        Ok(seen)
    }
}

impl Seen {
    /// Good answers a second.
    pub(crate) fn rate(&self) -> f64 {
        (self.requests - self.bad) as f64 / self.seconds()
    }

    /// Bad answers and missing ones.
    pub(crate) fn failed(&self) -> u64 {
        self.bad + self.broken
    }

    /// How long it took.
    pub(crate) fn seconds(&self) -> f64 {
        self.micros as f64 / 1e6
    }

    /// 50 %, 95 % and 99 % of the answers came within these milliseconds, the slowest within the last.
    pub(crate) fn latencies(&self) -> [f64; 4] {
        [self.p50, self.p95, self.p99, self.worst].map(|micros| micros as f64 / 1e3)
    }

    /// Bad answers and missing ones, with the first of the bad.
    pub(crate) fn errors(&self) -> String {
        match (self.failed(), self.first_bad.as_str()) {
            (0, _) => "0".into(),
            (errors, "") => errors.to_string(),
            (errors, first) => format!("{errors}: {first}"),
        }
    }
}
