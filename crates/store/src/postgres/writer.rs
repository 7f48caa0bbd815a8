//! Applying units: locks, then guards with fresh snapshots, then rows, then one commit.
//!
//! A guard alone would not hold here: two transactions can both see "address free" and both commit. So every guard takes an
//! advisory lock first, shared by those who rely on the fact, exclusive for those who change it, always in order of number. The guards
//! follow as later statements, each with a snapshot of its own.
//!
//! What waits shares a transaction, optimistically: when any count in it is wrong, all is rolled back and each unit runs alone.

use std::sync::Arc;

use deadpool_postgres::ClientWrapper;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinHandle;
use vestibule_model::Guard;

use super::connect::Connections;
use super::run::{Answer, in_pipeline, is_conflict, locks, meaning, plans};
use super::statistics::Statistics;
use crate::driver::{Applied, Lock, Prepared, in_order};
use crate::{CommitError, StoreError};

/// How many units may wait; one more is told that the store is busy.
const MOST_WAITING: usize = 2048;

/// How many units share a transaction at most.
const MOST_SHARING: usize = 32;

/// How many transactions run beside each other at most.
const MOST_WRITERS: usize = 4;

/// How often a unit that lost to another transaction is tried again at once.
const TRIES: usize = 4;

type Outcome = Result<Applied, CommitError>;

/// The writers.
pub(super) struct Writer {
    queue: std::sync::Mutex<Option<mpsc::Sender<Job>>>,
    tasks: std::sync::Mutex<Vec<JoinHandle<()>>>,
}

struct Job {
    unit: Prepared,
    answer: oneshot::Sender<Outcome>,
}

impl Writer {
    /// Starts as many as leave connections for reading.
    pub(super) fn start(connections: &Connections, most: usize) -> Self {
        let (queue, waiting) = mpsc::channel(MOST_WAITING);
        let waiting = Arc::new(Mutex::new(waiting));
        let writers = (most / 2).clamp(1, MOST_WRITERS);
        let statistics = Arc::new(Statistics::default());
        let start =
            |_| tokio::spawn(write(connections.clone(), Arc::clone(&waiting), Arc::clone(&statistics)));
        let tasks = (0..writers).map(start).collect();

        Self { queue: std::sync::Mutex::new(Some(queue)), tasks: std::sync::Mutex::new(tasks) }
    }

    /// Waits for the commit that makes `unit` durable.
    pub(super) async fn apply(&self, unit: Prepared) -> Outcome {
        let (answer, outcome) = oneshot::channel();
        let queue = self.queue.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        let queue = queue.ok_or_else(|| StoreError::Unavailable("the store is closed".into()))?;
        queue.try_send(Job { unit, answer }).map_err(|refused| match refused {
            TrySendError::Full(_) => StoreError::busy(),
            TrySendError::Closed(_) => StoreError::Unavailable("the writers stopped".into()),
        })?;
        outcome.await.unwrap_or_else(|_| Err(StoreError::Unavailable("the writer stopped".into()).into()))
    }

