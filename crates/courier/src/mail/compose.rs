use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use minijinja::value::Value;
use thiserror::Error;
use vestibule_model::message::{InvitationMail, MailInviter, Message, Organization, PasscodeMail, Payload};
use vestibule_wording::{Catalogue, Language, clean_name, dates, message_lines};

use super::render::{RenderError, Templates, Words};
use super::{Kind, Mail, Party, browser};

/// What the operator puts on every mail.
#[derive(Clone, Debug)]
pub struct Letterhead {
    from: String,
    /// The operator's name and postal line, at the foot of invitations.
    pub operator: Option<String>,
    /// A mailbox that takes block requests by mail, for clients without one-click.
    pub unsubscribe_mailbox: Option<String>,
}

impl Letterhead {
    /// Reads `smtp.from`: the address that all mail comes from. A display name before it is dropped, since each
    /// organisation has its own.
    ///
    /// # Errors
    ///
    /// [`NotAnAddress`] when no mail could be sent from it.
    pub fn parse(from: &str) -> Result<Self, NotAnAddress> {
        let mailbox: lettre::message::Mailbox = from.parse().map_err(|_| NotAnAddress)?;
        Ok(Self { from: mailbox.email.to_string(), operator: None, unsubscribe_mailbox: None })
    }

    /// The domain of `Message-ID`.
    fn domain(&self) -> &str {
        self.from.rsplit_once('@').map_or("localhost", |(_, domain)| domain)
    }
}

/// `smtp.from` is no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("smtp.from must be an address that mail can be sent from, like invitations@contoso.com")]
pub struct NotAnAddress;

/// Turns the facts of an outbox row into a mail. Says nothing that the row does not say, sends nothing.
pub struct Composer {
    catalogue: Arc<Catalogue>,
    templates: Templates,
    letterhead: Letterhead,
}

impl Composer {
    /// Made once; composing does no IO.
    pub fn new(catalogue: Arc<Catalogue>, letterhead: Letterhead) -> Self {
        Self { catalogue, templates: Templates::new(), letterhead }
    }

    /// The mail of one outbox row, dated `now`.
    ///
    /// # Errors
    ///
    /// [`RenderError`] when a template and the catalogue do not fit together.
    pub fn compose(&self, message: &Message, now: Timestamp) -> Result<Mail, RenderError> {
        match &message.payload {
            Payload::Invitation(facts) => self.invitation(message, facts, Copy::Invitees, now),
            Payload::InvitationCopy(facts) => self.invitation(message, facts, Copy::CcRecipients, now),
            Payload::Passcode(facts) => self.passcode(message, facts, now),
        }
    }

    fn invitation(
        &self,
        message: &Message,
        facts: &InvitationMail,
        copy: Copy,
        now: Timestamp,
    ) -> Result<Mail, RenderError> {
        let language = first_spoken(&facts.languages);
        let organisation = organisation(&facts.organization);
        let inviter = Inviter::of(&facts.inviter);
        let words = self.invitation_words(facts, language, &organisation, &inviter);
        let subject = in_a_header(&words).text(inviter.choose("mail-subject", "mail-subject-app"));

        let mut context = self.frame(&subject, language, &organisation);
        context.extend(invitation_context(facts, copy, &inviter));
        context.insert("operator", self.letterhead.operator.clone().into());

        Ok(Mail {
            id: message.id,
            kind: Kind::Invitation,
            from: self.sender(&facts.organization, language),
            reply_to: inviter.party(),
            to: party(facts.invited_name.as_deref(), facts.invited.as_typed()),
            cc: facts.cc.iter().map(|cc| party(cc.name.as_deref(), cc.address.as_typed())).collect(),
            envelope_to: message.to.as_typed().to_owned(),
            subject,
            text: self.templates.render("invitation.txt", &words, &context)?,
            html: self.templates.render("invitation.html", &words, &context)?,
            language,
            date: now,
            message_id: self.message_id(message),
            headers: self.invitation_headers(facts, copy, language),
        })
    }

    fn invitation_words(
        &self,
        facts: &InvitationMail,
        language: Language,
        organisation: &str,
        inviter: &Inviter,
    ) -> Words {
        let invited_name = facts.invited_name.as_deref().map(clean_name).filter(|name| !name.is_empty());
        let mut variables = vec![
            ("organisation", organisation.to_owned()),
            ("domain", facts.organization.domain.clone()),
            ("address", facts.invited.as_typed().to_owned()),
            ("name", invited_name.unwrap_or_else(|| facts.invited.as_typed().to_owned())),
        ];
        match inviter {
            Inviter::Person { name, .. } => variables.push(("inviter", name.clone())),
            Inviter::Application { name } => variables.push(("app", name.clone())),
            Inviter::Nobody => {}
        }
        if let Some(end) = facts.expires_at {
            variables.push(("moment", dates::moment(language, end)));
        }

        Words {
            catalogue: Arc::clone(&self.catalogue),
            language,
            variables,
            url: Some(around_host(&facts.redirect_url).map(str::to_owned)),
        }
    }

