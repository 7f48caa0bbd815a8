//! Children that do not outlive their owner.

use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};

use crate::wait;

/// A running program, killed when dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
}

impl Process {
    /// Starts `command` with nothing to read and its output appended to `log`.
    ///
    /// # Errors
    ///
    /// It cannot be started.
    pub fn start(command: &mut Command, log: &Path) -> Result<Self> {
        let log = std::fs::File::options().create(true).append(true).open(log)?;
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let child = command.spawn().with_context(|| format!("cannot start {command:?}"))?;
        Ok(Self { child })
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, if it did.
    ///
    /// # Errors
    ///
    /// The system cannot say.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Ends it as a power cut would: `kill -9`, and waits until it is gone.
    ///
    /// # Errors
    ///
    /// The system refuses.
    pub fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Asks it to end (SIGTERM) and waits for it, `limit` at most.
    ///
    /// # Errors
    ///
    /// It did not end in time.
    pub async fn stop(&mut self, limit: Duration) -> Result<ExitStatus> {
        signal(self.id(), "TERM")?;
        wait::until(limit, "the end of a process after SIGTERM", async || self.ended()).await
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs `command` to its end without blocking the test's other tasks.
///
/// # Errors
///
/// It cannot be started.
pub async fn finish(mut command: Command) -> Result<Output> {
    let line = format!("{command:?}");
    command.stdin(Stdio::null());
    let output = tokio::task::spawn_blocking(move || command.output()).await?;
    output.with_context(|| format!("cannot run {line}"))
}

/// Sends the signal `name` to the process `id`, by the shell: a slim Debian has no `kill` program.
///
/// # Errors
///
/// There is no shell.
pub fn signal(id: u32, name: &str) -> Result<()> {
    Command::new("sh").args(["-c", &format!("kill -{name} {id} 2>/dev/null")]).status()?;
    Ok(())
}

/// A command that inherits none of vestibule's own variables: a test says what it means to set.
pub fn clean(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("VESTIBULE_") {
            command.env_remove(name);
        }
    }
    command
}

/// A port of loopback that was free a moment ago.
///
/// # Errors
///
/// No port can be bound.
pub fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
