use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use vestibule_model::{Clock, MessageId};

use super::{BoxFuture, Line, Outgoing, Transport, Trouble};
use crate::mail::{Kind, Party};

/// The mailbox of dev mode: keeps the newest 1,000 mails in memory.
#[derive(Clone)]
pub struct DevMailbox(Arc<Shared>);

struct Shared {
    clock: Arc<dyn Clock>,
    newest_first: Mutex<VecDeque<Arc<Captured>>>,
}

impl DevMailbox {
    /// How many mails are kept.
    pub const CAPACITY: usize = 1_000;

    /// Empty.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Shared { clock, newest_first: Mutex::default() }))
    }

    /// What was captured, newest first; with `to` only what that envelope recipient got, in any case.
    pub fn mails(&self, to: Option<&str>) -> Vec<Arc<Captured>> {
        let is_wanted = |mail: &&Arc<Captured>| to.is_none_or(|to| mail.envelope_to.eq_ignore_ascii_case(to));
        self.newest_first().iter().filter(is_wanted).cloned().collect()
    }

    /// Forgets every mail.
    pub fn clear(&self) {
        self.newest_first().clear();
    }

    fn capture(&self, outgoing: &Outgoing) {
        let captured = Arc::new(Captured::of(outgoing, self.0.clock.now()));
        let mut mails = self.newest_first();
        mails.push_front(captured);
        mails.truncate(Self::CAPACITY);
    }

    /// A panic elsewhere leaves the list whole.
    fn newest_first(&self) -> MutexGuard<'_, VecDeque<Arc<Captured>>> {
        self.0.newest_first.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Transport for DevMailbox {
    fn line(&self) -> Box<dyn Line> {
        Box::new(self.clone())
    }
}

impl Line for DevMailbox {
    fn offer<'a>(&'a mut self, _: &'a Outgoing) -> BoxFuture<'a, Result<(), Trouble>> {
        Box::pin(async { Ok(()) })
    }

    fn hand_over<'a>(&'a mut self, mail: &'a Outgoing) -> BoxFuture<'a, Result<String, Trouble>> {
        Box::pin(async {
            self.capture(mail);
            Ok("250 captured".to_owned())
        })
    }
}

/// One captured mail, in the shape of `GET /_dev/mailbox` (`cli.md`).
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Captured {
    /// The outbox row.
    pub id: MessageId,
    /// What it is for.
    pub kind: Kind,
    /// `Name <address>`.
    pub from: String,
    /// Addresses of `To:`.
    pub to: Vec<String>,
    /// Addresses of `Cc:`.
    pub cc: Vec<String>,
    /// Who took it from the relay.
    pub envelope_to: String,
    /// In clear.
    pub subject: String,
    /// The plain part.
    pub text: String,
    /// The HTML part.
    pub html: String,
    /// Every header of the message by name, quoted and encoded as a relay would get it.
    #[serde(serialize_with = "as_object")]
    pub headers: Vec<(String, String)>,
    /// Targets of the links of the HTML part, in order of appearance.
    pub links: Vec<String>,
    /// On the server's clock, in whole seconds.
    pub received_date_time: Timestamp,
}

impl Captured {
    fn of(outgoing: &Outgoing, now: Timestamp) -> Self {
        let mail = &outgoing.mail;
        Self {
            id: mail.id,
            kind: mail.kind,
            from: shown(&mail.from),
            to: vec![mail.to.address.clone()],
            cc: mail.cc.iter().map(|party| party.address.clone()).collect(),
            envelope_to: mail.envelope_to.clone(),
            subject: mail.subject.clone(),
            text: mail.text.clone(),
            html: mail.html.clone(),
            headers: headers(&outgoing.bytes),
            links: links(&mail.html),
            received_date_time: Timestamp::from_second(now.as_second()).unwrap_or(now),
        }
    }
}

fn shown(party: &Party) -> String {
    match &party.name {
        Some(name) => format!("{name} <{}>", party.address),
        None => party.address.clone(),
    }
}

/// The header block of a message, its lines unfolded (RFC 5322 2.2.3) and otherwise as they travel.
fn headers(message: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(message);
    let block = text.split("\r\n\r\n").next().unwrap_or_default();
    let unfolded = block.replace("\r\n ", " ").replace("\r\n\t", "\t");
    unfolded
        .split("\r\n")
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .collect()
}

/// The `href`s of our own templates, which escape by five references only.
fn links(html: &str) -> Vec<String> {
    html.split("href=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .map(|link| {
            link.replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&#39;", "'")
                .replace("&amp;", "&")
        })
        .collect()
}