    /// Lets what waits be written, then ends.
    pub(super) async fn close(&self) {
        drop(self.queue.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take());
        let tasks =
            std::mem::take(&mut *self.tasks.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        for task in tasks {
            let _ = task.await;
        }
    }
}

async fn write(
    connections: Connections,
    waiting: Arc<Mutex<mpsc::Receiver<Job>>>,
    statistics: Arc<Statistics>,
) {
    let mut next = Vec::new();
    loop {
        if next.is_empty() {
            next = gathered(&mut *waiting.lock().await).await;
            if next.is_empty() {
                return;
            }
        }
        let (batch, conflicting) = without_conflicts(std::mem::take(&mut next));
        next = conflicting;
        let (units, answers): (Vec<_>, Vec<_>) = batch.into_iter().map(|job| (job.unit, job.answer)).unzip();
        for (answer, outcome) in answers.into_iter().zip(apply_all(&connections, &units).await) {
            let _ = answer.send(outcome); // Whoever asked may have gone; the write stands.
        }
        statistics.note(units.len(), &connections);
    }
}

/// One, and whatever else waits; none once the queue is closed.
async fn gathered(waiting: &mut mpsc::Receiver<Job>) -> Vec<Job> {
    let mut jobs = Vec::with_capacity(MOST_SHARING);
    waiting.recv_many(&mut jobs, MOST_SHARING).await;
    jobs
}

/// Units that would stand in each other's way go into later transactions: sharing one would only roll it back.
fn without_conflicts(jobs: Vec<Job>) -> (Vec<Job>, Vec<Job>) {
    let mut held: Vec<Lock> = Vec::new();
    jobs.into_iter().partition(|job| {
        let clashes = |lock: &Lock| {
            held.iter().any(|held| held.number == lock.number && (held.is_exclusive || lock.is_exclusive))
        };
        let is_free = !job.unit.locks.iter().any(clashes);
        if is_free {
            held.extend(&job.unit.locks);
        }
        is_free
    })
}

async fn apply_all(connections: &Connections, units: &[Prepared]) -> Vec<Outcome> {
    if let [unit] = units {
        return vec![alone(connections, unit).await];
    }
    match together(connections, units).await {
        Ok(applied) => applied.into_iter().map(Ok).collect(),
        // The commit itself failed: whether it happened is unknown, so nothing may be tried again.
        Err(Failed::Unknown(error)) => units.iter().map(|_| Err(unanswered(&error).into())).collect(),
        // No connection can be had, or the database is silent: each alone would wait for one just as long, and everybody behind them too.
        Err(Failed::Before(Cause::Store(error))) => {
            units.iter().map(|_| Err(StoreError::Unavailable(error.to_string()).into())).collect()
        }
        Err(Failed::Stale(_) | Failed::Before(Cause::Engine(_))) => {
            let mut outcomes = Vec::with_capacity(units.len());
            for unit in units {
                outcomes.push(alone(connections, unit).await);
            }
            outcomes
        }
    }
}

async fn alone(connections: &Connections, unit: &Prepared) -> Outcome {
    let mut tries = 0;
    loop {
        tries += 1;
        return match together(connections, std::slice::from_ref(unit)).await {
            Ok(mut applied) => Ok(applied.pop().unwrap_or_default()),
            Err(Failed::Stale(guard)) => Err(CommitError::Stale(guard)),
            Err(Failed::Unknown(error)) => Err(unanswered(&error).into()),
            Err(Failed::Before(Cause::Engine(error))) if is_conflict(&error) => {
                if tries < TRIES {
                    continue;
                }
                let guard = unit.steps.first().map_or(Guard::State, |step| step.guard.clone());
                Err(CommitError::Stale(guard))
            }
            // A connection of the pool had died without a word. Nothing was committed, so a fresh one may try.
            Err(Failed::Before(Cause::Engine(error))) if error.is_closed() && tries < TRIES => continue,
            Err(Failed::Before(Cause::Engine(error))) => Err(meaning(&error).into()),
            Err(Failed::Before(Cause::Store(error))) => Err(error.into()),
        };
    }
}

/// Why a transaction came to nothing, or maybe not.
enum Failed {
    /// A count was wrong; it was rolled back.
    Stale(Guard),
    /// It broke before the commit was sent.
    Before(Cause),
    /// The commit was sent and not answered.
    Unknown(StoreError),
}

enum Cause {
    Engine(tokio_postgres::Error),
    Store(StoreError),
}

impl From<Cause> for Failed {
    fn from(cause: Cause) -> Self {
        Self::Before(cause)
    }
}

impl From<tokio_postgres::Error> for Failed {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Before(Cause::Engine(error))
    }
}

/// One transaction: everything up to the last row in one go, then, when every count is right, the commit.
async fn together(connections: &Connections, units: &[Prepared]) -> Result<Vec<Applied>, Failed> {
    let trip = connections.trip().await.map_err(Cause::Store)?;
    let applied = trip.wait(rows_of(trip.client(), units)).await.map_err(Cause::Store)?;
    let end = if applied.is_ok() { "COMMIT" } else { "ROLLBACK" };
    let ended = match trip.wait(trip.client().batch_execute(end)).await {
        Ok(ended) => {
            trip.end();
            ended.map_err(|error| meaning(&error))
        }
        Err(silent) => Err(silent),
    };
    // A roll-back that failed is none the less one: the connection is gone, and the database sees it.
    applied.and_then(|applied| ended.map(|()| applied).map_err(Failed::Unknown))
}

/// Everything up to the last row.
async fn rows_of(client: &ClientWrapper, units: &[Prepared]) -> Result<Vec<Applied>, Failed> {
    let held = in_order(units.iter().flat_map(|unit| unit.locks.iter().copied()).collect());
    let steps = || units.iter().flat_map(|unit| &unit.steps);
    let mut plans = plans(client, steps().map(|step| &step.statement)).await?;
    plans.insert(0, locks(client, &held).await?);

    checked(units, in_pipeline(client, "BEGIN", &plans, None).await)
}

fn checked(units: &[Prepared], answers: Vec<Answer>) -> Result<Vec<Applied>, Failed> {
    let mut answers = answers.into_iter();
    for begun in answers.by_ref().take(2) {
        begun?; // `BEGIN`, and the locks.
    }
    units
        .iter()
        .map(|unit| {
            let mut returned = Vec::with_capacity(unit.steps.len());
            for (step, answer) in unit.steps.iter().zip(&mut answers) {
                let (count, rows) = answer?;
                if !step.expect.admits(count) {
                    return Err(Failed::Stale(step.guard.clone()));
                }
                returned.push(rows);
            }
            Ok(Applied(returned))
        })
        .collect()
}

fn unanswered(error: &StoreError) -> StoreError {
    let why = match error {
        StoreError::Unavailable(why) => why.clone(),
        other => other.to_string(),
    };
    StoreError::Unavailable(format!("a commit was not answered: {why}"))
}
