//! The worker: takes due rows from the outbox, sends them, writes down how it ended.
//!
//! One dispatcher a lane claims a row only when a line is free for it, so a row's lease begins when its attempt does.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};
use vestibule_model::audit::{Target, TargetKind};
use vestibule_model::{Clock, Context, Ids, Lane};
use vestibule_store::outbox::{Attempt, Claim};
use vestibule_store::read::users::UserKey;
use vestibule_store::{Store, StoreError};

use crate::attempt::{MOST_LOST, conclude, outcome_unknown, told};
use crate::lines::{Lines, TakenLine};
use crate::mail::Composer;
use crate::transport::{Line, Outgoing, Transport, Trouble};

/// How often the outbox is looked at when nobody says that it changed: other nodes don't (`architecture.md`).
const POLL: Duration = Duration::from_secs(1);

/// How long changes are gathered before the outbox is looked at: a busy store changes thousands of times a second.
const GATHER: Duration = Duration::from_millis(5);

/// How long a stop waits for what is under way. Rows that did not make it are found again when their lease ends.
const STOP: Duration = Duration::from_secs(10);

/// What the courier works with.
pub struct Courier {
    /// Where the outbox is.
    pub store: Store,
    /// When mail is due.
    pub clock: Arc<dyn Clock>,
    /// For audit events.
    pub ids: Arc<dyn Ids>,
    /// The words.
    pub composer: Composer,
    /// The way out.
    pub transport: Arc<dyn Transport>,
    /// `smtp.connections`.
    pub connections: usize,
}

impl Courier {
    /// Sends what is due until `stop` resolves; then finishes what is under way.
    pub async fn run(self, stop: impl Future<Output = ()> + Send) {
        let lines = Lines::new(self.transport.as_ref(), self.connections);
        let worker = Arc::new(Worker { courier: self, lines });
        let (bell, heard) = watch::channel(());
        let (end, ended) = watch::channel(());

        let mut tasks = JoinSet::new();
        for lane in [Lane::Passcode, Lane::Ordinary] {
            tasks.spawn(Arc::clone(&worker).dispatch(lane, heard.clone(), ended.clone()));
        }
        tokio::select! {
            () = stop => {}
            () = ring(&worker.courier.store, &bell) => {}
        }
        drop(end);
        tasks.join_all().await;
    }
}

/// Passes changes of the store on to both lanes, at once after a quiet time, gathered after a busy one.
///
/// It listens while it gathers: what changes in that time is passed on at its end.
async fn ring(store: &Store, bell: &watch::Sender<()>) {
    loop {
        tokio::join!(store.changed(), tokio::time::sleep(GATHER));
        bell.send_replace(());
    }
}

/// How much time one lane gives its mails.
struct Patience {
    /// Until the recipient is taken.
    offer: Duration,
    /// For the whole attempt.
    attempt: Duration,
    /// Longer than an attempt, so that no two work on one row.
    lease: SignedDuration,
}

impl Patience {
    /// `redemption.md` 3.6 for passcodes; for the rest RFC 5321 §4.5.3.2 in its spirit, with a person's patience.
    const fn of(lane: Lane) -> Self {
        match lane {
            Lane::Passcode => Self {
                offer: Duration::from_secs(3),
                attempt: Duration::from_secs(3),
                lease: SignedDuration::from_secs(4),
            },
            Lane::Ordinary => Self {
                offer: Duration::from_secs(60),
                attempt: Duration::from_secs(240),
                lease: SignedDuration::from_mins(5),
            },
        }
    }
}

struct Worker {
    courier: Courier,
    lines: Lines,
}

impl Worker {
    async fn dispatch(
        self: Arc<Self>,
        lane: Lane,
        mut bell: watch::Receiver<()>,
        mut end: watch::Receiver<()>,
    ) {
        let mut under_way = JoinSet::new();
        loop {
            tokio::select! {
                biased;
                _ = end.changed() => break,
                (claim, line) = self.next(lane, &mut bell) => {
                    under_way.spawn(Arc::clone(&self).deliver(claim, line));
                }
            }
            while under_way.try_join_next().is_some() {}
        }

        let _ = timeout(STOP, async { while under_way.join_next().await.is_some() {} }).await;
    }

    /// Waits for a due row and a line for it.
    ///
    /// Dropping this future half-way at worst leaves a claimed row to its lease.
    async fn next(&self, lane: Lane, bell: &mut watch::Receiver<()>) -> (Claim, TakenLine) {
        loop {
            self.wait_until_due(lane, bell).await;
            let line = self.lines.take(lane).await;
            let lease = Patience::of(lane).lease;
            match self.courier.store.claim(lane, self.courier.clock.now(), lease, 1).await {
                Ok(mut claims) => match claims.pop() {
                    Some(claim) => return (claim, line),
                    // Another node was faster.
                    None => tokio::time::sleep(GATHER).await,
                },
                Err(error) => {
                    tracing::warn!(?lane, %error, "the outbox cannot be read");
                    tokio::time::sleep(POLL).await;
                }
            }
        }
    }

