//! `GET /redeem?rd=`: the form that the API returns and the mail carries.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;

use crate::Pages;
use crate::error::Trouble;
use crate::layout::Answer;
use crate::link::TicketLink;
use crate::visit::Visit;

/// 302 to the bare form on our own origin, built from its parts; anything else is S-E1.
pub(crate) async fn unwrap(State(pages): State<Pages>, visit: Visit) -> Answer {
    let link = TicketLink::unwrap(&visit.query, &pages.settings().public_url);
    let link = link.ok_or_else(Trouble::malformed_link)?;

    Ok((StatusCode::FOUND, [(header::LOCATION, link.to_path(&visit.query))]).into_response())
}
