//! S8D, declining: asked once more, with a reason if the guest wants to give one.

use axum::extract::State;
use axum::http::StatusCode;
use minijinja::context;
use vestibule_directory::redeem::Redemption;

use super::{consent, done};
use crate::Pages;
use crate::fields::Posted;
use crate::layout::{Answer, Problem, see_other, token_view};
use crate::link::TicketLink;
use crate::visit::Visit;

pub(super) const PATH: &str = "/invitations/redeem/decline";

/// How many characters of a reason are kept (`redemption.md` T7).
const REASON_CHARACTERS: usize = 500;

/// GET.
pub(crate) async fn show(State(pages): State<Pages>, visit: Visit) -> Answer {
    let passage = pages.passage(&visit).await?;
    if passage.about.is_accepted {
        return Ok(see_other(done::ALREADY, &[]));
    }
    if passage.proof().is_none() {
        return Ok(see_other("/invitations/redeem/code?intent=decline", &[]));
    }

    pages.decline(&visit, &passage.about, "")
}

/// POST: T7.
pub(crate) async fn confirm(State(pages): State<Pages>, visit: Visit, posted: Posted) -> Answer {
    let passage = pages.own_form(&visit, &posted).await?;
    if passage.about.is_accepted {
        return Ok(see_other(done::ALREADY, &[]));
    }
    let Some((flow, proof)) = passage.flow().zip(passage.proof()) else {
        return Ok(see_other("/invitations/redeem/code?intent=decline", &[]));
    };
    let reason = posted.fields.get("reason").unwrap_or_default().trim();
    // Browsers count a line break as one character and send two.
    if reason.replace("\r\n", "\n").chars().count() > REASON_CHARACTERS {
        return pages.decline(&visit, &passage.about, reason);
    }

    let acceptance = consent::acceptance(&visit, passage.tenant(), flow, proof, &passage.about);
    let end = pages.identity().end_flow(flow, &visit.context);
    let reason = (!reason.is_empty()).then(|| reason.to_owned());
    match pages.directory().decline(acceptance, reason, end, &visit.context).await {
        Ok(about) => pages
            .page(&visit, &about, ("S8D", "declined.html", "declined-title"))
            .menu(TicketLink::PATH, &[])
            .render(&pages, &visit, context! {}),
        Err(error) => Err(pages.trouble(error, passage.tenant(), passage.invitation()).await),
    }
}

impl Pages {
    /// The question; with a `reason` that was too long, which is shown again.
    fn decline(&self, visit: &Visit, about: &Redemption, reason: &str) -> Answer {
        let mut page = self.page(visit, about, ("S8D", "decline.html", "decline-title")).menu(PATH, &[]);
        if !reason.is_empty() {
            let problem = Problem { id: "decline-reason-too-long", field: Some("reason") };
            page = page.status(StatusCode::UNPROCESSABLE_ENTITY).problem(Some(problem));
        }
        let view = context! { token => token_view(&self.token(visit, None)?), reason };

        page.render(self, visit, view)
    }
}
