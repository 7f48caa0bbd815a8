//! Chores of this repository, in Rust: `cargo xtask <chore>`.
//!
//! Each chore sets up what it needs (a database cluster, a browser, a Python environment), runs, and takes it down
//! again. What is missing it installs when it is root on Debian, and names otherwise. Start reading in [`chore`].

mod chore;
mod need;
mod run;
mod workspace;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask <chore> [arguments]

  test [filter …]       everything that can be tested, with what it needs set up; arguments go to `cargo test`
  bench [arguments]     the measurements of bench/, as ratios in one run
  pictures              every screen and mail into pictures/, both languages, two widths, light and dark
  fuzz [target] [secs]  the fuzz targets of fuzz/, one or all, 60 seconds each unless told
  with <command> …      any command among what the tests need, for working on one of them
  setup                 only installs and prepares what `test` needs";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let chore = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();

    let outcome = match chore.as_str() {
        "test" => chore::test::run(&rest),
        "bench" => chore::bench::run(&rest),
        "pictures" => chore::pictures::run(&rest),
        "fuzz" => chore::fuzz::run(&rest),
        "with" => chore::with::run(&rest),
        "setup" => need::acceptance().map(drop),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };

    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
