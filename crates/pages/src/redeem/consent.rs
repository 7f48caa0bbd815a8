//! S5, reviewing permissions: what accepting means, and the two buttons.

use axum::extract::State;
use axum::http::StatusCode;
use minijinja::context;
use vestibule_directory::redeem::{Acceptance, ConsentFacts, Redemption};
use vestibule_model::state::Flow;
use vestibule_model::{Digest, InvitationId, Proof, TenantId};

use super::{Passage, cancelled, done};
use crate::Pages;
use crate::error::Trouble;
use crate::fields::Posted;
use crate::layout::{Answer, see_other, token_view};
use crate::visit::{Visit, Wishes};

pub(super) const PATH: &str = "/invitations/redeem/consent";

/// Raised with every change of what S5 says, so that a consent record tells which words were agreed to.
const WORDING_VERSION: u32 = 1;

/// GET.
pub(crate) async fn show(State(pages): State<Pages>, visit: Visit) -> Answer {
    let passage = pages.passage(&visit).await?;
    if passage.about.is_accepted {
        return Ok(see_other(done::ALREADY, &[]));
    }
    let Some(proof) = passage.proof() else { return passage.back_to_start(&pages, &visit).await };

    let mut page = pages.page(&visit, &passage.about, ("S5", "consent.html", "consent-title"));
    page.words.step(2);
    let tenant = &passage.about.tenant;
    let view = context! {
        token => token_view(&pages.token(&visit, None)?),
        account => proof.address().as_typed(),
        privacy_contact => tenant.privacy_contact.as_deref(),
    };

    page.render(&pages, &visit, view)
}

/// POST: `decision` is the button that was pressed.
pub(crate) async fn decide(State(pages): State<Pages>, visit: Visit, posted: Posted) -> Answer {
    let passage = pages.own_form(&visit, &posted).await?;
    match posted.fields.get("decision") {
        Some("accept") => accept(&pages, &visit, &passage).await,
        Some("cancel") => Ok(see_other(cancelled::PATH, &[])),
        _ => Err(Trouble::unreadable(StatusCode::BAD_REQUEST)),
    }
}

/// T6. Whoever accepted already, in another tab, ends at the same page.
async fn accept(pages: &Pages, visit: &Visit, passage: &Passage) -> Answer {
    let Some((flow, proof)) = passage.flow().zip(passage.proof()) else {
        return passage.back_to_start(pages, visit).await;
    };
    let (tenant, guest) = (passage.tenant(), passage.about.user.id);
    let was_accepted = if passage.about.is_accepted {
        true
    } else {
        let acceptance = acceptance(visit, tenant, flow, proof, &passage.about);
        let end = pages.identity().end_flow(flow, &visit.context);
        match pages.directory().redeem(acceptance, end, &visit.context).await {
            Ok(redeemed) => redeemed.was_accepted,
            Err(error) => return Err(pages.trouble(error, tenant, passage.invitation()).await),
        }
    };
    let session = pages.identity().open_session(tenant, guest, proof, &visit.context).await;
    let session = session.map_err(Trouble::unavailable)?;

    Ok(see_other(if was_accepted { done::ALREADY } else { done::PATH }, &[&session]))
}

/// What is agreed to, by whom, in which words.
pub(super) fn acceptance(
    visit: &Visit,
    tenant: TenantId,
    flow: &Flow,
    proof: &Proof,
    about: &Redemption,
) -> Acceptance {
    let (invitation, ticket): (InvitationId, Digest) = (flow.invitation, flow.ticket);

    Acceptance {
        tenant,
        invitation,
        ticket,
        proof: proof.clone(),
        consent: ConsentFacts {
            browser: visit.browser.clone(),
            language: visit.language(Wishes::of_invitation(about)).tag().to_owned(),
            wording_version: WORDING_VERSION,
        },
    }
}