fn as_object<S: Serializer>(headers: &[(String, String)], serializer: S) -> Result<S::Ok, S::Error> {
    let mut object = serializer.serialize_map(Some(headers.len()))?;
    for (name, value) in headers {
        object.serialize_entry(name, value)?;
    }
    object.end()
}

#[cfg(test)]
mod tests {
    use vestibule_model::Payload;
    use vestibule_model::clock::HeldClock;
    use vestibule_model::invitation::Recipient;
    use vestibule_model::message::{InvitationMail, Message};
    use vestibule_wording::Catalogue;

    use super::*;
    use crate::mail::{Composer, Letterhead};
    use crate::testing::{ASKED, BLOCK, REDEEM, copy, invitation, invitation_facts, passcode};

    fn mailbox() -> DevMailbox {
        DevMailbox::new(Arc::new(HeldClock::at(ASKED)))
    }

    fn outgoing(message: &Message) -> Outgoing {
        let composer =
            Composer::new(Arc::new(Catalogue::new()), Letterhead::parse("invitations@mail.example").unwrap());
        let mail = composer.compose(message, ASKED).unwrap();
        Outgoing { bytes: mail.to_bytes().unwrap(), mail }
    }

    async fn deliver(mailbox: &DevMailbox, message: &Message) -> Result<String, Trouble> {
        let outgoing = outgoing(message);
        let mut line = mailbox.line();
        line.offer(&outgoing).await?;
        line.hand_over(&outgoing).await
    }

    #[tokio::test]
    async fn captured_mail_has_the_shape_of_the_contract() {
        let mailbox = mailbox();
        deliver(&mailbox, &invitation()).await.unwrap();

        let json = serde_json::to_value(&*mailbox.mails(None)[0]).unwrap();
        assert_eq!(json["kind"], "invitation");
        assert_eq!(json["from"], "Invitations on behalf of Contoso <invitations@mail.example>");
        assert_eq!(json["to"], serde_json::json!(["taylor@fabrikam.com"]));
        assert_eq!(json["cc"], serde_json::json!(["chef@fabrikam.com"]));
        assert_eq!(json["envelopeTo"], "taylor@fabrikam.com");
        assert_eq!(json["links"], serde_json::json!([REDEEM, BLOCK]));
        assert_eq!(json["headers"]["List-Unsubscribe"], format!("<{BLOCK}>"));
        assert_eq!(json["headers"]["Date"], "Fri, 20 Nov 2026 06:00:00 +0000");
        assert_eq!(json["receivedDateTime"], "2026-11-20T06:00:00Z");
    }

    #[tokio::test]
    async fn headers_are_those_of_the_message_that_a_relay_would_get() {
        let mailbox = mailbox();
        let cc = ["Eve \"x\"", "김민지"].map(|name| Recipient {
            name: Some(name.into()),
            address: crate::testing::address("chef@fabrikam.com"),
        });
        let facts = InvitationMail { cc: cc.into(), ..invitation_facts() };
        let message = Message { payload: Payload::Invitation(Box::new(facts)), ..invitation() };
        deliver(&mailbox, &message).await.unwrap();

        let json = serde_json::to_value(&*mailbox.mails(None)[0]).unwrap();
        assert_eq!(
            json["headers"]["Cc"],
            r#""Eve \"x\"" <chef@fabrikam.com>, =?utf-8?b?6rmA66+87KeA?= <chef@fabrikam.com>"#
        );
        assert!(json["headers"]["Content-Type"].as_str().unwrap().starts_with("multipart/alternative;"));
        assert_eq!(json["headers"]["MIME-Version"], "1.0");
    }

    #[tokio::test]
    async fn mails_come_newest_first_and_by_envelope_recipient() {
        let mailbox = mailbox();
        for message in [invitation(), copy(), passcode()] {
            deliver(&mailbox, &message).await.unwrap();
        }

        let kinds = |to| mailbox.mails(to).iter().map(|mail| mail.kind).collect::<Vec<_>>();
        assert_eq!(kinds(None), [Kind::Passcode, Kind::Invitation, Kind::Invitation]);
        assert_eq!(kinds(Some("Taylor@Fabrikam.com")), [Kind::Passcode, Kind::Invitation]);
        assert_eq!(mailbox.mails(Some("chef@fabrikam.com"))[0].links, [""; 0]);
        mailbox.clear();
        assert!(kinds(None).is_empty());
    }

    #[test]
    fn only_the_newest_thousand_are_kept() {
        let mailbox = mailbox();
        let outgoing = outgoing(&passcode());
        for _ in 0..=DevMailbox::CAPACITY {
            mailbox.capture(&outgoing);
        }

        assert_eq!(mailbox.mails(None).len(), DevMailbox::CAPACITY);
    }
}
