//! Reading redeem links, however often a mail gateway has encoded them (`redemption.md` 2.1).

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::digest::{SHA256, digest};
use url::{Url, form_urlencoded};
use vestibule_model::{Digest, InvitationId, TenantId};

use crate::fields::Fields;
use crate::visit::LANGUAGE_PARAMETERS;

/// The three names in a redeem link, well formed. Whether they lead anywhere is for `directory` to say.
#[derive(Clone, PartialEq, Eq)]
pub struct TicketLink {
    /// In whose directory.
    pub tenant: TenantId,
    /// What it is to redeem.
    pub invitation: InvitationId,
    ticket: String,
}

impl TicketLink {
    /// The path of the bare form.
    pub(crate) const PATH: &str = "/invitations/redeem/";

    /// The path of the wrapped form.
    pub(crate) const WRAPPED: &str = "/redeem";

    /// Reads a whole redeem URL of the server at `public_url`, wrapped or bare.
    pub fn of_url(text: &str, public_url: &Url) -> Option<Self> {
        let query = own_query(text, public_url, &[Self::WRAPPED, Self::PATH])?;
        match query.get("rd") {
            Some(_) => Self::unwrap(&query, public_url),
            None => Self::read(&query),
        }
    }

    /// Reads the query of a bare link, or the hidden fields that repeat it.
    pub(crate) fn read(fields: &Fields) -> Option<Self> {
        Self::from_parts(fields.get("tenant")?, fields.get("user")?, fields.get("ticket")?)
    }

    /// Reads the query of a wrapped link: `rd` must lead to our own redeem page. What a gateway that decoded once has
    /// left outside of `rd` is taken from there.
    pub(crate) fn unwrap(outer: &Fields, public_url: &Url) -> Option<Self> {
        let read = |text: &str| {
            let inner = own_query(text, public_url, &[Self::PATH])?;
            let part = |name| inner.get(name).or_else(|| outer.get(name));
            Self::from_parts(part("tenant")?, part("user")?, part("ticket")?)
        };

        decodings(outer.get("rd")?).find_map(|text| read(&text))
    }

    /// What is kept of the ticket.
    pub fn ticket_hash(&self) -> Digest {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, self.ticket.as_bytes()).as_ref());
        Digest(hash)
    }

    /// As hidden fields carry it: pairs of name and value.
    pub(crate) fn fields_view(&self) -> Vec<Vec<String>> {
        self.fields().into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect()
    }

    fn fields(&self) -> [(&'static str, String); 3] {
        [
            ("tenant", self.tenant.to_string()),
            ("user", self.invitation.to_string()),
            ("ticket", self.ticket.clone()),
        ]
    }

    /// The bare form without an origin, built anew from its parts; `query` may add a wish for a language.
    pub(crate) fn to_path(&self, query: &Fields) -> String {
        let wishes = query.pairs().filter(|(name, _)| LANGUAGE_PARAMETERS.contains(name));
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(self.fields())
            .append_pair("ver", "2.0")
            .extend_pairs(wishes)
            .finish();

        format!("{}?{query}", Self::PATH)
    }

    fn from_parts(tenant: &str, invitation: &str, ticket: &str) -> Option<Self> {
        let ticket = fully_decoded(ticket);
        let is_base64url = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        if ticket.is_empty() || !ticket.bytes().all(is_base64url) {
            return None;
        }

        Some(Self { tenant: guid(tenant)?, invitation: guid(invitation)?, ticket })
    }
}

impl fmt::Debug for TicketLink {
    /// A ticket opens an invitation: it is never printed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tenant, invitation, ticket: _ } = self;
        f.debug_struct("TicketLink")
            .field("tenant", tenant)
            .field("invitation", invitation)
            .finish_non_exhaustive()
    }
}

/// The query of `text`, when that is a page of ours at one of these paths and names nobody before the host.
fn own_query(text: &str, public_url: &Url, paths: &[&str]) -> Option<Fields> {
    let url = Url::parse(text).ok()?;
    // An empty user name is dropped by the parser, and a backslash is read as a slash: neither is a link of ours.
    let has_user_info = text.split('?').next().is_some_and(|before| before.contains(['@', '\\']));
    let is_ours = url.origin() == public_url.origin() && !has_user_info && paths.contains(&url.path());

    is_ours.then(|| Fields::read(url.query().unwrap_or_default().as_bytes()))
}

fn guid<T: FromStr>(text: &str) -> Option<T> {
    fully_decoded(text).parse().ok()
}

fn fully_decoded(text: &str) -> String {
    decodings(text).last().unwrap_or_default()
}

/// `text`, and what it becomes when it is percent-decoded again while that changes it, three times at most.
fn decodings(text: &str) -> impl Iterator<Item = String> {
    const ROUNDS: usize = 3;

    std::iter::successors(Some(text.to_owned()), |text| decoded(text)).take(1 + ROUNDS)
}