    async fn wait_until_due(&self, lane: Lane, bell: &mut watch::Receiver<()>) {
        loop {
            bell.mark_unchanged();
            let now = self.courier.clock.now();
            let wait = match self.courier.store.next_due(lane).await {
                Ok(Some(due)) if due <= now => return,
                Ok(Some(due)) => {
                    Duration::try_from(due.duration_since(now)).map_or(POLL, |wait| wait.min(POLL))
                }
                Ok(None) => POLL,
                Err(error) => {
                    tracing::warn!(?lane, %error, "the outbox cannot be read");
                    POLL
                }
            };
            self.lines.rest();
            let _ = timeout(wait, bell.changed()).await;
        }
    }

    async fn deliver(self: Arc<Self>, claim: Claim, mut line: TakenLine) {
        let ended = self.attempt(&claim, &mut *line).await;
        drop(line);

        let Some(attempt) = ended else { return };
        report(&claim, &attempt);
        self.write_down(&claim, attempt).await;
    }

    /// One attempt at one mail. `None` when nobody knows how it ended.
    async fn attempt(&self, claim: &Claim, line: &mut dyn Line) -> Option<Attempt> {
        let now = self.courier.clock.now();
        if claim.message.ends_at <= now {
            return Some(Attempt::Dead { reply: "its time ran out before it could be sent".to_owned() });
        }
        if claim.lost_outcomes >= MOST_LOST {
            return Some(outcome_unknown());
        }
        let outgoing = match self.outgoing(claim) {
            Ok(outgoing) => outgoing,
            Err(reply) => return Some(Attempt::Failed { reply }),
        };

        let result = self.send(claim, line, &outgoing).await?;
        conclude(claim, result, self.courier.clock.now())
    }

    fn outgoing(&self, claim: &Claim) -> Result<Outgoing, String> {
        let mail = self.courier.composer.compose(&claim.message, self.courier.clock.now()).map_err(|error| {
            tracing::error!(mail = %claim.message.id, error = &error as &dyn std::error::Error, "a mail was not rendered");
            error.to_string()
        })?;
        let bytes = mail.to_bytes().map_err(|error| error.to_string())?;
        Ok(Outgoing { mail, bytes })
    }

    /// Offers, writes down that the outcome may now be lost, hands over. `None` when that could not be written.
    async fn send(
        &self,
        claim: &Claim,
        line: &mut dyn Line,
        outgoing: &Outgoing,
    ) -> Option<Result<String, Trouble>> {
        let patience = Patience::of(claim.message.lane);
        let begun = Instant::now();
        let in_time = "no answer in time";

        match timeout(patience.offer, line.offer(outgoing)).await {
            Ok(Ok(())) => {}
            Ok(Err(trouble)) => return Some(Err(trouble)),
            Err(_) => return Some(Err(Trouble::Unreachable(in_time.to_owned()))),
        }
        if let Err(error) = self.courier.store.begin_hand_over(claim, self.courier.clock.now()).await {
            tracing::warn!(mail = %claim.message.id, %error, "a mail was held back");
            return None;
        }
        let handed_over = timeout_at(begun + patience.attempt, line.hand_over(outgoing)).await;
        Some(handed_over.unwrap_or_else(|_| Err(Trouble::OutcomeLost(in_time.to_owned()))))
    }

    /// Acknowledges. Tried a few times: a mail whose end is not written down would be sent again.
    async fn write_down(&self, claim: &Claim, attempt: Attempt) {
        for pause in [Duration::from_millis(100), Duration::from_secs(1), Duration::from_secs(5)] {
            match self.acknowledge(claim, attempt.clone()).await {
                Ok(()) => return,
                Err(error) => {
                    tracing::warn!(mail = %claim.message.id, %error, "the end of an attempt was not written");
                    tokio::time::sleep(pause).await;
                }
            }
        }
    }

    async fn acknowledge(&self, claim: &Claim, attempt: Attempt) -> Result<(), StoreError> {
        let now = self.courier.clock.now();
        let ids = Arc::clone(&self.courier.ids);
        let context = Context { now, ids, correlation: claim.message.correlation, client: None };
        let audit = match told(claim, &attempt, &context) {
            Some(event) => Some(event.on(self.guest(claim).await?)),
            None => None,
        };

        self.courier.store.end_attempt(claim, attempt, audit).await
    }

    /// The guest as audit events name them; by id alone once they are gone.
    async fn guest(&self, claim: &Claim) -> Result<Target, StoreError> {
        let id = claim.message.about;
        let (_, user) = self.courier.store.user(claim.tenant, &UserKey::Id(id), None).await?;

        Ok(user.as_ref().map_or_else(|| nameless(id.to_string()), Target::user))
    }
}

fn nameless(id: String) -> Target {
    Target { kind: TargetKind::User, id, display_name: None, user_principal_name: None, modified: Vec::new() }
}

/// For the operator's log: which row, how it ended, the relay's words. No address, no text.
fn report(claim: &Claim, attempt: &Attempt) {
    let (mail, lane) = (claim.message.id, claim.message.lane);
    match attempt {
        Attempt::Sent { reply } => tracing::info!(%mail, ?lane, reply, "mail was sent"),
        Attempt::Failed { reply } => tracing::warn!(%mail, ?lane, reply, "mail was refused"),
        Attempt::Dead { reply } => tracing::warn!(%mail, ?lane, reply, "mail was given up"),
        Attempt::Again { at, reply } => {
            tracing::info!(%mail, ?lane, %at, reply, "mail will be tried again")
        }
    }
}

#[cfg(test)]
mod tests;
