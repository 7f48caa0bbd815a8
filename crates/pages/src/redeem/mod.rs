//! Redemption by link: S1 → S2 → S5 → S7, with S8 and S8D, and blocking after a proof.
//!
//! One file for each screen, named after it. A page asks [`Passage`] where the browser stands; a form asks
//! [`Pages::own_form`], which also sees that it is one of ours.

mod block;
mod cancelled;
mod code;
mod consent;
mod decline;
mod done;
mod invited;
mod start;
mod wrapped;

use axum::Router;
use axum::routing::{get, post};
use vestibule_directory::RedeemError;
use vestibule_directory::redeem::Redemption;
use vestibule_identity::redemption::{FormToken, LiveFlow, NewCookie};
use vestibule_model::refusal::RedemptionRefusal;
use vestibule_model::state::{Flow, Intent};
use vestibule_model::{Digest, InvitationId, Proof, TenantId};

use crate::Pages;
use crate::error::{StartAgain, Trouble};
use crate::fields::{Fields, Posted};
use crate::link::TicketLink;
use crate::visit::Visit;

pub(crate) fn routes() -> Router<Pages> {
    Router::new()
        .route(TicketLink::WRAPPED, get(wrapped::unwrap))
        .route("/invitations/redeem", get(invited::show))
        .route(TicketLink::PATH, get(invited::show))
        .route("/invitations/redeem/start", post(start::begin))
        .route(code::PATH, get(code::show).post(code::verify))
        .route("/invitations/redeem/code/resend", post(code::resend))
        .route(consent::PATH, get(consent::show).post(consent::decide))
        .route(done::PATH, get(done::show))
        .route(cancelled::PATH, get(cancelled::show))
        .route(decline::PATH, get(decline::show).post(decline::confirm))
        .route(block::PATH, get(block::show).post(block::confirm))
        .route("/invitations/redeem/block/undo", post(block::undo))
}

/// Where a browser stands: its live flow, and what that flow is about as things are now.
pub(crate) struct Passage {
    live: LiveFlow,
    about: Redemption,
}

impl Passage {
    fn tenant(&self) -> TenantId {
        place(&self.live).0
    }

    fn invitation(&self) -> InvitationId {
        place(&self.live).1
    }

    /// The record, once a form was posted.
    fn flow(&self) -> Option<&Flow> {
        match &self.live {
            LiveFlow::Opened { .. } => None,
            LiveFlow::Started { flow, .. } => Some(flow),
        }
    }

    /// What was shown about the person in this flow.
    fn proof(&self) -> Option<&Proof> {
        self.flow().and_then(|flow| flow.proof.as_ref())
    }
}

impl Pages {
    /// The passage that the flow cookie stands for, as long as the invitation can be redeemed or was.
    async fn passage(&self, visit: &Visit) -> Result<Passage, Trouble> {
        let live = self.live_flow(visit).await?.ok_or_else(|| Trouble::stale(None))?;
        let (tenant, invitation, ticket) = place(&live);
        match self.directory().redemption(tenant, invitation, ticket, &visit.context).await {
            Ok(about) => Ok(Passage { live, about }),
            Err(error) => Err(self.trouble(error, tenant, invitation).await),
        }
    }

    /// The flow alone, for what may be done when the invitation has ended.
    async fn live_flow(&self, visit: &Visit) -> Result<Option<LiveFlow>, Trouble> {
        let live = self.identity().live_flow(visit.cookies.as_deref(), visit.context.now).await;
        live.map_err(Trouble::of_store)
    }

    /// The passage that a posted form belongs to; S-E2 for a form that is not of this browser's own flow.
    async fn own_form(&self, visit: &Visit, posted: &Posted) -> Result<Passage, Trouble> {
        self.check_form(visit, posted).await?;
        self.passage(visit).await
    }

    /// The three conditions of `redemption.md` 2.3: the flow cookie, the token of that page, no sign of another origin.
    async fn check_form(&self, visit: &Visit, posted: &Posted) -> Result<(), Trouble> {
        let field = |name| posted.fields.get(name).unwrap_or_default().to_owned();
        let token = FormToken { flow: field("flow"), csrf: field("csrf") };
        let is_own = visit.is_same_origin(&self.settings().public_url)
            && self.identity().is_own_form(visit.cookies.as_deref(), &token)
            && self.live_flow(visit).await?.is_some();
        if is_own {
            return Ok(());
        }

        Err(Trouble::stale(self.start_again(visit, &posted.fields).await?))
    }

    /// Where S-E2 leads: the link that the form repeats, or S1 of the live flow, or nowhere.
    async fn start_again(&self, visit: &Visit, fields: &Fields) -> Result<Option<StartAgain>, Trouble> {
        if let Some(link) = TicketLink::read(fields) {
            return Ok(Some(StartAgain::Link(link)));
        }
        Ok(self.live_flow(visit).await?.map(|_| StartAgain::LiveFlow))
    }

    /// The hidden fields for forms of a page of this flow.
    fn token(&self, visit: &Visit, fresh: Option<&NewCookie>) -> Result<FormToken, Trouble> {
        let token = self.identity().form_token(visit.cookies.as_deref(), fresh);
        token.ok_or_else(|| Trouble::stale(None))
    }

    /// The page for a refusal. When the ticket was right the organisation may be named.
    async fn trouble(&self, error: RedeemError, tenant: TenantId, invitation: InvitationId) -> Trouble {
        let was_right_link = match &error {
            RedeemError::Refused(
                RedemptionRefusal::Ended(_)
                | RedemptionRefusal::DomainBlocked { .. }
                | RedemptionRefusal::AccountDisabled,
            ) => true,
            RedeemError::Refused(
                RedemptionRefusal::NoSuchLink
                | RedemptionRefusal::FlowGone
                | RedemptionRefusal::NotProved
                | RedemptionRefusal::LiftedTooOften { .. },
            )
            | RedeemError::Stale
            | RedeemError::Store(_) => false,
        };
        if !was_right_link {
            return Trouble::of(error, None);
        }

        match self.directory().blockable(tenant, invitation).await {
            Ok(about) => Trouble::of(error, about),
            Err(worse) => Trouble::of(worse, None),
        }
    }
}

/// What a flow is about.
fn place(live: &LiveFlow) -> (TenantId, InvitationId, Digest) {
    match live {
        LiveFlow::Opened { tenant, invitation, ticket } => (*tenant, *invitation, *ticket),
        LiveFlow::Started { tenant, flow } => (*tenant, flow.invitation, flow.ticket),
    }
}

/// Where a flow leads after its proof.
fn path_after_proof(intent: Intent, about: &Redemption) -> &'static str {
    match intent {
        Intent::Block => block::PATH,
        Intent::Accept | Intent::Decline if about.is_accepted => done::ALREADY,
        Intent::Accept => consent::PATH,
        Intent::Decline => decline::PATH,
    }
}

/// `intent`, as links and forms carry it.
fn read_intent(fields: &Fields) -> Option<Intent> {
    match fields.get("intent")? {
        "accept" => Some(Intent::Accept),
        "decline" => Some(Intent::Decline),
        "block" => Some(Intent::Block),
        _ => None,
    }
}

fn write_intent(intent: Intent) -> &'static str {
    match intent {
        Intent::Accept => "accept",
        Intent::Decline => "decline",
        Intent::Block => "block",
    }
}
