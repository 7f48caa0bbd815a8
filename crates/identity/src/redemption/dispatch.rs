//! Sends a passcode: counts, keeps and queues it in one unit, then waits with the page until the relay has taken it.

use jiff::SignedDuration;
use tokio::time::{Instant, sleep, timeout_at};
use uuid::Uuid;
use vestibule_model::message::{Delivery, PasscodeMail};
use vestibule_model::state::{Flow, Passcode};
use vestibule_model::{Address, Context, Lane, Message, MessageId, Payload, StateChange, TenantId};
use vestibule_store::outbox::DeliveryState;
use vestibule_store::{CommitError, StoreError, Unit};

use super::code::Code;
use super::flow::goes_on;
use super::limits::{Limit, Reason, on_sending};
use super::{PATIENCE, PasscodeFacts, SendRefusal};
use crate::Identity;

/// A commit somewhere wakes every waiting page; none looks more often than this.
const LOOK_AT_MOST_EVERY: std::time::Duration = std::time::Duration::from_millis(25);

/// Nor, should a wake-up be missed, less often.
const LOOK_AT_LEAST_EVERY: std::time::Duration = std::time::Duration::from_millis(500);

impl Identity {
    /// Sends a new passcode for `flow` and waits for the relay, ten seconds at most. The older code of the flow dies.
    ///
    /// After [`SendRefusal::NotDelivered`] the code stays valid, should its mail still come; the pause before the next one
    /// does not apply, and a try that never reached the relay counts against no limit.
    ///
    /// # Errors
    ///
    /// [`SendRefusal`]; nothing was queued but in the case of `NotDelivered`.
    pub async fn send_passcode(
        &self,
        tenant: TenantId,
        flow: &Flow,
        facts: &PasscodeFacts,
        context: &Context,
    ) -> Result<MessageId, SendRefusal> {
        if !self.parts.settings.sends_mail {
            return Err(SendRefusal::NoMethod);
        }
        let Ok(_permit) = self.parts.waiting.try_acquire() else { return Err(SendRefusal::NotDelivered) };
        let wait = self.wait_to_send(tenant, &facts.address, context).await?;
        if wait.is_positive() {
            return Err(SendRefusal::Wait(wait));
        }

        let sending = self.prepare_sending(tenant, flow, facts, context);
        if let Err(error) = self.parts.store.commit(sending.unit).await {
            return Err(self.why_not_sent(error, tenant, flow, facts, context).await?);
        }
        let outcome = self.outcome(tenant, sending.message).await?;
        if outcome.as_ref().is_some_and(|outcome| outcome.state == Delivery::Sent) {
            return Ok(sending.message);
        }
        self.take_back(tenant, &sending.counted, outcome.as_ref()).await?;
        Err(SendRefusal::NotDelivered)
    }

    /// How long until a new code may be asked for; zero when now. For the hint on S2.
    ///
    /// # Errors
    ///
    /// When the store does not answer.
    pub async fn resend_wait(
        &self,
        tenant: TenantId,
        address: &Address,
        context: &Context,
    ) -> Result<SignedDuration, StoreError> {
        self.wait_to_send(tenant, address, context).await
    }

    fn prepare_sending(
        &self,
        tenant: TenantId,
        flow: &Flow,
        facts: &PasscodeFacts,
        context: &Context,
    ) -> Sending {
        let settings = &self.parts.settings;
        let counted: Vec<(Limit, Uuid)> = on_sending(&settings.passcodes, &facts.address, context.client)
            .into_iter()
            .map(|limit| (limit, context.new_id()))
            .collect();
        let code = Code::draw();
        let passcode = Passcode {
            id: context.new_id(),
            flow: flow.public_id,
            hash: code.seal(&settings.keys, tenant, flow.public_id, &facts.address),
            created_at: context.now,
            expires_at: context.now + settings.passcodes.lifetime,
            tries: 0,
            used_at: None,
        };
        let message = self.mail(code, facts, context);

        let mut state = vec![StateChange::MoveFlow { was: flow.id, flow: Box::new(goes_on(flow, context)) }];
        state.extend(counted.iter().map(|(limit, id)| limit.count(*id, context.now)));
        state.push(StateChange::PutPasscode(Box::new(passcode)));
        Sending {
            message: message.id,
            unit: Unit { state, outbox: vec![message], ..Unit::new(tenant) },
            counted,
        }
    }

