//! S1, the page that the mail's button opens. Shows; changes nothing, stores nothing, sends nothing.

use axum::extract::State;
use axum::http::StatusCode;
use minijinja::context;
use vestibule_directory::redeem::Redemption;
use vestibule_identity::redemption::{LiveFlow, NewCookie};
use vestibule_model::user::Inviter;
use vestibule_wording::{clean_name, dates};

use super::{Passage, place};
use crate::Pages;
use crate::error::Trouble;
use crate::layout::{Answer, Problem, token_view, with_cookies};
use crate::link::TicketLink;
use crate::visit::Visit;

/// With a ticket, S1 of its invitation; without any query, S1 of the live flow.
pub(crate) async fn show(State(pages): State<Pages>, visit: Visit) -> Answer {
    if ["tenant", "user", "ticket"].into_iter().all(|name| visit.query.get(name).is_none()) {
        let passage = pages.passage(&visit).await?;
        return pages.invited(&visit, &passage.about, Entry::LiveFlow).await;
    }

    let link = TicketLink::read(&visit.query).ok_or_else(Trouble::malformed_link)?;
    let (tenant, invitation, ticket) = (link.tenant, link.invitation, link.ticket_hash());
    let about = match pages.directory().open_ticket(tenant, invitation, ticket, &visit.context).await {
        Ok(about) => about,
        Err(error) => return Err(pages.trouble(error, tenant, invitation).await),
    };
    let fresh = match pages.live_flow(&visit).await? {
        Some(live) if goes_on(&live, &link) => None,
        _ => Some(pages.identity().open_flow(tenant, invitation, ticket, visit.context.now)),
    };

    pages.invited(&visit, &about, Entry::Link { link, fresh }).await
}

/// How the browser came to S1.
pub(super) enum Entry {
    /// By a ticket, which the form repeats so that S-E2 can reopen it.
    Link { link: TicketLink, fresh: Option<NewCookie> },
    /// Back from a later page.
    LiveFlow,
    /// From S5 without a proof.
    Unproved,
}

impl Pages {
    /// Renders S1.
    pub(super) async fn invited(&self, visit: &Visit, about: &Redemption, entry: Entry) -> Answer {
        let session = self.identity().signed_in(visit.cookies.as_deref(), visit.context.now).await;
        let session = session.map_err(Trouble::unavailable)?;
        let is_this_guest = session.as_ref().is_some_and(|session| session.user.id == about.user.id);
        let (continues, other) = match &session {
            Some(_) if is_this_guest && about.is_accepted => (true, false),
            Some(_) => (false, !is_this_guest),
            None => (false, false),
        };
        if !continues && !self.offers_passcodes(about) {
            return Err(Trouble::no_method(about.clone()));
        }

        let (status, problem, link, fresh) = match entry {
            Entry::Link { link, fresh } => (StatusCode::OK, None, Some(link), fresh),
            Entry::LiveFlow => (StatusCode::OK, None, None, None),
            Entry::Unproved => (StatusCode::CONFLICT, Some(UNPROVED), None, None),
        };
        let title = if about.is_accepted { "welcome-title" } else { "invited-title" };
        let mut page = self.page(visit, about, ("S1", "invited.html", title)).status(status).problem(problem);
        if status != StatusCode::OK {
            page = page.menu(TicketLink::PATH, &[]);
        }
        page.words.step(1);
        page.words
            .set("name", session.map_or_else(String::new, |session| clean_name(&session.user.display_name)));
        let end = about.invitation.expires_at.map(|end| dates::moment(page.words.language(), end));
        let view = context! {
            token => token_view(&self.token(visit, fresh.as_ref())?),
            link => link.as_ref().map(TicketLink::fields_view),
            lead => lead_of(about),
            message => about.invitation.message.body.as_deref().map(str::trim).filter(|body| !body.is_empty()),
            message_by => if has_person(about) { "invited-message-by" } else { "invited-message-by-organisation" },
            address => about.invitation.address.masked(),
            end => end,
            is_accepted => about.is_accepted,
            continues,
            other,
        };
        let response = page.render(self, visit, view)?;

        Ok(with_cookies(response, fresh.as_ref().as_slice()))
    }

    /// Whether a code can be sent at all: the tenant allows it, and there is a relay.
    pub(super) fn offers_passcodes(&self, about: &Redemption) -> bool {
        about.has_passcodes && self.settings().sender.is_some()
    }
}

const UNPROVED: Problem = Problem { id: "consent-unproved", field: None };

/// Whether `link` opens what the browser is already at, so that a second tab joins the first. A finished flow is over.
fn goes_on(live: &LiveFlow, link: &TicketLink) -> bool {
    let (tenant, invitation, _) = place(live);
    let is_done = matches!(live, LiveFlow::Started { flow, .. } if flow.is_done);

    (tenant, invitation) == (link.tenant, link.invitation) && !is_done
}

/// Text id of the sentence that says who invites.
fn lead_of(about: &Redemption) -> &'static str {
    let has_name = !clean_name(&about.invitation.inviter_name).is_empty();
    match about.invitation.inviter {
        _ if about.is_accepted => "welcome-lead",
        _ if !has_name => "invited-lead",
        Inviter::User(_) => "invited-lead-inviter",
        Inviter::Application(_) => "invited-lead-app",
    }
}

fn has_person(about: &Redemption) -> bool {
    lead_of(about) == "invited-lead-inviter"
        || (about.is_accepted && matches!(about.invitation.inviter, Inviter::User(_)))
}

impl Passage {
    /// S1 with the hint that a proof is missing: what S5 answers without one.
    pub(super) async fn back_to_start(&self, pages: &Pages, visit: &Visit) -> Answer {
        pages.invited(visit, &self.about, Entry::Unproved).await
    }
}
