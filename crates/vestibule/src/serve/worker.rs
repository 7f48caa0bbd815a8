//! The courier: which way mail goes, and that it goes.

use std::sync::Arc;

use secrecy::ExposeSecret as _;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use vestibule_courier::Courier;
use vestibule_courier::mail::{Composer, Letterhead};
use vestibule_courier::transport::{DevMailbox, NoRelay, Transport};
use vestibule_wording::Catalogue;

use super::{House, ServeError, stopped};
use crate::config::Settings;
use crate::dev::start::DevStart;
use crate::mail::{self, MailError};
use crate::rooms::{self, small};

/// Starts the courier; in dev mode with the mailbox, which takes the mail unless a relay is configured.
pub(super) fn start(
    house: &House,
    dev: Option<&DevStart>,
    stop: watch::Receiver<bool>,
) -> Result<(JoinHandle<()>, Option<DevMailbox>), ServeError> {
    let smtp = &house.settings.smtp;
    let mailbox = dev.map(|_| DevMailbox::new(house.clock.clone()));
    let transport: Arc<dyn Transport> = match (&smtp.url, &mailbox) {
        (Some(url), _) => Arc::new(mail::relay(smtp, url.expose_secret())?),
        (None, Some(mailbox)) => Arc::new(mailbox.clone()),
        (None, None) => Arc::new(NoRelay),
    };
    let transport = match dev {
        Some(dev) => dev.relay.before(transport),
        None => transport,
    };
    let letterhead = letterhead(&house.settings)?;
    let courier = Courier {
        store: house.store.clone(),
        clock: house.clock.clone(),
        ids: house.ids.clone(),
        composer: Composer::new(Arc::new(Catalogue::new()), letterhead),
        transport,
        connections: small(smtp.connections),
    };
    Ok((tokio::spawn(courier.run(stopped(stop))), mailbox))
}

/// Whom mail comes from, and what the operator adds to it.
fn letterhead(settings: &Settings) -> Result<Letterhead, MailError> {
    let ours = &settings.letterhead;
    let mut letterhead = Letterhead::parse(&rooms::sender(settings))?;
    letterhead.operator.clone_from(&ours.operator);
    letterhead.unsubscribe_mailbox =
        ours.unsubscribe_mailbox.as_ref().map(|mailbox| mailbox.as_typed().to_owned());
    Ok(letterhead)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Given, load};

    #[test]
    fn what_the_operator_says_of_himself_stands_on_every_mail() {
        let letterhead_with = |flags: &[(&str, &str)]| {
            let flags = flags.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect();
            load(Given { flags, ..Given::nothing() }).map(|loaded| letterhead(&loaded.settings).unwrap())
        };

        let nothing = letterhead_with(&[]).unwrap();
        assert_eq!((nothing.operator, nothing.unsubscribe_mailbox), (None, None));

        let line = "Mail Ltd, 1 Main Street";
        let said =
            letterhead_with(&[("mail.operator", line), ("mail.unsubscribe_mailbox", "block@mail.example")]);
        let said = said.unwrap();
        assert_eq!(said.operator.as_deref(), Some(line));
        assert_eq!(said.unsubscribe_mailbox.as_deref(), Some("block@mail.example"));

        for wrong in [("mail.operator", "two\nlines"), ("mail.unsubscribe_mailbox", "nobody")] {
            assert!(letterhead_with(&[wrong]).is_err(), "{wrong:?}");
        }
    }
}
