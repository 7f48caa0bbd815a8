//! The one small trait behind which the engines differ.

use std::time::Duration;

use futures_util::future::BoxFuture;
use vestibule_model::{Guard, TenantId};

use crate::sql::{Rows, Statement};
use crate::{CommitError, StoreError};

/// What an engine can do. Two of them stand behind it: `sqlite` and `postgres`.
pub(crate) trait Driver: Send + Sync {
    /// Whether units must name their locks: an engine with one writer has none to take.
    fn takes_locks(&self) -> bool;

    /// Runs the statements against one consistent snapshot, in one round trip where the engine allows. Past `deadline`:
    /// [`StoreError::TooExpensive`].
    fn fetch(
        &self,
        statements: Vec<Statement>,
        deadline: Option<Duration>,
    ) -> BoxFuture<'_, Result<Vec<Rows>, StoreError>>;

    /// Applies the steps of one unit atomically and durably; may share its durable commit with other units.
    fn apply(&self, unit: Prepared) -> BoxFuture<'_, Result<Applied, CommitError>>;

    /// Finishes what waits, and closes.
    fn close(&self) -> BoxFuture<'_, Result<(), StoreError>>;
}

/// A unit as an engine gets it: locks to take, then steps in order, guards first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Prepared {
    /// Taken before anything else, sorted by number, without duplicates.
    pub(crate) locks: Vec<Lock>,
    /// Run in order.
    pub(crate) steps: Vec<Step>,
}

/// One statement of a unit.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// What to run.
    pub(crate) statement: Statement,
    /// What must come of it.
    pub(crate) expect: Expect,
    /// What is broken otherwise.
    pub(crate) guard: Guard,
}

/// How many rows a step must find or change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expect {
    /// Whatever it does is right.
    Any,
    /// None.
    None,
    /// At least one.
    Some,
}

impl Expect {
    /// Whether so many rows are right.
    pub(crate) fn admits(self, rows: u64) -> bool {
        match self {
            Self::Any => true,
            Self::None => rows == 0,
            Self::Some => rows > 0,
        }
    }
}

/// What came of a unit: the rows that each of its steps returned.
#[derive(Clone, Debug, Default)]
pub(crate) struct Applied(pub(crate) Vec<Rows>);

/// A lock on one fact, held until the unit has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lock {
    /// The first 8 bytes of SHA-256 over kind, tenant and key: the same in every release, since old and new nodes share a
    /// database. Two facts with one number only wait for each other.
    pub(crate) number: i64,
    /// Whether the unit changes the fact, or only relies on it.
    pub(crate) is_exclusive: bool,
}

impl Lock {
    /// The lock on `key` of this kind; facts of the whole store have no tenant.
    pub(crate) fn on(kind: &str, tenant: Option<TenantId>, key: &[u8], is_exclusive: bool) -> Self {
        let mut context = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
        context.update(kind.as_bytes());
        context.update(&[0]);
        context.update(tenant.as_ref().map_or(&[0; 16], |tenant| tenant.as_bytes()));
        context.update(key);
        let mut number = [0; 8];
        number.copy_from_slice(&context.finish().as_ref()[..8]);

        Self { number: i64::from_be_bytes(number), is_exclusive }
    }
}

/// Sorts locks by number; of two on one fact the stronger stays.
pub(crate) fn in_order(mut locks: Vec<Lock>) -> Vec<Lock> {
    locks.sort_by_key(|lock| (lock.number, !lock.is_exclusive));
    locks.dedup_by_key(|lock| lock.number);
    locks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_a_lock_never_changes() {
        let lock = Lock::on("user", Some(TenantId(uuid::Uuid::nil())), b"key", true);

        assert_eq!(lock.number, Lock::on("user", None, b"key", false).number);
        assert_eq!(lock.number, NUMBER_OF_A_LOCK);
    }

    const NUMBER_OF_A_LOCK: i64 = -2_517_524_634_504_000_203;

    #[test]
    fn of_two_locks_on_one_fact_the_stronger_stays() {
        let weak = Lock { number: 7, is_exclusive: false };
        let strong = Lock { number: 7, is_exclusive: true };
        let other = Lock { number: 3, is_exclusive: false };

        assert_eq!(in_order(vec![weak, strong, other, weak]), [other, strong]);
    }
}
