//! Guests as the product makes them: each is a real decision of `model` turned into a unit of the store.
//!
//! What `directory` does with a request is done here without a server: a snapshot, a decision, a unit. So what is
//! populated and what is replayed is made of exactly the rows that an invitation over HTTP leaves.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context as _, Result, anyhow, bail};
use aws_lc_rs::digest::{SHA256, digest};
use jiff::Timestamp;
use uuid::{Builder, Uuid};
use vestibule_model::guest_name::GuestNames;
use vestibule_model::invitation::decide::{
    Decision, Drawn, Given, NewInvitation, Question, Snapshot, decide,
};
use vestibule_model::invitation::{CustomMessage, InvitationRequest, InvitationRules, Malformed};
use vestibule_model::{Address, Application, Caller, CallingApp, Context, Digest, Ids, TenantId};
use vestibule_store::read::directory::{InviteQuery, TenantSnapshot};
use vestibule_store::{Store, Unit};

/// The first guest's id is of this moment, the second's of the millisecond after it, and so on.
const BEGINNING: i64 = 1_767_225_600_000;

/// The address of populated guest `n`, as in `scripts/load.lua`.
pub(crate) fn address_of(n: u64) -> String {
    format!("guest{n:07}@partner{:03}.example", n % 500)
}

/// The object id of populated guest `n`, as in `scripts/load.lua`.
pub(crate) fn id_of(n: u64) -> Uuid {
    version_7(BEGINNING + i64::try_from(n).unwrap_or(0), n)
}

/// Everything that invitations of one application are decided on, looked up once.
pub(crate) struct Inviter {
    tenant: TenantSnapshot,
    app: Application,
    caller: Caller,
    rules: InvitationRules,
}

impl Inviter {
    /// The first application of the first tenant of `store`.
    ///
    /// # Errors
    ///
    /// There is none, or the store does not answer.
    pub(crate) async fn of(store: &Store) -> Result<Self> {
        let tenants = store.tenants().await?;
        let id = tenants.first().context("the store has no tenant")?.id;
        let app =
            store.applications(id).await?.into_iter().next().context("the tenant has no application")?;
        let tenant = store.tenant_snapshot(id, None).await?.context("the tenant is gone")?;
        let caller = Caller {
            tenant: id,
            app: CallingApp {
                app: app.app,
                service_principal: app.service_principal,
                display_name: app.display_name.clone(),
            },
            user: None,
            permissions: app.permissions.clone(),
            issued_at: now(),
        };
        Ok(Self { tenant, app, caller, rules: InvitationRules::default() })
    }

    /// Whose directory it is.
    pub(crate) fn tenant(&self) -> TenantId {
        self.caller.tenant
    }

    /// What is looked up before `address` is invited.
    ///
    /// # Errors
    ///
    /// The store does not answer, or the address is not one.
    pub(crate) async fn look_up(&self, store: &Store, address: &str) -> Result<()> {
        let address = Address::parse(address, self.rules.plus_addressing)?;
        let upn_prefix = GuestNames::of(&address, sha256).prefix();
        let query = InviteQuery {
            caller: &self.caller,
            address: Some(address.key()),
            upn_prefix: Some(&upn_prefix),
            target: None,
            sponsors: &[],
            cc: &[],
            key: None,
            now: now(),
        };
        store.invite_snapshot(self.tenant(), query).await?.context("the tenant is gone").map(drop)
    }

    /// The unit that invites `address` for the first time; the guest's object id is [`id_of`] `n`.
    ///
    /// # Errors
    ///
    /// The model says no.
    pub(crate) fn invite(&self, n: u64, address: &str) -> Result<Unit> {
        let request = Ok(InvitationRequest {
            email_address: Some(address.into()),
            redirect_url: Some("https://myapps.microsoft.com/".into()),
            ..InvitationRequest::default()
        });
        let new = self.decide(n, &request)?;

        let mut unit = Unit::new(self.tenant());
        unit.guards = new.guards;
        unit.change = Some(new.change);
        unit.outbox = new.mail;
        Ok(unit)
    }

