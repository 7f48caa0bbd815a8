//! `cargo xtask bench`: the measurements of `bench/`.

use anyhow::Result;

use super::cargo;
use crate::need::{self, postgres};
use crate::{run, workspace};

/// Sets up what the benches need, builds the binary as users build it, and runs `bench` with `arguments`.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    need::bench()?;
    run::shown(cargo().args(["build", "--release", "--package", "vestibule"]))?;
    let binary = workspace::target().join("release").join("vestibule");
    let cluster = postgres::Cluster::start()?;

    let mut bench = cargo();
    bench.args(["run", "--release", "--package", "vestibule-bench", "--"]).args(arguments);
    bench.env("VESTIBULE_BIN", binary);
    bench.env("VESTIBULE_TEST_POSTGRES", cluster.url());

    run::shown(&mut bench)
}
