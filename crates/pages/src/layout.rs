//! One page from its template, its words and its facts.

use axum::http::StatusCode;
use axum::http::header::{CONTENT_LANGUAGE, CONTENT_TYPE, SET_COOKIE};
use axum::response::{IntoResponse, Redirect, Response};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Value;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, context};
use vestibule_directory::redeem::Redemption;
use vestibule_identity::redemption::{FormToken, NewCookie};
use vestibule_model::{Tenant, User};
use vestibule_wording::{Language, dates, escape_html};

use crate::Pages;
use crate::error::Trouble;
use crate::visit::{LANGUAGE_PARAMETERS, Visit, Wishes};
use crate::words::{Destination, Words, organisation_name};

/// What a handler answers; a trouble becomes its page in `frame::around`.
pub(crate) type Answer = Result<Response, Trouble>;

/// The templates, compiled in.
pub(crate) struct Templates(Environment<'static>);

impl Templates {
    pub(crate) fn new() -> Self {
        const FUEL: u64 = 100_000;

        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
        environment.set_syntax(syntax.expect("the delimiters are the engine's own"));
        environment.set_formatter(|out, state, value| match state.auto_escape() {
            // The engine's own escaper turns a slash into a reference, which makes URLs unreadable.
            AutoEscape::Html if !value.is_safe() => Ok(out.write_str(&escape_html(&value.to_string()))?),
            _ => Ok(out.write_str(&value.to_string())?),
        });
        for (name, source) in SOURCES {
            environment.add_template(name, source).expect("templates are compiled in, and tests render each");
        }

        Self(environment)
    }
}

const SOURCES: &[(&str, &str)] = &[
    ("frame.html", include_str!("../templates/frame.html")),
    ("parts.html", include_str!("../templates/parts.html")),
    ("invited.html", include_str!("../templates/invited.html")),
    ("code.html", include_str!("../templates/code.html")),
    ("consent.html", include_str!("../templates/consent.html")),
    ("done.html", include_str!("../templates/done.html")),
    ("cancelled.html", include_str!("../templates/cancelled.html")),
    ("decline.html", include_str!("../templates/decline.html")),
    ("declined.html", include_str!("../templates/declined.html")),
    ("block.html", include_str!("../templates/block.html")),
    ("blocked.html", include_str!("../templates/blocked.html")),
    ("unblocked.html", include_str!("../templates/unblocked.html")),
    ("apps.html", include_str!("../templates/apps.html")),
    ("apps_closed.html", include_str!("../templates/apps_closed.html")),
    ("trouble.html", include_str!("../templates/trouble.html")),
    ("stranger.html", include_str!("../templates/stranger.html")),
];

/// One page, about to be rendered.
pub(crate) struct Page {
    face: Face,
    status: StatusCode,
    organisation: Option<Organisation>,
    menu: Option<Menu>,
    problem: Option<Problem>,
    is_error: bool,
    pub(crate) words: Words,
}

/// `data-screen`, template, and text id of the title.
pub(crate) type Face = (&'static str, &'static str, &'static str);

/// Whose page it is: the name stands where a brand would.
struct Organisation {
    name: String,
    privacy_url: Option<String>,
    contact: Option<String>,
}

impl Organisation {
    fn of(tenant: &Tenant, domain: &str) -> Self {
        Self {
            name: organisation_name(tenant, domain),
            privacy_url: web_url(tenant.privacy_statement_url.as_deref()),
            contact: mail_url(tenant.privacy_contact.as_deref()),
        }
    }
}

/// Where the language menu leads, with what it carries along.
struct Menu {
    action: String,
    fields: Vec<(String, String)>,
}

/// What the summary on top says, and which field it is about.
#[derive(Clone, Copy)]
pub(crate) struct Problem {
    /// Text id of the whole sentence. It stands at the field, and then `-title` and `-detail` of it stand in the summary;
    /// without a field it stands in the summary itself.
    pub(crate) id: &'static str,
    /// Id of the field, when one is to be corrected.
    pub(crate) field: Option<&'static str>,
}

impl Pages {
    /// A page about an invitation.
    pub(crate) fn page(&self, visit: &Visit, about: &Redemption, face: Face) -> Page {
        let mut words = self.words(visit.language(Wishes::of_invitation(about)));
        words.about(about, &self.destination(about));
        let organisation = Organisation::of(&about.tenant, &about.primary_domain.name);

        Page { organisation: Some(organisation), ..Page::new(face, words) }
    }

    /// A page of `tenant` for somebody signed in, there or elsewhere.
    pub(crate) fn guest_page(&self, visit: &Visit, user: &User, tenant: &Tenant, face: Face) -> Page {
        let mut words = self.words(visit.language(Wishes::of_guest(user, tenant)));
        let organisation = Organisation::of(tenant, &tenant.initial_domain);
        words.set("organisation", organisation.name.as_str());

        Page { organisation: Some(organisation), ..Page::new(face, words) }
    }

    /// A page about nobody in particular: the product's own.
    pub(crate) fn product_page(&self, visit: &Visit, face: Face) -> Page {
        Page::new(face, self.words(visit.language(Wishes::default())))
    }

    /// Where `about` leads in the end.
    pub(crate) fn destination(&self, about: &Redemption) -> Destination {
        Destination::of(about, &self.settings().public_url, self.settings().map_myapps)
    }

    fn words(&self, language: Language) -> Words {
        Words::new(self.parts.catalogue.clone(), language)
    }
}

impl Page {
    fn new(face: Face, words: Words) -> Self {
        Self {
            face,
            status: StatusCode::OK,
            organisation: None,
            menu: None,
            problem: None,
            is_error: false,
            words,
        }
    }

    pub(crate) fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// The language menu leads to `action` with `fields`, not to the present address: after a POST, and where the
    /// present query must not be repeated.
    pub(crate) fn menu(mut self, action: &str, fields: &[(&str, &str)]) -> Self {
        let fields = fields.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
        self.menu = Some(Menu { action: action.to_owned(), fields });
        self
    }

    pub(crate) fn problem(mut self, problem: Option<Problem>) -> Self {
        self.problem = problem;
        self
    }

    /// Shows the reference number and the time.
    pub(crate) fn error(mut self) -> Self {
        self.is_error = true;
        self
    }

    /// Renders it. In templates `say(id)` is a text with emphasis, `plain(id)` one without, for attributes; `view` holds
    /// what this page alone has.
    pub(crate) fn render(mut self, pages: &Pages, visit: &Visit, view: Value) -> Answer {
        let title = self.full_title();
        let (say, plain) = (self.words.clone(), self.words.clone());
        let menu = self.menu.take().unwrap_or_else(|| Menu::here(visit));
        let language = self.words.language();
        let organisation = self.organisation.as_ref();
        let (screen, template, _) = self.face;
        let context = context! {
            view,
            title,
            say => Value::from_function(move |id: &str| Value::from_safe_string(say.html(id))),
            plain => Value::from_function(move |id: &str| plain.text(id)),
            screen,
            lang => language.tag(),
            languages => Language::ALL.map(|one| context! {
                tag => one.tag(), name => one.own_name(), is_current => one == language,
            }).to_vec(),
            menu => context! { action => menu.action, fields => menu.fields },
            brand => self.brand(),
            stylesheet => pages.parts.stylesheet.path(),
            has_organisation => organisation.is_some(),
            privacy_url => organisation.and_then(|organisation| organisation.privacy_url.as_deref()),
            contact => organisation.and_then(|organisation| organisation.contact.as_deref()),
            problem => self.problem.map(Problem::view),
            reference => (self.is_error || self.problem.is_some()).then(|| visit.context.correlation.to_string()),
            time => dates::reference(visit.context.now),
        };
        let html = pages
            .parts
            .templates
            .0
            .get_template(template)
            .and_then(|template| template.render(context))
            .map_err(Trouble::internal)?;

        let headers = [(CONTENT_TYPE, "text/html; charset=utf-8"), (CONTENT_LANGUAGE, language.tag())];
        Ok((self.status, headers, html).into_response())
    }

    /// `{page title} · {organisation}`, or the product where no organisation may be named.
    fn full_title(&self) -> String {
        let (_, _, title) = self.face;
        let mut words = self.words.clone();
        words.set("page", self.words.text(title));
        words.set("organisation", self.brand());

        words.text("frame-title")
    }

    fn brand(&self) -> String {
        self.organisation
            .as_ref()
            .map_or_else(|| self.words.text("frame-product"), |organisation| organisation.name.clone())
    }
}

impl Menu {
    /// The present address with its query.
    fn here(visit: &Visit) -> Self {
        let fields = visit.query.pairs().filter(|(name, _)| !LANGUAGE_PARAMETERS.contains(name));

        Self {
            action: visit.path.clone(),
            fields: fields.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        }
    }
}

impl Problem {
    fn view(self) -> Value {
        context! {
            text => self.id,
            title => format!("{}-title", self.id),
            detail => format!("{}-detail", self.id),
            field => self.field,
        }
    }
}

/// The hidden fields of a form that belongs to a flow.
pub(crate) fn token_view(token: &FormToken) -> Value {
    context! { flow => token.flow.as_str(), csrf => token.csrf.as_str() }
}

/// 303, so that reloading what follows posts nothing again.
pub(crate) fn see_other(path: &str, cookies: &[&NewCookie]) -> Response {
    with_cookies(Redirect::to(path).into_response(), cookies)
}

/// `response` with `cookies` set.
pub(crate) fn with_cookies(mut response: Response, cookies: &[&NewCookie]) -> Response {
    for cookie in cookies {
        if let Ok(value) = cookie.set_cookie.parse() {
            response.headers_mut().append(SET_COOKIE, value);
        }
    }
    response
}

/// A link that a tenant has given, when it leads to the web and nowhere else.
fn web_url(url: Option<&str>) -> Option<String> {
    url.filter(|url| url.starts_with("https://") || url.starts_with("http://")).map(str::to_owned)
}

/// A link to write to whom a tenant has named.
fn mail_url(contact: Option<&str>) -> Option<String> {
    let has_more = |c: char| c.is_whitespace() || "?&%:/".contains(c);
    contact
        .filter(|text| text.contains('@') && !text.contains(has_more))
        .map(|address| format!("mailto:{address}"))
}
