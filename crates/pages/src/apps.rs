//! S9, My Apps: where a guest without another destination lands. No app can be shared yet, and the page says so.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use minijinja::context;
use vestibule_identity::redemption::SignedIn;
use vestibule_model::Tenant;
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

/// GET. Without a session, and where it is another organisation's, the mail's link is the only way in: 401.
async fn show(State(pages): State<Pages>, visit: Visit) -> Answer {
    let Some(session) = pages.session(&visit).await? else { return pages.apps_closed(&visit) };
    let Some(name) = organisation_in(&visit) else { return pages.apps(&visit, &session) };

    let address = session.session.proof.address();
    let found = pages.directory().find_organization(&name, address).await.map_err(Trouble::of_store)?;
    match found.ok_or_else(Trouble::missing)? {
        found if found.tenant.id == session.tenant.id => pages.apps(&visit, &session),
        found if found.knows_address => pages.apps_closed(&visit),
        found => pages.stranger(&visit, &session, &found.tenant),
    }
}

/// The organisation that the address names: `?tenantid=` by id, or the path by verified domain; `signin/…` is about an
/// application, and names it in the query.
fn organisation_in(visit: &Visit) -> Option<String> {
    let path = visit.path.strip_prefix("/myapps").unwrap_or_default().trim_matches('/');
    if !path.is_empty() && !path.starts_with("signin/") {
        return Some(path.to_owned());
    }
    let mut pairs = visit.query.pairs();
    let (_, id) = pairs.find(|(name, _)| name.eq_ignore_ascii_case("tenantid"))?;
    (!id.is_empty()).then(|| id.to_owned())
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
    fn apps(&self, visit: &Visit, session: &SignedIn) -> Answer {
        let face = ("S9", "apps.html", "apps-title");
        let mut page = self.guest_page(visit, &session.user, &session.tenant, face);
        let name = clean_name(&session.user.display_name);
        page.words
            .set("name", if name.is_empty() { session.user.mail.clone().unwrap_or_default() } else { name });

        let csrf = self.identity().label_token(&label(session));
        page.render(self, visit, context! { csrf, sign_out => SIGN_OUT })
    }

    fn apps_closed(&self, visit: &Visit) -> Answer {
        self.product_page(visit, ("S9", "apps_closed.html", "apps-closed-title"))
            .status(StatusCode::UNAUTHORIZED)
            .render(self, visit, context! { heading => "apps-closed-title", lead => "apps-closed-lead" })
    }

    /// S-E4: the proof is fine, and its address is nobody's in `tenant`.
    fn stranger(&self, visit: &Visit, session: &SignedIn, tenant: &Tenant) -> Answer {
        tracing::info!(code = "AADSTS50020", tenant = %tenant.id, "a guest of another organisation came to My Apps");
        let face = ("S-E4", "stranger.html", "error-title");
        let mut page = self.guest_page(visit, &session.user, tenant, face).status(StatusCode::FORBIDDEN);
        page.words.set("address", session.session.proof.address().as_typed());
        let view = context! {
            heading => "error-stranger-title",
            lead => "error-stranger-lead",
            next => "error-stranger-next",
            start_again => (),
            retry => (),
            csrf => self.identity().label_token(&label(session)),
            sign_out => SIGN_OUT,
        };

        page.error().render(self, visit, view)
    }

    /// Who is signed in, if anybody.
    pub(crate) async fn session(&self, visit: &Visit) -> Result<Option<SignedIn>, Trouble> {
        let session = self.identity().signed_in(visit.cookies.as_deref(), visit.context.now).await;
        session.map_err(Trouble::of_store)
    }
}
