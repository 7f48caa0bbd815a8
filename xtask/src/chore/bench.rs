//! `cargo xtask bench`: the measurements of `bench/`.

use anyhow::Result;

use super::{build_binary, cargo};
use crate::need::{self, postgres};
use crate::run;

/// Sets up what the benches need, builds the binary, and runs `bench` with `arguments`.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    need::bench()?;
    let binary = build_binary()?;
    let cluster = postgres::Cluster::start()?;

    let mut bench = cargo();
    bench.args(["run", "--profile", "checked", "--package", "vestibule-bench", "--"]).args(arguments);
    bench.env("VESTIBULE_BIN", binary);
    bench.env("VESTIBULE_TEST_POSTGRES", cluster.url());

    run::shown(&mut bench)
}
