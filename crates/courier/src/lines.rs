//! The lines to the relay: relays count connections, so there are only so many, one of them kept for passcodes.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use vestibule_model::Lane;

use crate::transport::{Line, Transport};

/// All lines. A line is taken for one mail and goes back by itself.
pub(crate) struct Lines {
    kept_for_passcodes: Arc<Pool>,
    shared: Arc<Pool>,
}

impl Lines {
    /// As many as `smtp.connections` says, two at least.
    pub(crate) fn new(transport: &dyn Transport, connections: usize) -> Self {
        Self {
            kept_for_passcodes: Pool::of(transport, 1),
            shared: Pool::of(transport, connections.saturating_sub(1).max(1)),
        }
    }

    /// Waits for a line. Passcodes take any, everything else leaves the kept one alone.
    pub(crate) async fn take(&self, lane: Lane) -> TakenLine {
        match lane {
            Lane::Ordinary => self.shared.take().await,
            Lane::Passcode => tokio::select! {
                biased;
                line = self.kept_for_passcodes.take() => line,
                line = self.shared.take() => line,
            },
        }
    }

    /// Lets idle lines give their connections back.
    pub(crate) fn rest(&self) {
        for pool in [&self.kept_for_passcodes, &self.shared] {
            pool.free().iter_mut().for_each(|line| line.rest());
        }
    }
}

struct Pool {
    free: Mutex<Vec<Box<dyn Line>>>,
    permits: Arc<Semaphore>,
}

impl Pool {
    fn of(transport: &dyn Transport, lines: usize) -> Arc<Self> {
        let free = std::iter::repeat_with(|| transport.line()).take(lines).collect();
        Arc::new(Self { free: Mutex::new(free), permits: Arc::new(Semaphore::new(lines)) })
    }

    async fn take(self: &Arc<Self>) -> TakenLine {
        let permit = Arc::clone(&self.permits).acquire_owned().await.expect("the semaphore is never closed");
        // The one used last, so that the others can rest.
        let line = self.free().pop().expect("as many lines as permits");

        TakenLine { line: Some(line), pool: Arc::clone(self), _permit: permit }
    }

    fn free(&self) -> std::sync::MutexGuard<'_, Vec<Box<dyn Line>>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A line in use.
pub(crate) struct TakenLine {
    line: Option<Box<dyn Line>>,
    pool: Arc<Pool>,
    // Dropped after `drop` below put the line back.
    _permit: OwnedSemaphorePermit,
}

impl Deref for TakenLine {
    type Target = dyn Line;

    fn deref(&self) -> &Self::Target {
        self.line.as_deref().expect("there until it is dropped")
    }
}

impl DerefMut for TakenLine {
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.line.as_deref_mut().expect("there until it is dropped")
    }
}

impl Drop for TakenLine {
    fn drop(&mut self) {
        if let Some(line) = self.line.take() {
            self.pool.free().push(line);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll, Waker};

    use super::*;
    use crate::transport::NoRelay;

    fn polled(lines: &Lines, lane: Lane) -> Option<TakenLine> {
        let taking = std::pin::pin!(lines.take(lane));
        match taking.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(line) => Some(line),
            Poll::Pending => None,
        }
    }

    #[test]
    fn ordinary_mail_leaves_one_line_to_passcodes() {
        let lines = Lines::new(&NoRelay, 4);
        let busy: Vec<_> = std::iter::from_fn(|| polled(&lines, Lane::Ordinary)).collect();

        assert_eq!(busy.len(), 3);
        assert!(polled(&lines, Lane::Passcode).is_some());
    }

    #[test]
    fn passcodes_take_every_line_that_is_free() {
        let lines = Lines::new(&NoRelay, 4);
        let busy: Vec<_> = std::iter::from_fn(|| polled(&lines, Lane::Passcode)).collect();
        assert_eq!(busy.len(), 4);

        drop(busy);
        assert!(polled(&lines, Lane::Ordinary).is_some());
    }
}
