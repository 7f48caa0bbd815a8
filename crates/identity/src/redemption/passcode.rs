//! Checks a typed passcode: the try is counted durably before anything is compared, so that no number of simultaneous
//! posts gets more tries than the rules allow.

use jiff::SignedDuration;
use uuid::Uuid;
use vestibule_model::state::{Flow, Passcode};
use vestibule_model::{Address, Context, Method, Proof, StateChange, TenantId};
use vestibule_store::{CommitError, StoreError, Unit};

use super::code::Code;
use super::cookie::RecordName;
use super::flow::goes_on;
use super::limits::{Standing, lock, uncount_wrong};
use super::{CodeRefusal, Proved};
use crate::Identity;

impl Identity {
    /// Checks a typed code: counts the try durably first, then compares. A right one is spent, and the flow goes on with
    /// its proof under a new cookie.
    ///
    /// # Errors
    ///
    /// [`CodeRefusal`]. `Wrong`, `Dead` and `Locked` may have cost a try, and so may `FlowGone`: of two posts of the right
    /// code at once only one is taken.
    pub async fn check_passcode(
        &self,
        tenant: TenantId,
        flow: &Flow,
        address: &Address,
        typed: &str,
        context: &Context,
    ) -> Result<Proved, CodeRefusal> {
        let code = Code::read(typed).ok_or(CodeRefusal::NotEightDigits)?;
        let standing = self.standing(tenant, address, context.now).await?;
        if standing.locked_for.is_positive() {
            return Err(CodeRefusal::Locked(standing.locked_for));
        }
        let passcode = self.usable(tenant, flow, context).await?;

        let trial = Trial { tenant, flow, address, passcode, standing, id: context.new_id() };
        self.count(&trial, context).await?;
        let binding = (tenant, flow.public_id, address);
        if code.opens(&trial.passcode.hash, &self.parts.settings.keys, binding) {
            self.prove(&trial, context).await
        } else {
            Err(self.after_wrong(&trial, context).await?)
        }
    }

    /// The newest code of the flow, if it can still be tried.
    async fn usable(
        &self,
        tenant: TenantId,
        flow: &Flow,
        context: &Context,
    ) -> Result<Passcode, CodeRefusal> {
        let found = self.parts.store.passcode(tenant, flow.public_id).await?;
        let passcode = found.ok_or(CodeRefusal::Dead)?;
        if passcode.used_at.is_some() || passcode.tries >= self.parts.settings.passcodes.tries_per_code {
            Err(CodeRefusal::Dead)
        } else if passcode.expires_at <= context.now {
            Err(CodeRefusal::Expired)
        } else {
            Ok(passcode)
        }
    }

    /// Counts the try against the code and, until it turns out right, against the address.
    async fn count(&self, trial: &Trial<'_>, context: &Context) -> Result<(), CodeRefusal> {
        let rules = &self.parts.settings.passcodes;
        let state = vec![
            StateChange::TryPasscode {
                id: trial.passcode.id,
                at_most: rules.tries_per_code,
                now: context.now,
            },
            trial.standing.count_wrong(trial.id, trial.address, rules, context.now),
        ];
        match self.parts.store.commit(Unit { state, ..Unit::new(trial.tenant) }).await {
            Ok(()) => Ok(()),
            Err(CommitError::Store(error)) => Err(CodeRefusal::Store(error)),
            Err(CommitError::Stale(_)) => Err(self.after_race(trial, context).await?),
        }
    }

    /// Other tries have used up the code or the address since both were looked at.
    async fn after_race(&self, trial: &Trial<'_>, context: &Context) -> Result<CodeRefusal, CodeRefusal> {
        if let Some(lock) = self.lock_when_due(trial, context).await? {
            return Ok(CodeRefusal::Locked(lock));
        }
        self.usable(trial.tenant, trial.flow, context).await?;
        // It is usable and yet was not: it was replaced by a newer one in between.
        Ok(CodeRefusal::Dead)
    }

    /// What a wrong try leaves: a lock, a dead code, or some tries.
    async fn after_wrong(&self, trial: &Trial<'_>, context: &Context) -> Result<CodeRefusal, CodeRefusal> {
        if let Some(lock) = self.lock_when_due(trial, context).await? {
            return Ok(CodeRefusal::Locked(lock));
        }
        let passcode = self.usable(trial.tenant, trial.flow, context).await?;
        let left = self.parts.settings.passcodes.tries_per_code.saturating_sub(passcode.tries);
        Ok(CodeRefusal::Wrong { left })
    }

    /// Locks the address once its tries are used up. Says how long it is locked for.
    async fn lock_when_due(
        &self,
        trial: &Trial<'_>,
        context: &Context,
    ) -> Result<Option<SignedDuration>, StoreError> {
        let (tenant, address) = (trial.tenant, trial.address);
        if !self.is_out_of_tries(tenant, address, &trial.standing, context.now).await? {
            return Ok(None);
        }
        let rules = &self.parts.settings.passcodes;
        let state = vec![lock(context.new_id(), address, rules, context.now)];
        match self.parts.store.commit(Unit { state, ..Unit::new(tenant) }).await {
            Ok(()) => Ok(Some(rules.lock)),
            Err(CommitError::Store(error)) => Err(error),
            // A simultaneous try was faster.
            Err(CommitError::Stale(_)) => {
                Ok(Some(self.standing(tenant, address, context.now).await?.locked_for))
            }
        }
    }

    /// Spends the code and renews the flow, once: the second of two simultaneous posts finds both gone.
    async fn prove(&self, trial: &Trial<'_>, context: &Context) -> Result<Proved, CodeRefusal> {
        let proof = Proof::established_by(Method::EmailPasscode, trial.address.clone(), context.now);
        let name = RecordName::draw(trial.tenant, trial.flow.public_id);
        let flow = Flow { id: name.hash(), proof: Some(proof.clone()), ..goes_on(trial.flow, context) };
        let state = vec![
            StateChange::SpendPasscode { id: trial.passcode.id, now: context.now },
            uncount_wrong(trial.id, trial.address),
            StateChange::MoveFlow { was: trial.flow.id, flow: Box::new(flow.clone()) },
        ];
        match self.parts.store.commit(Unit { state, ..Unit::new(trial.tenant) }).await {
            Ok(()) => Ok(Proved { flow, proof, cookie: self.set_flow(name.as_str()) }),
            Err(CommitError::Store(error)) => Err(CodeRefusal::Store(error)),
            Err(CommitError::Stale(_)) => Err(CodeRefusal::FlowGone),
        }
    }
}

/// One try at one code.
struct Trial<'a> {
    tenant: TenantId,
    flow: &'a Flow,
    address: &'a Address,
    passcode: Passcode,
    standing: Standing,
    /// Of the event that counts it as wrong.
    id: Uuid,
}

impl From<StoreError> for CodeRefusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

#[cfg(test)]
mod tests;
