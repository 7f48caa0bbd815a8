//! Measurements of the built binary against the ceilings of this machine, as ratios in one run: `cargo xtask bench`.
//!
//! Absolute numbers of one machine say nothing about another; what the same minutes on the same machine allowed does.
//! `limits` has the ceilings, `load` the loads, `growth` the same among more users, `start` the times until ready.

mod growth;
mod guests;
mod http;
mod limits;
mod load;
mod machine;
mod populate;
mod postgres;
mod process;
mod server;
mod start;
mod table;
mod wanted;
mod wrk;

use std::time::Duration;

use anyhow::Result;
use clap::{Parser, ValueEnum};

use wanted::Wanted;

/// Measures the built binary (VESTIBULE_BIN) on SQLite and on PostgreSQL (VESTIBULE_TEST_POSTGRES)
#[derive(Parser)]
struct Arguments {
    /// What to measure; everything but `bare` unless told
    #[arg(value_enum)]
    what: Vec<What>,
    /// How long each load lasts
    #[arg(long, default_value_t = 8, value_name = "N")]
    seconds: u64,
}

#[derive(Clone, Copy, ValueEnum)]
enum What {
    /// The ceilings of this machine
    Limits,
    /// Invitations, single reads and tokens under load, as shares of their ceilings
    Load,
    /// The same among 1,000, 100,000 and 1,000,000 users
    Growth,
    /// From exec to ready, and memory when idle
    Start,
    /// Only the bare route, until killed; the others start it themselves
    Bare,
}

fn main() -> Result<()> {
    let Arguments { what, seconds } = Arguments::parse();
    let time = Duration::from_secs(seconds);
    let all = [What::Start, What::Limits, What::Load, What::Growth];
    let chosen = if what.is_empty() { &all[..] } else { &what };
    if let [What::Bare] = chosen {
        return limits::bare::serve();
    }

    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    machine::print(&populate::home()?)?;
    let mut wanted = Wanted::default();
    for what in chosen {
        match what {
            What::Limits => limits::run(time)?,
            What::Load => load::run(time, &mut wanted)?,
            What::Growth => growth::run(time, &mut wanted)?,
            What::Start => start::run(&mut wanted)?,
            What::Bare => limits::bare::serve()?,
        }
    }
    wanted.print();
    Ok(())
}
