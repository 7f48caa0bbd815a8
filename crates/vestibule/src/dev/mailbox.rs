//! `/_dev/mailbox`: what would have been sent, as JSON for tests and as a page for people.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use axum::response::{Html, IntoResponse as _, Response};
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use http::{HeaderMap, StatusCode};
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Value, context};
use serde::{Deserialize, Serialize};
use serde_json::json;
use url::form_urlencoded::byte_serialize;
use vestibule_courier::mail::Kind;
use vestibule_courier::transport::{Captured, DevMailbox};

use super::refusal::refusal;

/// What to show.
#[derive(Debug, Deserialize)]
pub(crate) struct Wish {
    /// Only what this envelope recipient got.
    to: Option<String>,
    /// On the page: which mail is open; else the newest.
    id: Option<String>,
}

/// Styles of the mail itself are inline and its pictures are data: under the pages' policy it would look like nothing.
const POLICY: &str = "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; img-src data:; \
     frame-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// `GET /_dev/mailbox`
pub(crate) async fn list(
    State(mailbox): State<DevMailbox>,
    Query(wish): Query<Wish>,
    headers: HeaderMap,
) -> Response {
    let mails = mailbox.mails(wish.to.as_deref());
    if !wants_page(&headers) {
        let mails: Vec<&Captured> = mails.iter().map(AsRef::as_ref).collect();
        return ([(CACHE_CONTROL, "no-store")], Json(json!({ "value": mails }))).into_response();
    }

    match page(&mails, &wish) {
        Ok(page) => {
            let headers = [
                (CACHE_CONTROL, "no-store"),
                (CONTENT_SECURITY_POLICY, POLICY),
                (REFERRER_POLICY, "no-referrer"),
            ];
            (headers, Html(page)).into_response()
        }
        Err(why) => refusal(StatusCode::INTERNAL_SERVER_ERROR, &why.to_string()),
    }
}

/// `DELETE /_dev/mailbox`
pub(crate) async fn empty(State(mailbox): State<DevMailbox>) -> StatusCode {
    mailbox.clear();
    StatusCode::NO_CONTENT
}

/// `GET /_dev/mailbox.css`
pub(crate) async fn style() -> Response {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("mailbox/style.css")).into_response()
}

/// `GET /_dev/mailbox.js`
pub(crate) async fn script() -> Response {
    ([(CONTENT_TYPE, "text/javascript; charset=utf-8")], include_str!("mailbox/script.js")).into_response()
}

/// Browsers name HTML, and nothing that wants JSON does.
fn wants_page(headers: &HeaderMap) -> bool {
    let accepts = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepts.flat_map(|value| value.split(',')).any(|range| range.trim().starts_with("text/html"))
}

fn page(mails: &[Arc<Captured>], wish: &Wish) -> Result<String, minijinja::Error> {
    let named = wish.id.as_ref().and_then(|id| mails.iter().find(|mail| mail.id.to_string() == *id));
    let open = named.or(mails.first());

    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_template("mailbox", include_str!("mailbox/page.html"))?;
    environment.get_template("mailbox")?.render(context! {
        mails => mails.iter().map(|mail| Value::from(Serde(mail.as_ref()))).collect::<Vec<_>>(),
        open => open.map(|mail| Value::from(Serde(Open::of(mail)))),
        to => wish.to.as_deref(),
        to_in_query => wish.to.as_ref().map(|to| byte_serialize(to.as_bytes()).collect::<String>()),
    })
}

/// The open mail, with what a tester came for lifted out.
#[derive(Serialize)]
struct Open<'a> {
    #[serde(flatten)]
    mail: &'a Captured,
    /// The mail's own page, to be shown in a frame; its links open beside it.
    framed: String,
    code: Option<&'a str>,
}

impl<'a> Open<'a> {
    fn of(mail: &'a Captured) -> Self {
        Self {
            mail,
            framed: framed(&mail.html),
            code: (mail.kind == Kind::Passcode).then(|| code(&mail.text)).flatten(),
        }
    }
}

/// The mail with links that open beside the mailbox. The element goes into the head: before the doctype it would
/// make browsers lay the mail out by the rules of the last century.
fn framed(html: &str) -> String {
    html.replacen("<head>", "<head><base target=\"_blank\">", 1)
}

/// The eight digits that stand alone.
fn code(text: &str) -> Option<&str> {
    let is_code = |word: &&str| word.len() == 8 && word.bytes().all(|byte| byte.is_ascii_digit());
    text.split_whitespace().find(is_code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_gets_a_page_and_everything_else_gets_json() {
        for (accept, is_page) in [
            ("text/html,application/xhtml+xml,*/*;q=0.8", true),
            ("application/json", false),
            ("*/*", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, accept.parse().unwrap());
            assert_eq!(wants_page(&headers), is_page, "{accept}");
        }
    }

    #[test]
    fn the_page_of_an_empty_mailbox_says_so() {
        let page = page(&[], &Wish { to: Some("<b>@x.y".into()), id: None }).unwrap();

        assert!(page.contains("No mail"));
        assert!(!page.contains("<b>"), "what was asked for is escaped");
    }

    #[test]
    fn the_page_lifts_out_code_and_links_and_keeps_the_mail_in_its_frame() {
        let passcode = captured(
            Kind::Passcode,
            "<!doctype html><head></head><p title=\"x\">01234567</p>",
            "Your code:\n\n01234567\n",
        );
        let invitation =
            captured(Kind::Invitation, "<a href=\"https://a.example/?x=1&amp;y=2\">Go</a>", "Go");

        let newest = page(&[passcode.clone(), invitation.clone()], &Wish { to: None, id: None }).unwrap();
        let named = Wish { to: None, id: Some(invitation.id.to_string()) };
        let older = page(&[passcode, invitation], &named).unwrap();

        assert!(newest.contains("<code id=\"code\">01234567</code>"));
        let frame = "srcdoc=\"&lt;!doctype html&gt;&lt;head&gt;&lt;base target=&quot;_blank&quot;&gt;&lt;&#x2f;head&gt;";
        assert!(newest.contains(frame), "{newest}");
        let link = "href=\"https:&#x2f;&#x2f;a.example&#x2f;?x=1&amp;y=2\" target=\"_blank\"";
        assert!(older.contains(link), "{older}");
        assert!(older.contains("<dt>Subject</dt>"));
    }

    fn captured(kind: Kind, html: &str, text: &str) -> Arc<Captured> {
        let ids = vestibule_model::clock::SeededIds::new(kind as u32);
        Arc::new(Captured {
            id: vestibule_model::Ids::random(&ids).into(),
            kind,
            from: "Invitations on behalf of contoso <invitations@contoso.localhost>".into(),
            to: vec!["taylor@fabrikam.com".into()],
            cc: Vec::new(),
            envelope_to: "taylor@fabrikam.com".into(),
            subject: "contoso invites you as a guest".into(),
            text: text.into(),
            html: html.into(),
            headers: vec![("Subject".into(), "contoso invites you as a guest".into())],
            links: vec!["https://a.example/?x=1&y=2".into()],
            received_date_time: jiff::Timestamp::UNIX_EPOCH,
        })
    }

    #[test]
    fn the_code_is_the_eight_digits_that_stand_alone() {
        for (text, wanted) in [
            ("Your code:\r\n\r\n01234567\r\n\r\nIt works for 30 minutes.", Some("01234567")),
            ("Call 123456789 or 1234567", None),
        ] {
            assert_eq!(code(text), wanted);
        }
    }
}
