//! What happens on one connection, so that one on which nothing does can be let go.
//!
//! Over HTTP/2 a client can keep answers waiting without keeping a write waiting: it answers pings and grants no window.
//! So what counts is not whether it lives but whether it asks or reads.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Less than this in the time that a connection may idle is no reading: pings and their answers are some dozen octets.
const SOMETHING: u64 = 16 * 1024;

/// Counted by those who serve the connection. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Activity(Arc<Counts>);

#[derive(Default)]
struct Counts {
    asked: AtomicU64,
    answering: AtomicU64,
    written: AtomicU64,
}

/// How far things had come.
#[derive(Clone, Copy, Default)]
pub(super) struct Mark {
    asked: u64,
    written: u64,
}

/// A request that has no answer yet; until dropped.
pub(super) struct Answering(Activity);

impl Activity {
    /// A request has come.
    pub(super) fn asked(&self) -> Answering {
        self.0.asked.fetch_add(1, Ordering::Relaxed);
        self.0.answering.fetch_add(1, Ordering::Relaxed);
        Answering(self.clone())
    }

    /// The client's system took so many octets.
    pub(super) fn wrote(&self, octets: usize) {
        self.0.written.fetch_add(octets as u64, Ordering::Relaxed);
    }

    /// Whether a request has ever come.
    pub(super) fn has_begun(&self) -> bool {
        self.0.asked.load(Ordering::Relaxed) > 0
    }

    /// Whether since `mark` nothing was asked, nothing is being answered and next to nothing was read. Moves the mark.
    pub(super) fn is_quiet_since(&self, mark: &mut Mark) -> bool {
        let now = Mark {
            asked: self.0.asked.load(Ordering::Relaxed),
            written: self.0.written.load(Ordering::Relaxed),
        };
        let before = std::mem::replace(mark, now);
        now.asked == before.asked
            && now.written - before.written < SOMETHING
            && self.0.answering.load(Ordering::Relaxed) == 0
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.0.answering.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_waits_or_reads_is_not_quiet() {
        let activity = Activity::default();
        let mut mark = Mark::default();
        assert!(activity.is_quiet_since(&mut mark) && !activity.has_begun());

        let answering = activity.asked();
        assert!(!activity.is_quiet_since(&mut mark), "it asked");
        assert!(!activity.is_quiet_since(&mut mark), "it waits for its answer");
        drop(answering);
        activity.wrote(100_000);
        assert!(!activity.is_quiet_since(&mut mark), "it read");

        activity.wrote(100);
        assert!(activity.is_quiet_since(&mut mark) && activity.has_begun(), "that was a ping");
    }
}
