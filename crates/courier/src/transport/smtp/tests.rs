use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use vestibule_wording::Catalogue;

use super::*;
use crate::mail::{Composer, Letterhead};
use crate::testing;

fn settings(url: &str, policy: Option<TlsPolicy>) -> Arc<Settings> {
    Relay::new(url, policy, None).unwrap_or_else(|error| panic!("{url}: {error}")).0
}

#[test]
fn a_url_names_host_port_and_when_tls_begins() {
    use TlsPolicy::{None as Never, Opportunistic, Required};
    for (url, policy, host, port, security) in [
        ("smtp://relay.example", None, "relay.example", 25, Security::Upgraded(Required)),
        ("smtp://relay.example:2525/", None, "relay.example", 2525, Security::Upgraded(Required)),
        ("smtp://u:p@relay.example", None, "relay.example", 587, Security::Upgraded(Required)),
        ("smtp://localhost:1025", None, "localhost", 1025, Security::Upgraded(Opportunistic)),
        ("smtp://127.0.0.1", None, "127.0.0.1", 25, Security::Upgraded(Opportunistic)),
        ("smtp://[::1]:1025", None, "::1", 1025, Security::Upgraded(Opportunistic)),
        ("smtp://localhost", Some(Required), "localhost", 25, Security::Upgraded(Required)),
        ("smtp://relay.example", Some(Never), "relay.example", 25, Security::Upgraded(Never)),
        ("smtps://relay.example", Some(Never), "relay.example", 465, Security::Implicit),
    ] {
        let relay = settings(url, policy);
        assert_eq!((relay.host.as_str(), relay.port, relay.security), (host, port, security), "{url}");
    }
}

#[test]
fn credentials_are_percent_decoded() {
    let expected = Credentials::new("kim@contoso.com".into(), "p@ss:wörd/%".into());

    assert_eq!(
        settings("smtp://kim%40contoso.com:p%40ss%3Aw%C3%B6rd%2f%25@relay.example", None).credentials,
        Some(expected)
    );
    assert_eq!(settings("smtp://relay.example", None).credentials, None);
}

#[test]
fn a_wrong_url_is_refused_without_repeating_it() {
    for url in [
        "",
        "relay.example",
        "http://relay.example",
        "smtp://",
        "smtp://a/b",
        "smtp://a?b=c",
        "smtp://u:p%zz@a",
        "smtp://u@a",
    ] {
        let Err(error) = Relay::new(url, None, None) else { panic!("{url} was taken") };
        assert!(error.to_string().starts_with("smtp.url"), "{url}");
    }
    assert!(matches!(
        Relay::new("smtp://a", None, Some(b"-----BEGIN CERTIFICATE-----\n!")),
        Err(RelayError::Ca)
    ));
}

#[test]
fn words_of_others_fit_into_one_line() {
    assert_eq!(tidy("550 5.1.1 no\r\nsuch user\0"), "550 5.1.1 no  such user");
    assert_eq!(tidy(&"x".repeat(900)).len(), 500);
}

#[test]
fn a_relay_that_quotes_a_link_does_not_bring_its_ticket_into_the_log() {
    for (said, kept) in [
        ("554 spam: <https://a.example/redeem?rd=https%3a%2f%2fa>", "554 spam: <https://a.example/redeem"),
        ("554 a.example/invitations/redeem/?tenant=1&ticket=s no", "554 a.example/invitations/redeem/ no"),
        (
            "554 https://a.example/invitations/unsubscribe?t=s",
            "554 https://a.example/invitations/unsubscribe",
        ),
        ("450 busy? try later = soon", "450 busy? try later = soon"),
    ] {
        assert_eq!(tidy(said), kept);
    }
}

/// A relay that plays by a script: each command that begins with the first word gets the second as its answer, an empty
/// one breaks the connection. Everything else is taken.
async fn relay_that(answers: &'static [(&'static str, &'static str)]) -> Relay {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(converse(stream, answers));
        }
    });
    Relay::new(&format!("smtp://127.0.0.1:{port}"), None, None).unwrap()
}

