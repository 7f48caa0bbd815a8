//! The thread that copies the log back into the database while others write and read.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use rusqlite::Connection;

use crate::StoreError;

/// Pages written since the last time that are worth a turn.
const WORTH_PAGES: u32 = 512;

/// The thread.
pub(super) struct Checkpoint {
    wake: SyncSender<()>,
    thread: JoinHandle<()>,
    last: u32,
}

impl Checkpoint {
    /// Starts it over a connection of its own.
    pub(super) fn start(connection: Connection) -> Result<Self, StoreError> {
        let (wake, woken) = sync_channel(1);
        let thread = std::thread::Builder::new()
            .name("store-checkpoint".into())
            .spawn(move || copy_back(&connection, &woken))
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(Self { wake, thread, last: 0 })
    }

    /// Tells how long the log is now.
    pub(super) fn wake(&mut self, pages: u32) {
        let is_new_log = pages < self.last;
        if is_new_log || pages - self.last >= WORTH_PAGES {
            let _ = self.wake.try_send(()); // One turn is waiting already.
            self.last = pages;
        }
    }

    /// Ends it.
    pub(super) fn stop(self) {
        drop(self.wake);
        let _ = self.thread.join();
    }
}

fn copy_back(connection: &Connection, woken: &Receiver<()>) {
    while woken.recv().is_ok() {
        let _ = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())); // The next turn does what is left.
    }
}
