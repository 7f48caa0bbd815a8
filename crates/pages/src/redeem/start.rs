//! The form of S1: how the guest wants to prove who they are.

use axum::extract::State;
use axum::http::StatusCode;
use vestibule_model::state::Intent;

use super::{Passage, code, done, read_intent};
use crate::Pages;
use crate::error::{StartAgain, Trouble};
use crate::fields::Posted;
use crate::layout::{Answer, see_other};
use crate::link::TicketLink;
use crate::visit::{Visit, Wishes};

/// POST: `method` is the button that was pressed.
pub(crate) async fn begin(State(pages): State<Pages>, visit: Visit, posted: Posted) -> Answer {
    let passage = pages.own_form(&visit, &posted).await?;
    match posted.fields.get("method") {
        Some("otp") => {
            let intent = read_intent(&posted.fields).unwrap_or(Intent::Accept);
            send_first_code(&pages, &visit, passage, intent).await
        }
        Some("session") => continue_as_signed_in(&pages, &visit, &passage).await,
        Some("another") => {
            let signed_out = pages.identity().sign_out(visit.cookies.as_deref(), &visit.context).await;
            Ok(see_other(TicketLink::PATH, &[&signed_out.map_err(Trouble::of_store)?]))
        }
        _ => Err(Trouble::unreadable(StatusCode::BAD_REQUEST)),
    }
}

/// The first POST makes the flow a record; then the code goes out.
async fn send_first_code(pages: &Pages, visit: &Visit, passage: Passage, intent: Intent) -> Answer {
    let Passage { live, about } = passage;
    if !pages.offers_passcodes(&about) {
        return Err(Trouble::no_method(about));
    }
    let tenant = about.tenant.id;
    let language = visit.language(Wishes::of_invitation(&about)).tag();
    let started = pages.identity().start_flow(&live, about.user.id, intent, language, &visit.context).await;
    let (flow, cookie) = match started {
        Ok(started) => started,
        Err(None) => return Err(Trouble::stale(Some(StartAgain::LiveFlow))),
        Err(Some(broken)) => return Err(Trouble::of_store(broken)),
    };

    match pages.send_code(visit, tenant, &flow, &about).await {
        Ok(()) => Ok(see_other(code::PATH, cookie.as_ref().as_slice())),
        Err(refusal) => pages.code_not_sent(visit, &about, &flow, cookie.as_ref(), refusal),
    }
}

/// A browser already signed in as this very guest, who accepted before: nothing is left to be proved.
async fn continue_as_signed_in(pages: &Pages, visit: &Visit, passage: &Passage) -> Answer {
    let session = pages.session(visit).await?;
    let is_guest = session.is_some_and(|session| session.user.id == passage.about.user.id);

    let next = if is_guest && passage.about.is_accepted { done::ALREADY } else { TicketLink::PATH };
    Ok(see_other(next, &[]))
}
