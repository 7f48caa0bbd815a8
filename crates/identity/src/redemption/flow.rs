//! A flow: one browser's passage through the redemption pages, from the link to the end.

use jiff::Timestamp;
use uuid::Uuid;
use vestibule_model::state::{FLOW_IDLE, Flow, Intent};
use vestibule_model::{Context, Digest, InvitationId, StateChange, TenantId, UserId};
use vestibule_store::{CommitError, StoreError, Unit};

use super::cookie::{FlowCookie, RecordName, SignedFlow};
use super::{FLOW_COOKIE, LiveFlow, NewCookie};
use crate::Identity;
use crate::secret::random;

impl Identity {
    /// The signed cookie that GET S1 sets. Stores nothing.
    pub fn open_flow(
        &self,
        tenant: TenantId,
        invitation: InvitationId,
        ticket: Digest,
        now: Timestamp,
    ) -> NewCookie {
        let public_id = uuid::Builder::from_random_bytes(random()).into_uuid();
        let flow = SignedFlow { tenant, invitation, ticket, public_id, opened_at: now };
        self.set_flow(&flow.write(&self.parts.settings.keys))
    }

    /// The live flow of a `Cookie` header, if any.
    ///
    /// # Errors
    ///
    /// When the store does not answer.
    pub async fn live_flow(
        &self,
        cookies: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<LiveFlow>, StoreError> {
        match self.flow_cookie(cookies) {
            None => Ok(None),
            Some((_, FlowCookie::Signed(flow))) => Ok(flow.is_live(now).then_some(LiveFlow::Opened {
                tenant: flow.tenant,
                invitation: flow.invitation,
                ticket: flow.ticket,
            })),
            Some((_, FlowCookie::Recorded(name))) => {
                let flow = self.parts.store.flow(name.tenant, name.hash(), now).await?;
                Ok(flow.map(|flow| LiveFlow::Started { tenant: name.tenant, flow: Box::new(flow) }))
            }
        }
    }

    /// The first POST: the signed value becomes a record under a new cookie; a record goes on with the new intent.
    ///
    /// # Errors
    ///
    /// `Err(None)` is a flow that is gone: it ended, or moved on in another tab.
    pub async fn start_flow(
        &self,
        live: &LiveFlow,
        user: UserId,
        intent: Intent,
        language: &str,
        context: &Context,
    ) -> Result<(Flow, Option<NewCookie>), Option<StoreError>> {
        match live {
            LiveFlow::Opened { tenant, invitation, ticket } => {
                let name = RecordName::draw(*tenant, context.random_id::<Uuid>());
                let flow = Flow {
                    id: name.hash(),
                    public_id: name.public_id,
                    version: 1,
                    invitation: *invitation,
                    user,
                    ticket: *ticket,
                    intent,
                    proof: None,
                    language: language.to_owned(),
                    is_done: false,
                    created_at: context.now,
                    expires_at: context.now + FLOW_IDLE,
                };
                self.move_on(*tenant, StateChange::OpenFlow(Box::new(flow.clone()))).await?;
                Ok((flow, Some(self.set_flow(name.as_str()))))
            }
            LiveFlow::Started { tenant, flow } => {
                let next = Flow { user, intent, language: language.to_owned(), ..goes_on(flow, context) };
                let change = StateChange::MoveFlow { was: flow.id, flow: Box::new(next.clone()) };
                self.move_on(*tenant, change).await?;
                Ok((next, None))
            }
        }
    }

    /// The flow's end, for `directory` to make durable together with the acceptance or the refusal. The record stays
    /// until its sixty minutes end, for S7.
    pub fn end_flow(&self, flow: &Flow, context: &Context) -> StateChange {
        let ended = Flow { is_done: true, ..goes_on(flow, context) };
        StateChange::MoveFlow { was: flow.id, flow: Box::new(ended) }
    }

    /// Takes the flow cookie back.
    pub fn flow_cookie_gone(&self) -> NewCookie {
        self.unset(FLOW_COOKIE)
    }

    async fn move_on(&self, tenant: TenantId, change: StateChange) -> Result<(), Option<StoreError>> {
        let unit = Unit { state: vec![change], ..Unit::new(tenant) };
        self.parts.store.commit(unit).await.map_err(|error| match error {
            CommitError::Stale(_) => None,
            CommitError::Store(error) => Some(error),
        })
    }
}

/// The same flow one step further, idle from now on.
pub(super) fn goes_on(flow: &Flow, context: &Context) -> Flow {
    Flow { version: flow.version + 1, expires_at: context.now + FLOW_IDLE, ..flow.clone() }
}

#[cfg(test)]
mod tests;
