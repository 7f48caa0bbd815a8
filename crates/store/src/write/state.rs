//! Rows of protocol state: flows, passcodes, counters, sessions. Each change is one conditional statement.

use jiff::Timestamp;
use uuid::Uuid;
use vestibule_model::state::{Counter, FLOWS_WITHOUT_PASSCODE, Flow, Passcode, Session};
use vestibule_model::{Digest, Guard, StateChange};

use super::{Draft, json};
use crate::StoreError;
use crate::driver::Expect;
use crate::read::identity::ahead;

impl Draft<'_> {
    pub(super) fn state(&mut self, change: &StateChange) -> Result<(), StoreError> {
        match change {
            StateChange::OpenFlow(flow) => return self.open_flow(flow),
            StateChange::MoveFlow { was, flow } => return self.move_flow(*was, flow),
            StateChange::OpenSession(session) => return self.open_session(session),
            StateChange::PutPasscode(passcode) => self.put_passcode(passcode),
            StateChange::TryPasscode { id, at_most, now } => self.try_passcode(*id, *at_most, *now),
            StateChange::SpendPasscode { id, now } => self.spend_passcode(*id, *now),
            StateChange::Count { counter, id, at, since, at_most } => {
                self.count(counter, *id, *at, (*since, *at_most));
            }
            StateChange::Uncount { counter, id } => self.uncount(counter, *id),
            StateChange::CloseSession { id } => {
                let delete = self.here("DELETE FROM session WHERE tenant_id = $1 AND id = $2").bind(*id);
                self.run(delete);
            }
        }
        Ok(())
    }

    fn open_flow(&mut self, flow: &Flow) -> Result<(), StoreError> {
        let sql =
            "INSERT INTO flow (tenant_id, id, version, public_id, invitation_id, user_id, expires_at, doc)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";
        let insert = self
            .here(sql)
            .bind(flow.id)
            .bind(flow.version)
            .bind(flow.public_id)
            .bind(flow.invitation)
            .bind(flow.user)
            .bind(flow.expires_at)
            .bind(json(flow)?);
        self.check(insert, Expect::Some, Guard::State);
        self.make_room_beside(flow);
        Ok(())
    }

    /// Of the other flows of the same invitation the dead go, and of those into which no code was sent all but the latest.
    fn make_room_beside(&mut self, flow: &Flow) {
        self.changes("flows", flow.invitation.as_bytes());
        let sql = "DELETE FROM flow WHERE tenant_id = $1 AND invitation_id = $2 AND expires_at <= $3";
        let dead = self.here(sql).bind(flow.invitation).bind(flow.created_at);
        self.run(dead);
        let sql = "DELETE FROM flow
                    WHERE tenant_id = $1
                      AND id IN (SELECT id FROM flow
                                  WHERE tenant_id = $1 AND invitation_id = $2 AND id <> $3
                                    AND NOT EXISTS (SELECT 1 FROM passcode
                                                     WHERE tenant_id = $1 AND dropped_at IS NULL
                                                       AND id IN (SELECT id FROM passcode
                                                                   WHERE tenant_id = $1 AND flow = flow.public_id))
                                  ORDER BY expires_at DESC, id
                                  LIMIT 1000 OFFSET $4)";
        let beyond = self.here(sql).bind(flow.invitation).bind(flow.id).bind(FLOWS_WITHOUT_PASSCODE - 1);
        self.run(beyond);
    }

    fn move_flow(&mut self, was: Digest, flow: &Flow) -> Result<(), StoreError> {
        let sql = "UPDATE flow SET id = $4, version = $5, public_id = $6, expires_at = $7, doc = $8
                    WHERE tenant_id = $1 AND id = $2 AND version = $3";
        let update = self
            .here(sql)
            .bind(was)
            .bind(flow.version.saturating_sub(1))
            .bind(flow.id)
            .bind(flow.version)
            .bind(flow.public_id)
            .bind(flow.expires_at)
            .bind(json(flow)?);
        self.check(update, Expect::Some, Guard::State);
        Ok(())
    }

    fn put_passcode(&mut self, passcode: &Passcode) {
        self.changes("passcodes", passcode.flow.as_bytes());
        let sql = "UPDATE passcode SET dropped_at = $3
                    WHERE tenant_id = $1 AND dropped_at IS NULL
                      AND id IN (SELECT id FROM passcode WHERE tenant_id = $1 AND flow = $2)";
        let older = self.here(sql).bind(passcode.flow).bind(passcode.created_at);
        self.run(older);
        let sql = "INSERT INTO passcode (tenant_id, id, flow, hash, created_at, expires_at, tries, used_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";
        let insert = self
            .here(sql)
            .bind(passcode.id)
            .bind(passcode.flow)
            .bind(passcode.hash)
            .bind(passcode.created_at)
            .bind(passcode.expires_at)
            .bind(passcode.tries)
            .bind(passcode.used_at);
        self.run(insert);
    }

    fn try_passcode(&mut self, id: Uuid, at_most: u32, now: Timestamp) {
        let sql = "UPDATE passcode SET tries = tries + 1
                    WHERE tenant_id = $1 AND id = $2 AND dropped_at IS NULL AND used_at IS NULL
                      AND expires_at > $3 AND tries < $4";
        let update = self.here(sql).bind(id).bind(now).bind(at_most);
        self.check(update, Expect::Some, Guard::State);
    }

    fn spend_passcode(&mut self, id: Uuid, now: Timestamp) {
        let sql = "UPDATE passcode SET used_at = $3
                    WHERE tenant_id = $1 AND id = $2 AND dropped_at IS NULL AND used_at IS NULL";
        let update = self.here(sql).bind(id).bind(now);
        self.check(update, Expect::Some, Guard::State);
    }

    /// The window begins just after `since`: what was counted at that very instant has left it. It reaches as far ahead of
    /// `at`, for nodes whose clocks differ; what lies beyond was counted before the clock was set back.
    fn count(&mut self, counter: &Counter, id: Uuid, at: Timestamp, (since, at_most): (Timestamp, u32)) {
        self.changes("counter", &counter_key(counter));
        let sql = "INSERT INTO counter_event (tenant_id, kind, key, at, id)
                   SELECT $1, $2, $3, $4, $5
                    WHERE (SELECT count(*) FROM counter_event
                            WHERE tenant_id = $1 AND kind = $2 AND key = $3 AND at > $6 AND at <= $7) < $8";
        let insert = self
            .here(sql)
            .bind(counter.kind.as_str())
            .bind(counter.key)
            .bind(at)
            .bind(id)
            .bind(since)
            .bind(ahead(at, since))
            .bind(at_most);
        self.check(insert, Expect::Some, Guard::State);
    }

    fn uncount(&mut self, counter: &Counter, id: Uuid) {
        self.changes("counter", &counter_key(counter));
        let sql = "DELETE FROM counter_event WHERE tenant_id = $1 AND kind = $2 AND key = $3 AND id = $4";
        let delete = self.here(sql).bind(counter.kind.as_str()).bind(counter.key).bind(id);
        self.run(delete);
    }

    fn open_session(&mut self, session: &Session) -> Result<(), StoreError> {
        let sql = "INSERT INTO session (tenant_id, id, user_id, expires_at, doc) VALUES ($1, $2, $3, $4, $5)
                   ON CONFLICT DO NOTHING";
        let insert =
            self.here(sql).bind(session.id).bind(session.user).bind(session.expires_at).bind(json(session)?);
        self.check(insert, Expect::Some, Guard::State);
        Ok(())
    }
}

fn counter_key(counter: &Counter) -> Vec<u8> {
    [counter.kind.as_str().as_bytes(), &[0], &counter.key.0].concat()
}
