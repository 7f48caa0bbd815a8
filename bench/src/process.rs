//! What the kernel says about a process: `/proc`, and `perf` for its syncs.

use std::fs;
use std::io::Read as _;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};

/// Clock ticks a second in `/proc/PID/stat`: 100 on every Linux that matters (`getconf CLK_TCK`).
const TICKS: f64 = 100.0;

/// Resident memory in MiB.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Memory {
    /// `RssAnon`: heap and stacks.
    pub(crate) anon: f64,
    /// `RssFile`: the binary's own pages, mostly.
    pub(crate) file: f64,
}

impl Memory {
    /// What `pid` holds now.
    ///
    /// # Errors
    ///
    /// It is gone.
    pub(crate) fn of(pid: u32) -> Result<Self> {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).context("no such process")?;
        Ok(Self { anon: mebibytes(&status, "RssAnon:"), file: mebibytes(&status, "RssFile:") })
    }

    /// The larger of both, each by itself.
    #[must_use]
    pub(crate) fn or_more(self, other: Self) -> Self {
        Self { anon: self.anon.max(other.anon), file: self.file.max(other.file) }
    }
}

fn mebibytes(status: &str, name: &str) -> f64 {
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kibibytes = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kibibytes.unwrap_or_default() / 1024.0
}

/// Processor seconds that `pid` has used, all threads, user and system.
pub(crate) fn cpu_seconds(pid: u32) -> f64 {
    stat(pid).map_or(0.0, |stat| (stat.own + stat.reaped) / TICKS)
}

/// The same with all the children of `pid`, living and reaped: a PostgreSQL server.
pub(crate) fn family_cpu_seconds(pid: u32) -> f64 {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let children = pids.filter_map(stat).filter(|stat| stat.parent == pid);
    cpu_seconds(pid) + children.map(|stat| stat.own / TICKS).sum::<f64>()
}

/// Waits until the disk has written what was there before, so that no measurement pays for the one before it.
///
/// # Errors
///
/// There is no `sync`.
pub(crate) fn settle_disk() -> Result<()> {
    Command::new("sync").status().context("cannot run sync").map(drop)
}

struct Stat {
    parent: u32,
    own: f64,
    reaped: f64,
}

/// proc_pid_stat(5): after the name in parentheses, which may hold anything, the third field is the first.
fn stat(pid: u32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let number = |field: usize| fields.get(field - 3)?.parse::<f64>().ok();
    Some(Stat {
        parent: fields.get(1)?.parse().ok()?,
        own: number(14)? + number(15)?,
        reaped: number(16)? + number(17)?,
    })
}

/// What the store calls the thread that commits.
const WRITER: &str = "store-writer";

/// Counts the syncs of a process while it lives, at next to no cost: `perf stat` on two tracepoints, thread by thread.
pub(crate) struct SyncCounter(Option<Child>);

/// Syncs of one process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Syncs {
    /// Of every thread.
    pub(crate) all: u64,
    /// Of the store's writer, whose every commit is one.
    pub(crate) writer: u64,
}

impl SyncCounter {
    /// Counts from now on.
    pub(crate) fn start(pid: u32) -> Self {
        let mut perf = Command::new("perf");
        perf.args(["stat", "--per-thread", "-x", ";", "-p", &pid.to_string()]);
        perf.args(["-e", "syscalls:sys_enter_fdatasync", "-e", "syscalls:sys_enter_fsync"]);
        perf.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        Self(perf.spawn().ok())
    }

    /// What was counted; `None` where perf is not there or may not look.
    pub(crate) fn stop(self) -> Option<Syncs> {
        let mut perf = self.0?;
        Command::new("kill").args(["-INT", &perf.id().to_string()]).status().ok()?;
        let mut text = String::new();
        perf.stderr.take()?.read_to_string(&mut text).ok()?;
        perf.wait().ok()?;

        let counts = || text.lines().filter_map(thread_and_count);
        let all = counts().map(|(_, count)| count).sum();
        let writer = counts().filter(|(thread, _)| thread.starts_with(WRITER)).map(|(_, count)| count).sum();
        Some(Syncs { all, writer })
    }
}

/// A line of `perf stat --per-thread -x ;`: name and id of the thread, count, unit, event, ….
fn thread_and_count(line: &str) -> Option<(&str, u64)> {
    let mut fields = line.split(';');
    Some((fields.next()?, fields.next()?.parse().ok()?))
}
