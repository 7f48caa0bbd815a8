//! Every way in which a page can't be shown, and the page that says so. The only place that knows error pages,
//! but for S-E4, which is about a session and stands beside S9.

use std::fmt::Display;
use std::sync::Arc;

use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::SignedDuration;
use minijinja::context;
use vestibule_directory::redeem::Redemption;
use vestibule_directory::{RedeemError, StoreError};
use vestibule_model::Silence;
use vestibule_model::invitation::Ended;
use vestibule_model::refusal::RedemptionRefusal;

use crate::Pages;
use crate::layout::Page;
use crate::link::TicketLink;
use crate::visit::Visit;

/// Why a handler has no page to show. Rendered by `frame::around`, which knows the language.
#[derive(Clone, Debug)]
pub(crate) struct Trouble {
    kind: Kind,
    about: Option<Arc<Redemption>>,
    start_again: Option<StartAgain>,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    /// S-E1, for a query that no link of ours has.
    MalformedLink,
    /// S-E1.
    NoSuchLink,
    /// S-E2.
    Stale,
    /// S-E3.
    Ended(Ended),
    /// S-E5.
    NoMethod,
    /// S-E8.
    DomainBlocked,
    /// S-E9.
    AccountDisabled,
    /// S-E11.
    Limited { wait: SignedDuration },
    /// S-E12.
    Unavailable { retry_after_seconds: u32 },
    /// S-E13.
    Internal,
    /// 408.
    TooLong,
    /// The product's own 404.
    Missing,
    /// 405.
    Verb,
    /// A body that is none of ours.
    Unreadable(StatusCode),
}

/// Where the button of S-E2 leads.
#[derive(Clone, Debug)]
pub(crate) enum StartAgain {
    /// The link that opened the flow.
    Link(TicketLink),
    /// S1 of the live flow.
    LiveFlow,
}

impl Trouble {
    pub(crate) fn malformed_link() -> Self {
        Kind::MalformedLink.into()
    }

    pub(crate) fn no_such_link() -> Self {
        Kind::NoSuchLink.into()
    }

    pub(crate) fn stale(start_again: Option<StartAgain>) -> Self {
        Self { start_again, ..Kind::Stale.into() }
    }

    pub(crate) fn no_method(about: Redemption) -> Self {
        Self { about: Some(Arc::new(about)), ..Kind::NoMethod.into() }
    }

    /// A page that a bug ended, or that took too long.
    pub(crate) fn without_answer(why: Silence) -> Self {
        match why {
            Silence::Broken => Kind::Internal.into(),
            Silence::TooLong => Kind::TooLong.into(),
        }
    }

    pub(crate) fn missing() -> Self {
        Kind::Missing.into()
    }

    pub(crate) fn verb() -> Self {
        Kind::Verb.into()
    }

    pub(crate) fn unreadable(status: StatusCode) -> Self {
        Kind::Unreadable(status).into()
    }

    /// S-E12 for a store that can't be asked now, S-E13 for one that no waiting makes better. The cause is for the log
    /// alone.
    pub(crate) fn of_store(cause: StoreError) -> Self {
        let retry_after_seconds = match &cause {
            StoreError::Busy { .. } => 1,
            StoreError::Unavailable(_) => 5,
            StoreError::TooExpensive
            | StoreError::Corrupt(_)
            | StoreError::Newer { .. }
            | StoreError::WrongKind(_)
            | StoreError::UnknownKey { .. } => return Self::internal(cause),
        };
        tracing::error!(%cause, "a page could not be served");
        Kind::Unavailable { retry_after_seconds }.into()
    }

    /// S-E13. `cause` is for the log alone.
    pub(crate) fn internal(cause: impl Display) -> Self {
        tracing::error!(%cause, "a page could not be made");
        Kind::Internal.into()
    }

