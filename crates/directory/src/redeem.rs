//! The way of a guest: what a link opens, accepting, declining, blocking.

use jiff::SignedDuration;
use vestibule_model::policy::PasscodePolicy;
use vestibule_model::redemption::{self as model, Blocking, LIFTS_PER_HOUR, Redeeming, Stage, Step};
use vestibule_model::refusal::{RedemptionRefusal, Refused};
use vestibule_model::state::{Counter, CounterKind};
use vestibule_model::{
    Context, Digest, Guard, GuestState, Invitation, InvitationId, Proof, StateChange, Tenant, TenantId,
    Ticket, User, VerifiedDomain,
};
use vestibule_store::Unit;
use vestibule_store::read::redemption::RedemptionSnapshot;

use crate::retry::{ATTEMPTS, Written, pause};
use crate::secret::sha256;
use crate::{Directory, RedeemError};

pub use vestibule_model::redemption::ConsentFacts;

/// What a guest may be told about an invitation. Holds no secret.
#[derive(Clone, Debug)]
pub struct Redemption {
    /// The invitation.
    pub invitation: Invitation,
    /// The guest.
    pub user: User,
    /// The inviting organisation.
    pub tenant: Tenant,
    /// Its primary domain, which pages name beside it.
    pub primary_domain: VerifiedDomain,
    /// Whether passcodes are a method in this tenant.
    pub has_passcodes: bool,
    /// Whether the guest accepted before, so that the link leads to S7.
    pub is_accepted: bool,
}

/// An acceptance, as S5 asks for it.
#[derive(Clone, Debug)]
pub struct Acceptance {
    /// In whose directory.
    pub tenant: TenantId,
    /// What is redeemed.
    pub invitation: InvitationId,
    /// The ticket that opened the flow.
    pub ticket: Digest,
    /// Who is at the browser.
    pub proof: Proof,
    /// Where from, with which words. `user`, `invitation`, `at` and versions are filled in here.
    pub consent: ConsentFacts,
}

/// How an acceptance ended.
#[derive(Clone, Debug)]
pub struct Redeemed {
    /// As it is now.
    pub redemption: Redemption,
    /// Whether the guest had accepted before, here or in another tab: no second record was written.
    pub was_accepted: bool,
}

/// How a step is made durable: with the end of a flow, or without one.
type FlowEnd = Option<StateChange>;

/// Which step a guest takes.
#[derive(Clone, Copy)]
enum Taking<'a> {
    Accept,
    Decline { reason: Option<&'a str> },
}

impl Directory {
    /// What a ticket opens. An unknown one, and one that names another invitation or tenant, are all `NoSuchLink`; a
    /// dead one says how it ended. Fetching changes nothing.
    ///
    /// # Errors
    ///
    /// [`RedeemError`], never `Stale`.
    pub async fn open_ticket(
        &self,
        tenant: TenantId,
        invitation: InvitationId,
        ticket: Digest,
        context: &Context,
    ) -> Result<Redemption, RedeemError> {
        let found = self.find(tenant, invitation, ticket).await?;
        let stage = found.redeeming().standing(context).map_err(RedeemError::Refused)?;
        Ok(told(&found.snapshot, stage))
    }

    /// The same for a flow that is under way: checked again at every step.
    ///
    /// # Errors
    ///
    /// [`RedeemError`], never `Stale`.
    pub async fn redemption(
        &self,
        tenant: TenantId,
        invitation: InvitationId,
        ticket: Digest,
        context: &Context,
    ) -> Result<Redemption, RedeemError> {
        self.open_ticket(tenant, invitation, ticket, context).await
    }

    /// T6. `with` is the flow's end, from `identity`, made durable in the same unit; when only its guard broke, the
    /// answer is `FlowGone`, unless the guest turns out to have accepted meanwhile.
    ///
    /// # Errors
    ///
    /// [`RedeemError`]; nothing was written then but maybe an audit record.
    pub async fn redeem(
        &self,
        acceptance: Acceptance,
        with: StateChange,
        context: &Context,
    ) -> Result<Redeemed, RedeemError> {
        self.take(&acceptance, Taking::Accept, Some(with), context).await
    }

    /// T6 where no browser is: for the dev control that redeems as the guest would. The same rules, the same records.
    ///
    /// # Errors
    ///
    /// As [`redeem`](Self::redeem), never `FlowGone`.
    pub async fn redeem_without_flow(
        &self,
        acceptance: Acceptance,
        context: &Context,
    ) -> Result<Redeemed, RedeemError> {
        self.take(&acceptance, Taking::Accept, None, context).await
    }

