//! What one request says about the browser, its wishes, and where it comes from.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, Method, header};
use url::Url;
use vestibule_directory::redeem::Redemption;
use vestibule_model::{Context, Tenant, User};
use vestibule_wording::Language;

use crate::error::Trouble;
use crate::fields::Fields;
use crate::{Pages, Settings};

/// One request, its body left aside.
#[derive(Clone)]
pub(crate) struct Visit {
    pub(crate) context: Context,
    pub(crate) path: String,
    pub(crate) query: Fields,
    pub(crate) is_get: bool,
    pub(crate) cookies: Option<String>,
    /// The `User-Agent`, cut: it is kept with consents and queued with passcodes.
    pub(crate) browser: Option<String>,
    wished: Option<Language>,
    remembered: Option<Language>,
    accepted: Option<Language>,
    origin: Option<String>,
    fetch_site: Option<String>,
}

impl Visit {
    /// Reads a request.
    pub(crate) fn read(parts: &Parts, context: Context, settings: &Settings) -> Self {
        let text = |name| header_text(&parts.headers, name);
        let cookies = cookies(&parts.headers);
        let query = Fields::read(parts.uri.query().unwrap_or_default().as_bytes());
        let remembered = cookies.as_deref().and_then(|all| cookie(all, language_cookie(settings)));

        Self {
            context,
            path: parts.uri.path().to_owned(),
            is_get: matches!(parts.method, Method::GET | Method::HEAD),
            browser: text(header::USER_AGENT)
                .map(|browser| browser.chars().take(BROWSER_CHARACTERS).collect()),
            wished: wished_language(&query),
            remembered: remembered.and_then(|tag| Language::lookup(tag).found()),
            accepted: text(header::ACCEPT_LANGUAGE).and_then(|wish| Language::of_accept_language(&wish)),
            origin: text(header::ORIGIN),
            fetch_site: text(HeaderName::from_static("sec-fetch-site")),
            cookies,
            query,
        }
    }

    /// Whether a form that came with this request may be one of ours (`redemption.md` 2.3, c): a browser that says where
    /// the form stood must say "here"; an older one must not name another origin. `null` is what Chromium sends from a
    /// page that sends no referrer.
    pub(crate) fn is_same_origin(&self, public_url: &Url) -> bool {
        match (&self.fetch_site, self.origin.as_deref()) {
            (Some(site), _) => site == "same-origin",
            (None, None | Some("null")) => true,
            (None, Some(origin)) => {
                Url::parse(origin).is_ok_and(|origin| origin.origin() == public_url.origin())
            }
        }
    }

    /// The language of this page (`redemption.md` 2.4): the link's, the menu's, the invitation's, the browser's, the
    /// guest's, the organisation's.
    pub(crate) fn language(&self, wishes: Wishes<'_>) -> Language {
        let known = |tag: Option<&str>| tag.and_then(|tag| Language::lookup(tag).found());

        self.wished
            .or(self.remembered)
            .or_else(|| known(wishes.invitation))
            .or(self.accepted)
            .or_else(|| known(wishes.user))
            .or_else(|| known(wishes.tenant))
            .unwrap_or_default()
    }

    /// The cookie that keeps a language that this request asked for.
    pub(crate) fn language_to_keep(&self, settings: &Settings) -> Option<String> {
        let secure = if settings.has_secure_cookies { "; Secure" } else { "" };
        let name = language_cookie(settings);

        self.wished.map(|language| {
            format!("{name}={}; Path=/; Max-Age=31536000; HttpOnly{secure}; SameSite=Lax", language.tag())
        })
    }
}

/// Language tags of whom a page is about. Without any, the browser alone decides.
#[derive(Clone, Copy, Default)]
pub(crate) struct Wishes<'a> {
    invitation: Option<&'a str>,
    user: Option<&'a str>,
    tenant: Option<&'a str>,
}

impl<'a> Wishes<'a> {
    pub(crate) fn of_invitation(about: &'a Redemption) -> Self {
        let invitation = about.invitation.message.language.as_deref();
        Self { invitation, ..Self::of_guest(&about.user, &about.tenant) }
    }

    pub(crate) fn of_guest(user: &'a User, tenant: &'a Tenant) -> Self {
        Self {
            invitation: None,
            user: user.profile.preferred_language.as_deref(),
            tenant: tenant.preferred_language.as_deref(),
        }
    }
}

impl FromRequestParts<Pages> for Visit {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, _: &Pages) -> Result<Self, Trouble> {
        // `frame::around` puts it there.
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Trouble::internal("a page outside its frame"))
    }
}

/// No browser says more of itself; a header could.
const BROWSER_CHARACTERS: usize = 512;

/// Query parameters that choose a language and nothing else.
pub(crate) const LANGUAGE_PARAMETERS: [&str; 3] = ["ui_locales", "mkt", "lc"];

/// `ui_locales` as OpenID Connect has it, `mkt` and `lc` as old links of Microsoft's do.
fn wished_language(query: &Fields) -> Option<Language> {
    query
        .get("ui_locales")
        .and_then(Language::of_ui_locales)
        .or_else(|| query.get("mkt").and_then(|tag| Language::lookup(tag).found()))
        .or_else(|| query.get("lc").and_then(Language::of_lcid))
}

fn language_cookie(settings: &Settings) -> &'static str {
    if settings.has_secure_cookies { "__Host-vst_lang" } else { "vst_lang" }
}

/// All cookies as one header value: HTTP/2 may split them (RFC 9113 §8.2.3).
fn cookies(headers: &HeaderMap) -> Option<String> {
    let values: Vec<&str> =
        headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).collect();

    (!values.is_empty()).then(|| values.join("; "))
}

fn cookie<'a>(cookies: &'a str, name: &str) -> Option<&'a str> {
    cookies.split(';').find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

fn header_text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::http::Request;
    use jiff::{SignedDuration, Timestamp};
    use vestibule_model::clock::SeededIds;

    use super::*;

    #[test]
    fn a_browser_that_says_too_much_of_itself_is_cut_short() {
        let settings = Settings {
            public_url: Url::parse("https://guests.example").unwrap(),
            has_secure_cookies: true,
            map_myapps: true,
            sender: None,
            passcode_lifetime: SignedDuration::from_mins(30),
        };
        let ids = Arc::new(SeededIds::new(1));
        let correlation = Default::default();
        let context = Context { now: Timestamp::UNIX_EPOCH, ids, correlation, client: None };
        let request = Request::get("/").header("user-agent", "b".repeat(600)).body(()).unwrap();

        let visit = Visit::read(&request.into_parts().0, context, &settings);

        assert_eq!(visit.browser, Some("b".repeat(512)));
    }
}
