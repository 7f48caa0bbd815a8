//! S1, the page that the mail's button opens. Shows; changes nothing, stores nothing, sends nothing.

use axum::extract::State;
use axum::http::StatusCode;
use minijinja::context;
use vestibule_directory::redeem::Redemption;
use vestibule_identity::redemption::{LiveFlow, NewCookie, SignedIn};
use vestibule_model::user::Inviter;
use vestibule_wording::{clean_name, dates, message_lines};

use super::{Passage, place};
use crate::Pages;
use crate::error::Trouble;
use crate::layout::{Answer, Problem, token_view, with_cookies};
use crate::link::TicketLink;
use crate::visit::{LANGUAGE_PARAMETERS, Visit};

/// With a ticket, S1 of its invitation; without any query but a wish for a language, S1 of the live flow.
pub(crate) async fn show(State(pages): State<Pages>, visit: Visit) -> Answer {
    if visit.query.pairs().all(|(name, _)| LANGUAGE_PARAMETERS.contains(&name)) {
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
        let session = self.session(visit).await?;
        let at_browser = AtBrowser::of(session.as_ref(), about);
        if at_browser != AtBrowser::ThisGuest && !self.offers_passcodes(about) {
            return Err(Trouble::no_method(about.clone()));
        }

        let (link, fresh) = match &entry {
            Entry::Link { link, fresh } => (Some(link), fresh.as_ref()),
            Entry::LiveFlow | Entry::Unproved => (None, None),
        };
        let title = if about.is_accepted { "welcome-title" } else { "invited-title" };
        let mut page = self.page(visit, about, ("S1", "invited.html", title));
        if let Entry::Unproved = entry {
            page = page.status(StatusCode::CONFLICT).problem(Some(UNPROVED)).menu(TicketLink::PATH, &[]);
        }
        page.words.step(1);
        page.words
            .set("name", session.map(|session| clean_name(&session.user.display_name)).unwrap_or_default());
        let inviter = NamedInviter::of(about);
        let words = self.directory().words_of(&about.invitation);
        let message = words.map(|words| message_lines(words.trim()).join("\n"));
        let end = about.invitation.expires_at.map(|end| dates::moment(page.words.language(), end));
        let view = context! {
            token => token_view(&self.token(visit, fresh)?),
            link => link.map(TicketLink::fields_view),
            lead => match at_browser {
                AtBrowser::ThisGuest => "welcome-lead-signed-in",
                AtBrowser::Unknown | AtBrowser::SomebodyElse if about.is_accepted => "welcome-lead",
                AtBrowser::Unknown | AtBrowser::SomebodyElse => inviter.lead(),
            },
            message => message.filter(|message| !message.is_empty()),
            message_by => inviter.message_by(),
            address => about.invitation.address.masked(),
            end,
            is_accepted => about.is_accepted,
            continues => at_browser == AtBrowser::ThisGuest,
            other => at_browser == AtBrowser::SomebodyElse,
        };
        let response = page.render(self, visit, view)?;

        Ok(with_cookies(response, fresh.as_slice()))
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

/// Who sits there already, as far as it changes S1.
#[derive(Clone, Copy, PartialEq, Eq)]
enum AtBrowser {
    /// Nobody that we know, or a guest who has to prove the address again.
    Unknown,
    /// The guest, who accepted before: nothing is left to be proved.
    ThisGuest,
    /// Another guest.
    SomebodyElse,
}

impl AtBrowser {
    fn of(session: Option<&SignedIn>, about: &Redemption) -> Self {
        match session {
            Some(session) if session.user.id != about.user.id => Self::SomebodyElse,
            Some(_) if about.is_accepted => Self::ThisGuest,
            Some(_) | None => Self::Unknown,
        }
    }
}

/// Who invites, as far as they can be named.
#[derive(Clone, Copy)]
enum NamedInviter {
    Person,
    Application,
    Nobody,
}

impl NamedInviter {
    fn of(about: &Redemption) -> Self {
        match about.invitation.inviter {
            _ if clean_name(&about.invitation.inviter_name).is_empty() => Self::Nobody,
            Inviter::User(_) => Self::Person,
            Inviter::Application(_) => Self::Application,
        }
    }

    /// Text id of the sentence that says who invites.
    fn lead(self) -> &'static str {
        match self {
            Self::Person => "invited-lead-inviter",
            Self::Application => "invited-lead-app",
            Self::Nobody => "invited-lead",
        }
    }

    /// Text id of the line under the inviter's words. An application has none of its own: it speaks for the organisation.
    fn message_by(self) -> &'static str {
        match self {
            Self::Person => "invited-message-by",
            Self::Application | Self::Nobody => "invited-message-by-organisation",
        }
    }
}

impl Passage {
    /// S1 with the hint that a proof is missing: what S5 answers without one.
    pub(super) async fn back_to_start(&self, pages: &Pages, visit: &Visit) -> Answer {
        pages.invited(visit, &self.about, Entry::Unproved).await
    }
}
