use vestibule_model::Lane;
use vestibule_model::invitation::Recipient;

use super::*;
use crate::testing::{
    self, ASKED, BLOCK, REDEEM, address, copy_of as to_cc, invitation_facts as invitation, message,
    passcode_in as passcode,
};

fn korean() -> InvitationMail {
    InvitationMail {
        languages: vec!["de".into(), "ko-KR".into(), "en".into()],
        inviter: MailInviter::Person { name: "김민지".into(), mail: None },
        expires_at: Some("2026-12-20T06:00:00Z".parse().unwrap()),
        ..invitation()
    }
}

fn to_guest(facts: InvitationMail) -> Payload {
    Payload::Invitation(Box::new(facts))
}

fn composed(payload: Payload) -> Mail {
    let to = match &payload {
        Payload::InvitationCopy(_) => "chef@fabrikam.com",
        Payload::Invitation(_) | Payload::Passcode(_) => "taylor@fabrikam.com",
    };
    Composer::new(Arc::new(Catalogue::new()), Letterhead::parse("invitations@mail.example").unwrap())
        .compose(&message(Lane::Ordinary, to, payload), ASKED)
        .unwrap()
}

fn header<'a>(mail: &'a Mail, name: &str) -> Option<&'a str> {
    mail.headers.iter().find(|(header, _)| *header == name).map(|(_, value)| value.as_str())
}

fn wire(mail: &Mail) -> String {
    String::from_utf8(mail.to_bytes().unwrap()).unwrap()
}

#[test]
fn an_invitation_says_everything_in_plain_english() {
    assert_eq!(
        composed(to_guest(invitation())).text,
        format!(
            "Kim Min invites you to Contoso
This invitation is for taylor@fabrikam.com.

Accept only if you expected an invitation from Contoso (contoso.com) and know Kim Min.

Kim Min invites you to join Contoso (contoso.com) as a guest.

Message from Kim Min:

> Hello Taylor,
> <b>see you</b>

We first send a code to your address, then show what Contoso will see. Nothing is shared before you accept.
If you accept, you will be taken to https://myapp.contoso.com/start?a=1&b=2

Accept invitation:

{REDEEM}

You can use this link again later to come back.

--
You get this mail because Contoso invited taylor@fabrikam.com.
Questions? Your reply goes to Kim Min.

Block future invitations from Contoso:
{BLOCK}

Contoso has not provided a privacy statement.

This mail was sent from an unattended address.
"
        )
    );
}

#[test]
fn an_invitation_says_everything_in_plain_korean() {
    assert_eq!(
        composed(to_guest(korean())).text,
        format!(
            "Contoso의 김민지 님이 초대했습니다
taylor@fabrikam.com 주소로 보낸 초대입니다.

Contoso(contoso.com)의 초대를 예상하고 있었고 김민지 님을 아는 경우에만 수락하십시오.

Contoso(contoso.com)의 김민지 님이 게스트 사용자로 초대했습니다.

김민지 님의 메시지:

> Hello Taylor,
> <b>see you</b>

먼저 이 주소로 인증 코드를 보내고, Contoso에 제공되는 정보를 보여 드립니다. 수락하기 전에는 아무 정보도 제공되지 않습니다.
수락하면 다음 주소로 이동합니다: https://myapp.contoso.com/start?a=1&b=2

초대 수락:

{REDEEM}

나중에 다시 올 때에도 이 링크를 사용할 수 있습니다.

초대는 2026년 12월 20일 (일) 오후 3:00 (KST)까지 유효합니다.

--
Contoso에서 taylor@fabrikam.com 주소로 초대를 보내 이 메일을 받으셨습니다.
궁금한 점은 Contoso의 담당자에게 문의하십시오.

Contoso의 초대 차단:
{BLOCK}

Contoso에서 개인정보처리방침을 제공하지 않았습니다.

발신 전용 주소에서 보낸 메일입니다.
"
        )
    );
}

#[test]
fn the_html_part_escapes_the_message_and_links_only_what_is_ours() {
    let mail = composed(to_guest(invitation()));

    assert!(mail.html.contains("Hello Taylor,<br>&lt;b&gt;see you&lt;/b&gt;"));
    assert!(mail.html.contains("<strong>myapp.contoso.com</strong>/start?a=1&amp;b=2"));
    assert!(mail.html.contains(">Accept invitation</a>"));
    assert!(mail.html.contains("<html lang=\"en\">"));
    let links: Vec<&str> =
        mail.html.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(links, [REDEEM, BLOCK]);
    for foreign in ["<img", "<script", "<form", "http-equiv", "url("] {
        assert!(!mail.html.contains(foreign), "{foreign}");
    }
    assert_eq!(
        mail.html.matches("<table").count(),
        mail.html.matches("<table role=\"presentation\"").count()
    );
}

