//! The real clock and the real source of ids: the only place of the product that asks the operating system for either.

use std::sync::Mutex;

use jiff::Timestamp;
use uuid::{ContextV7, Uuid};
use vestibule_model::{Clock, Ids};

/// The time of the operating system.
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everybody else is handed")]
    fn now(&self) -> Timestamp {
        microseconds(Timestamp::now())
    }
}

/// What the store can hold of an instant: so that what is answered is what is read again.
fn microseconds(instant: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(instant.as_microsecond()).unwrap_or(instant)
}

/// Ids from the operating system's random source.
pub(crate) struct SystemIds {
    /// Counts within a millisecond, so that ids ascend there too.
    ascending: Mutex<ContextV7>,
}

impl SystemIds {
    pub(crate) fn new() -> Self {
        Self { ascending: Mutex::new(ContextV7::new()) }
    }
}

impl Ids for SystemIds {
    fn ascending(&self, now: Timestamp) -> Uuid {
        let context = self.ascending.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let seconds = u64::try_from(now.as_second()).unwrap_or(0);
        let nanoseconds = now.subsec_nanosecond().unsigned_abs();
        Uuid::new_v7(uuid::Timestamp::from_unix(&*context, seconds, nanoseconds))
    }

    #[expect(clippy::disallowed_methods, reason = "this is the source that everybody else is handed")]
    fn random(&self) -> Uuid {
        Uuid::new_v4()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_ascend_and_carry_the_instant_they_were_asked_for() {
        let ids = SystemIds::new();
        let now: Timestamp = "2026-11-20T15:00:00.123456Z".parse().unwrap();

        let drawn: Vec<Uuid> = (0..10_000).map(|_| ids.ascending(now)).collect();

        assert!(drawn.is_sorted_by(|left, right| left < right));
        let (seconds, nanoseconds) = drawn[0].get_timestamp().unwrap().to_unix();
        assert_eq!((seconds, nanoseconds), (now.as_second().unsigned_abs(), 123_000_000));
    }
}
