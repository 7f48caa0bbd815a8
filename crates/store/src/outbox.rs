//! The outbox: what waits to be sent, who is sending it, and how it ended.

use jiff::{SignedDuration, Timestamp};
use vestibule_model::message::Delivery;
use vestibule_model::{AuditEvent, Guard, Lane, Message, MessageId, TenantId};

use crate::driver::{Expect, Prepared, Step};
use crate::seal::Place;
use crate::sql::{Across, Row, Statement};
use crate::{CommitError, Store, StoreError, Unit};

/// A row that this worker holds until its lease ends.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Whose mail it is.
    pub tenant: TenantId,
    /// The mail, unsealed.
    pub message: Message,
    /// Attempts before this one.
    pub attempts: u32,
    /// How many earlier attempts had begun to hand it over and never told how that ended: the relay may have it so often.
    pub lost_outcomes: u32,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// The relay took it. The payload is erased.
    Sent {
        /// Its words.
        reply: String,
    },
    /// The relay refused it for good. The payload is erased.
    Failed {
        /// Its words.
        reply: String,
    },
    /// Given up. The payload is erased.
    Dead {
        /// Why.
        reply: String,
    },
    /// To be tried again.
    Again {
        /// When.
        at: Timestamp,
        /// What went wrong.
        reply: String,
    },
}

/// What the outbox knows of one mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryState {
    /// How far it has come.
    pub state: Delivery,
    /// The relay's or our own words about the last attempt.
    pub reply: Option<String>,
    /// Attempts made.
    pub attempts: u32,
    /// The write before DATA was made and nobody has told yet how it ended: the relay may have the mail.
    pub has_begun: bool,
}

/// The state of a row that still waits.
pub(crate) const QUEUED: &str = "queued";

/// How many tenants one claim serves at most; the ones that waited longest come first.
const TENANTS_PER_CLAIM: usize = 32;

impl Store {
    /// Takes up to `limit` due rows of `lane`, the oldest first and fairly across tenants; nobody else gets them until
    /// `now + lease`.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot answer. A mail that cannot be unsealed or read is left out and logged: it must
    /// not hold up the others. It waits, maybe for its key, until its time is over.
    pub async fn claim(
        &self,
        lane: Lane,
        now: Timestamp,
        lease: SignedDuration,
        limit: usize,
    ) -> Result<Vec<Claim>, StoreError> {
        let due = self.due(lane, now, limit).await?;
        if due.is_empty() {
            return Ok(Vec::new());
        }
        let until = now.checked_add(lease).unwrap_or(Timestamp::MAX);
        let unit =
            Prepared { locks: Vec::new(), steps: due.iter().map(|row| take(row, now, until)).collect() };
        let applied = match self.apply(unit).await {
            Ok(applied) => applied,
            Err(CommitError::Stale(_)) => return Ok(Vec::new()),
            Err(CommitError::Store(error)) => return Err(error),
        };
        let mut claims = Vec::with_capacity(due.len());
        for (due, row) in due.iter().zip(&applied.0).filter_map(|(due, rows)| Some((due, rows.first()?))) {
            match self.claimed(due, row) {
                Ok(claim) => claims.push(claim),
                Err(error) => {
                    tracing::error!(mail = %due.id, %error, "a mail cannot be read");
                    if row.get::<Timestamp>(4)? <= now {
                        self.give_up(due).await?;
                    }
                }
            }
        }
        Ok(claims)
    }