    fn invitation_headers(
        &self,
        facts: &InvitationMail,
        copy: Copy,
        language: Language,
    ) -> Vec<(&'static str, String)> {
        let mut headers = common_headers(language);
        headers.push(("X-Vestibule-Invitation", facts.invitation.to_string()));
        if copy == Copy::Invitees && !facts.block_url.is_empty() {
            let by_mail = self.letterhead.unsubscribe_mailbox.as_ref();
            let by_mail = by_mail.map_or(String::new(), |mailbox| {
                format!(", <mailto:{mailbox}?subject=unsubscribe%20{}>", facts.invitation)
            });
            headers.push(("List-Unsubscribe", format!("<{}>{by_mail}", facts.block_url)));
            headers.push(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
        }
        headers
    }

    fn passcode(&self, message: &Message, facts: &PasscodeMail, now: Timestamp) -> Result<Mail, RenderError> {
        let language = Language::lookup(&facts.language).found().unwrap_or_default();
        let organisation = organisation(&facts.organization);
        let browser = facts.browser.as_deref().and_then(browser::describe);
        let request = if browser.is_some() { "passcode-request-browser" } else { "passcode-request" };
        let lifetime = SignedDuration::from_mins(facts.minutes.into());
        let words = Words {
            catalogue: Arc::clone(&self.catalogue),
            language,
            variables: vec![
                ("organisation", organisation.clone()),
                ("duration", self.catalogue.duration(language, lifetime)),
                ("moment", dates::moment(language, facts.asked_at)),
                ("browser", browser.unwrap_or_default()),
            ],
            url: None,
        };
        let subject = in_a_header(&words).text("passcode-subject");

        let mut context = self.frame(&subject, language, &organisation);
        context.insert("code", facts.code.clone().into());
        context.insert("request", request.into());

        Ok(Mail {
            id: message.id,
            kind: Kind::Passcode,
            from: self.sender(&facts.organization, language),
            reply_to: None,
            to: party(None, message.to.as_typed()),
            cc: Vec::new(),
            envelope_to: message.to.as_typed().to_owned(),
            subject,
            text: self.templates.render("passcode.txt", &words, &context)?,
            html: self.templates.render("passcode.html", &words, &context)?,
            language,
            date: now,
            message_id: self.message_id(message),
            headers: common_headers(language),
        })
    }

    /// What the frame of every HTML part needs.
    fn frame(&self, subject: &str, language: Language, organisation: &str) -> BTreeMap<&'static str, Value> {
        BTreeMap::from([
            ("lang", language.tag().into()),
            ("subject", subject.into()),
            ("organisation", organisation.into()),
        ])
    }

    fn sender(&self, organization: &Organization, language: Language) -> Party {
        let name = cut(&clean_name(&organization.name));
        let id = if name.is_empty() { "mail-from-name-plain" } else { "mail-from-name" };
        let args = vestibule_wording::Args::new().with("organisation", name);

        Party { name: Some(self.catalogue.text(language, id, &args)), address: self.letterhead.from.clone() }
    }

    fn message_id(&self, message: &Message) -> String {
        format!("<{}@{}>", message.id, self.letterhead.domain())
    }
}

/// Whose copy of an invitation it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Copy {
    /// The guest's own, with the link.
    Invitees,
    /// A cc recipient's, without any secret.
    CcRecipients,
}

/// Who invites, cleaned. A person without a name that can be shown counts as nobody.
enum Inviter {
    Person { name: String, mail: Option<String> },
    Application { name: String },
    Nobody,
}

impl Inviter {
    fn of(inviter: &MailInviter) -> Self {
        let (MailInviter::Person { name, .. } | MailInviter::Application { name }) = inviter;
        let name = clean_name(name);
        match inviter {
            _ if name.is_empty() => Self::Nobody,
            MailInviter::Person { mail, .. } => Self::Person { name, mail: mail.clone() },
            MailInviter::Application { .. } => Self::Application { name },
        }
    }

