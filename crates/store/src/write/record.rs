//! What is told about a unit: change log, audit trail, outbox.

use jiff::Timestamp;
use vestibule_model::{AuditEvent, Change, ChangeSet, Message, UserChange};

use super::{Draft, json};
use crate::StoreError;
use crate::outbox::{self, QUEUED};
use crate::sql::{Bind, Value, tuples};

impl Draft<'_> {
    /// One row per object changed.
    pub(super) fn change_log(&mut self, set: &ChangeSet) {
        let at = set.audit().iter().next().map_or(Timestamp::UNIX_EPOCH, |event| event.at);
        let epoch = self.setting.epoch;
        let rows: Vec<_> = set.changes().iter().filter_map(logged).collect();
        if rows.is_empty() {
            return;
        }
        let sql = format!(
            "INSERT INTO change_log (tenant_id, epoch, object_kind, object_id, change, properties, at) VALUES {}",
            tuples(rows.len(), 6)
        );
        let cells = rows.into_iter().flat_map(|row| {
            [
                epoch.bound(),
                row.kind.bound(),
                row.id.bound(),
                row.change.bound(),
                row.properties.bound(),
                at.bound(),
            ]
        });
        let insert = self.here(sql).bind_all(cells);
        self.run(insert);
    }

    /// The trail of the change first, then the records without one.
    pub(super) fn audit(&mut self) -> Result<(), StoreError> {
        let unit = self.unit;
        let trail = unit.change.iter().flat_map(|set| set.audit().iter());
        let events: Vec<&AuditEvent> = trail.chain(&unit.audit).collect();
        if events.is_empty() {
            return Ok(());
        }
        let mut cells: Vec<Value> = Vec::with_capacity(events.len() * 5);
        let mut targets: Vec<Value> = Vec::new();
        for event in &events {
            cells.extend([
                event.id.bound(),
                event.at.bound(),
                event.activity.name().bound(),
                event.correlation.bound(),
                json(event)?.bound(),
            ]);
            for (number, target) in event.targets.iter().enumerate() {
                if event.targets[..number].iter().all(|earlier| earlier.id != target.id) {
                    targets.extend([target.id.as_str().bound(), event.id.bound()]);
                }
            }
        }
        let sql = format!(
            "INSERT INTO audit (tenant_id, id, at, activity, correlation, doc) VALUES {}",
            tuples(events.len(), 5)
        );
        let insert = self.here(sql).bind_all(cells);
        self.run(insert);
        if !targets.is_empty() {
            let sql = format!(
                "INSERT INTO audit_target (tenant_id, target, audit_id) VALUES {}",
                tuples(targets.len() / 2, 2)
            );
            let insert = self.here(sql).bind_all(targets);
            self.run(insert);
        }
        Ok(())
    }

    /// One row a message, its whole text sealed.
    pub(super) fn outbox(&mut self) -> Result<(), StoreError> {
        let messages = &self.unit.outbox;
        if messages.is_empty() {
            return Ok(());
        }
        let cells: Vec<[Value; 8]> =
            messages.iter().map(|message| self.queued(message)).collect::<Result<_, _>>()?;
        let sql = format!(
            "INSERT INTO outbox (tenant_id, id, lane, due_at, ends_at, attempts, state, sealed, ticket) VALUES {}",
            tuples(cells.len(), 8)
        );
        let insert = self.here(sql).bind_all(cells.into_iter().flatten());
        self.run(insert);
        Ok(())
    }

    fn queued(&self, message: &Message) -> Result<[Value; 8], StoreError> {
        let place = outbox::place(self.tenant(), &message.id);
        let sealed = self.setting.seal.seal(place, json(message)?.as_bytes())?;
        Ok([
            message.id.bound(),
            outbox::lane_word(message.lane).bound(),
            message.due_at.bound(),
            message.ends_at.bound(),
            0_i64.bound(),
            QUEUED.bound(),
            sealed.bound(),
            message.ticket.bound(),
        ])
    }
}

struct Logged {
    kind: &'static str,
    id: uuid::Uuid,
    change: &'static str,
    properties: Option<String>,
}

fn logged(change: &Change) -> Option<Logged> {
    let row = |kind, id, change| Some(Logged { kind, id, change, properties: None });
    match change {
        Change::CreateUser(user) => row("user", user.id.0, "created"),
        Change::UpdateUser { user, kind, properties } => Some(Logged {
            kind: "user",
            id: user.id.0,
            change: match kind {
                UserChange::Updated => "updated",
                UserChange::SoftDeleted => "softDeleted",
                UserChange::Restored => "restored",
            },
            properties: json(properties).ok(),
        }),
        Change::CreateInvitation(invitation) => row("invitation", invitation.id.0, "created"),
        Change::UpdateInvitation(invitation) => row("invitation", invitation.id.0, "updated"),
        Change::AddTicket(_)
        | Change::RevokeTickets { .. }
        | Change::EndInvitations { .. }
        | Change::RecordConsent(_)
        | Change::Block { .. }
        | Change::Unblock { .. }
        | Change::PutPolicy { .. }
        | Change::CreateTenant(_)
        | Change::AddDomain(_)
        | Change::CreateApplication(_)
        | Change::AddSecret { .. }
        | Change::Remember { .. }
        | Change::ForgetRequests { .. } => None,
    }
}
