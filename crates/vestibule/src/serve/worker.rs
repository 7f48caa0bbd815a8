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
    let letterhead = Letterhead::parse(&rooms::sender(&house.settings)).map_err(MailError::from)?;
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