async fn converse(stream: TcpStream, answers: &[(&str, &str)]) -> std::io::Result<()> {
    let scripted =
        |line: &str| answers.iter().find(|(command, _)| line.starts_with(command)).map(|(_, answer)| *answer);
    let mut stream = BufReader::new(stream);
    stream.write_all(format!("{}\r\n", scripted("connect").unwrap_or("220 hello")).as_bytes()).await?;
    let mut in_data = false;
    let mut line = String::new();
    while stream.read_line(&mut line).await? > 0 {
        let command = std::mem::take(&mut line);
        let usual = match command.trim_end() {
            "." => "250 2.0.0 queued",
            _ if in_data => continue,
            "DATA" => "354 go on",
            "QUIT" => "221 bye",
            _ => "250 ok",
        };
        let answer = scripted(&command).unwrap_or(usual);
        if answer.is_empty() {
            return Ok(());
        }
        in_data = answer.starts_with("354");
        stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
    Ok(())
}

fn outgoing() -> Outgoing {
    let composer =
        Composer::new(Arc::new(Catalogue::new()), Letterhead::parse("invitations@mail.example").unwrap());
    let mail = composer.compose(&testing::passcode(), testing::ASKED).unwrap();
    Outgoing { bytes: mail.to_bytes().unwrap(), mail }
}

async fn deliver(line: &mut dyn Line) -> Result<String, Trouble> {
    let outgoing = outgoing();
    line.offer(&outgoing).await?;
    line.hand_over(&outgoing).await
}

#[tokio::test]
async fn every_way_to_fail_is_told_from_the_others() {
    let refused = |words: &str| Err(Trouble::Refused(words.into()));
    let deferred = |words: &str| Err(Trouble::Deferred(words.into()));
    for (answers, result) in [
        (&[][..], Ok("250 2.0.0 queued".into())),
        (&[("MAIL", "550 5.7.1 not you")], refused("550 5.7.1 not you")),
        (&[("RCPT", "550 5.1.1 nobody")], refused("550 5.1.1 nobody")),
        (&[("RCPT", "450 4.2.1 later")], deferred("450 4.2.1 later")),
        (&[("DATA", "554 5.5.1 no")], refused("554 5.5.1 no")),
        (&[("DATA", "451 4.3.0 busy")], deferred("451 4.3.0 busy")),
        (&[(".", "554 5.7.1 spam")], refused("554 5.7.1 spam")),
        (&[(".", "452 4.3.1 full")], deferred("452 4.3.1 full")),
    ] {
        let mut line = relay_that(answers).await.line();
        assert_eq!(deliver(line.as_mut()).await, result, "{answers:?}");
    }
}

#[tokio::test]
async fn a_connection_that_breaks_before_data_is_no_lost_outcome() {
    for broken in
        [&[("connect", "554 go away")], &[("EHLO", "")], &[("MAIL", "")], &[("RCPT", "")], &[("DATA", "")]]
    {
        let mut line = relay_that(broken).await.line();
        assert!(matches!(deliver(line.as_mut()).await, Err(Trouble::Unreachable(_))), "{broken:?}");
    }

    let mut line = relay_that(&[(".", "")]).await.line();
    assert!(matches!(deliver(line.as_mut()).await, Err(Trouble::OutcomeLost(_))));
}

#[tokio::test]
async fn a_line_serves_again_after_a_refusal_and_after_a_broken_connection() {
    let mut line = relay_that(&[]).await.line();
    assert!(deliver(line.as_mut()).await.is_ok());
    assert!(deliver(line.as_mut()).await.is_ok());

    let mut forgetful = relay_that(&[("RSET", "")]).await.line();
    assert!(deliver(forgetful.as_mut()).await.is_ok());
    assert!(deliver(forgetful.as_mut()).await.is_ok());
}

#[tokio::test]
async fn a_relay_without_starttls_gets_nothing_where_tls_is_required() {
    let plain = relay_that(&[]).await;
    let url = format!("smtp://127.0.0.1:{}", plain.0.port);
    let relay = Relay::new(&url, Some(TlsPolicy::Required), None).unwrap();

    assert!(matches!(deliver(relay.line().as_mut()).await, Err(Trouble::Unreachable(_))));
}

#[tokio::test]
async fn a_probe_says_where_it_ended_and_sends_nothing() {
    let from = "invitations@mail.example";
    let probed = async |relay: Relay| relay.probe(from).await.map_err(|error| error.to_string());
    for (answers, wanted) in [
        (&[("RCPT", "550 no"), ("DATA", "550 no")][..], Ok(())),
        (&[("MAIL", "550 no")], Err("at MAIL FROM: 550 no")),
        (&[("connect", "554 no")], Err("at connect: 554 no")),
    ] {
        let relay = relay_that(answers).await;
        let place = format!("127.0.0.1:{}", relay.0.port);
        assert_eq!(probed(relay).await, wanted.map_err(|end| format!("{place}, {end}")), "{answers:?}");
    }

    let plain = format!("127.0.0.1:{}", relay_that(&[]).await.0.port);
    for (url, wanted) in [
        (format!("smtp://{plain}"), format!("{plain}, at STARTTLS: ")),
        (format!("smtps://{plain}"), format!("{plain}, at connect: ")),
        ("smtp://127.0.0.1:1".to_owned(), "127.0.0.1:1, at connect: Connection refused".to_owned()),
    ] {
        let said = probed(Relay::new(&url, Some(TlsPolicy::Required), None).unwrap()).await.unwrap_err();
        assert!(said.starts_with(&wanted), "{url}: {said}");
    }
    assert!(matches!(relay_that(&[]).await.probe("nobody").await, Err(ProbeError::Sender(_))));
}