#[test]
fn headers_are_those_of_the_contract() {
    let mail = composed(to_guest(invitation()));

    for (name, value) in [
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "All"),
        ("Content-Language", "en"),
        ("X-Vestibule-Invitation", "00000000-0000-0000-0000-000000000007"),
        ("List-Unsubscribe", "<https://localhost:8443/invitations/unsubscribe?t=abc>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
    ] {
        assert_eq!(header(&mail, name), Some(value));
    }
    assert_eq!(mail.message_id, "<00000000-0000-0000-0000-000000000001@mail.example>");
    assert_eq!(mail.subject, "Kim Min invites you to Contoso");
    assert_eq!(mail.from.name.as_deref(), Some("Invitations on behalf of Contoso"));
    assert_eq!(mail.from.address, "invitations@mail.example");
    assert_eq!(mail.reply_to.unwrap().address, "kim@contoso.com");
    assert_eq!(header(&composed(to_guest(korean())), "Content-Language"), Some("ko"));
}

#[test]
fn a_cc_copy_names_everybody_and_holds_no_way_to_redeem_or_block() {
    let mail = composed(to_cc(invitation()));

    assert_eq!(mail.to.address, "taylor@fabrikam.com");
    assert_eq!(mail.cc[0].address, "chef@fabrikam.com");
    assert_eq!(mail.envelope_to, "chef@fabrikam.com");
    assert!(mail.text.contains("Taylor was invited; you need do nothing."));
    assert_eq!(header(&mail, "List-Unsubscribe"), None);
    for part in [&mail.text, &mail.html] {
        assert!(
            !part.contains("/redeem") && !part.contains("unsubscribe") && !part.contains("Accept invitation")
        );
    }
}

#[test]
fn an_application_invites_in_the_organisations_name() {
    let application =
        InvitationMail { inviter: MailInviter::Application { name: "CRM".into() }, ..invitation() };
    let nameless = InvitationMail {
        inviter: MailInviter::Person { name: "\u{202E}".into(), mail: None },
        ..invitation()
    };

    let mail = composed(to_guest(application));
    assert_eq!(mail.subject, "Contoso invites you as a guest");
    assert!(mail.text.contains("through CRM") && mail.text.contains("Message from Contoso:"));
    assert_eq!(mail.reply_to, None);
    assert_eq!(composed(to_guest(nameless)).subject, "Contoso invites you as a guest");
}

#[test]
fn an_organisation_without_a_name_goes_by_its_domain() {
    let organization = Organization { name: String::new(), ..invitation().organization };
    let mail = composed(to_guest(InvitationMail { organization, ..invitation() }));

    assert_eq!(mail.from.name.as_deref(), Some("Invitations"));
    assert_eq!(mail.subject, "Kim Min invites you to contoso.com");
}

#[test]
fn a_long_organisation_is_cut_in_the_subject_only() {
    let organization = Organization { name: "가".repeat(80), ..invitation().organization };
    let mail = composed(to_guest(InvitationMail { organization, ..invitation() }));

    assert_eq!(mail.subject, format!("Kim Min invites you to {}", "가".repeat(60)));
    assert!(mail.text.contains(&"가".repeat(80)));
}

#[test]
fn a_passcode_mail_is_almost_empty_and_has_no_link() {
    let mail = composed(passcode("en"));

    assert_eq!(
        mail.text,
        "This is your code for Contoso.

01234567

It works for 30 minutes. If this wasn't you, ignore it. Nobody will ever ask you for it.

It was asked for on Friday, 20 November 2026, 06:00 UTC, with Firefox (Linux).
"
    );
    assert_eq!(mail.subject, "Contoso: your sign-in code");
    assert!(mail.html.contains(">01234567<"));
    assert!(!mail.html.contains("href") && !mail.html.contains("http"));
    assert_eq!(header(&mail, "Auto-Submitted"), Some("auto-generated"));
    assert_eq!(header(&mail, "List-Unsubscribe"), None);
}

#[test]
fn a_korean_passcode_mail_is_korean() {
    let mail = composed(passcode("ko"));

    assert_eq!(mail.subject, "Contoso: 로그인 인증 코드");
    assert_eq!(
        mail.text,
        "Contoso 인증 코드입니다.

01234567

30분 동안 사용할 수 있습니다. 직접 요청하지 않았다면 이 메일을 무시하십시오. 누구도 인증 코드를 묻지 않습니다.

2026년 11월 20일 (금) 오후 3:00 (KST)에 Firefox (Linux)에서 요청했습니다.
"
    );
}