    /// The one translation of what `directory` refuses. `about` is there when the link was right.
    pub(crate) fn of(error: RedeemError, about: Option<Redemption>) -> Self {
        let kind = match error {
            RedeemError::Refused(refusal) => match refusal {
                RedemptionRefusal::NoSuchLink => Kind::NoSuchLink,
                RedemptionRefusal::FlowGone | RedemptionRefusal::NotProved => Kind::Stale,
                RedemptionRefusal::Ended(why) => Kind::Ended(why),
                RedemptionRefusal::DomainBlocked { address: _ } => Kind::DomainBlocked,
                RedemptionRefusal::AccountDisabled => Kind::AccountDisabled,
                RedemptionRefusal::LiftedTooOften { wait } => Kind::Limited { wait },
            },
            RedeemError::Stale => Kind::Unavailable { retry_after_seconds: 1 },
            RedeemError::Store(cause) => return Self::of_store(cause),
        };
        let start_again = matches!(kind, Kind::Stale).then_some(StartAgain::LiveFlow);

        Self { kind, about: about.map(Arc::new), start_again }
    }
}

impl From<Kind> for Trouble {
    fn from(kind: Kind) -> Self {
        Self { kind, about: None, start_again: None }
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let mut response = self.kind.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl Kind {
    fn status(self) -> StatusCode {
        match self {
            Self::MalformedLink | Self::Stale => StatusCode::BAD_REQUEST,
            Self::NoSuchLink | Self::Missing => StatusCode::NOT_FOUND,
            Self::Ended(_) => StatusCode::GONE,
            Self::NoMethod | Self::DomainBlocked | Self::AccountDisabled => StatusCode::FORBIDDEN,
            Self::Limited { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::TooLong => StatusCode::REQUEST_TIMEOUT,
            Self::Verb => StatusCode::METHOD_NOT_ALLOWED,
            Self::Unreadable(status) => status,
        }
    }

    /// `data-screen`.
    fn screen(self) -> &'static str {
        match self {
            Self::MalformedLink | Self::NoSuchLink => "S-E1",
            Self::Stale => "S-E2",
            Self::Ended(_) => "S-E3",
            Self::NoMethod => "S-E5",
            Self::DomainBlocked => "S-E8",
            Self::AccountDisabled => "S-E9",
            Self::Limited { .. } => "S-E11",
            Self::Unavailable { .. } => "S-E12",
            Self::Internal => "S-E13",
            Self::TooLong => "408",
            Self::Missing => "404",
            Self::Verb => "405",
            Self::Unreadable(_) => "400",
        }
    }

    /// After how many seconds it is worth asking again.
    fn retry_after(self) -> Option<u64> {
        match self {
            Self::Limited { wait } => Some(whole_seconds(wait)),
            Self::Unavailable { retry_after_seconds } => Some(retry_after_seconds.into()),
            Self::MalformedLink
            | Self::NoSuchLink
            | Self::Stale
            | Self::Ended(_)
            | Self::NoMethod
            | Self::DomainBlocked
            | Self::AccountDisabled
            | Self::Internal
            | Self::TooLong
            | Self::Missing
            | Self::Verb
            | Self::Unreadable(_) => None,
        }
    }

    /// Whether it must look alike whatever was asked: S-E1.
    fn hides_the_question(self) -> bool {
        match self {
            Self::MalformedLink | Self::NoSuchLink => true,
            Self::Stale
            | Self::Ended(_)
            | Self::NoMethod
            | Self::DomainBlocked
            | Self::AccountDisabled
            | Self::Limited { .. }
            | Self::Unavailable { .. }
            | Self::Internal
            | Self::TooLong
            | Self::Missing
            | Self::Verb
            | Self::Unreadable(_) => false,
        }
    }

    /// What its texts are called, and whether the last of them says a way forward.
    fn texts(self) -> (&'static str, bool) {
        match self {
            Self::MalformedLink | Self::NoSuchLink => ("error-link", true),
            Self::Stale => ("error-stale", true),
            Self::Ended(Ended::Expired) => ("error-expired", true),
            Self::Ended(Ended::Revoked | Ended::UserDeleted) => ("error-withdrawn", true),
            Self::Ended(Ended::Declined) => ("error-declined", true),
            Self::Ended(Ended::Superseded) => ("error-superseded", true),
            Self::Ended(Ended::DomainBlocked) | Self::DomainBlocked => ("error-domain", true),
            Self::NoMethod => ("error-method", true),
            Self::AccountDisabled => ("error-disabled", true),
            Self::Limited { .. } => ("error-limit", true),
            Self::Unavailable { .. } | Self::TooLong => ("error-unavailable", false),
            Self::Internal => ("error-internal", true),
            Self::Missing => ("error-missing", false),
            Self::Verb => ("error-verb", false),
            Self::Unreadable(_) => ("error-form", false),
        }
    }

    /// Whether its texts name the organisation.
    fn names_organisation(self) -> bool {
        match self {
            Self::Ended(_)
            | Self::NoMethod
            | Self::DomainBlocked
            | Self::AccountDisabled
            | Self::Limited { .. } => true,
            Self::MalformedLink
            | Self::NoSuchLink
            | Self::Stale
            | Self::Unavailable { .. }
            | Self::Internal
            | Self::TooLong
            | Self::Missing
            | Self::Verb
            | Self::Unreadable(_) => false,
        }
    }
}

impl Pages {
    /// The page of `trouble`, with the status and the headers that `bare` has already.
    pub(crate) fn show(&self, trouble: Trouble, visit: &Visit, mut bare: Response) -> Response {
        let kind = trouble.kind;
        let about = trouble.about.as_deref().filter(|_| kind.names_organisation());
        // A right link whose organisation can no longer be named has nothing more to say than a wrong one.
        let (id, has_next) =
            if kind.names_organisation() && about.is_none() { ("error-link", true) } else { kind.texts() };
        let parts = (kind.screen(), "trouble.html", "error-title");
        let mut page = match about {
            Some(about) => self.page(visit, about, parts),
            None => self.product_page(visit, parts),
        };
        if let Kind::Limited { wait } = kind {
            page.words.duration("duration", wait);
        }
        let view = context! {
            heading => format!("{id}-title"),
            lead => format!("{id}-lead"),
            next => has_next.then(|| format!("{id}-next")),
            start_again => trouble.start_again.as_ref().map(StartAgain::view),
            retry => matches!(kind, Kind::Unavailable { .. } | Kind::TooLong).then(|| retry_path(visit)),
        };

        match menu_of(kind, page, visit).status(kind.status()).error().render(self, visit, view) {
            Ok(mut page) => {
                bare.headers_mut().remove("content-length");
                page.headers_mut().extend(std::mem::take(bare.headers_mut()));
                if let Some(seconds) = kind.retry_after() {
                    page.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
                }
                page
            }
            // Its own template failed, and was logged: bare words are all that is left.
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }
}

impl StartAgain {
    /// The hidden fields of a GET form that reopens the way.
    fn view(&self) -> Vec<Vec<String>> {
        match self {
            Self::Link(link) => link.fields_view(),
            Self::LiveFlow => Vec::new(),
        }
    }
}

/// Whole seconds, rounded up: whoever waits that long is not told to wait again.
pub(crate) fn whole_seconds(wait: SignedDuration) -> u64 {
    u64::try_from(wait.as_secs()).unwrap_or(0) + u64::from(wait.subsec_nanos() > 0)
}

/// S-E1 must look alike whatever was asked, so its language menu can't repeat the question: it leads to a link that
/// never works. After a POST there is nothing to repeat either.
fn menu_of(kind: Kind, page: Page, visit: &Visit) -> Page {
    if kind.hides_the_question() {
        page.menu("/redeem", &[])
    } else if visit.is_get {
        page
    } else {
        page.menu(TicketLink::PATH, &[])
    }
}

/// Where "Try again" leads: back to the page that failed, or to the flow that a form belonged to.
fn retry_path(visit: &Visit) -> String {
    if !visit.is_get {
        return TicketLink::PATH.to_owned();
    }
    let query =
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(visit.query.pairs()).finish();
    if query.is_empty() { visit.path.clone() } else { format!("{}?{query}", visit.path) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_that_is_away_comes_back_and_one_that_is_broken_is_our_fault() {
        let busy = StoreError::Busy { retry_after: SignedDuration::from_secs(1) };
        for (cause, status, screen, retry_after) in [
            (busy, 503, "S-E12", Some(1)),
            (StoreError::Unavailable("closed".into()), 503, "S-E12", Some(5)),
            (StoreError::Corrupt("a row".into()), 500, "S-E13", None),
            (StoreError::UnknownKey { id: "00".into() }, 500, "S-E13", None),
        ] {
            let said = cause.to_string();
            let kind = Trouble::of_store(cause).kind;

            assert_eq!((kind.status().as_u16(), kind.screen()), (status, screen), "{said}");
            assert_eq!(kind.retry_after(), retry_after, "{said}");
        }
    }
}
