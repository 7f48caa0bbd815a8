use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{Error as SmtpError, response::Response};
use thiserror::Error;
use tokio::time::Instant;
use url::{Host, Url};

use super::{BoxFuture, Line, Outgoing, Transport, Trouble};

/// How long connecting may take. Whoever sends bounds the attempt as a whole besides.
const CONNECT: Duration = Duration::from_secs(20);

/// How long an unused connection is kept. Relays close after about five minutes (RFC 5321 §4.5.3.2.7).
const IDLE: Duration = Duration::from_secs(30);

/// The setting `smtp.tls`: how much TLS is asked of an `smtp://` relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsPolicy {
    /// STARTTLS with a certificate that holds, or nothing.
    Required,
    /// STARTTLS where it is offered, whatever the certificate: against listeners only (RFC 7435).
    Opportunistic,
    /// Never.
    None,
}

/// The operator's relay. Cheap to clone.
#[derive(Clone)]
pub struct Relay(Arc<Settings>);

struct Settings {
    host: String,
    port: u16,
    security: Security,
    credentials: Option<Credentials>,
    ca: Option<Certificate>,
    hello: ClientId,
    /// Made at first use: reading the system's roots takes longer than the start may.
    tls: OnceLock<TlsParameters>,
}

/// When the connection becomes TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Security {
    /// From the first octet.
    Implicit,
    /// By STARTTLS, or never.
    Upgraded(TlsPolicy),
}

/// What is wrong with `smtp.url` or `smtp.ca`. Never repeats the URL: it may hold a password.
#[derive(Debug, Error)]
pub enum RelayError {
    /// Not of the form that the manual gives.
    #[error("smtp.url must be smtp://[user:password@]host[:port] or smtps://…")]
    Url,
    /// A user without a password or the other way round.
    #[error("smtp.url names a user and a password, or neither")]
    HalfCredentials,
    /// `smtp.ca` holds no certificate.
    #[error("smtp.ca holds no certificate in PEM")]
    Ca,
}

/// Why a probe of the relay did not come to its end.
#[derive(Debug, Error)]
pub enum ProbeError {
    /// It was not begun.
    #[error("smtp.from is not an address: '{0}'")]
    Sender(String),
    /// The relay did not answer, or said no.
    #[error("{relay}, at {step}: {words}")]
    Stopped {
        /// Its host and port.
        relay: String,
        /// Where that was.
        step: Step,
        /// The relay's words, or the system's.
        words: String,
    },
}

/// How far a conversation with the relay has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The connection, TLS from the first octet included, and `EHLO`.
    Connect,
    /// `STARTTLS`.
    StartTls,
    /// `AUTH`.
    Auth,
    /// `MAIL FROM`.
    MailFrom,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connect",
            Self::StartTls => "STARTTLS",
            Self::Auth => "AUTH",
            Self::MailFrom => "MAIL FROM",
        })
    }
}

impl Relay {
    /// Reads `smtp.url`, `smtp.tls` and `smtp.ca` (the file's content). Connects to nothing.
    ///
    /// Without a policy: `required`, but `opportunistic` when the host is loopback. Without a port: 465 for `smtps`,
    /// 587 with credentials (RFC 6409), else 25.
    ///
    /// # Errors
    ///
    /// [`RelayError`].
    pub fn new(url: &str, policy: Option<TlsPolicy>, ca: Option<&[u8]>) -> Result<Self, RelayError> {
        let url = Url::parse(url).map_err(|_| RelayError::Url)?;
        let is_bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
        let host = host(&url).filter(|_| is_bare).ok_or(RelayError::Url)?;
        let credentials = credentials(&url)?;
        let (security, default_port) = match url.scheme() {
            "smtps" => (Security::Implicit, 465),
            "smtp" => {
                let by_host = if is_loopback(&host) { TlsPolicy::Opportunistic } else { TlsPolicy::Required };
                let port = if credentials.is_some() { 587 } else { 25 };
                (Security::Upgraded(policy.unwrap_or(by_host)), port)
            }
            _ => return Err(RelayError::Url),
        };
        let ca = ca.map(|pem| Certificate::from_pem(pem).map_err(|_| RelayError::Ca)).transpose()?;

        let port = url.port().unwrap_or(default_port);
        let hello = ClientId::default();
        Ok(Self(Arc::new(Settings { host, port, security, credentials, ca, hello, tls: OnceLock::new() })))
    }