    /// The text for a person, or the one for everything else.
    fn choose(&self, person: &'static str, otherwise: &'static str) -> &'static str {
        match self {
            Self::Person { .. } => person,
            Self::Application { .. } | Self::Nobody => otherwise,
        }
    }

    /// `Reply-To`, when the inviter can be answered.
    fn party(&self) -> Option<Party> {
        match self {
            Self::Person { name, mail: Some(mail) } => {
                Some(Party { name: Some(name.clone()), address: mail.clone() })
            }
            Self::Person { mail: None, .. } | Self::Application { .. } | Self::Nobody => None,
        }
    }

    /// One or two letters in place of a picture; nothing when there is no person.
    fn initials(&self) -> Option<String> {
        let Self::Person { name, .. } = self else { return None };
        let first_letter = |word: &str| word.chars().find(|c| c.is_alphanumeric());
        let mut words = name.split(' ').filter_map(first_letter);
        let first = words.next()?;
        let last = words.next_back().filter(|_| first.is_ascii_alphabetic());

        Some([Some(first), last].into_iter().flatten().flat_map(char::to_uppercase).collect())
    }
}

fn invitation_context(
    facts: &InvitationMail,
    copy: Copy,
    inviter: &Inviter,
) -> BTreeMap<&'static str, Value> {
    let who = match inviter {
        Inviter::Person { .. } => "mail-who",
        Inviter::Application { .. } => "mail-who-app-name",
        Inviter::Nobody => "mail-who-app",
    };
    let is_copy = copy == Copy::CcRecipients;
    let ask = if inviter.party().is_some() { "mail-ask-inviter" } else { "mail-ask-organisation" };
    let block_url = Some(&facts.block_url).filter(|url| !is_copy && !url.is_empty());

    BTreeMap::from([
        ("title", inviter.choose("mail-title", "mail-title-app").into()),
        ("caution", inviter.choose("mail-caution", "mail-caution-app").into()),
        ("who", who.into()),
        ("initials", inviter.initials().into()),
        ("message", facts.body.as_deref().map(message_lines).unwrap_or_default().into()),
        ("message_by", inviter.choose("mail-message-by", "mail-message-by-organisation").into()),
        ("is_copy", is_copy.into()),
        ("redeem_url", if is_copy { Value::from("") } else { facts.redeem_url.as_str().into() }),
        ("has_end", facts.expires_at.is_some().into()),
        ("ask", ask.into()),
        ("block_url", block_url.map(String::as_str).into()),
        ("privacy_url", facts.organization.privacy_url.as_deref().filter(|url| is_web(url)).into()),
    ])
}

/// What every mail carries, so that no machine answers it (RFC 3834, MS-OXCMAIL).
fn common_headers(language: Language) -> Vec<(&'static str, String)> {
    vec![
        ("Auto-Submitted", "auto-generated".to_owned()),
        ("X-Auto-Response-Suppress", "All".to_owned()),
        ("Content-Language", language.tag().to_owned()),
    ]
}

fn first_spoken(tags: &[String]) -> Language {
    tags.iter().find_map(|tag| Language::lookup(tag).found()).unwrap_or_default()
}

/// The organisation's name as it may be shown; its domain when it has none.
fn organisation(organization: &Organization) -> String {
    let name = clean_name(&organization.name);
    if name.is_empty() { organization.domain.clone() } else { name }
}

/// The same words with the organisation's name cut.
fn in_a_header(words: &Words) -> Words {
    let mut words = words.clone();
    for (_, value) in words.variables.iter_mut().filter(|(name, _)| *name == "organisation") {
        *value = cut(value);
    }
    words
}

/// For headers: at most 60 characters (`redemption.md` 3.1).
fn cut(name: &str) -> String {
    name.chars().take(60).collect::<String>().trim_end().to_owned()
}

fn party(name: Option<&str>, address: &str) -> Party {
    Party { name: name.map(clean_name).filter(|name| !name.is_empty()), address: address.to_owned() }
}

/// `url` cut around its host, port left out: what stands before it, it, and the rest.
fn around_host(url: &str) -> [&str; 3] {
    let Some(scheme_end) = url.find("://").map(|at| at + 3) else { return [url, "", ""] };
    let authority_end = url[scheme_end..].find(['/', '?', '#', '\\']).map_or(url.len(), |at| scheme_end + at);
    let host_begin = url[scheme_end..authority_end].rfind('@').map_or(scheme_end, |at| scheme_end + at + 1);
    let host_end = match url[host_begin..authority_end].rfind(':') {
        Some(colon) if !url[host_begin..authority_end].ends_with(']') => host_begin + colon,
        _ => authority_end,
    };

    [&url[..host_begin], &url[host_begin..host_end], &url[host_end..]]
}

/// Whether a privacy statement may become a link.
fn is_web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

#[cfg(test)]
mod tests;
