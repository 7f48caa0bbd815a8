//! Rows of invitations, tickets, consents, blocks and remembered requests.

use jiff::Timestamp;
use serde_json::json as object;
use vestibule_model::change::Consent;
use vestibule_model::invitation::{Ended, TICKETS_PER_GUEST};
use vestibule_model::{Address, Change, Guard, Invitation, InvitationStatus, Ticket, UserId};

use super::{Draft, json};
use crate::StoreError;
use crate::driver::Expect;
use crate::seal::Place;

impl Draft<'_> {
    pub(super) fn create_invitation(&mut self, invitation: &Invitation) -> Result<(), StoreError> {
        let sql = "INSERT INTO invitation (tenant_id, id, version, user_id, status, ended_why, status_at, address_key,
                                           created_at, expires_at, doc)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING";
        let (status, why, at) = status_columns(invitation.status)?;
        let insert = self
            .here(sql)
            .bind(invitation.id)
            .bind(invitation.version)
            .bind(invitation.user)
            .bind(status)
            .bind(why)
            .bind(at)
            .bind(invitation.address.key())
            .bind(invitation.created_at)
            .bind(invitation.expires_at)
            .bind(json(invitation)?);
        self.check(insert, Expect::Some, Guard::State);
        Ok(())
    }

    pub(super) fn update_invitation(&mut self, invitation: &Invitation) -> Result<(), StoreError> {
        let sql = "UPDATE invitation
                      SET version = $4, user_id = $5, status = $6, ended_why = $7, status_at = $8, expires_at = $9, doc = $10
                    WHERE tenant_id = $1 AND id = $2 AND version = $3";
        let (status, why, at) = status_columns(invitation.status)?;
        let update = self
            .here(sql)
            .bind(invitation.id)
            .bind(invitation.version.saturating_sub(1))
            .bind(invitation.version)
            .bind(invitation.user)
            .bind(status)
            .bind(why)
            .bind(at)
            .bind(invitation.expires_at)
            .bind(json(invitation)?);
        self.check(update, Expect::Some, Guard::InvitationPending { invitation: invitation.id });
        Ok(())
    }

    pub(super) fn end_invitations(
        &mut self,
        user: UserId,
        why: Ended,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let sql =
            "UPDATE invitation SET version = version + 1, status = 'ended', ended_why = $3, status_at = $4
                    WHERE tenant_id = $1 AND user_id = $2 AND status = 'pending'";
        let update = self.here(sql).bind(user).bind(word(why)?).bind(at);
        self.changes("user", user.as_bytes());
        self.run(update);
        Ok(())
    }

    /// The oldest live tickets beyond the cap die first, so that the new one always lives.
    ///
    /// The tickets of a guest are asked for in a question of their own, which an index answers by itself: else SQLite, which keeps no
    /// statistics here, reads all tickets of the tenant.
    pub(super) fn add_ticket(&mut self, ticket: &Ticket) {
        self.changes("tickets", ticket.user.as_bytes());
        if !self.creates(ticket.user) {
            let sql = "UPDATE ticket SET revoked_at = $3
                        WHERE tenant_id = $1 AND revoked_at IS NULL
                          AND hash IN (SELECT hash FROM ticket WHERE tenant_id = $1 AND user_id = $2)
                          AND hash NOT IN (SELECT hash FROM ticket
                                            WHERE tenant_id = $1 AND user_id = $2 AND revoked_at IS NULL
                                              AND (expires_at IS NULL OR expires_at > $3)
                                         ORDER BY created_at DESC, hash DESC LIMIT $4)";
            let cap = self.here(sql).bind(ticket.user).bind(ticket.created_at).bind(TICKETS_PER_GUEST - 1);
            self.run(cap);
            self.withdraw_mail(ticket.user, ticket.created_at);
        }
        let sql =
            "INSERT INTO ticket (tenant_id, hash, invitation_id, user_id, created_at, expires_at, revoked_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
        let insert = self
            .here(sql)
            .bind(ticket.hash)
            .bind(ticket.invitation)
            .bind(ticket.user)
            .bind(ticket.created_at)
            .bind(ticket.expires_at)
            .bind(ticket.revoked_at);
        self.check(insert, Expect::Some, Guard::State);
    }

    pub(super) fn revoke_tickets(&mut self, user: UserId, at: Timestamp) {
        let sql = "UPDATE ticket SET revoked_at = $3
                    WHERE tenant_id = $1 AND revoked_at IS NULL
                      AND hash IN (SELECT hash FROM ticket WHERE tenant_id = $1 AND user_id = $2)";
        self.changes("tickets", user.as_bytes());
        let update = self.here(sql).bind(user).bind(at);
        self.run(update);
        self.withdraw_mail(user, at);
    }

    /// What still waits to be sent about dead tickets of `user` does not leave: its link would lead nowhere. What the relay is
    /// being given at this moment ends as it may.
    fn withdraw_mail(&mut self, user: UserId, at: Timestamp) {
        let sql = "UPDATE outbox SET state = 'dead', reply = $4, lease_until = NULL, sealed = NULL
                    WHERE tenant_id = $1 AND state = 'queued'
                      AND ticket IN (SELECT hash FROM ticket
                                      WHERE tenant_id = $1 AND revoked_at IS NOT NULL
                                        AND hash IN (SELECT hash FROM ticket WHERE tenant_id = $1 AND user_id = $2))
                      AND (begun_at IS NULL OR lease_until IS NULL OR lease_until <= $3)";
        let update = self.here(sql).bind(user).bind(at).bind("its link died before it was sent");
        self.run(update);
    }

    pub(super) fn record_consent(&mut self, consent: &Consent) {
        let sql = "INSERT INTO consent (tenant_id, user_id, invitation_id, at, consent_version, doc)
                   VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
        let doc = object!({
            "client": consent.client,
            "browser": consent.browser,
            "language": consent.language,
            "privacyUrl": consent.privacy_url,
            "privacyHash": consent.privacy_hash,
            "wordingVersion": consent.wording_version,
        });
        let insert = self
            .here(sql)
            .bind(consent.user)
            .bind(consent.invitation)
            .bind(consent.at)
            .bind(consent.consent_version)
            .bind(doc.to_string());
        self.check(insert, Expect::Some, Guard::State);
    }

    pub(super) fn block(&mut self, address: &Address, at: Timestamp) {
        let sql = "INSERT INTO block_list (tenant_id, key, address, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
        self.changes("block", address.key().as_bytes());
        let insert = self.here(sql).bind(address.key()).bind(address.as_typed()).bind(at);
        self.run(insert);
    }

    pub(super) fn unblock(&mut self, address: &Address) {
        self.changes("block", address.key().as_bytes());
        let delete =
            self.here("DELETE FROM block_list WHERE tenant_id = $1 AND key = $2").bind(address.key());
        self.run(delete);
    }

    /// A record that has ended makes room; `Guard::KeyUnused` sees to it that a live one was not there.
    pub(super) fn remember(&mut self, change: &Change) -> Result<(), StoreError> {
        let Change::Remember { scope, body, invitation, user, ticket, expires_at } = change else {
            return Ok(());
        };
        let correlation = self.unit.change.as_ref().and_then(|set| set.audit().iter().next());
        let place = Place { column: "idempotency.sealed", tenant: Some(self.tenant()), row: &scope.0 };
        let sealed = self.setting.seal.seal(place, ticket.expose().as_bytes())?;
        let sql = "INSERT INTO idempotency (tenant_id, scope, body, invitation_id, user_id, correlation, expires_at, sealed)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                   ON CONFLICT (tenant_id, scope) DO UPDATE
                      SET body = excluded.body, invitation_id = excluded.invitation_id, user_id = excluded.user_id,
                          correlation = excluded.correlation, expires_at = excluded.expires_at, sealed = excluded.sealed";
        self.changes("request", &scope.0);
        let insert = self
            .here(sql)
            .bind(*scope)
            .bind(*body)
            .bind(*invitation)
            .bind(*user)
            .bind(correlation.map_or_else(uuid::Uuid::nil, |event| event.correlation))
            .bind(*expires_at)
            .bind(sealed);
        self.run(insert);
        Ok(())
    }

    pub(super) fn forget_requests(&mut self, user: UserId) {
        let delete = self.here("DELETE FROM idempotency WHERE tenant_id = $1 AND user_id = $2").bind(user);
        self.run(delete);
    }

    fn creates(&self, user: UserId) -> bool {
        let creates = |change: &Change| matches!(change, Change::CreateUser(created) if created.id == user);
        self.unit.change.as_ref().is_some_and(|set| set.changes().iter().any(creates))
    }
}

type StatusColumns = (&'static str, Option<String>, Option<Timestamp>);

fn status_columns(status: InvitationStatus) -> Result<StatusColumns, StoreError> {
    Ok(match status {
        InvitationStatus::Pending => ("pending", None, None),
        InvitationStatus::Completed { at } => ("completed", None, Some(at)),
        InvitationStatus::Ended { why, at } => ("ended", Some(word(why)?), Some(at)),
    })
}

/// An enumeration's word, as serde spells it, without its quotes.
pub(super) fn word<T: serde::Serialize>(value: T) -> Result<String, StoreError> {
    Ok(json(&value)?.trim_matches('"').to_owned())
}
