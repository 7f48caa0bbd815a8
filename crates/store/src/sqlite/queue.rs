//! A bounded queue between tasks that wait and threads that work.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Many push, many pop.
pub(super) struct Queue<T> {
    inner: Mutex<Inner<T>>,
    arrived: Condvar,
    most: usize,
}

struct Inner<T> {
    waiting: VecDeque<T>,
    is_closed: bool,
}

/// Why nothing was pushed.
pub(super) enum Refused {
    /// As many wait as may.
    Full,
    /// Nobody pops any more.
    Closed,
}

impl<T> Queue<T> {
    /// For `most` waiting at once.
    pub(super) fn new(most: usize) -> Self {
        let inner = Inner { waiting: VecDeque::new(), is_closed: false };
        Self { inner: Mutex::new(inner), arrived: Condvar::new(), most }
    }

    /// Puts one at the end.
    pub(super) fn push(&self, one: T) -> Result<(), Refused> {
        let mut inner = self.lock();
        if inner.is_closed {
            return Err(Refused::Closed);
        }
        if inner.waiting.len() >= self.most {
            return Err(Refused::Full);
        }
        inner.waiting.push_back(one);
        drop(inner);
        self.arrived.notify_one();
        Ok(())
    }

    /// Waits for one, then takes it and what else waits, `most` in all; `None` once it is closed and empty.
    pub(super) fn pop(&self, most: usize) -> Option<Vec<T>> {
        let mut inner = self.lock();
        while inner.waiting.is_empty() {
            if inner.is_closed {
                return None;
            }
            inner = self.arrived.wait(inner).unwrap_or_else(PoisonError::into_inner);
        }
        let count = inner.waiting.len().min(most);
        Some(inner.waiting.drain(..count).collect())
    }

    /// What waits is still done, nothing more is taken.
    pub(super) fn close(&self) {
        self.lock().is_closed = true;
        self.arrived.notify_all();
    }

    /// Nobody will do what waits: whoever waits for it is told at once, since its answer's sender is dropped.
    pub(super) fn abandon(&self) {
        self.close();
        let waiting = std::mem::take(&mut self.lock().waiting);
        drop(waiting);
    }

    fn lock(&self) -> MutexGuard<'_, Inner<T>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