/// `text` percent-decoded once; `None` when that changes nothing, or would not be text.
fn decoded(text: &str) -> Option<String> {
    if !text.contains('%') {
        return None;
    }
    // As a form field, in which a plus is a blank, so it is kept from being one.
    let shielded = text.replace('+', "%2B").replace('&', "%26").replace('=', "%3D");
    let (name, _) = form_urlencoded::parse(shielded.as_bytes()).next()?;

    (name != text).then(|| name.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: &str = "0d5c3c5a-30a5-4e5a-8a8e-0a2f0a6b1c11";
    const USER: &str = "0193a6f0-0000-7000-8000-000000000001";
    const TICKET: &str = "abc-DEF_0123456789abcdefghijklmnopqrstuvwxyz";

    fn ours() -> Url {
        Url::parse("https://guests.example:8443").unwrap()
    }

    fn bare() -> String {
        format!(
            "https://guests.example:8443/invitations/redeem/?tenant={TENANT}&user={USER}&ticket={TICKET}&ver=2.0"
        )
    }

    fn encoded(text: &str, rounds: usize) -> String {
        (0..rounds)
            .fold(text.to_owned(), |text, _| form_urlencoded::byte_serialize(text.as_bytes()).collect())
    }

    fn unwrap(query: &str) -> Option<TicketLink> {
        TicketLink::unwrap(&Fields::read(query.as_bytes()), &ours())
    }

    #[test]
    fn a_wrapped_link_is_read_however_often_it_was_encoded() {
        let expected = format!("/invitations/redeem/?tenant={TENANT}&user={USER}&ticket={TICKET}&ver=2.0");
        for rounds in 0..=4 {
            let link = unwrap(&format!("rd={}", encoded(&bare(), rounds)));
            assert_eq!(link.unwrap().to_path(&Fields::default()), expected, "{rounds} rounds");
        }
        assert_eq!(unwrap(&format!("rd={}", encoded(&bare(), 5))), None);
    }

    #[test]
    fn a_query_that_was_encoded_by_itself_is_read_too() {
        let (page, query) = (TicketLink::PATH, format!("?tenant={TENANT}&user={USER}&ticket={TICKET}"));
        let rd = encoded(&format!("https://guests.example:8443{page}?{}", encoded(&query[1..], 1)), 1);

        assert!(unwrap(&format!("rd={rd}")).is_some());
    }

    #[test]
    fn only_our_own_redeem_page_is_led_to() {
        let query = format!("?tenant={TENANT}&user={USER}&ticket={TICKET}");
        for target in [
            format!("https://evil.example:8443/invitations/redeem/{query}"),
            format!("https://guests.example:8443@evil.example/invitations/redeem/{query}"),
            format!("https://guests.example:8443\\@evil.example/invitations/redeem/{query}"),
            format!("https://somebody@guests.example:8443/invitations/redeem/{query}"),
            format!("https://@guests.example:8443/invitations/redeem/{query}"),
            format!("https:\\\\guests.example:8443/invitations/redeem/{query}"),
            format!("https://guests.example/invitations/redeem/{query}"),
            format!("http://guests.example:8443/invitations/redeem/{query}"),
            format!("https://guests.example:8443/invitations/redeem{query}"),
            format!("https://guests.example:8443/invitations/redeem/start{query}"),
            format!("//guests.example:8443/invitations/redeem/{query}"),
            format!("/invitations/redeem/{query}"),
            format!("javascript:alert(1)//{query}"),
            String::new(),
        ] {
            let rd = encoded(&target, 1);
            assert_eq!(unwrap(&format!("rd={rd}")), None, "{target}");
        }
        assert_eq!(unwrap(&format!("tenant={TENANT}&user={USER}&ticket={TICKET}")), None, "no rd");
    }

    #[test]
    fn parts_that_are_not_what_they_should_be_lead_nowhere() {
        for (tenant, user, ticket) in [
            ("contoso.com", USER, TICKET),
            (TENANT, "1", TICKET),
            (TENANT, USER, ""),
            (TENANT, USER, "a b"),
            (TENANT, USER, "a%00b"),
        ] {
            let query = format!("tenant={tenant}&user={user}&ticket={ticket}");
            assert_eq!(TicketLink::read(&Fields::read(query.as_bytes())), None, "{query}");
        }
    }

    #[test]
    fn a_whole_url_is_read_wrapped_and_bare_and_nothing_else_is() {
        let wrapped = format!("https://guests.example:8443/redeem?rd={}", encoded(&bare(), 1));
        let link = TicketLink::of_url(&bare(), &ours()).unwrap();
        assert_eq!(link.ticket, TICKET);
        assert!(!format!("{link:?}").contains(TICKET));
        assert_eq!(TicketLink::of_url(&wrapped, &ours()), Some(link));

        for nonsense in [
            String::new(),
            "https://guests.example:8443/redeem".into(),
            "https://guests.example/redeem?rd=x".into(),
            bare().replace(TICKET, ""),
            bare().replace("/invitations/redeem/", "/elsewhere"),
            bare().replace("guests.example", "evil.example"),
            wrapped.replacen("guests.example", "evil.example", 1),
            wrapped.replace("guests.example", "evil.example").replacen("evil.example", "guests.example", 1),
            wrapped.replace("https://", "https://somebody@"),
        ] {
            assert_eq!(TicketLink::of_url(&nonsense, &ours()), None, "{nonsense}");
        }
    }

    #[test]
    fn a_ticket_survives_an_extra_round_of_encoding() {
        for ticket in [TICKET.to_owned(), TICKET.replace('-', "%2D"), TICKET.replace('-', "%25252D")] {
            let query = format!("tenant={TENANT}&user={USER}&ticket={ticket}");
            assert_eq!(TicketLink::read(&Fields::read(query.as_bytes())).unwrap().ticket, TICKET, "{ticket}");
        }
    }

    #[test]
    fn a_wish_for_a_language_travels_on_and_nothing_else_does() {
        let outer = format!("rd={}&ui_locales=ko&next=https://evil.example", encoded(&bare(), 1));
        let outer = Fields::read(outer.as_bytes());
        let path = TicketLink::unwrap(&outer, &ours()).unwrap().to_path(&outer);

        assert!(path.ends_with("&ver=2.0&ui_locales=ko"), "{path}");
    }
}
