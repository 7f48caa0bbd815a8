//! Guards: what must still be true, asked as a row count under the lock on its fact.

use vestibule_model::{Change, Guard};

use super::Draft;
use crate::addresses::kind;
use crate::driver::Expect;
use crate::sql::{Across, Statement};

impl Draft<'_> {
    /// Takes the lock and asks.
    pub(super) fn guard(&mut self, guard: &Guard) {
        let Some((statement, expect)) = self.asked(guard) else { return };
        self.check(statement, expect, guard.clone());
    }

    fn asked(&mut self, guard: &Guard) -> Option<(Statement, Expect)> {
        use Expect::{None as Nothing, Some as Something};
        let asked = match guard {
            Guard::AddressFree { key } => (self.holder_of(key, kind::MATCH), Nothing),
            Guard::MailFree { key } => (self.holder_of(key, kind::MAIL | kind::PROXY), Nothing),
            Guard::UpnFree { key } => {
                self.relies_on("upn", key.as_bytes());
                if self.creates_upn(key) {
                    return None; // The insert itself finds out.
                }
                let sql =
                    "SELECT 1 FROM directory_user WHERE tenant_id = $1 AND user_principal_name = $2 LIMIT 1";
                (self.here(sql).bind(&**key), Nothing)
            }
            Guard::UserVersion { user, version } => {
                self.relies_on("user", user.as_bytes());
                let sql = "SELECT 1 FROM directory_user WHERE tenant_id = $1 AND id = $2 AND version = $3";
                (self.here(sql).bind(*user).bind(*version), Something)
            }
            Guard::UserPending { user } => {
                self.relies_on("user", user.as_bytes());
                (self.here(IN_STATE).bind(*user).bind("pendingacceptance"), Something)
            }
            Guard::UserAccepted { user } => {
                self.relies_on("user", user.as_bytes());
                (self.here(IN_STATE).bind(*user).bind("accepted"), Something)
            }
            Guard::UserThere { user } => {
                self.relies_on("user", user.as_bytes());
                let sql =
                    "SELECT 1 FROM directory_user WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL";
                (self.here(sql).bind(*user), Something)
            }
            // Whoever ends an invitation or revokes a ticket does so by guest, so there is no common lock to take: the row is
            // touched instead, which makes the two wait for each other.
            Guard::InvitationPending { invitation } => {
                let sql = "UPDATE invitation SET status = status WHERE tenant_id = $1 AND id = $2 AND status = 'pending'";
                (self.here(sql).bind(*invitation), Something)
            }
            Guard::TicketLive { ticket, now } => {
                let sql = "UPDATE ticket SET revoked_at = NULL
                            WHERE tenant_id = $1 AND hash = $2 AND revoked_at IS NULL
                              AND (expires_at IS NULL OR expires_at > $3)";
                (self.here(sql).bind(*ticket).bind(*now), Something)
            }
            Guard::TenantPolicy { version } => {
                self.relies_on("policy", &[]);
                let sql = "SELECT 1 FROM policy WHERE tenant_id = $1 AND version = $2";
                (self.here(sql).bind(*version), Something)
            }
            Guard::KeyUnused { scope, now } => {
                self.changes("request", &scope.0);
                let sql = "SELECT 1 FROM idempotency WHERE tenant_id = $1 AND scope = $2 AND expires_at > $3";
                (self.here(sql).bind(*scope).bind(*now), Nothing)
            }
            Guard::Blocked { key, is_blocked } => {
                self.relies_on("block", key.as_bytes());
                let sql = "SELECT 1 FROM block_list WHERE tenant_id = $1 AND key = $2";
                (self.here(sql).bind(&**key), if *is_blocked { Something } else { Nothing })
            }
            Guard::NoTenant => {
                self.lock("tenants", None, &[], false);
                (Statement::across_tenants(Across::Reference, "SELECT 1 FROM tenant LIMIT 1"), Nothing)
            }
            Guard::DomainFree { name } => {
                self.lock("domain", None, name.as_bytes(), false);
                let sql = "SELECT 1 FROM verified_domain WHERE name = $1";
                (Statement::across_tenants(Across::Reference, sql).bind(&**name), Nothing)
            }
            Guard::State => return None,
        };
        Some(asked)
    }

    /// Somebody who has `key` as one of these kinds.
    fn holder_of(&mut self, key: &str, kinds: i64) -> Statement {
        self.relies_on("address", key.as_bytes());
        let sql =
            "SELECT 1 FROM user_address WHERE tenant_id = $1 AND key = $2 AND (kinds & $3) <> 0 LIMIT 1";
        self.here(sql).bind(key).bind(kinds)
    }

    fn creates_upn(&self, key: &str) -> bool {
        let creates = |change: &Change| match change {
            Change::CreateUser(user) => crate::addresses::fold(&user.user_principal_name) == key,
            _ => false,
        };
        self.unit.change.as_ref().is_some_and(|set| set.changes().iter().any(creates))
    }
}

const IN_STATE: &str = "SELECT 1 FROM directory_user
                         WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL AND account_enabled = 1
                           AND external_user_state = $3";
