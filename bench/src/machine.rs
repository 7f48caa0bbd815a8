//! What was measured on.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::Result;

use crate::table::{median, say};

/// How many writes are synced to know the disk.
const FLUSHES: usize = 200;

/// Prints the machine's description; `folder` is on the disk that matters.
///
/// # Errors
///
/// The disk cannot be written to.
pub(crate) fn print(folder: &Path) -> Result<()> {
    say("\n### Machine\n");
    say(&format!("- processor: {} × {}", cores(), field("/proc/cpuinfo", "model name")));
    say(&format!("- memory: {}", field("/proc/meminfo", "MemTotal")));
    say(&format!(
        "- disk: a write of 4 KiB and fdatasync take {:.2} ms (median of {FLUSHES})",
        flush_ms(folder)?
    ));
    say(&format!("- kernel: {}", first_line("uname", &["-sr"])));
    say(&format!("- compiler: {}", first_line("rustc", &["--version"])));
    say("- load generator: wrk, one thread, on the same processors as the server");
    Ok(())
}

/// How many processors there are.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn flush_ms(folder: &Path) -> Result<f64> {
    fs::create_dir_all(folder)?;
    let path = folder.join("flush");
    let mut file = File::create(&path)?;
    let mut times = Vec::with_capacity(FLUSHES);
    for _ in 0..FLUSHES {
        let began = Instant::now();
        file.write_all(&[1; 4096])?;
        file.sync_data()?;
        times.push(began.elapsed().as_secs_f64() * 1e3);
    }
    fs::remove_file(path)?;
    Ok(median(&times))
}

fn field(path: &str, name: &str) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.split_once(':'));
    value.map_or_else(|| "unknown".into(), |(_, value)| value.trim().to_owned())
}

fn first_line(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    text.lines().next().unwrap_or("unknown").to_owned()
}
