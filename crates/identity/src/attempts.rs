//! Failed attempts of clients, counted per client id and address, on this node only (`identity.md` 7).

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use vestibule_model::AppId;

/// So many failures within [`WINDOW`] …
const MOST_FAILURES: usize = 10;
/// … close the door for [`LOCK`].
const WINDOW: SignedDuration = SignedDuration::from_secs(60);
/// Counted from the last failure.
const LOCK: SignedDuration = SignedDuration::from_secs(60);
/// More pairs than this are not remembered; those that failed longest ago go first.
const MOST_PAIRS: usize = 10_000;

/// Who failed: a client id, and where from.
type Pair = (AppId, Option<IpAddr>);

/// The memory of failures.
#[derive(Default)]
pub(crate) struct FailedAttempts(Mutex<HashMap<Pair, Vec<Timestamp>>>);

impl FailedAttempts {
    /// How long `pair` must wait; `None` when it may try.
    pub(crate) fn lock_of(&self, pair: Pair, now: Timestamp) -> Option<SignedDuration> {
        let pairs = self.pairs();
        let failures = pairs.get(&pair)?;
        let last = *failures.last()?;
        let wait = (last + LOCK).duration_since(now);

        // A clock that went backwards ends every lock.
        let is_locked = failures.len() >= MOST_FAILURES && wait.is_positive() && last <= now;
        is_locked.then_some(wait)
    }

    /// One more failure of `pair`.
    pub(crate) fn count(&self, pair: Pair, now: Timestamp) {
        let mut pairs = self.pairs();
        if pairs.len() >= MOST_PAIRS && !pairs.contains_key(&pair) {
            make_room(&mut pairs, now);
        }
        let failures = pairs.entry(pair).or_default();
        failures.retain(|at| is_recent(*at, now));
        failures.push(now);
    }

    /// Forgets every failure.
    pub(crate) fn forget(&self) {
        self.pairs().clear();
    }

    fn pairs(&self) -> MutexGuard<'_, HashMap<Pair, Vec<Timestamp>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn make_room(pairs: &mut HashMap<Pair, Vec<Timestamp>>, now: Timestamp) {
    pairs.retain(|_, failures| failures.last().is_some_and(|at| is_recent(*at, now)));
    let oldest = pairs.iter().min_by_key(|(_, failures)| failures.last().copied()).map(|(pair, _)| *pair);
    if pairs.len() >= MOST_PAIRS
        && let Some(oldest) = oldest
    {
        pairs.remove(&oldest);
    }
}

fn is_recent(at: Timestamp, now: Timestamp) -> bool {
    at <= now && now.duration_since(at) < WINDOW
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const PAIR: Pair = (AppId(Uuid::nil()), None);

    #[test]
    fn the_tenth_failure_in_a_minute_locks_for_a_minute() {
        let failures = FailedAttempts::default();
        for second in 0..9 {
            failures.count(PAIR, at(second));
        }
        assert_eq!(failures.lock_of(PAIR, at(9)), None);

        failures.count(PAIR, at(9));

        assert_eq!(failures.lock_of(PAIR, at(9)), Some(SignedDuration::from_secs(60)));
        assert_eq!(failures.lock_of(PAIR, at(68)), Some(SignedDuration::from_secs(1)));
        assert_eq!(failures.lock_of(PAIR, at(69)), None);
        assert_eq!(failures.lock_of((AppId(Uuid::max()), None), at(9)), None);
    }

    #[test]
    fn failures_of_more_than_a_minute_ago_do_not_count() {
        let failures = FailedAttempts::default();
        for second in [0, 10, 20, 30, 40, 50, 60, 70, 80, 90] {
            failures.count(PAIR, at(second));
        }

        assert_eq!(failures.lock_of(PAIR, at(90)), None);
    }

    #[test]
    fn the_memory_is_bounded_and_keeps_the_latest() {
        let failures = FailedAttempts::default();
        let pair = |n: usize| (AppId(Uuid::from_u128(n as u128)), None);
        for n in 0..=MOST_PAIRS {
            failures.count(pair(n), at(i64::from(n > 0)));
        }

        assert_eq!(failures.pairs().len(), MOST_PAIRS);
        assert!(!failures.pairs().contains_key(&pair(0)));
        assert!(failures.pairs().contains_key(&pair(MOST_PAIRS)));
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }
}