    /// The earliest instant at which a row of `lane` is due; `None` when nothing waits.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot answer; what is not there is no error.
    pub async fn next_due(&self, lane: Lane) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT min((SELECT min(o.due_at) FROM outbox o
                                WHERE o.tenant_id = t.tenant_id AND o.lane = $1 AND o.state = 'queued')) FROM tenant t";
        let row = self.row(Statement::across_tenants(Across::DueMail, sql).bind(lane_word(lane))).await?;
        row.map_or(Ok(None), |row| row.opt(0))
    }

    /// The write before DATA: from here on a lost connection leaves the outcome unknown.
    ///
    /// # Errors
    ///
    /// Also when the lease ran out and somebody else took the row: this attempt must go no further.
    pub async fn begin_hand_over(&self, claim: &Claim, now: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE outbox SET begun_at = $3, unanswered = $5
                    WHERE tenant_id = $1 AND id = $2 AND state = 'queued' AND attempts = $4";
        let update = Statement::in_tenant(claim.tenant, sql)
            .bind(claim.message.id)
            .bind(now)
            .bind(claim.attempts + 1)
            .bind(claim.lost_outcomes + 1);
        self.apply_one(update).await.map(drop).map_err(settled)
    }

    /// The write after: the row's state, and what is told about it, in one unit.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it was not made durable, also because the mail was settled already.
    pub async fn end_attempt(
        &self,
        claim: &Claim,
        attempt: Attempt,
        audit: Option<AuditEvent>,
    ) -> Result<(), StoreError> {
        let (state, reply, again) = match attempt {
            Attempt::Sent { reply } => ("sent", reply, None),
            Attempt::Failed { reply } => ("failed", reply, None),
            Attempt::Dead { reply } => ("dead", reply, None),
            Attempt::Again { at, reply } => (QUEUED, reply, Some(at)),
        };
        let reply = reply.replace('\0', "\u{fffd}"); // A relay may say anything, but no row holds U+0000.
        let update = match again {
            Some(at) => {
                // How this attempt ended is known; of those that were lost before it nothing is learned.
                let sql = "UPDATE outbox SET reply = $3, due_at = $4, lease_until = NULL, unanswered = $5,
                                             begun_at = CASE WHEN $5 > 0 THEN begun_at END
                            WHERE tenant_id = $1 AND id = $2 AND state = 'queued'";
                let update = Statement::in_tenant(claim.tenant, sql).bind(claim.message.id);
                update.bind(reply).bind(at).bind(claim.lost_outcomes)
            }
            None => {
                let sql = "UPDATE outbox SET reply = $3, state = $4, lease_until = NULL, sealed = NULL
                            WHERE tenant_id = $1 AND id = $2 AND state = 'queued'";
                Statement::in_tenant(claim.tenant, sql).bind(claim.message.id).bind(reply).bind(state)
            }
        };
        let mut unit = Unit::new(claim.tenant);
        unit.audit.extend(audit);
        let mut prepared = self.prepare(&unit)?;
        prepared.steps.insert(0, Step { statement: update, expect: Expect::Some, guard: Guard::State });
        self.apply(prepared).await.map(drop).map_err(settled)?;
        self.wake();
        Ok(())
    }

    /// How far a mail has come.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot answer; what is not there is no error.
    pub async fn delivery(
        &self,
        tenant: TenantId,
        message: MessageId,
    ) -> Result<Option<DeliveryState>, StoreError> {
        let sql = "SELECT state, reply, attempts, begun_at FROM outbox WHERE tenant_id = $1 AND id = $2";
        let row = self.row(Statement::in_tenant(tenant, sql).bind(message)).await?;
        row.map(|row| delivery_state(&row)).transpose()
    }

    /// The due rows that this claim tries for: one of each tenant, then the second of each, and so on.
    async fn due(&self, lane: Lane, now: Timestamp, limit: usize) -> Result<Vec<Due>, StoreError> {
        let sql = "SELECT tenant_id, due_at FROM (
                     SELECT t.tenant_id, (SELECT min(o.due_at) FROM outbox o
                        WHERE o.tenant_id = t.tenant_id AND o.lane = $1 AND o.state = 'queued') AS due_at
                       FROM tenant t) waiting
                    WHERE due_at <= $2 ORDER BY due_at, tenant_id LIMIT $3";
        let tenants = Statement::across_tenants(Across::DueMail, sql)
            .bind(lane_word(lane))
            .bind(now)
            .bind(TENANTS_PER_CLAIM);
        let tenants: Vec<TenantId> =
            self.rows(tenants).await?.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
        if tenants.is_empty() {
            return Ok(Vec::new());
        }
        let ask = |tenant: &TenantId| {
            let sql = "SELECT id FROM outbox
                        WHERE tenant_id = $1 AND lane = $2 AND state = 'queued' AND due_at <= $3
                     ORDER BY due_at, id LIMIT $4";
            Statement::in_tenant(*tenant, sql).bind(lane_word(lane)).bind(now).bind(limit)
        };
        let queues = self.fetch(tenants.iter().map(ask).collect()).await?;
        let mut due = Vec::new();
        for rank in 0..limit {
            for (tenant, queue) in tenants.iter().zip(&queues) {
                if let Some(row) = queue.get(rank).filter(|_| due.len() < limit) {
                    due.push(Due { tenant: *tenant, id: row.get(0)? });
                }
            }
        }
        Ok(due)
    }

    async fn give_up(&self, due: &Due) -> Result<(), StoreError> {
        let sql = "UPDATE outbox SET state = 'dead', reply = $3, lease_until = NULL, sealed = NULL
                    WHERE tenant_id = $1 AND id = $2 AND state = 'queued'";
        let update = Statement::in_tenant(due.tenant, sql).bind(due.id).bind("it could not be read");
        self.apply_one(update).await.map(drop).map_err(settled)
    }

    fn claimed(&self, due: &Due, row: &Row) -> Result<Claim, StoreError> {
        let clear = self.seal().open(place(due.tenant, &due.id), &row.get::<Vec<u8>>(0)?)?;
        let message: Message =
            serde_json::from_slice(&clear).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let attempts: u32 = row.get(1)?;
        Ok(Claim {
            tenant: due.tenant,
            message,
            attempts: attempts.saturating_sub(1),
            lost_outcomes: lost_outcomes(row.opt(2)?, row.opt(3)?),
        })
    }

    /// Applies one statement that must change something.
    pub(crate) async fn apply_one(
        &self,
        statement: Statement,
    ) -> Result<crate::driver::Applied, CommitError> {
        let step = Step { statement, expect: Expect::Some, guard: Guard::State };
        self.apply(Prepared { locks: Vec::new(), steps: vec![step] }).await
    }

    /// The same under a lock of the whole store.
    pub(crate) async fn apply_locked(
        &self,
        fact: &str,
        statement: Statement,
    ) -> Result<crate::driver::Applied, CommitError> {
        let step = Step { statement, expect: Expect::Some, guard: Guard::State };
        let lock = crate::driver::Lock::on(fact, None, &[], true);
        self.apply(Prepared { locks: vec![lock], steps: vec![step] }).await
    }
}