#[test]
fn no_name_can_write_headers_or_pose_as_an_address() {
    for name in [
        "Kim\r\nBcc: x@evil.example",
        "Kim\nX-Evil: 1",
        "Kim\0",
        "ceo@bank.example",
        "\"Kim\" <x@evil.example>",
        "Kim\u{2028}Bcc: y",
    ] {
        let organization = Organization { name: name.into(), ..invitation().organization };
        let mail = composed(to_guest(InvitationMail {
            invited_name: Some(name.into()),
            cc: vec![Recipient { name: Some(name.into()), address: address("chef@fabrikam.com") }],
            inviter: MailInviter::Person {
                name: name.into(),
                mail: Some("kim@contoso.com\r\nBcc: x@evil.example".into()),
            },
            organization,
            ..invitation()
        }));
        let wire = wire(&mail);
        let (headers, _) = wire.split_once("\r\n\r\n").unwrap();

        assert!(
            !headers.contains("evil.example") && !headers.contains("bank.example"),
            "{name:?}: {headers}"
        );
        for line in headers.split("\r\n").filter(|line| !line.starts_with([' ', '\t'])) {
            let name = line.split(':').next().unwrap();
            assert!(!["Bcc", "X-Evil"].contains(&name), "{line}");
        }
        assert!(!headers.replace("\r\n", "").contains(['\r', '\n', '\0']), "{name:?}");
    }
}

#[test]
fn the_wire_form_is_two_parts_ascii_and_the_same_every_time() {
    let long = InvitationMail { body: Some("긴 문장 ".repeat(600)), ..korean() };
    let wire = wire(&composed(to_guest(long.clone())));

    assert!(wire.is_ascii());
    assert!(wire.split("\r\n").all(|line| line.len() <= 998));
    assert_eq!(wire, self::wire(&composed(to_guest(long))));
    let plain = wire.find("Content-Type: text/plain; charset=utf-8").unwrap();
    let html = wire.find("Content-Type: text/html; charset=utf-8").unwrap();
    assert!(wire.contains("Content-Type: multipart/alternative") && plain < html);
    for header in [
        "Message-ID: <00000000-0000-0000-0000-000000000001@mail.example>\r\n",
        "Date: Fri, 20 Nov 2026 06:00:00 +0000\r\n",
        "MIME-Version: 1.0\r\n",
        "List-Unsubscribe: <https://localhost:8443/invitations/unsubscribe?t=abc>\r\n",
        "Subject: =?utf-8?b?",
        "To: Taylor <taylor@fabrikam.com>\r\n",
        "Cc: chef@fabrikam.com\r\n",
    ] {
        assert!(wire.contains(header), "{header} in {wire}");
    }
}

#[test]
fn the_host_of_a_url_is_found_as_a_browser_would() {
    for (url, host) in [
        ("https://myapp.contoso.com/a", "myapp.contoso.com"),
        ("https://myapp.contoso.com:8443?x=//evil.example", "myapp.contoso.com"),
        ("https://good.example@evil.example/", "evil.example"),
        ("https://us\\@evil.example/", "us"),
        ("http://[::1]:80/", "[::1]"),
        ("http://[::1]", "[::1]"),
        ("myapp:open", ""),
    ] {
        assert_eq!(around_host(url)[1], host, "{url}");
        assert_eq!(around_host(url).concat(), url);
    }
}

#[test]
fn initials_stand_for_a_person() {
    for (name, initials) in [
        ("Kim Min", Some("KM")),
        ("cher", Some("C")),
        ("Anna Maria Lind", Some("AL")),
        ("김민지", Some("김")),
        ("김 민지", Some("김")),
    ] {
        let inviter = Inviter::of(&MailInviter::Person { name: name.into(), mail: None });
        assert_eq!(inviter.initials().as_deref(), initials, "{name}");
    }
}

#[test]
fn a_letterhead_is_an_address() {
    for (from, address) in [
        ("invitations@mail.example", Some("invitations@mail.example")),
        ("Vestibule <invitations@mail.example>", Some("invitations@mail.example")),
        ("invitations", None),
        ("", None),
        ("a@b.example, c@d.example", None),
    ] {
        let letterhead = Letterhead::parse(from).ok();
        assert_eq!(letterhead.as_ref().map(|letterhead| letterhead.from.as_str()), address, "{from}");
    }
}

#[test]
fn an_operator_can_add_a_postal_line_and_a_mailbox_for_block_requests() {
    let mut letterhead = Letterhead::parse("invitations@mail.example").unwrap();
    letterhead.operator = Some("Mail Ltd, 1 Main Street".into());
    letterhead.unsubscribe_mailbox = Some("block@mail.example".into());
    let composer = Composer::new(Arc::new(Catalogue::new()), letterhead);

    let mail = composer.compose(&testing::invitation(), ASKED).unwrap();

    assert!(
        mail.text.ends_with("Mail Ltd, 1 Main Street\n") && mail.html.contains("Mail Ltd, 1 Main Street")
    );
    assert_eq!(
        header(&mail, "List-Unsubscribe").unwrap(),
        format!(
            "<{BLOCK}>, <mailto:block@mail.example?subject=unsubscribe%2000000000-0000-0000-0000-000000000007>"
        )
    );
}