    /// T7, after a proof; `reason` is cut at 500 characters. A guest who accepted before declines nothing any more:
    /// `is_accepted` says so.
    ///
    /// # Errors
    ///
    /// [`RedeemError`]; nothing was written then but maybe an audit record.
    pub async fn decline(
        &self,
        acceptance: Acceptance,
        reason: Option<String>,
        with: StateChange,
        context: &Context,
    ) -> Result<Redemption, RedeemError> {
        let taking = Taking::Decline { reason: reason.as_deref() };
        Ok(self.take(&acceptance, taking, Some(with), context).await?.redemption)
    }

    /// The inviter's own words, as far as `mail.custom_message` lets them through: a page says what the mail said.
    pub fn words_of<'a>(&self, invitation: &'a Invitation) -> Option<&'a str> {
        self.settings.custom_message.words_of(invitation)
    }

    /// What a block link is about: the organisation and the masked address. `None` when it leads to nothing.
    ///
    /// # Errors
    ///
    /// [`RedeemError::Store`].
    pub async fn blockable(
        &self,
        tenant: TenantId,
        invitation: InvitationId,
    ) -> Result<Option<Redemption>, RedeemError> {
        let snapshot = self.store.redemption(tenant, invitation).await?;
        Ok(snapshot.map(|snapshot| told(&snapshot, stage_of(&snapshot.user))))
    }

    /// T18: by a signed link or after a proof. A second block writes no second record.
    ///
    /// # Errors
    ///
    /// [`RedeemError`]: `NoSuchLink` when there is no such invitation.
    pub async fn block(
        &self,
        tenant: TenantId,
        invitation: InvitationId,
        context: &Context,
    ) -> Result<Redemption, RedeemError> {
        self.set_blocking(Blocking::Block, tenant, invitation, context).await
    }

    /// T19: the undo of the page that blocked, [`LIFTS_PER_HOUR`] times.
    ///
    /// # Errors
    ///
    /// As [`block`](Self::block), and `LiftedTooOften`.
    pub async fn unblock(
        &self,
        tenant: TenantId,
        invitation: InvitationId,
        context: &Context,
    ) -> Result<Redemption, RedeemError> {
        self.set_blocking(Blocking::Unblock, tenant, invitation, context).await
    }

    /// Decides, writes, and when somebody else was first looks again. Whoever lost to an acceptance of the same guest is
    /// told of that acceptance (`redemption.md` 1.5).
    async fn take(
        &self,
        acceptance: &Acceptance,
        taking: Taking<'_>,
        with: FlowEnd,
        context: &Context,
    ) -> Result<Redeemed, RedeemError> {
        let mut flow_is_gone = false;
        for attempt in 0..ATTEMPTS {
            let found = self.find(acceptance.tenant, acceptance.invitation, acceptance.ticket).await?;
            let step = match self.decide_step(&found, acceptance, taking, context).await? {
                model::Outcome::AcceptedBefore => {
                    self.end_flow(acceptance.tenant, with).await?;
                    let redemption = told(&found.snapshot, Stage::Accepted);
                    return Ok(Redeemed { redemption, was_accepted: true });
                }
                model::Outcome::Taken(_) if flow_is_gone => {
                    return Err(RedeemError::Refused(RedemptionRefusal::FlowGone));
                }
                model::Outcome::Taken(step) => *step,
            };
            match self.write(unit(acceptance.tenant, &step, with.clone())).await? {
                Written::Durably => return Ok(taken(&found.snapshot, step)),
                Written::Stale(Guard::State) => flow_is_gone = true,
                Written::Stale(_) => pause(attempt, context).await,
            }
        }
        Err(RedeemError::Stale)
    }

    async fn find(
        &self,
        tenant: TenantId,
        invitation: InvitationId,
        ticket: Digest,
    ) -> Result<Found, RedeemError> {
        let snapshot = self.store.ticket(tenant, ticket).await?;
        let found = snapshot.and_then(|snapshot| Some(Found { ticket: snapshot.ticket?, snapshot }));
        found
            .filter(|found| found.snapshot.invitation.id == invitation)
            .ok_or(RedeemError::Refused(RedemptionRefusal::NoSuchLink))
    }

    async fn decide_step(
        &self,
        found: &Found,
        acceptance: &Acceptance,
        taking: Taking<'_>,
        context: &Context,
    ) -> Result<model::Outcome, RedeemError> {
        let redeeming = found.redeeming();
        let decided = match taking {
            Taking::Accept => redeeming.accept(&acceptance.proof, &acceptance.consent, sha256, context),
            Taking::Decline { reason } => redeeming.decline(&acceptance.proof, reason, context),
        };
        match decided {
            Ok(outcome) => Ok(outcome),
            Err(Refused { why, record }) => {
                self.record(acceptance.tenant, found.snapshot.user.id.0, record, context).await;
                Err(RedeemError::Refused(why))
            }
        }
    }

    /// A flow that led nowhere new is over all the same; if it was over already, so much the better.
    async fn end_flow(&self, tenant: TenantId, with: FlowEnd) -> Result<(), RedeemError> {
        let Some(end) = with else { return Ok(()) };
        self.write(Unit { state: vec![end], ..Unit::new(tenant) }).await?;
        Ok(())
    }

    async fn set_blocking(
        &self,
        blocking: Blocking,
        tenant: TenantId,
        invitation: InvitationId,
        context: &Context,
    ) -> Result<Redemption, RedeemError> {
        for attempt in 0..ATTEMPTS {
            let snapshot = self.store.redemption(tenant, invitation).await?;
            let snapshot = snapshot.ok_or(RedeemError::Refused(RedemptionRefusal::NoSuchLink))?;
            let redemption = told(&snapshot, stage_of(&snapshot.user));
            let decided = blocking.decide(&snapshot.invitation, &snapshot.user, snapshot.is_blocked, context);
            let Some((guard, change)) = decided else { return Ok(redemption) };
            let lifts = lifts_of(&snapshot.invitation);
            let unit = Unit {
                guards: vec![guard],
                change: Some(change),
                state: counted(blocking, lifts, context),
                ..Unit::new(tenant)
            };
            match self.write(unit).await? {
                Written::Durably => return Ok(redemption),
                Written::Stale(Guard::State) => {
                    return Err(self.lifted_too_often(tenant, lifts, context).await);
                }
                Written::Stale(_) => pause(attempt, context).await,
            }
        }
        Err(RedeemError::Stale)
    }

    async fn lifted_too_often(&self, tenant: TenantId, lifts: Counter, context: &Context) -> RedeemError {
        let since = context.now - HOUR;
        match self.store.counted(tenant, &[(lifts, since)], context.now).await {
            Ok(counted) => {
                let oldest = counted.first().and_then(|lifts| lifts.oldest).unwrap_or(context.now);
                let wait = (oldest + HOUR).duration_since(context.now);
                RedeemError::Refused(RedemptionRefusal::LiftedTooOften { wait })
            }
            Err(broken) => broken.into(),
        }
    }
}

