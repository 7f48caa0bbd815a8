//! Messages for tests.

use jiff::{SignedDuration, Timestamp};
use vestibule_model::address::PlusAddressing;
use vestibule_model::invitation::Recipient;
use vestibule_model::message::{InvitationMail, MailInviter, Message, Organization, PasscodeMail, Payload};
use vestibule_model::{Address, InvitationId, Lane, MessageId, UserId};

/// 2026-11-20T06:00:00Z, when everything here was asked for.
pub(crate) const ASKED: Timestamp = Timestamp::constant(1_795_154_400, 0);

pub(crate) const REDEEM: &str =
    "https://localhost:8443/redeem?rd=https%3a%2f%2flocalhost%3a8443%2finvitations%2fredeem%2f%3fticket%3da";

pub(crate) const BLOCK: &str = "https://localhost:8443/invitations/unsubscribe?t=abc";

pub(crate) fn invitation() -> Message {
    message(Lane::Ordinary, "taylor@fabrikam.com", Payload::Invitation(Box::new(invitation_facts())))
}

pub(crate) fn copy() -> Message {
    message(Lane::Ordinary, "chef@fabrikam.com", copy_of(invitation_facts()))
}

pub(crate) fn passcode() -> Message {
    message(Lane::Passcode, "taylor@fabrikam.com", passcode_in("en"))
}

pub(crate) fn message(lane: Lane, to: &str, payload: Payload) -> Message {
    let life = match lane {
        Lane::Ordinary => SignedDuration::from_hours(48),
        Lane::Passcode => SignedDuration::from_secs(10),
    };
    Message {
        id: MessageId(uuid::Uuid::from_u128(1)),
        lane,
        to: address(to),
        due_at: ASKED,
        ends_at: ASKED + life,
        payload,
        about: UserId(uuid::Uuid::from_u128(2)),
        correlation: uuid::Uuid::nil(),
        ticket: None,
    }
}

pub(crate) fn address(typed: &str) -> Address {
    Address::parse(typed, PlusAddressing::Refused).unwrap()
}

pub(crate) fn invitation_facts() -> InvitationMail {
    InvitationMail {
        invitation: InvitationId(uuid::Uuid::from_u128(7)),
        invited: address("taylor@fabrikam.com"),
        invited_name: Some("Taylor".into()),
        cc: vec![Recipient { name: None, address: address("chef@fabrikam.com") }],
        languages: vec!["en-US".into()],
        organization: contoso(),
        inviter: MailInviter::Person { name: "Kim Min".into(), mail: Some("kim@contoso.com".into()) },
        body: Some("Hello Taylor,\r\n<b>see you</b>".into()),
        redeem_url: REDEEM.into(),
        redirect_url: "https://myapp.contoso.com/start?a=1&b=2".into(),
        expires_at: None,
        block_url: BLOCK.into(),
    }
}

pub(crate) fn copy_of(facts: InvitationMail) -> Payload {
    Payload::InvitationCopy(Box::new(InvitationMail {
        redeem_url: String::new(),
        block_url: String::new(),
        ..facts
    }))
}

pub(crate) fn passcode_in(language: &str) -> Payload {
    Payload::Passcode(Box::new(PasscodeMail {
        code: "01234567".into(),
        minutes: 30,
        language: language.into(),
        organization: contoso(),
        browser: Some("Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0".into()),
        client: None,
        asked_at: ASKED,
    }))
}

pub(crate) fn contoso() -> Organization {
    Organization { name: "Contoso".into(), domain: "contoso.com".into(), privacy_url: None }
}
