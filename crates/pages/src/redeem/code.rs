//! S2, the passcode: typed, checked, and sent anew.

use axum::extract::State;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use jiff::SignedDuration;
use minijinja::context;
use vestibule_directory::redeem::Redemption;
use vestibule_identity::redemption::{CodeRefusal, NewCookie, PasscodeFacts, SendRefusal};
use vestibule_model::TenantId;
use vestibule_model::message::Organization;
use vestibule_model::state::{Flow, Intent};

use super::{Passage, done, path_after_proof, read_intent, write_intent};
use crate::Pages;
use crate::error::{StartAgain, Trouble, whole_seconds};
use crate::fields::Posted;
use crate::layout::{Answer, Problem, see_other, token_view, with_cookies};
use crate::link::TicketLink;
use crate::visit::{Visit, Wishes};

pub(super) const PATH: &str = "/invitations/redeem/code";

/// GET. With `?intent=`, the links of S1, it offers to send the code that declining and blocking ask for first.
/// After the proof it leads on: there is nothing left to type a code for.
pub(crate) async fn show(State(pages): State<Pages>, visit: Visit) -> Answer {
    let passage = pages.passage(&visit).await?;
    match (read_intent(&visit.query), passage.flow(), passage.proof()) {
        (Some(intent), _, Some(_)) => Ok(see_other(path_after_proof(intent, &passage.about), &[])),
        (Some(intent), _, None) => pages.before_code(&visit, &passage.about, intent),
        (None, Some(flow), _) if flow.is_done => Ok(see_other(done::ALREADY, &[])),
        (None, Some(flow), Some(_)) => Ok(see_other(path_after_proof(flow.intent, &passage.about), &[])),
        (None, Some(flow), None) => {
            let wait = pages.resend_wait(&visit, &passage).await?;
            pages.code(&visit, &passage.about, flow, None, Said::nothing(wait))
        }
        (None, None, _) => Ok(see_other(TicketLink::PATH, &[])),
    }
}

/// POST: the code was typed.
pub(crate) async fn verify(State(pages): State<Pages>, visit: Visit, posted: Posted) -> Answer {
    let passage = pages.own_form(&visit, &posted).await?;
    let Some(flow) = passage.flow() else { return Err(Trouble::stale(Some(StartAgain::LiveFlow))) };
    let (tenant, about) = (passage.tenant(), &passage.about);
    let typed = posted.fields.get("code").unwrap_or_default();
    let address = &about.invitation.address;

    match pages.identity().check_passcode(tenant, flow, address, typed, &visit.context).await {
        Ok(proved) => {
            let mut cookies = vec![proved.cookie];
            if about.is_accepted {
                let guest = about.user.id;
                let session =
                    pages.identity().open_session(tenant, guest, &proved.proof, &visit.context).await;
                cookies.push(session.map_err(Trouble::of_store)?);
            }
            let next = path_after_proof(proved.flow.intent, about);
            Ok(see_other(next, &cookies.iter().collect::<Vec<_>>()))
        }
        Err(refusal) => {
            let said = Said::of_check(refusal, typed)?;
            pages.code(&visit, about, flow, None, said)
        }
    }
}

/// POST: another code is wanted.
pub(crate) async fn resend(State(pages): State<Pages>, visit: Visit, posted: Posted) -> Answer {
    let passage = pages.own_form(&visit, &posted).await?;
    let Some(flow) = passage.flow() else { return Err(Trouble::stale(Some(StartAgain::LiveFlow))) };

    match pages.send_code(&visit, passage.tenant(), flow, &passage.about).await {
        Ok(()) => Ok(see_other(PATH, &[])),
        Err(refusal) => pages.code_not_sent(&visit, &passage.about, flow, None, refusal),
    }
}

/// What gets a guest on from S2: the thing to press, and where the summary's link leads.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Remedy {
    /// Typing the code.
    ThisCode,
    /// Asking for another.
    NewCode,
    /// Nothing but waiting.
    Time,
}

/// What S2 has to say beyond itself.
pub(super) struct Said {
    status: StatusCode,
    problem: Option<Problem>,
    tries_left: Option<u32>,
    /// What helps.
    remedy: Remedy,
    /// Whether there is a code to be typed, as far as we can tell.
    was_sent: bool,
    wait: Option<SignedDuration>,
    typed: String,
}

impl Said {
    /// Nothing but how long it takes until another code can be asked for.
    fn nothing(wait: SignedDuration) -> Self {
        let wait = (!wait.is_zero()).then_some(wait);
        Self {
            status: StatusCode::OK,
            problem: None,
            tries_left: None,
            remedy: Remedy::ThisCode,
            was_sent: true,
            wait,
            typed: String::new(),
        }
    }

    fn problem(status: StatusCode, id: &'static str, field: Option<&'static str>) -> Self {
        let problem = Some(Problem { id, field });
        Self { status, problem, ..Self::nothing(SignedDuration::ZERO) }
    }

