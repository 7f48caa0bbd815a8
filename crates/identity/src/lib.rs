//! Who is speaking: keys, tokens, grants, passcodes, flows and sessions, and the JSON endpoints of the protocols.
//!
//! Never writes a directory object, renders no HTML but the page that explains an AADSTS number, sends no mail itself.
//! Start at [`token`] for what Graph asks of this room, at [`redemption`] for what the pages ask, at `http` for what
//! OAuth clients ask.

pub mod dev;
pub mod error;
pub mod redemption;
pub mod settings;
pub mod token;

mod attempts;
mod discovery;
mod grants;
mod http;
mod keys;
mod scope;
mod secret;
mod tenants;
#[cfg(test)]
mod testing;

pub use error::{ProtocolError, TokenError};
pub use settings::{PasscodeRules, Settings};

use std::sync::Arc;

use axum::response::Response;
use tokio::sync::Semaphore;
use vestibule_model::{Clock, Ids, Silence};
use vestibule_store::{Store, StoreError};

use attempts::FailedAttempts;
use keys::Keys;
use tenants::TenantNames;
use token::VerifiedTokens;

/// The room. Cheap to clone.
#[derive(Clone)]
pub struct Identity {
    parts: Arc<Parts>,
}

struct Parts {
    store: Store,
    settings: Settings,
    /// `public_url` as tokens and documents write it: without a trailing slash.
    origin: String,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    keys: Keys,
    tenants: TenantNames,
    verified: VerifiedTokens,
    failures: FailedAttempts,
    /// One permit for each page that may wait for its passcode mail.
    waiting: Semaphore,
    /// How long such a page waits.
    patience: std::time::Duration,
}

impl Identity {
    /// Over `store`. Loads or makes the signing key lazily, or by [`Identity::prepare`].
    pub fn new(store: Store, settings: Settings, clock: Arc<dyn Clock>, ids: Arc<dyn Ids>) -> Self {
        Self::waiting_for(redemption::PATIENCE, store, settings, clock, ids)
    }

    fn waiting_for(
        patience: std::time::Duration,
        store: Store,
        settings: Settings,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
    ) -> Self {
        let origin = settings.public_url.origin().ascii_serialization();
        let parts = Parts {
            store,
            settings,
            origin,
            clock,
            ids,
            keys: Keys::default(),
            tenants: TenantNames::default(),
            verified: VerifiedTokens::default(),
            failures: FailedAttempts::default(),
            waiting: Semaphore::new(redemption::MOST_WAITING_PAGES),
            patience,
        };
        Self { parts: Arc::new(parts) }
    }

    /// Loads the signing keys, or makes the first one (RSA 2048, some 70 ms); `/readyz` waits for it.
    ///
    /// # Errors
    ///
    /// When the store cannot be read or written.
    pub async fn prepare(&self) -> Result<(), StoreError> {
        self.parts.keys.ring(&self.parts.store, self.parts.clock.now()).await.map(drop)
    }

    /// Discovery, keys, token and `/error` endpoints (`identity.md` 2), and what is not built yet.
    pub fn router(&self) -> axum::Router {
        http::router(self.clone())
    }

    /// The same before `others`, and found also by paths with a slash too many (`identity.md` 1.6).
    pub fn before(&self, others: axum::Router) -> axum::Router {
        http::before(self.clone(), others)
    }

    /// Whether `path` is a login endpoint, of whatever tenant.
    pub fn is_login(path: &str) -> bool {
        http::is_login(path)
    }

    /// What the client of a login endpoint reads when its request, `asked`, has no answer.
    pub fn without_answer(&self, asked: &::http::request::Parts, why: Silence) -> Response {
        http::without_answer(self, asked, why)
    }

    /// Forgets everything that is only remembered in memory: loaded keys, checked tokens, failed attempts. For dev mode's
    /// reset, after which the store is another one.
    pub fn forget(&self) {
        self.parts.keys.forget();
        self.parts.tenants.forget();
        self.parts.verified.forget();
        self.parts.failures.forget();
    }
}
