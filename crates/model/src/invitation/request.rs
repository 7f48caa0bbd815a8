//! Reading a request's properties: each reader answers with a value that is right, or with the refusal it stands for.

use url::Url;

use crate::address::{Address, PlusAddressing};
use crate::id::UserId;
use crate::invitation::{InvitationRequest, InvitationRules, MessageInfo, Recipient, RequestedRecipient};
use crate::refusal::InvitationRefusal as No;
use crate::user::UserType;

/// The longest display name, of guests and of cc recipients, in UTF-16 code units (`graph.md` 1.1, 1.2, 5.7).
const NAME_UNITS: usize = 256;

/// The longest message of an inviter's own, in UTF-16 code units (`graph.md` 1.2).
const BODY_UNITS: usize = 5000;

/// The longest redirect URL (`graph.md` 1.4).
const REDIRECT_OCTETS: usize = 2048;

/// How many sponsors a guest has at most (`graph.md` 1.11).
pub const MAX_SPONSORS: usize = 5;

/// E18 and E19: the words and wishes for the mail, and every other value with a limit.
pub(super) fn message(request: &InvitationRequest, rules: &InvitationRules) -> Result<MessageInfo, No> {
    let wanted: Vec<_> = request.cc.iter().filter(|recipient| counts(recipient)).collect();
    if wanted.len() > rules.max_cc_recipients {
        return Err(No::TooManyCc { at_most: rules.max_cc_recipients });
    }
    let invalid = |property| Err(No::InvalidValue { property });
    if !request.message_body.as_deref().is_none_or(is_body) {
        return invalid("customizedMessageBody");
    }
    if !request.message_language.as_deref().is_none_or(|tag| tag.is_empty() || is_language(tag)) {
        return invalid("messageLanguage");
    }
    if !request.display_name.as_deref().is_none_or(is_name) {
        return invalid("invitedUserDisplayName");
    }
    if !request.cc.iter().all(|recipient| recipient.name.as_deref().is_none_or(is_name)) {
        return invalid("ccRecipients");
    }
    let Some(cc) = wanted.into_iter().map(recipient).collect::<Option<_>>() else {
        return invalid("ccRecipients");
    };
    if request.sponsors.as_ref().is_some_and(|sponsors| sponsors.len() > MAX_SPONSORS) {
        return invalid("invitedUserSponsors");
    }

    Ok(MessageInfo { language: request.message_language.clone(), body: request.message_body.clone(), cc })
}

/// An entry without an address is no recipient: documented samples send such entries.
fn counts(recipient: &RequestedRecipient) -> bool {
    recipient.address.as_deref().is_some_and(|address| !address.is_empty())
}

fn recipient(asked: &RequestedRecipient) -> Option<Recipient> {
    // A cc recipient may contain `+`, whatever the operator says of invited addresses.
    let address = Address::parse(asked.address.as_deref()?, PlusAddressing::Allowed).ok()?;
    Some(Recipient { name: asked.name.clone().filter(|name| !name.is_empty()), address })
}

fn is_name(name: &str) -> bool {
    units(name) <= NAME_UNITS
}

fn is_body(body: &str) -> bool {
    let without_breaks = body.replace("\r\n", "\n");
    units(body) <= BODY_UNITS && !without_breaks.chars().any(|c| c < '\u{20}' && !matches!(c, '\n' | '\t'))
}

/// `^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,2}$`.
fn is_language(tag: &str) -> bool {
    let mut parts = tag.split(['-', '_']);
    let is_primary =
        |part: &str| (2..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphabetic());
    let is_subtag =
        |part: &str| (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());

    parts.next().is_some_and(is_primary) && parts.clone().count() <= 2 && parts.all(is_subtag)
}

/// Strings are measured as Graph's clients do (`graph.md` 5.7).
pub(crate) fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// E3 and E3b.
pub(super) fn address(request: &InvitationRequest, rules: &InvitationRules) -> Result<Address, No> {
    let typed = request.email_address.as_deref().filter(|typed| !typed.is_empty()).ok_or(No::NoAddress)?;
    Address::parse(typed, rules.plus_addressing).map_err(|_| No::BadAddress)
}

/// E4 and E5: the URL, byte for byte.
pub(super) fn redirect_url(request: &InvitationRequest, rules: &InvitationRules) -> Result<String, No> {
    let url = request.redirect_url.as_deref().filter(|url| !url.is_empty()).ok_or(No::NoRedirectUrl)?;
    if is_redirect_url(url, rules) { Ok(url.to_owned()) } else { Err(No::BadRedirectUrl) }
}

/// `graph.md` 1.4. What a browser would silently mend (blanks, backslashes, missing slashes) is refused here, so that the
/// host we show is the host that it goes to.
fn is_redirect_url(url: &str, rules: &InvitationRules) -> bool {
    if url.len() > REDIRECT_OCTETS || url.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return false;
    }
    let Some((scheme, rest)) = url.split_once("://") else { return false };
    let before_query = rest.split(['?', '#']).next().unwrap_or_default();
    let authority = before_query.split('/').next().unwrap_or_default();
    let Ok(parsed) = Url::parse(url) else { return false };
    let host = parsed.host_str().unwrap_or_default();

    is_scheme(scheme, rules)
        && !before_query.contains('\\')
        && !authority.is_empty()
        && !authority.contains('@')
        && !host.is_empty()
        && (rules.redirect_hosts.is_empty()
            || rules.redirect_hosts.iter().any(|entry| entry.eq_ignore_ascii_case(host)))
}

fn is_scheme(scheme: &str, rules: &InvitationRules) -> bool {
    let admitted = rules.redirect_schemes.iter().map(String::as_str);
    ["http", "https"].into_iter().chain(admitted).any(|known| known.eq_ignore_ascii_case(scheme))
}

