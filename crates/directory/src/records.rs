//! Records of refusals, bounded: whoever is refused cannot fill the audit log.

use std::collections::HashMap;
use std::sync::Mutex;

use jiff::Timestamp;
use uuid::Uuid;
use vestibule_model::{AuditEvent, Context, Initiator, TenantId};
use vestibule_store::Unit;

use crate::{Directory, SERVICE};

/// How many refusals of one caller are recorded one by one in a minute (`graph.md` 3.15).
pub const RECORDS_PER_MINUTE: u32 = 60;

/// What was recorded in the running minute, on this node.
#[derive(Debug, Default)]
pub(crate) struct Records(Mutex<Minute>);

#[derive(Debug, Default)]
struct Minute {
    number: i64,
    written: HashMap<(TenantId, Uuid), u32>,
    /// One event stands for all that were not written, for each tenant.
    uncounted: HashMap<TenantId, (u64, Box<AuditEvent>)>,
}

/// What one more refusal leads to.
struct Verdict {
    is_written: bool,
    /// What earlier minutes left to be told.
    summaries: Vec<(TenantId, AuditEvent)>,
}

impl Records {
    fn take(&self, tenant: TenantId, caller: Uuid, event: &AuditEvent, context: &Context) -> Verdict {
        let mut minute = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let summaries = minute.turn(context);
        let written = minute.written.entry((tenant, caller)).or_default();
        let is_written = *written < RECORDS_PER_MINUTE;
        if is_written {
            *written += 1;
        } else {
            let slot = minute.uncounted.entry(tenant).or_insert_with(|| (0, Box::new(event.clone())));
            slot.0 += 1;
        }
        Verdict { is_written, summaries }
    }

    fn turn(&self, context: &Context) -> Vec<(TenantId, AuditEvent)> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).turn(context)
    }

    fn forget(&self) {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Minute::default();
    }
}

impl Minute {
    /// Begins a new minute when it is time, and answers what the old one left.
    fn turn(&mut self, context: &Context) -> Vec<(TenantId, AuditEvent)> {
        let number = minute_of(context.now);
        if self.number == number {
            return Vec::new();
        }
        self.number = number;
        self.written.clear();
        self.uncounted
            .drain()
            .map(|(tenant, (count, sample))| (tenant, summary(count, &sample, context)))
            .collect()
    }
}

fn minute_of(instant: Timestamp) -> i64 {
    instant.as_second().div_euclid(60)
}

fn summary(count: u64, sample: &AuditEvent, context: &Context) -> AuditEvent {
    AuditEvent::new(sample.activity, Initiator::Service { name: SERVICE.into() }, context)
        .failed(format!("{count} more refusals in one minute were counted and not recorded one by one"))
        .with("count", count.to_string())
}

impl Directory {
    /// Keeps the record of a refusal, within the bound. That it cannot be kept must not change the answer.
    pub(crate) async fn record(
        &self,
        tenant: TenantId,
        caller: Uuid,
        event: Option<Box<AuditEvent>>,
        context: &Context,
    ) {
        let Some(event) = event else { return };
        let verdict = self.records.take(tenant, caller, &event, context);
        for (tenant, summary) in verdict.summaries {
            self.write_record(tenant, summary).await;
        }
        if verdict.is_written {
            self.write_record(tenant, *event).await;
        }
    }

    /// Writes the one row that stands for the refusals which the last minute only counted. The binary calls it once a
    /// minute; a refusal in a later minute does it too.
    pub async fn write_counted_refusals(&self, context: &Context) {
        for (tenant, summary) in self.records.turn(context) {
            self.write_record(tenant, summary).await;
        }
    }

    /// Forgets what is only remembered in memory: which refusals were recorded or counted. For dev mode's reset, after which
    /// the tenants are others.
    pub fn forget(&self) {
        self.records.forget();
    }

    async fn write_record(&self, tenant: TenantId, event: AuditEvent) {
        let unit = Unit { audit: vec![event], ..Unit::new(tenant) };
        if let Err(error) = self.write(unit).await {
            tracing::warn!(%error, "a record of a refusal was not kept");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::SignedDuration;
    use vestibule_model::clock::SeededIds;
    use vestibule_model::{Activity, Outcome};

    use super::*;

    fn context(now: Timestamp) -> Context {
        Context { now, ids: Arc::new(SeededIds::new(7)), correlation: Uuid::nil(), client: None }
    }

    fn refusal(context: &Context) -> AuditEvent {
        AuditEvent::new(Activity::InviteExternalUser, Initiator::Service { name: "test".into() }, context)
    }

    #[test]
    fn one_caller_writes_sixty_records_a_minute_and_the_rest_becomes_one_row() {
        let records = Records::default();
        let tenant = TenantId(Uuid::from_u128(1));
        let noon = context("2026-11-20T12:00:00Z".parse().unwrap());
        let take = |caller, context: &Context| {
            records.take(tenant, Uuid::from_u128(caller), &refusal(context), context)
        };

        let written = (0..100).filter(|_| take(1, &noon).is_written).count();
        assert_eq!(written, 60);
        assert!(take(2, &noon).is_written, "another caller has a bound of its own");

        let later = context(noon.now + SignedDuration::from_secs(60));
        let verdict = take(1, &later);
        assert!(verdict.is_written);
        assert_eq!(verdict.summaries.len(), 1);
        let Outcome::Failure { reason } = &verdict.summaries[0].1.outcome else {
            panic!("a refusal is a failure")
        };
        assert!(reason.starts_with("40 more"), "{reason}");
        assert!(take(1, &later).summaries.is_empty(), "it is told once");
    }
}
