//! Who is speaking: keys, tokens, grants, passcodes, flows and sessions, and the JSON endpoints of the protocols.
//!
//! Never writes a directory object, renders no HTML, sends no mail itself. Start at [`token`] for what Graph asks of this
//! room, at [`redemption`] for what the pages ask.

pub mod dev;
pub mod error;
pub mod redemption;
pub mod settings;
pub mod token;

pub use error::{ProtocolError, TokenError};
pub use settings::{PasscodeRules, Settings};

use std::sync::Arc;

use vestibule_model::{Clock, Ids};
use vestibule_store::Store;

/// The room. Cheap to clone.
#[derive(Clone)]
pub struct Identity {
    parts: Arc<Parts>,
}

struct Parts {
    store: Store,
    settings: Settings,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
}

impl Identity {
    /// Over `store`. Loads or makes the signing key lazily, or by [`Identity::prepare`].
    pub fn new(store: Store, settings: Settings, clock: Arc<dyn Clock>, ids: Arc<dyn Ids>) -> Self {
        Self { parts: Arc::new(Parts { store, settings, clock, ids }) }
    }

    /// Loads the signing keys, or makes the first one (RSA 2048, some 70 ms); `/readyz` waits for it.
    ///
    /// # Errors
    ///
    /// When the store cannot be read or written.
    pub async fn prepare(&self) -> Result<(), vestibule_store::StoreError> {
        todo!()
    }

    /// Discovery, keys, token and `/error` endpoints (`identity.md` 2), and what is not built yet.
    pub fn router(&self) -> axum::Router {
        todo!()
    }
}
