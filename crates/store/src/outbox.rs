//! The outbox: what waits to be sent, who is sending it, and how it ended.

use jiff::{SignedDuration, Timestamp};
use vestibule_model::message::Delivery;
use vestibule_model::{AuditEvent, Lane, Message, MessageId, TenantId};

use crate::{Store, StoreError};

/// A row that this worker holds until its lease ends.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Whose mail it is.
    pub tenant: TenantId,
    /// The mail, unsealed.
    pub message: Message,
    /// Attempts before this one.
    pub attempts: u32,
    /// An earlier attempt had begun to hand it over and never told how that ended.
    pub outcome_was_lost: bool,
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
}

impl Store {
    /// Takes up to `limit` due rows of `lane`, the oldest first and fairly across tenants; nobody else gets them until
    /// `now + lease`.
    pub async fn claim(
        &self,
        lane: Lane,
        now: Timestamp,
        lease: SignedDuration,
        limit: usize,
    ) -> Result<Vec<Claim>, StoreError> {
        let _ = (lane, now, lease, limit);
        todo!()
    }

    /// The earliest instant at which a row of `lane` is due; `None` when nothing waits.
    pub async fn next_due(&self, lane: Lane) -> Result<Option<Timestamp>, StoreError> {
        let _ = lane;
        todo!()
    }

    /// The write before DATA: from here on a lost connection leaves the outcome unknown.
    pub async fn begin_hand_over(&self, claim: &Claim, now: Timestamp) -> Result<(), StoreError> {
        let _ = (claim, now);
        todo!()
    }

    /// The write after: the row's state, and what is told about it, in one unit.
    pub async fn end_attempt(
        &self,
        claim: &Claim,
        attempt: Attempt,
        audit: Option<AuditEvent>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let _ = (claim, attempt, audit, now);
        todo!()
    }

    /// How far a mail has come.
    pub async fn delivery(
        &self,
        tenant: TenantId,
        message: MessageId,
    ) -> Result<Option<DeliveryState>, StoreError> {
        let _ = (tenant, message);
        todo!()
    }
}