/// The first half of E9.
pub(super) fn user_type(request: &InvitationRequest) -> Result<UserType, No> {
    let Some(text) = request.user_type.as_deref() else { return Ok(UserType::Guest) };
    [UserType::Guest, UserType::Member]
        .into_iter()
        .find(|kind| kind.as_str().eq_ignore_ascii_case(text))
        .ok_or(No::BadUserType)
}

/// What must be looked up before a request can be decided.
#[derive(Clone, Debug, Default)]
pub struct LookUp {
    /// The invited address, when it can be read as one.
    pub address: Option<Address>,
    /// `invitedUser.id`, when it is one.
    pub target: Option<UserId>,
    /// Those sponsors whose ids are ids.
    pub sponsors: Vec<UserId>,
    /// Keys of those who would get a copy: no more than may, since with more the request is refused anyway.
    pub cc: Vec<String>,
}

impl LookUp {
    /// What `request` needs. Nothing is refused here: what cannot be read is not looked up.
    pub fn of(request: &InvitationRequest, rules: &InvitationRules) -> Self {
        let parse = |typed: &str| Address::parse(typed, PlusAddressing::Allowed).ok();
        let cc = request.cc.iter().filter(|_| request.sends_message).filter_map(recipient);
        let cc = cc.take(rules.max_cc_recipients);
        let sponsors = request.sponsors.iter().flatten().take(MAX_SPONSORS);
        Self {
            address: request.email_address.as_deref().and_then(parse),
            target: request.user.as_deref().and_then(|id| id.parse().ok()),
            sponsors: sponsors.filter_map(|id| id.parse().ok()).collect(),
            cc: cc.map(|recipient| recipient.address.key().to_owned()).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_looked_up_than_may_be_asked_for() {
        let copied = |n| RequestedRecipient { name: None, address: Some(format!("a{n}@fabrikam.com")) };
        let request = InvitationRequest {
            sends_message: true,
            cc: (0..40_000).map(copied).collect(),
            sponsors: Some(vec![uuid::Uuid::max().to_string(); 40_000]),
            ..InvitationRequest::default()
        };

        let look_up = LookUp::of(&request, &InvitationRules::default());

        assert_eq!((look_up.cc.len(), look_up.sponsors.len()), (10, MAX_SPONSORS));
    }

    #[test]
    fn redirect_urls_are_absolute_and_say_plainly_where_they_lead() {
        for (url, is_good) in [
            ("https://myapp.contoso.com", true),
            ("HTTPS://myapp.contoso.com/a?b=c%20d#e", true),
            ("http://localhost:5000/", true),
            ("https://myapp.contoso.com/?next=https://x@y\\z", true),
            ("https://münchen.example/", true),
            ("myapp.contoso.com", false),
            ("/relative", false),
            ("https:myapp.contoso.com", false),
            ("https:/myapp.contoso.com", false),
            ("https:\\\\myapp.contoso.com", false),
            ("https:///path", false),
            ("https://", false),
            ("https://user@myapp.contoso.com", false),
            ("https://user:secret@myapp.contoso.com", false),
            ("https://@myapp.contoso.com", false),
            ("https://a\\@myapp.contoso.com", false),
            ("https://my app.contoso.com", false),
            (" https://myapp.contoso.com", false),
            ("https://myapp.contoso.com\r\nX: y", false),
            ("javascript:alert(1)", false),
            ("javascript://x/%0aalert(1)", false),
            ("data:text/html,x", false),
            ("mailto:a@b.c", false),
            ("myapp://callback", false),
        ] {
            assert_eq!(is_redirect_url(url, &InvitationRules::default()), is_good, "{url:?}");
        }
        let at_most = format!("https://a.example/{}", "p".repeat(2048 - 18));
        assert!(is_redirect_url(&at_most, &InvitationRules::default()));
        assert!(!is_redirect_url(&format!("{at_most}p"), &InvitationRules::default()));
    }

    #[test]
    fn the_operator_may_admit_schemes_and_narrow_hosts() {
        let rules = InvitationRules {
            redirect_schemes: vec!["myapp".into()],
            redirect_hosts: vec!["Callback".into(), "a.example".into()],
            ..InvitationRules::default()
        };
        for (url, is_good) in [
            ("MyApp://callback/x", true),
            ("https://A.example/x", true),
            ("https://b.a.example/x", false),
            ("https://b.example/x", false),
        ] {
            assert_eq!(is_redirect_url(url, &rules), is_good, "{url:?}");
        }
    }

    #[test]
    fn languages_have_the_documented_shape() {
        for (tag, is_good) in [
            ("en", true),
            ("ko-KR", true),
            ("zh_Hans", true),
            ("sr-Latn-RS", true),
            ("fil", true),
            ("e", false),
            ("english", false),
            ("en-", false),
            ("en-U", false),
            ("en-US-x1-y2", false),
            ("en US", false),
            ("한국", false),
        ] {
            assert_eq!(is_language(tag), is_good, "{tag:?}");
        }
    }

    #[test]
    fn a_message_is_plain_text_of_five_thousand_units() {
        for (body, is_good) in [
            ("Hello\r\n\tthere\n".to_owned(), true),
            ("<b>shown, not run</b>".to_owned(), true),
            ("x".repeat(5000), true),
            ("x".repeat(5001), false),
            ("\u{1f600}".repeat(2500), true),
            ("\u{1f600}".repeat(2501), false),
            ("a\rb".to_owned(), false),
            ("a\u{7}b".to_owned(), false),
        ] {
            assert_eq!(is_body(&body), is_good, "{:?}", body.chars().take(8).collect::<String>());
        }
    }
}