    fn of_check(refusal: CodeRefusal, typed: &str) -> Result<Self, Trouble> {
        const WRONG: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
        const FIELD: Option<&str> = Some("code");

        let typed: String = typed.chars().take(16).collect();
        Ok(match refusal {
            CodeRefusal::NotEightDigits => Self { typed, ..Self::problem(WRONG, "code-malformed", FIELD) },
            CodeRefusal::Wrong { left } => {
                Self { typed, tries_left: Some(left), ..Self::problem(WRONG, "code-wrong", FIELD) }
            }
            CodeRefusal::Dead => Self { remedy: Remedy::NewCode, ..Self::problem(WRONG, "code-dead", FIELD) },
            CodeRefusal::Expired => {
                Self { remedy: Remedy::NewCode, ..Self::problem(WRONG, "code-expired", FIELD) }
            }
            CodeRefusal::Locked(wait) => Self {
                wait: Some(wait),
                remedy: Remedy::Time,
                ..Self::problem(StatusCode::TOO_MANY_REQUESTS, "code-locked", FIELD)
            },
            CodeRefusal::FlowGone => return Err(Trouble::stale(Some(StartAgain::LiveFlow))),
            CodeRefusal::Store(broken) => return Err(Trouble::of_store(broken)),
        })
    }
}

impl Pages {
    /// Sends a code for `flow` to the invited address, and waits until the relay has it.
    pub(super) async fn send_code(
        &self,
        visit: &Visit,
        tenant: TenantId,
        flow: &Flow,
        about: &Redemption,
    ) -> Result<(), SendRefusal> {
        let facts = PasscodeFacts {
            address: about.invitation.address.clone(),
            user: about.user.id,
            organization: Organization {
                name: about.tenant.display_name.clone(),
                domain: about.primary_domain.name.clone(),
                privacy_url: about.tenant.privacy_statement_url.clone(),
            },
            language: visit.language(Wishes::of_invitation(about)).tag().to_owned(),
            browser: visit.browser.clone(),
        };

        self.identity().send_passcode(tenant, flow, &facts, &visit.context).await.map(|_| ())
    }

    /// S2 with the reason why no code left.
    pub(super) fn code_not_sent(
        &self,
        visit: &Visit,
        about: &Redemption,
        flow: &Flow,
        fresh: Option<&NewCookie>,
        refusal: SendRefusal,
    ) -> Answer {
        // A short wait is the one between two codes; a long one is a limit or a lock, whose end is all a guest needs.
        const BETWEEN_CODES: SignedDuration = SignedDuration::from_mins(1);

        let said = match refusal {
            SendRefusal::Wait(wait) => {
                let was_sent = wait <= BETWEEN_CODES;
                let id = if was_sent { "code-too-soon" } else { "code-limit" };
                let said = Said::problem(StatusCode::TOO_MANY_REQUESTS, id, None);
                Said { wait: Some(wait), was_sent, ..said }
            }
            SendRefusal::NotDelivered => Said {
                was_sent: false,
                remedy: Remedy::NewCode,
                ..Said::problem(StatusCode::SERVICE_UNAVAILABLE, "code-unsent", None)
            },
            SendRefusal::NoMethod => return Err(Trouble::no_method(about.clone())),
            SendRefusal::FlowGone => return Err(Trouble::stale(Some(StartAgain::LiveFlow))),
            SendRefusal::Store(broken) => return Err(Trouble::of_store(broken)),
        };

        self.code(visit, about, flow, fresh, said)
    }

    async fn resend_wait(&self, visit: &Visit, passage: &Passage) -> Result<SignedDuration, Trouble> {
        let address = &passage.about.invitation.address;
        let wait = self.identity().resend_wait(passage.tenant(), address, &visit.context).await;
        wait.map_err(Trouble::of_store)
    }

    /// S2 with its field.
    fn code(
        &self,
        visit: &Visit,
        about: &Redemption,
        flow: &Flow,
        fresh: Option<&NewCookie>,
        said: Said,
    ) -> Answer {
        let mut page = self
            .page(visit, about, ("S2", "code.html", "code-title"))
            .status(said.status)
            .problem(said.problem)
            .menu(PATH, &[]);
        page.words.step(1);
        page.words.count("tries", said.tries_left.unwrap_or_default().into());
        page.words.set("sender", self.settings().sender.as_deref().unwrap_or_default());
        page.words.duration("lifetime", self.settings().passcode_lifetime);
        page.words.duration("duration", said.wait.unwrap_or_default());
        let view = context! {
            token => token_view(&self.token(visit, fresh)?),
            asks => true,
            was_sent => said.was_sent,
            needs_new => said.remedy == Remedy::NewCode,
            needs_time => said.remedy == Remedy::Time,
            before => before(flow.intent),
            waits => said.wait.is_some() && said.problem.is_none(),
            typed => said.typed,
        };

        let mut response = page.render(self, visit, view)?;
        if let Some(wait) = said.wait.filter(|_| said.status == StatusCode::TOO_MANY_REQUESTS) {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(whole_seconds(wait)));
        }
        Ok(with_cookies(response, fresh.as_slice()))
    }

    /// S2 before a code was asked for, on the way to decline or block: a link must not send mail.
    fn before_code(&self, visit: &Visit, about: &Redemption, intent: Intent) -> Answer {
        if !self.offers_passcodes(about) {
            return Err(Trouble::no_method(about.clone()));
        }
        let page = self.page(visit, about, ("S2", "code.html", "code-title"));
        let view = context! {
            token => token_view(&self.token(visit, None)?),
            asks => false,
            before => before(intent),
            intent => write_intent(intent),
        };

        page.render(self, visit, view)
    }
}

/// Text id of the sentence that says what the code is for, when that is not accepting.
fn before(intent: Intent) -> Option<&'static str> {
    match intent {
        Intent::Accept => None,
        Intent::Decline => Some("code-before-decline"),
        Intent::Block => Some("code-before-block"),
    }
}
