//! S7, accepted: a page of our own that forwards to the invite redirect URL.

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::REFERRER_POLICY;
use minijinja::context;

use crate::Pages;
use crate::layout::{Answer, see_other};
use crate::link::TicketLink;
use crate::visit::Visit;

pub(super) const PATH: &str = "/invitations/redeem/done";
/// The same for somebody who accepted before; it only chooses the sentence.
pub(super) const ALREADY: &str = "/invitations/redeem/done?already=1";

/// GET. Shown to whoever has proved in this flow who they are, or is signed in as this guest: the link alone is not
/// enough to learn where it leads.
pub(crate) async fn show(State(pages): State<Pages>, visit: Visit) -> Answer {
    let passage = pages.passage(&visit).await?;
    let session = pages.session(&visit).await?;
    let is_signed_in = session.is_some_and(|session| session.user.id == passage.about.user.id);
    if !passage.about.is_accepted || (passage.proof().is_none() && !is_signed_in) {
        return Ok(see_other(TicketLink::PATH, &[]));
    }

    let is_again = visit.query.get("already").is_some();
    let destination = pages.destination(&passage.about);
    let page = pages.page(&visit, &passage.about, ("S7", "done.html", "done-title"));
    let view = context! { url => destination.url, is_again };
    let mut response = page.render(&pages, &visit, view)?;
    response.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));

    Ok(response)
}