/// A row that a claim tries for.
struct Due {
    tenant: TenantId,
    id: MessageId,
}

/// Older nodes write down that an attempt has begun, and not how many have.
fn lost_outcomes(begun_at: Option<Timestamp>, unanswered: Option<u32>) -> u32 {
    begun_at.map_or(0, |_| unanswered.unwrap_or(0).max(1))
}

/// Takes a row unless somebody else was first. A lease is nothing but a later due date, so one index serves both.
fn take(due: &Due, now: Timestamp, until: Timestamp) -> Step {
    let sql = "UPDATE outbox SET due_at = $4, lease_until = $4, attempts = attempts + 1
                WHERE tenant_id = $1 AND id = $2 AND state = 'queued' AND due_at <= $3
            RETURNING sealed, attempts, begun_at, unanswered, ends_at";
    let statement = Statement::in_tenant(due.tenant, sql).bind(due.id).bind(now).bind(until);
    Step { statement, expect: Expect::Any, guard: Guard::State }
}

/// Where a payload stands.
pub(crate) fn place(tenant: TenantId, message: &MessageId) -> Place<'_> {
    Place { column: "outbox.sealed", tenant: Some(tenant), row: message.as_bytes() }
}

/// A lane as the store keeps it; the same in every release.
pub(crate) fn lane_word(lane: Lane) -> &'static str {
    match lane {
        Lane::Passcode => "passcode",
        Lane::Ordinary => "ordinary",
    }
}

fn delivery_state(row: &Row) -> Result<DeliveryState, StoreError> {
    let state = match row.get::<String>(0)?.as_str() {
        QUEUED => Delivery::Queued,
        "sent" => Delivery::Sent,
        "failed" => Delivery::Failed,
        "dead" => Delivery::Dead,
        other => return Err(StoreError::Corrupt(format!("a mail in state {other}"))),
    };
    let has_begun = row.opt::<Timestamp>(3)?.is_some();
    Ok(DeliveryState { state, reply: row.opt(1)?, attempts: row.get(2)?, has_begun })
}

/// The row had come to its end already: whoever still holds an old lease has nothing to add.
fn settled(error: CommitError) -> StoreError {
    match error {
        CommitError::Store(error) => error,
        CommitError::Stale(_) => StoreError::Unavailable("this mail has been settled already".into()),
    }
}
