//! S8, cancelled: nothing happened, and the invitation stays open.

use axum::extract::State;
use minijinja::context;

use super::{consent, done};
use crate::Pages;
use crate::layout::{Answer, see_other};
use crate::link::TicketLink;
use crate::visit::Visit;

pub(super) const PATH: &str = "/invitations/redeem/cancelled";

/// GET. "Go back" leads to S5 while the proof lasts, else to S1.
pub(crate) async fn show(State(pages): State<Pages>, visit: Visit) -> Answer {
    let passage = pages.passage(&visit).await?;
    if passage.about.is_accepted {
        return Ok(see_other(done::ALREADY, &[]));
    }

    let back = if passage.proof().is_some() { consent::PATH } else { TicketLink::PATH };
    let page = pages.page(&visit, &passage.about, ("S8", "cancelled.html", "cancelled-title"));
    page.render(&pages, &visit, context! { back })
}