    /// Asks the relay whether it would take mail from `from`: connect, TLS, AUTH, `MAIL FROM`, `RSET`. Sends nothing.
    ///
    /// # Errors
    ///
    /// [`ProbeError`], with the step and the relay's words.
    pub async fn probe(&self, from: &str) -> Result<(), ProbeError> {
        let sender = from.parse().map_err(|_| ProbeError::Sender(from.to_owned()))?;
        let Settings { host, port, .. } = &*self.0;
        let stopped = |step, words| ProbeError::Stopped { relay: format!("{host}:{port}"), step, words };

        let mut step = Step::Connect;
        let connected = tokio::time::timeout(CONNECT, self.0.connect(&mut step)).await;
        let mut connection = match connected {
            Ok(Ok(connection)) => connection,
            Ok(Err(error)) => return Err(stopped(step, words(&error))),
            Err(_) => return Err(stopped(step, "it did not answer in time".to_owned())),
        };
        let taken = connection.command(Mail::new(Some(sender), vec![])).await;
        taken.map_err(|error| stopped(Step::MailFrom, words(&error)))?;
        hang_up(connection).await;
        Ok(())
    }
}

impl Transport for Relay {
    fn line(&self) -> Box<dyn Line> {
        Box::new(RelayLine { relay: self.clone(), kept: None })
    }
}

/// A line to the relay with the connection of the last mail, if it still stands.
struct RelayLine {
    relay: Relay,
    kept: Option<(AsyncSmtpConnection, Instant)>,
}

impl Line for RelayLine {
    fn offer<'a>(&'a mut self, outgoing: &'a Outgoing) -> BoxFuture<'a, Result<(), Trouble>> {
        Box::pin(async {
            let from = envelope_address(&outgoing.mail.from.address)?;
            let to = envelope_address(&outgoing.mail.envelope_to)?;
            let mut connection = self.connection().await?;

            let offered = match connection.command(Mail::new(Some(from), vec![])).await {
                Ok(_) => connection.command(Rcpt::new(to, vec![])).await,
                refused => refused,
            };
            self.answered(connection, offered, Trouble::Unreachable).map(drop)
        })
    }

    fn hand_over<'a>(&'a mut self, outgoing: &'a Outgoing) -> BoxFuture<'a, Result<String, Trouble>> {
        Box::pin(async {
            let Some((mut connection, _)) = self.kept.take() else {
                return Err(Trouble::Unreachable("the connection was not kept".to_owned()));
            };
            if let Err(error) = connection.command(Data).await {
                return self
                    .answered(connection, Err(error), Trouble::Unreachable)
                    .map(|response| said(&response));
            }

            let answer = connection.message(&outgoing.bytes).await;
            self.answered(connection, answer, Trouble::OutcomeLost).map(|response| said(&response))
        })
    }

    fn rest(&mut self) {
        if let Some((connection, _)) = self.kept.take_if(|(_, since)| since.elapsed() > IDLE) {
            tokio::spawn(hang_up(connection));
        }
    }
}

impl RelayLine {
    /// The kept connection if the relay still answers on it, else a new one.
    async fn connection(&mut self) -> Result<AsyncSmtpConnection, Trouble> {
        if let Some((mut connection, _)) = self.kept.take()
            && connection.command(Rset).await.is_ok()
        {
            return Ok(connection);
        }

        self.relay.0.connect(&mut Step::Connect).await.map_err(|error| Trouble::Unreachable(words(&error)))
    }

    /// Keeps the connection if the relay answered, be it with a refusal, and sorts the refusal.
    fn answered(
        &mut self,
        connection: AsyncSmtpConnection,
        answer: Result<Response, SmtpError>,
        broken: fn(String) -> Trouble,
    ) -> Result<Response, Trouble> {
        if answer.as_ref().map_or_else(|error| error.status().is_some(), |_| true) {
            self.kept = Some((connection, Instant::now()));
        }
        answer.map_err(|error| match error {
            error if error.is_permanent() => Trouble::Refused(words(&error)),
            error if error.is_transient() => Trouble::Deferred(words(&error)),
            error => broken(words(&error)),
        })
    }
}

