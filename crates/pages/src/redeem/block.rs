//! S13 within a flow: blocking an organisation after the proof, and its undo. Also for a guest who has just declined.

use axum::extract::State;
use minijinja::context;
use vestibule_directory::redeem::Redemption;
use vestibule_identity::redemption::LiveFlow;

use super::{Pages, place};
use crate::error::Trouble;
use crate::fields::Posted;
use crate::layout::{Answer, see_other, token_view};
use crate::link::TicketLink;
use crate::unsubscribe::{BlockPage, Origin};
use crate::visit::Visit;

pub(super) const PATH: &str = "/invitations/redeem/block";

/// GET.
pub(crate) async fn show(State(pages): State<Pages>, visit: Visit) -> Answer {
    let Some(proved) = Proved::of(&pages, &visit).await? else { return Ok(to_proof()) };
    proved.page(&pages, &visit, BlockPage::Question)
}

/// POST: T18.
pub(crate) async fn confirm(State(pages): State<Pages>, visit: Visit, posted: Posted) -> Answer {
    pages.check_form(&visit, &posted).await?;
    let Some(proved) = Proved::of(&pages, &visit).await? else { return Ok(to_proof()) };
    let (tenant, invitation, _) = place(&proved.live);
    let blocked = pages.directory().block(tenant, invitation, &visit.context).await;
    blocked.map_err(|error| Trouble::of(error, None))?;

    proved.page(&pages, &visit, BlockPage::Blocked)
}

/// POST: T19.
pub(crate) async fn undo(State(pages): State<Pages>, visit: Visit, posted: Posted) -> Answer {
    pages.check_form(&visit, &posted).await?;
    let Some(proved) = Proved::of(&pages, &visit).await? else { return Ok(to_proof()) };
    let (tenant, invitation, _) = place(&proved.live);
    let lifted = pages.directory().unblock(tenant, invitation, &visit.context).await;
    lifted.map_err(|error| Trouble::of(error, Some(proved.about.clone())))?;

    proved.page(&pages, &visit, BlockPage::Unblocked)
}

/// A flow with a proof in it, whatever became of the invitation.
struct Proved {
    live: LiveFlow,
    about: Redemption,
}

impl Proved {
    /// `None` while the proof is missing.
    async fn of(pages: &Pages, visit: &Visit) -> Result<Option<Self>, Trouble> {
        let live = pages.live_flow(visit).await?.ok_or_else(|| Trouble::stale(None))?;
        if !matches!(&live, LiveFlow::Started { flow, .. } if flow.proof.is_some()) {
            return Ok(None);
        }
        let (tenant, invitation, _) = place(&live);
        let about = pages.directory().blockable(tenant, invitation).await;
        let about = about.map_err(|error| Trouble::of(error, None))?.ok_or_else(Trouble::no_such_link)?;

        Ok(Some(Self { live, about }))
    }

    fn page(&self, pages: &Pages, visit: &Visit, which: BlockPage) -> Answer {
        let view = context! { token => token_view(&pages.token(visit, None)?) };
        let origin = Origin {
            view,
            block: PATH,
            undo: "/invitations/redeem/block/undo",
            cancel: Some(TicketLink::PATH),
        };
        pages.block_page(visit, &self.about, which, origin, &[])
    }
}

fn to_proof() -> axum::response::Response {
    see_other("/invitations/redeem/code?intent=block", &[])
}
