//! S5, reviewing permissions: what accepting means, and the two buttons.

use axum::extract::State;
use axum::http::StatusCode;
use minijinja::context;
use vestibule_directory::redeem::{Acceptance, ConsentFacts, Redemption};
use vestibule_identity::redemption::LiveFlow;
use vestibule_model::state::Flow;
use vestibule_model::{Digest, InvitationId, Proof, TenantId};

use super::{cancelled, done, place};
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
        return Ok(see_other(done::PATH, &[]));
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
    pages.check_form(&visit, &posted).await?;
    match posted.fields.get("decision") {
        Some("accept") => accept(&pages, &visit).await,
        Some("cancel") => pages.passage(&visit).await.map(|_| see_other(cancelled::PATH, &[])),
        _ => Err(Trouble::unreadable(StatusCode::BAD_REQUEST)),
    }
}

/// T6. What stands in the way is for `redeem` to find, which keeps a record of a refusal. Whoever accepted already, in
/// another tab, ends at the same page.
async fn accept(pages: &Pages, visit: &Visit) -> Answer {
    let live = pages.live_flow(visit).await?.ok_or_else(|| Trouble::stale(None))?;
    let (tenant, invitation, _) = place(&live);
    let LiveFlow::Started { flow, .. } = &live else { return back_to_start(pages, visit).await };
    let Some(proof) = &flow.proof else { return back_to_start(pages, visit).await };

    let about = pages.directory().blockable(tenant, invitation).await;
    let about = about.map_err(|error| Trouble::of(error, None))?.ok_or_else(Trouble::no_such_link)?;
    if flow.is_done && about.is_accepted {
        // This flow has had its session: pressing again makes no other one.
        return Ok(see_other(done::ALREADY, &[]));
    }
    let acceptance = acceptance(visit, tenant, flow, proof, &about);
    let end = pages.identity().end_flow(flow, &visit.context);
    let redeemed = match pages.directory().redeem(acceptance, end, &visit.context).await {
        Ok(redeemed) => redeemed,
        Err(error) => return Err(pages.trouble(error, tenant, invitation).await),
    };
    let session = pages.identity().open_session(tenant, about.user.id, proof, &visit.context).await;
    let session = session.map_err(Trouble::of_store)?;

    Ok(see_other(if redeemed.was_accepted { done::ALREADY } else { done::PATH }, &[&session]))
}

async fn back_to_start(pages: &Pages, visit: &Visit) -> Answer {
    pages.passage(visit).await?.back_to_start(pages, visit).await
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