/// A snapshot that is known to have been found by its ticket.
struct Found {
    ticket: Ticket,
    snapshot: RedemptionSnapshot,
}

impl Found {
    fn redeeming(&self) -> Redeeming<'_> {
        Redeeming {
            ticket: &self.ticket,
            invitation: &self.snapshot.invitation,
            user: &self.snapshot.user,
            tenant: &self.snapshot.tenant,
            policy: &self.snapshot.policy,
            policy_version: self.snapshot.policy_version,
        }
    }
}

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// Under what the lifting of a block is counted.
fn lifts_of(invitation: &Invitation) -> Counter {
    Counter { kind: CounterKind::BlockLifted, key: sha256(invitation.address.key().as_bytes()) }
}

/// Blocking is free: nothing can be blocked again that was not lifted in between.
fn counted(blocking: Blocking, lifts: Counter, context: &Context) -> Vec<StateChange> {
    match blocking {
        Blocking::Block => Vec::new(),
        Blocking::Unblock => vec![StateChange::Count {
            counter: lifts,
            id: context.new_id(),
            at: context.now,
            since: context.now - HOUR,
            at_most: LIFTS_PER_HOUR,
        }],
    }
}

fn unit(tenant: TenantId, step: &Step, with: FlowEnd) -> Unit {
    Unit {
        guards: step.guards.clone(),
        change: Some(step.change.clone()),
        state: with.into_iter().collect(),
        ..Unit::new(tenant)
    }
}

fn taken(snapshot: &RedemptionSnapshot, step: Step) -> Redeemed {
    let stage = stage_of(&step.user);
    let told = told(snapshot, stage);
    let redemption = Redemption { user: step.user, invitation: step.invitation, ..told };
    Redeemed { redemption, was_accepted: false }
}

fn stage_of(user: &User) -> Stage {
    match user.guest_state {
        Some(GuestState::Accepted { .. }) => Stage::Accepted,
        Some(GuestState::PendingAcceptance { .. }) | None => Stage::Open,
    }
}

fn told(snapshot: &RedemptionSnapshot, stage: Stage) -> Redemption {
    Redemption {
        invitation: snapshot.invitation.clone(),
        user: snapshot.user.clone(),
        tenant: snapshot.tenant.clone(),
        primary_domain: primary_domain(&snapshot.tenant, &snapshot.domains),
        has_passcodes: snapshot.policy.passcodes != PasscodePolicy::Disabled,
        is_accepted: stage == Stage::Accepted,
    }
}

fn primary_domain(tenant: &Tenant, domains: &[VerifiedDomain]) -> VerifiedDomain {
    domains.iter().find(|domain| domain.is_default).cloned().unwrap_or_else(|| VerifiedDomain {
        name: tenant.initial_domain.clone(),
        is_default: true,
        is_initial: true,
    })
}