    fn decide(&self, n: u64, request: &Result<InvitationRequest, Malformed>) -> Result<NewInvitation> {
        let context = Context {
            now: now(),
            ids: Arc::new(GuestIds { n, drawn: AtomicU64::new(0) }),
            correlation: random_looking(n, 1),
            client: None,
        };
        let drawn = drawn(n, context.now);
        let question = Question { caller: &self.caller, request, key: None };
        let given =
            Given { rules: &self.rules, custom_message: CustomMessage::default(), sha256, drawn: &drawn };
        match decide(&question, &self.nobody_there(), &given, &context) {
            Ok(Decision::Invite(new)) => Ok(*new),
            Ok(Decision::Replay(_)) => bail!("a first invitation cannot be a repeated one"),
            Err(refused) => Err(anyhow!("the model says no: {refused:?}")),
        }
    }

    /// The directory as it is for an address that nobody has.
    fn nobody_there(&self) -> Snapshot<'_> {
        Snapshot {
            app: Some(&self.app),
            user: None,
            tenant: &self.tenant.tenant,
            policy: &self.tenant.policy,
            policy_version: self.tenant.policy_version,
            domains: &self.tenant.domains,
            users_at: &[],
            proxy_is_taken: false,
            target: None,
            sponsors: &[],
            taken_upns: &[],
            is_blocked: false,
            blocked_cc: &[],
            remembered: None,
            home_language: None,
        }
    }
}

fn drawn(n: u64, now: Timestamp) -> Drawn {
    let ticket = format!("{:x}{:x}", random_looking(n, 2).simple(), random_looking(n, 3).simple());
    Drawn {
        invitation: version_7(now.as_millisecond(), random_looking(n, 4).as_u64_pair().1).into(),
        ticket_hash: sha256(ticket.as_bytes()),
        ticket: ticket.into(),
        redeem_url: String::new().into(),
        block_url: String::new().into(),
    }
}

/// The first id of a decision is the guest's, [`id_of`]; the others are of now, as in the server.
struct GuestIds {
    n: u64,
    drawn: AtomicU64,
}

impl Ids for GuestIds {
    fn ascending(&self, now: Timestamp) -> Uuid {
        match self.drawn.fetch_add(1, Ordering::Relaxed) {
            0 => id_of(self.n),
            nth => version_7(now.as_millisecond(), self.n * 16 + nth),
        }
    }

    fn random(&self) -> Uuid {
        random_looking(self.n, self.drawn.fetch_add(1, Ordering::Relaxed))
    }
}

fn version_7(millis: i64, tail: u64) -> Uuid {
    let mut bytes = [0; 10];
    bytes[2..].copy_from_slice(&tail.to_be_bytes());
    Builder::from_unix_timestamp_millis(u64::try_from(millis).unwrap_or(0), &bytes).into_uuid()
}

/// Spread like random bytes, the same in every run.
fn random_looking(n: u64, what: u64) -> Uuid {
    let hash = sha256(&[n.to_be_bytes(), what.to_be_bytes()].concat());
    Builder::from_random_bytes(*hash.0.first_chunk().expect("SHA-256 has 32 bytes")).into_uuid()
}

fn sha256(bytes: &[u8]) -> Digest {
    Digest(digest(&SHA256, bytes).as_ref().try_into().expect("SHA-256 has 32 bytes"))
}

#[expect(clippy::disallowed_methods, reason = "a bench has no dev clock: what it writes happens now")]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_what_the_load_script_computes() {
        assert_eq!(id_of(0).to_string(), "019b76da-a800-7000-8000-000000000000");
        assert_eq!(id_of(70_000).to_string(), "019b76db-b970-7000-8000-000000011170");
    }
}
