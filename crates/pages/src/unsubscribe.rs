//! Blocking by the mail's own link (`redemption.md` 3.7): a page with a button, and the one-click POST of RFC 8058.

use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use minijinja::context;
use minijinja::value::Value;
use vestibule_directory::redeem::Redemption;
use vestibule_model::{InvitationId, TenantId};

use crate::Pages;
use crate::error::Trouble;
use crate::fields::{Fields, Posted};
use crate::layout::Answer;
use crate::visit::Visit;

const PATH: &str = "/invitations/unsubscribe";
const UNDO: &str = "/invitations/unsubscribe/undo";

pub(crate) fn routes() -> Router<Pages> {
    Router::new().route(PATH, get(show).post(block)).route(UNDO, post(undo))
}

/// GET: the question. Fetching blocks nobody.
async fn show(State(pages): State<Pages>, visit: Visit) -> Answer {
    let link = BlockLink::open(&pages, &visit.query).await?;
    link.page(&pages, &visit, BlockPage::Question)
}

/// POST: T18, by the button of that page, or by a mail program, which brings neither cookie nor form token.
async fn block(State(pages): State<Pages>, visit: Visit, posted: Posted) -> Answer {
    let is_one_click = is_one_click(&posted);
    let from_page = posted.fields.get("t").is_some() && !is_one_click;
    let link = BlockLink::open(&pages, if from_page { &posted.fields } else { &visit.query }).await?;
    if !is_one_click {
        link.check_form(&pages, &visit, &posted.fields, PATH)?;
    }
    let blocked = pages.directory().block(link.tenant, link.invitation, &visit.context).await;
    blocked.map_err(|error| Trouble::of(error, None))?;

    link.page(&pages, &visit, BlockPage::Blocked)
}

/// POST: T19, by the button of the page that blocked and nothing else.
async fn undo(State(pages): State<Pages>, visit: Visit, posted: Posted) -> Answer {
    let link = BlockLink::open(&pages, &posted.fields).await?;
    link.check_form(&pages, &visit, &posted.fields, UNDO)?;
    let lifted = pages.directory().unblock(link.tenant, link.invitation, &visit.context).await;
    lifted.map_err(|error| Trouble::of(error, Some(link.about.clone())))?;

    link.page(&pages, &visit, BlockPage::Unblocked)
}

/// A block link that leads somewhere.
struct BlockLink {
    token: String,
    tenant: TenantId,
    invitation: InvitationId,
    about: Redemption,
}

impl BlockLink {
    /// 400 for what can't be a link of ours, 404 for one that we did not sign or that is about nobody any more.
    async fn open(pages: &Pages, fields: &Fields) -> Result<Self, Trouble> {
        let token = fields.get("t").filter(|token| is_token(token)).ok_or_else(Trouble::malformed_link)?;
        let (tenant, invitation) =
            pages.directory().read_block_token(token).ok_or_else(Trouble::no_such_link)?;
        let about = pages.directory().blockable(tenant, invitation).await;
        let about = about.map_err(|error| Trouble::of(error, None))?.ok_or_else(Trouble::no_such_link)?;

        Ok(Self { token: token.to_owned(), tenant, invitation, about })
    }

    fn page(&self, pages: &Pages, visit: &Visit, which: BlockPage) -> Answer {
        let label = |path| pages.identity().label_token(&self.label(path));
        let view = context! {
            t => self.token.as_str(),
            csrf => match which {
                BlockPage::Question => Some(label(PATH)),
                BlockPage::Blocked => Some(label(UNDO)),
                BlockPage::Unblocked => None,
            },
        };
        let origin = Origin { view, block: PATH, undo: UNDO, cancel: None };

        pages.block_page(visit, &self.about, which, origin, &[("t", &self.token)])
    }

    fn check_form(&self, pages: &Pages, visit: &Visit, fields: &Fields, path: &str) -> Result<(), Trouble> {
        let csrf = fields.get("csrf").unwrap_or_default();
        let is_own = visit.is_same_origin(&pages.settings().public_url)
            && pages.identity().is_label_token(&self.label(path), csrf);

        if is_own { Ok(()) } else { Err(Trouble::stale(None)) }
    }

    /// What a form token of these pages is bound to: this link and this button.
    fn label(&self, path: &str) -> String {
        format!("{path} {}", self.token)
    }
}

/// The three faces of S13.
#[derive(Clone, Copy)]
pub(crate) enum BlockPage {
    /// Asks.
    Question,
    /// Says that it is done, with the undo.
    Blocked,
    /// Says that it was undone.
    Unblocked,
}

/// Where the forms of S13 lead: it is reached by the mail's link and from within a flow.
pub(crate) struct Origin {
    /// Hidden fields of its forms.
    pub(crate) view: Value,
    pub(crate) block: &'static str,
    pub(crate) undo: &'static str,
    /// Where "Cancel" leads, where there is somewhere to go.
    pub(crate) cancel: Option<&'static str>,
}

impl Pages {
    /// S13, about the organisation and the masked address.
    pub(crate) fn block_page(
        &self,
        visit: &Visit,
        about: &Redemption,
        which: BlockPage,
        origin: Origin,
        menu_fields: &[(&str, &str)],
    ) -> Answer {
        let (template, title) = match which {
            BlockPage::Question => ("block.html", "block-title"),
            BlockPage::Blocked => ("blocked.html", "blocked-title"),
            BlockPage::Unblocked => ("unblocked.html", "unblocked-title"),
        };
        let view = context! {
            form => origin.view, block => origin.block, undo => origin.undo, cancel => origin.cancel,
        };

        self.page(visit, about, ("S13", template, title))
            .menu(origin.block, menu_fields)
            .render(self, visit, view)
    }
}

/// Whether `token` has the form of one: two ids and sixteen bytes of a MAC.
fn is_token(token: &str) -> bool {
    const BYTES: usize = 3 * 16;

    URL_SAFE_NO_PAD.decode(token).is_ok_and(|bytes| bytes.len() == BYTES)
}

/// RFC 8058 §3.1: `List-Unsubscribe=One-Click`, as a form or as a part of multipart/form-data.
fn is_one_click(posted: &Posted) -> bool {
    if posted.fields.get("List-Unsubscribe") == Some("One-Click") {
        return true;
    }
    let text = String::from_utf8_lossy(&posted.raw);
    text.split("\r\n\r\n").zip(text.split("\r\n\r\n").skip(1)).any(|(head, value)| {
        // A name without blanks need not be quoted (RFC 2183 §2).
        let name = head.split(['\r', '\n', ';']).find_map(|part| part.trim().strip_prefix("name="));
        name.is_some_and(|name| name.trim_matches('"') == "List-Unsubscribe")
            && value.lines().next() == Some("One-Click")
    })
}