impl Settings {
    /// Connect, TLS, AUTH; `step` is where it stands, also for whoever stops waiting.
    async fn connect(&self, step: &mut Step) -> Result<AsyncSmtpConnection, SmtpError> {
        let implicit = (self.security == Security::Implicit).then(|| self.tls()).transpose()?;
        let address = (self.host.as_str(), self.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(address, Some(CONNECT), &self.hello, implicit, None).await?;

        let upgrades = match self.security {
            Security::Implicit | Security::Upgraded(TlsPolicy::None) => false,
            Security::Upgraded(TlsPolicy::Opportunistic) => connection.can_starttls(),
            Security::Upgraded(TlsPolicy::Required) => true,
        };
        if upgrades {
            *step = Step::StartTls;
            connection.starttls(self.tls()?, &self.hello).await?;
        }
        if let Some(credentials) = &self.credentials {
            *step = Step::Auth;
            connection.auth(&[Mechanism::Plain, Mechanism::Login], credentials).await?;
        }
        Ok(connection)
    }

    /// Roots: the system's, or `SSL_CERT_FILE`, and `smtp.ca`.
    fn tls(&self) -> Result<TlsParameters, SmtpError> {
        if let Some(tls) = self.tls.get() {
            return Ok(tls.clone());
        }
        let is_opportunistic = self.security == Security::Upgraded(TlsPolicy::Opportunistic);
        let mut builder = TlsParameters::builder(self.host.clone())
            .dangerous_accept_invalid_certs(is_opportunistic)
            .dangerous_accept_invalid_hostnames(is_opportunistic);
        if let Some(ca) = &self.ca {
            builder = builder.add_root_certificate(ca.clone());
        }
        let tls = builder.build()?;
        Ok(self.tls.get_or_init(|| tls).clone())
    }
}

fn host(url: &Url) -> Option<String> {
    // `smtp` is no special scheme to the URL standard, so addresses stay text and have to be read here.
    match url.host()? {
        Host::Domain(name) => Some(name.to_owned()).filter(|name| !name.is_empty()),
        Host::Ipv4(address) => Some(address.to_string()),
        Host::Ipv6(address) => Some(address.to_string()),
    }
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn credentials(url: &Url) -> Result<Option<Credentials>, RelayError> {
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        (user, Some(password)) if !user.is_empty() => {
            Ok(Some(Credentials::new(decoded(user)?, decoded(password)?)))
        }
        _ => Err(RelayError::HalfCredentials),
    }
}

/// User and password of a URL are percent-encoded (RFC 3986 §3.2.1).
fn decoded(part: &str) -> Result<String, RelayError> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let [first, tail @ ..] = rest {
        match (first, tail) {
            (b'%', [high, low, tail @ ..]) => {
                let digit =
                    |hex: &u8| char::from(*hex).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
                let (Some(high), Some(low)) = (digit(high), digit(low)) else { return Err(RelayError::Url) };
                bytes.push(high * 16 + low);
                rest = tail;
            }
            (b'%', _) => return Err(RelayError::Url),
            (byte, tail) => {
                bytes.push(*byte);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).map_err(|_| RelayError::Url)
}

fn envelope_address(address: &str) -> Result<lettre::Address, Trouble> {
    address
        .parse()
        .map_err(|_| Trouble::Refused(format!("{address} is not an address that mail can be sent with")))
}

/// Says goodbye, but does not wait for long.
async fn hang_up(mut connection: AsyncSmtpConnection) {
    let _ = tokio::time::timeout(Duration::from_secs(2), async {
        let _ = connection.command(Rset).await;
        connection.quit().await
    })
    .await;
}

/// A refusal as the relay worded it, with its code; anything else by its innermost cause.
fn words(error: &SmtpError) -> String {
    let causes = std::iter::successors(Some(error as &dyn std::error::Error), |cause| cause.source());
    let innermost = causes.last().map(ToString::to_string).unwrap_or_default();
    match error.status() {
        Some(code) => tidy(&format!("{code} {innermost}")),
        None => tidy(&innermost),
    }
}

fn said(response: &Response) -> String {
    let lines: Vec<&str> = response.message().collect();
    tidy(&format!("{} {}", response.code(), lines.join(" ")))
}

/// What others wrote, fit for a log and an audit event: one line, at most 500 characters, without any secret of the mail.
fn tidy(words: &str) -> String {
    let line: String = words.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line: Vec<&str> = line.split(' ').map(without_query).collect();
    line.join(" ").chars().take(500).collect::<String>().trim_end().to_owned()
}

/// A relay that refuses a mail for a link in it quotes the link, and ours has its ticket behind the question mark.
fn without_query(word: &str) -> &str {
    match word.split_once('?') {
        Some((address, query)) if query.contains('=') => address,
        _ => word,
    }
}

#[cfg(test)]
mod tests;
