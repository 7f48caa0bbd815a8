//! S9, My Apps: where a guest without another destination lands. No app can be shared yet, and the page says so.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use minijinja::context;
use vestibule_identity::redemption::SignedIn;
use vestibule_wording::clean_name;

use crate::Pages;
use crate::error::Trouble;
use crate::fields::Posted;
use crate::layout::{Answer, with_cookies};
use crate::visit::Visit;

const SIGN_OUT: &str = "/myapps/sign-out";

pub(crate) fn routes() -> Router<Pages> {
    Router::new()
        .route("/myapps", get(show))
        .route("/myapps/", get(show))
        .route("/myapps/{*rest}", get(show))
        .route(SIGN_OUT, post(sign_out))
}

/// GET. Without a session the mail's link is the only way in: 401.
async fn show(State(pages): State<Pages>, visit: Visit) -> Answer {
    let Some(session) = pages.session(&visit).await? else {
        return pages
            .product_page(&visit, ("S9", "apps_closed.html", "apps-closed-title"))
            .status(StatusCode::UNAUTHORIZED)
            .render(&pages, &visit, context! { heading => "apps-closed-title", lead => "apps-closed-lead" });
    };

    let csrf = pages.identity().label_token(&label(&session));
    let mut page = pages.guest_page(&visit, &session, ("S9", "apps.html", "apps-title"));
    let name = clean_name(&session.user.display_name);
    page.words
        .set("name", if name.is_empty() { session.user.mail.clone().unwrap_or_default() } else { name });

    page.render(&pages, &visit, context! { csrf, sign_out => SIGN_OUT })
}

/// POST: the session ends, here and in the store. Whoever is signed out already is told the same.
async fn sign_out(State(pages): State<Pages>, visit: Visit, posted: Posted) -> Answer {
    if let Some(session) = pages.session(&visit).await? {
        let csrf = posted.fields.get("csrf").unwrap_or_default();
        let is_own = visit.is_same_origin(&pages.settings().public_url)
            && pages.identity().is_label_token(&label(&session), csrf);
        if !is_own {
            return Err(Trouble::stale(None));
        }
    }
    let ended = pages.identity().sign_out(visit.cookies.as_deref(), &visit.context).await;
    let ended = ended.map_err(Trouble::of_store)?;
    let page = pages
        .product_page(&visit, ("S9", "apps_closed.html", "apps-signed-out-title"))
        .menu("/myapps/", &[])
        .render(
            &pages,
            &visit,
            context! { heading => "apps-signed-out-title", lead => "apps-signed-out-lead" },
        )?;

    Ok(with_cookies(page, &[&ended, &pages.identity().flow_cookie_gone()]))
}

/// A form token of this page is bound to the session that it ends.
fn label(session: &SignedIn) -> String {
    let id: String = session.session.id.0.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{SIGN_OUT} {id}")
}

impl Pages {
    /// Who is signed in, if anybody.
    pub(crate) async fn session(&self, visit: &Visit) -> Result<Option<SignedIn>, Trouble> {
        let session = self.identity().signed_in(visit.cookies.as_deref(), visit.context.now).await;
        session.map_err(Trouble::of_store)
    }
}