    fn mail(&self, code: Code, facts: &PasscodeFacts, context: &Context) -> Message {
        let lifetime = self.parts.settings.passcodes.lifetime;
        let mail = PasscodeMail {
            code: code.into_digits(),
            minutes: u32::try_from(lifetime.as_mins()).unwrap_or(u32::MAX),
            language: facts.language.clone(),
            organization: facts.organization.clone(),
            browser: facts.browser.clone(),
            client: context.client,
            asked_at: context.now,
        };
        let patience = SignedDuration::try_from(PATIENCE).unwrap_or(lifetime);
        Message {
            id: context.new_id(),
            lane: Lane::Passcode,
            to: facts.address.clone(),
            due_at: context.now,
            ends_at: context.now + patience.min(lifetime),
            payload: Payload::Passcode(Box::new(mail)),
            about: facts.user,
            correlation: context.correlation,
            ticket: None,
        }
    }

    /// Which guard of the unit was broken: the flow's, or a limit that somebody else has just used up.
    async fn why_not_sent(
        &self,
        error: CommitError,
        tenant: TenantId,
        flow: &Flow,
        facts: &PasscodeFacts,
        context: &Context,
    ) -> Result<SendRefusal, SendRefusal> {
        if let CommitError::Store(error) = error {
            return Err(SendRefusal::Store(error));
        }
        let current = self.parts.store.flow(tenant, flow.id, context.now).await?;
        if current.is_none_or(|current| current.version != flow.version) {
            return Ok(SendRefusal::FlowGone);
        }
        let wait = self.wait_to_send(tenant, &facts.address, context).await?;
        Ok(SendRefusal::Wait(wait.max(SignedDuration::from_secs(1))))
    }

    /// How far the mail has come when its page stops waiting.
    async fn outcome(
        &self,
        tenant: TenantId,
        message: MessageId,
    ) -> Result<Option<DeliveryState>, StoreError> {
        let deadline = Instant::now() + self.parts.patience;
        loop {
            let state = self.parts.store.delivery(tenant, message).await?;
            let is_over = state.as_ref().is_none_or(|state| state.state != Delivery::Queued);
            if is_over || Instant::now() >= deadline {
                return Ok(state);
            }
            let next_look = deadline.min(Instant::now() + LOOK_AT_LEAST_EVERY);
            let _ = timeout_at(next_look, async {
                tokio::join!(self.parts.store.changed(), sleep(LOOK_AT_MOST_EVERY));
            })
            .await;
        }
    }

    async fn take_back(
        &self,
        tenant: TenantId,
        counted: &[(Limit, Uuid)],
        outcome: Option<&DeliveryState>,
    ) -> Result<(), StoreError> {
        let has_reached_relay = has_reached_relay(outcome);
        let taken_back =
            counted.iter().filter(|(limit, _)| limit.reason == Reason::Pause || !has_reached_relay);
        let state = taken_back.map(|(limit, id)| limit.uncount(*id)).collect();
        match self.parts.store.commit(Unit { state, ..Unit::new(tenant) }).await {
            Err(CommitError::Store(error)) => Err(error),
            Err(CommitError::Stale(_)) | Ok(()) => Ok(()),
        }
    }
}

/// What one sending is made of.
struct Sending {
    message: MessageId,
    unit: Unit,
    counted: Vec<(Limit, Uuid)>,
}

/// Whether the relay may have seen the mail. In doubt it has: a relay that answers late must not become a way to send
/// without limit.
fn has_reached_relay(outcome: Option<&DeliveryState>) -> bool {
    let Some(outcome) = outcome else { return true };
    let has_answered = outcome.reply.as_deref().is_some_and(is_answer_to_mail);
    outcome.state == Delivery::Failed || outcome.has_begun || has_answered
}

/// A relay's words begin with a code of three digits (RFC 5321, section 4.2), ours never do. Some codes come before any
/// mail is named: closing (421), and those of AUTH (RFC 4954, section 6).
fn is_answer_to_mail(reply: &str) -> bool {
    let Some(code) = reply.get(..3).filter(|code| code.bytes().all(|byte| byte.is_ascii_digit())) else {
        return false;
    };
    !["421", "432", "454", "530", "534", "535", "538"].contains(&code)
}

impl From<StoreError> for SendRefusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_relay_may_have_seen_counts() {
        for (state, reply, has_begun, counts) in [
            (Delivery::Queued, None, false, false),
            (Delivery::Queued, None, true, true),
            (Delivery::Queued, Some("connection refused"), false, false),
            (Delivery::Queued, Some("450 4.2.1 greylisted"), false, true),
            (Delivery::Dead, Some("its time ran out before it could be sent"), false, false),
            (Delivery::Dead, Some("535 5.7.8 bad credentials"), false, false),
            (Delivery::Dead, Some("421 too many connections"), false, false),
            (Delivery::Failed, Some("550 5.1.1 no such user"), false, true),
            (Delivery::Dead, Some("한국어"), false, false),
        ] {
            let outcome = DeliveryState { state, reply: reply.map(str::to_owned), attempts: 1, has_begun };
            assert_eq!(has_reached_relay(Some(&outcome)), counts, "{outcome:?}");
        }
        assert!(has_reached_relay(None));
    }
}
