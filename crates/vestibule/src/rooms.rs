//! What each room is told of the settings: its own small struct, and no more.

use std::sync::Arc;

use jiff::SignedDuration;
use secrecy::ExposeSecret as _;
use url::Url;
use vestibule_directory::Directory;
use vestibule_identity::PasscodeRules;
use vestibule_model::address::PlusAddressing;
use vestibule_model::invitation::InvitationRules;
use vestibule_model::{Clock, Context, Ids};
use vestibule_store::{Store, StoreError};

use crate::clock::{SystemClock, SystemIds};
use crate::config::invitations::CustomMessage;
use crate::config::{Mode, PublicUrl, Settings};
use crate::dev::contoso;
use crate::server_key::{Purpose, ServerKeys};
use crate::store::{self, DataFolder, OpenError};

/// `directory`'s part.
pub(crate) fn directory(
    settings: &Settings,
    public_url: &PublicUrl,
    keys: &ServerKeys,
    mode: Mode,
) -> vestibule_directory::Settings {
    vestibule_directory::Settings {
        public_url: url(public_url),
        invitations: InvitationRules {
            max_cc_recipients: small(settings.invitations.max_cc_recipients),
            plus_addressing: match settings.invitations.allow_plus_addressing {
                true => PlusAddressing::Allowed,
                false => PlusAddressing::Refused,
            },
            lifetime_days: small(settings.invitations.lifetime_days),
            redirect_schemes: settings.redemption.redirect_schemes.clone(),
            redirect_hosts: settings.redemption.redirect_hosts.clone(),
            sends_mail: sends_mail(settings, mode),
            apps_when_restricted: settings.compat.app_invites_when_restricted,
        },
        link_keys: keys.for_purpose(Purpose::Links),
        custom_message: match settings.mail.custom_message {
            CustomMessage::Always => vestibule_directory::settings::CustomMessage::Always,
            CustomMessage::Entra => vestibule_directory::settings::CustomMessage::Entra,
        },
        read_deadline: SignedDuration::from_millis(small(settings.limits.scan_ms)),
    }
}

/// `identity`'s part.
pub(crate) fn identity(
    settings: &Settings,
    public_url: &PublicUrl,
    keys: &ServerKeys,
    mode: Mode,
) -> vestibule_identity::Settings {
    let passcode = &settings.passcode;
    let seconds = |seconds: u64| SignedDuration::from_secs(small(seconds));
    vestibule_identity::Settings {
        public_url: url(public_url),
        keys: keys.for_purpose(Purpose::Identity),
        passcodes: PasscodeRules {
            lifetime: seconds(passcode.lifetime_seconds),
            tries_per_code: small(passcode.tries_per_code),
            tries_per_address: small(passcode.tries_per_address),
            lock: seconds(passcode.lock_seconds),
            resend: seconds(passcode.resend_seconds),
            per_hour: small(passcode.per_hour),
            per_day: small(passcode.per_day),
            per_network_per_hour: small(passcode.per_network_per_hour),
        },
        sends_mail: sends_mail(settings, mode),
        has_secure_cookies: public_url.is_https(),
    }
}

/// `graph`'s part.
pub(crate) fn graph(
    settings: &Settings,
    public_url: &PublicUrl,
    keys: &ServerKeys,
) -> vestibule_graph::Settings {
    vestibule_graph::Settings {
        public_url: url(public_url),
        page_keys: keys.for_purpose(Purpose::Paging),
        body_octets: small(settings.limits.body_bytes),
        page_size: small(settings.limits.page_size),
        node: node(),
    }
}

/// `pages`' part.
pub(crate) fn pages(settings: &Settings, public_url: &PublicUrl, mode: Mode) -> vestibule_pages::Settings {
    vestibule_pages::Settings {
        public_url: url(public_url),
        has_secure_cookies: public_url.is_https(),
        map_myapps: settings.redemption.map_myapps,
        sender: sends_mail(settings, mode).then(|| sender(settings)),
        passcode_lifetime: SignedDuration::from_secs(small(settings.passcode.lifetime_seconds)),
    }
}

/// The address that mail comes from; in dev mode there is one without asking.
pub(crate) fn sender(settings: &Settings) -> String {
    match settings.smtp.from.as_str() {
        "" => format!("invitations@{}", contoso::DOMAIN),
        from => from.to_owned(),
    }
}

/// What this machine calls itself, for support to tell nodes apart.
fn node() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let letters: String =
        name.trim().chars().filter(|c| c.is_ascii_alphanumeric() || "-.".contains(*c)).collect();
    if letters.is_empty() { "vestibule".to_owned() } else { letters }
}

/// Whether mail can leave: to a relay, or into the mailbox of dev mode.
fn sends_mail(settings: &Settings, mode: Mode) -> bool {
    mode == Mode::Dev || settings.smtp.url.as_ref().is_some_and(|url| !url.expose_secret().is_empty())
}

/// The public URL as the rooms take it.
pub(crate) fn url(public_url: &PublicUrl) -> Url {
    Url::parse(public_url.as_str()).expect("a public URL is a URL")
}

/// A setting whose bounds are far inside the narrower type.
pub(crate) fn small<T: TryFrom<u64>>(number: u64) -> T {
    T::try_from(number).unwrap_or_else(|_| unreachable!("the table of settings bounds {number}"))
}

/// The store and the use cases, for commands that are no server.
pub(crate) struct Workshop {
    pub(crate) directory: Directory,
    store: Store,
    clock: SystemClock,
    ids: Arc<SystemIds>,
    _folder: DataFolder,
}

impl Workshop {
    /// Opens the store of a production server that is not running.
    ///
    /// # Errors
    ///
    /// [`OpenError`].
    pub(crate) async fn open(settings: &Settings) -> Result<Self, OpenError> {
        let mode = Mode::Production;
        let folder = DataFolder::claim(settings, mode)?;
        let store = store::open(settings, &folder.keys, mode).await?;
        let port = settings.server.listen.port();
        let public_url = settings.server.public_url.clone().unwrap_or_else(|| PublicUrl::local(true, port));
        let directory = Directory::new(store.clone(), directory(settings, &public_url, &folder.keys, mode));
        Ok(Self { directory, store, clock: SystemClock, ids: Arc::new(SystemIds::new()), _folder: folder })
    }

    /// Of this moment.
    pub(crate) fn context(&self) -> Context {
        let correlation = self.ids.random();
        Context { now: self.clock.now(), ids: self.ids.clone(), correlation, client: None }
    }

    /// The same, of a store that stands: a folder mistyped is no new store.
    ///
    /// # Errors
    ///
    /// [`OpenError`], and nothing was written.
    pub(crate) async fn enter(settings: &Settings) -> Result<Self, OpenError> {
        if !store::stands(settings).await? {
            return Err(OpenError::NoStore { place: store::place(settings) });
        }
        Self::open(settings).await
    }

    /// Whether a tenant has that domain already.
    pub(crate) async fn has_domain(&self, name: &str) -> Result<bool, StoreError> {
        Ok(self.store.tenant_named(name).await?.is_some())
    }

    /// Closes the store in good order.
    pub(crate) async fn close(self) -> Result<(), StoreError> {
        self.store.close().await
    }
}
