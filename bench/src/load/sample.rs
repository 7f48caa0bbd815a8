//! One run of the generator against one server, with what the kernel saw meanwhile.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, Result};

use crate::process::{self, Memory, SyncCounter, Syncs};
use crate::server::Server;
use crate::wrk::{Seen, Shot};

/// How often memory and the log are looked at.
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// Before each run, to fill caches and connections.
const WARM_UP: Duration = Duration::from_secs(1);

/// One load.
pub(crate) struct Load<'a> {
    /// Against whom.
    pub(crate) server: &'a Server,
    /// A kind of `scripts/load.lua` with its arguments.
    pub(crate) words: Vec<String>,
    /// Kept alive all the time.
    pub(crate) connections: usize,
    /// How long.
    pub(crate) time: Duration,
    /// The data folder, to watch the log.
    pub(crate) folder: &'a Path,
}

/// What came of it.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    /// What the generator saw.
    pub(crate) seen: Seen,
    /// Good answers before the measurement began.
    pub(crate) warm_up: u64,
    /// Processor seconds of the server.
    pub(crate) cpu_seconds: f64,
    /// Its largest memory.
    pub(crate) memory: Memory,
    /// The largest log of SQLite, in MiB.
    pub(crate) log_mib: f64,
    /// Its syncs, where `perf` can tell.
    pub(crate) syncs: Option<Syncs>,
}

impl Load<'_> {
    /// Lets the disk settle, warms up, then measures.
    ///
    /// # Errors
    ///
    /// No good answer came.
    pub(crate) fn run(&self) -> Result<Sample> {
        process::settle_disk()?;
        let warm_up = self.shot("warm", WARM_UP).fire()?;
        let watch = Watch::start(self.server.pid(), self.folder);
        let syncs = SyncCounter::start(self.server.pid());
        let cpu = self.server.cpu_seconds();

        let seen = self.shot("hot", self.time).fire()?;

        let cpu_seconds = self.server.cpu_seconds() - cpu;
        let syncs = syncs.stop();
        let (memory, log_mib) = watch.stop()?;
        eprintln!("  {}, {} connections: {:.0} a second", self.words[0], self.connections, seen.rate());
        Ok(Sample { warm_up: warm_up.requests - warm_up.bad, seen, cpu_seconds, memory, log_mib, syncs })
    }

    /// `{phase}` in a word makes the addresses of warm-up and measurement different.
    fn shot(&self, phase: &str, time: Duration) -> Shot<'_> {
        let words = self.words.iter().map(|word| word.replace("{phase}", phase)).collect();
        Shot { origin: self.server.url(), words, connections: self.connections, time }
    }
}

impl Sample {
    /// Good answers in all, those of the warm-up included.
    pub(crate) fn good(&self) -> u64 {
        self.warm_up + self.seen.requests - self.seen.bad
    }

    /// How many of the server's cores were busy.
    pub(crate) fn cores(&self) -> f64 {
        self.cpu_seconds / self.seen.seconds()
    }

    /// Milliseconds of processor time of the server for a thousand answers.
    pub(crate) fn cpu_per_thousand(&self) -> f64 {
        self.cpu_seconds * 1e6 / self.seen.requests as f64
    }

    /// How many answers share one durable commit, where `perf` could tell.
    pub(crate) fn batch(&self) -> Option<f64> {
        let syncs = self.syncs.filter(|syncs| syncs.writer > 0)?;
        Some(self.seen.requests as f64 / syncs.writer as f64)
    }
}

/// Looks at a process while it works.
struct Watch {
    is_over: Arc<AtomicBool>,
    looking: JoinHandle<Result<(Memory, f64)>>,
}

impl Watch {
    fn start(pid: u32, folder: &Path) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let (over, log) = (is_over.clone(), folder.join("vestibule.db-wal"));
        let looking = thread::spawn(move || look(pid, &log, &over));
        Self { is_over, looking }
    }

    fn stop(self) -> Result<(Memory, f64)> {
        self.is_over.store(true, Ordering::Relaxed);
        self.looking.join().ok().context("the watch panicked")?
    }
}

fn look(pid: u32, log: &PathBuf, is_over: &AtomicBool) -> Result<(Memory, f64)> {
    let (mut memory, mut log_bytes) = (Memory::default(), 0);
    while !is_over.load(Ordering::Relaxed) {
        memory = memory.or_more(Memory::of(pid)?);
        log_bytes = log_bytes.max(fs::metadata(log).map_or(0, |log| log.len()));
        thread::sleep(BETWEEN_LOOKS);
    }
    Ok((memory, log_bytes as f64 / f64::from(1 << 20)))
}
