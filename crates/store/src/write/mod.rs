//! From a unit to what an engine runs: locks, guards, then everything that follows from the change.
//!
//! The mechanical rows are made here and nowhere else: address and word rows, the change log, the audit trail with its targets,
//! the outbox. So no caller can forget one.

mod guard;
mod invitation;
mod record;
mod state;
mod tenant;
mod user;

use vestibule_model::{Change, Guard, TenantId};

use crate::driver::{Expect, Lock, Prepared, Step, in_order};
use crate::seal::Seal;
use crate::sql::Statement;
use crate::{StoreError, Unit};

/// What making a unit ready needs of the store.
pub(crate) struct Setting<'a> {
    /// For sealed columns.
    pub(crate) seal: &'a Seal,
    /// For the change log.
    pub(crate) epoch: u64,
    /// Whether the engine takes locks.
    pub(crate) takes_locks: bool,
}

/// Makes `unit` ready to be applied.
pub(crate) fn prepare(unit: &Unit, setting: &Setting<'_>) -> Result<Prepared, StoreError> {
    let mut draft = Draft { unit, setting, locks: Vec::new(), steps: Vec::with_capacity(16) };

    for guard in &unit.guards {
        draft.guard(guard);
    }
    if let Some(set) = &unit.change {
        for change in set.changes() {
            draft.change(change)?;
        }
        draft.change_log(set);
    }
    for change in &unit.state {
        draft.state(change)?;
    }
    draft.audit()?;
    draft.outbox()?;

    let locks = in_order(draft.locks);
    Ok(Prepared { locks, steps: draft.steps })
}

/// A unit on its way.
struct Draft<'a> {
    unit: &'a Unit,
    setting: &'a Setting<'a>,
    locks: Vec<Lock>,
    steps: Vec<Step>,
}

impl Draft<'_> {
    fn change(&mut self, change: &Change) -> Result<(), StoreError> {
        match change {
            Change::CreateUser(user) => self.create_user(user),
            Change::UpdateUser { user, .. } => self.update_user(user),
            Change::CreateInvitation(invitation) => self.create_invitation(invitation),
            Change::UpdateInvitation(invitation) => self.update_invitation(invitation),
            Change::AddTicket(ticket) => {
                self.add_ticket(ticket);
                Ok(())
            }
            Change::RevokeTickets { user, at } => {
                self.revoke_tickets(*user, *at);
                Ok(())
            }
            Change::EndInvitations { user, why, at } => self.end_invitations(*user, *why, *at),
            Change::RecordConsent(consent) => {
                self.record_consent(consent);
                Ok(())
            }
            Change::Block { address, at } => {
                self.block(address, *at);
                Ok(())
            }
            Change::Unblock { address } => {
                self.unblock(address);
                Ok(())
            }
            Change::PutPolicy { policy, version } => self.put_policy(policy, *version),
            Change::CreateTenant(tenant) => self.create_tenant(tenant),
            Change::AddDomain(domain) => {
                self.add_domain(domain);
                Ok(())
            }
            Change::CreateApplication(application) => self.create_application(application),
            Change::AddSecret { app, secret } => self.add_secret(*app, secret),
            Change::Remember { .. } => self.remember(change),
            Change::ForgetRequests { user } => {
                self.forget_requests(*user);
                Ok(())
            }
        }
    }

    fn tenant(&self) -> TenantId {
        self.unit.tenant
    }

    /// A statement about the unit's tenant.
    fn here(&self, sql: impl Into<std::borrow::Cow<'static, str>>) -> Statement {
        Statement::in_tenant(self.unit.tenant, sql)
    }

    /// Runs whatever it finds.
    fn run(&mut self, statement: Statement) {
        self.steps.push(Step { statement, expect: Expect::Any, guard: Guard::State });
    }

    /// Runs, and breaks `guard` unless the number of rows is right.
    fn check(&mut self, statement: Statement, expect: Expect, guard: Guard) {
        self.steps.push(Step { statement, expect, guard });
    }

    /// The unit changes this fact.
    fn changes(&mut self, kind: &str, key: &[u8]) {
        self.lock(kind, Some(self.unit.tenant), key, true);
    }

    /// The unit relies on this fact.
    fn relies_on(&mut self, kind: &str, key: &[u8]) {
        self.lock(kind, Some(self.unit.tenant), key, false);
    }

    fn lock(&mut self, kind: &str, tenant: Option<TenantId>, key: &[u8], is_exclusive: bool) {
        if self.setting.takes_locks {
            self.locks.push(Lock::on(kind, tenant, key, is_exclusive));
        }
    }
}

fn json<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Corrupt(error.to_string()))
}
