//! One process at a time in a data folder.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// An exclusive lock on `DATA/lock`, held until dropped. The file stays and names the last holder.
#[derive(Debug)]
pub(crate) struct DataLock(#[expect(dead_code, reason = "the lock lives as long as the open file")] File);

/// Why the folder could not be locked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LockError {
    #[error("{} is in use by another vestibule{}", data.display(), pid.map(|pid| format!(" (pid {pid})")).unwrap_or_default())]
    Held { data: PathBuf, pid: Option<u32> },
    #[error("{} cannot be locked: {why}", data.display())]
    Io { data: PathBuf, why: io::Error },
}

impl DataLock {
    /// Takes the lock, or says at once who has it.
    ///
    /// # Errors
    ///
    /// [`LockError::Held`] with the holder's process id, or what the file system said.
    pub(crate) fn take(data: &Path) -> Result<Self, LockError> {
        let broken = |why| LockError::Io { data: data.into(), why };
        let path = data.join("lock");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(broken)?;
        match lock_past_a_look(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(held(data, &mut file)),
            Err(TryLockError::Error(why)) => return Err(broken(why)),
        }

        let name_us = |file: &mut File| {
            file.set_len(0)?;
            file.rewind()?;
            writeln!(file, "{}", std::process::id())
        };
        name_us(&mut file).map_err(broken)?;
        Ok(Self(file))
    }

    /// Whether somebody has the lock now, as the error that whoever wants it would get. Leaves no trace: it writes nothing
    /// and makes no file, and two that look do not see each other.
    pub(crate) fn look(data: &Path) -> Option<LockError> {
        let mut file = File::open(data.join("lock")).ok()?;
        match file.try_lock_shared() {
            Err(TryLockError::WouldBlock) => Some(held(data, &mut file)),
            Ok(()) | Err(TryLockError::Error(_)) => None,
        }
    }
}

/// Takes the lock even if somebody looks at this moment: [`DataLock::look`] is over in microseconds, a server is not.
fn lock_past_a_look(file: &File) -> Result<(), TryLockError> {
    for _ in 0..20 {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(2)),
            taken => return taken,
        }
    }
    file.try_lock()
}

fn held(data: &Path, file: &mut File) -> LockError {
    let mut holder = String::new();
    let pid = file.read_to_string(&mut holder).ok().and_then(|_| holder.trim().parse().ok());
    LockError::Held { data: data.into(), pid }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[test]
    fn the_second_one_is_told_who_was_first_until_the_first_lets_go() {
        let data = tempfile::tempdir().unwrap();

        let first = DataLock::take(data.path()).unwrap();
        let second = DataLock::take(data.path()).unwrap_err();
        assert!(matches!(second, LockError::Held { pid: Some(pid), .. } if pid == std::process::id()));

        drop(first);
        assert!(DataLock::take(data.path()).is_ok());
    }

    #[test]
    fn looking_tells_who_has_it_and_leaves_no_trace() {
        let data = tempfile::tempdir().unwrap();
        assert!(DataLock::look(data.path()).is_none());
        assert!(!data.path().join("lock").exists());

        let holder = DataLock::take(data.path()).unwrap();
        let seen = DataLock::look(data.path());
        assert!(matches!(seen, Some(LockError::Held { pid: Some(pid), .. }) if pid == std::process::id()));

        drop(holder);
        std::fs::write(data.path().join("lock"), "4711\n").unwrap();
        assert!(DataLock::look(data.path()).is_none());
        assert_eq!(std::fs::read_to_string(data.path().join("lock")).unwrap(), "4711\n");
    }

    #[test]
    fn who_looks_stands_in_nobodys_way() {
        let data = tempfile::tempdir().unwrap();
        drop(DataLock::take(data.path()).unwrap());
        let is_over = AtomicBool::new(false);

        std::thread::scope(|threads| {
            threads.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    DataLock::look(data.path());
                }
            });
            let taken = (0..2_000).map(|_| DataLock::take(data.path()).map(drop)).find(Result::is_err);
            is_over.store(true, Ordering::Relaxed);
            assert!(taken.is_none(), "{taken:?}");
        });
    }
}
