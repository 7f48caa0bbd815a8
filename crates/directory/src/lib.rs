//! What may be done: use cases, each of them authorise → load → decide → commit, retried when a guard was broken.
//!
//! The rules are `model`'s, the rows are `store`'s; this room brings them together and knows neither HTTP nor SQL.

pub mod audit_logs;
pub mod error;
pub mod invite;
pub mod links;
mod reading;
pub mod records;
pub mod redeem;
mod retry;
mod secret;
pub mod settings;
pub mod setup;
pub mod tenants;
pub mod users;

pub use error::{Error, InviteError, RedeemError};
pub use settings::Settings;
pub use vestibule_store::StoreError;
pub use vestibule_store::read::users::{PageKey, UserKey};

use std::sync::Arc;

use vestibule_store::Store;

use records::Records;

/// The use cases. Cheap to clone.
#[derive(Clone)]
pub struct Directory {
    store: Store,
    settings: Arc<Settings>,
    records: Arc<Records>,
}

/// Who did what no caller did, in audit events.
pub(crate) const SERVICE: &str = "vestibule";

impl Directory {
    /// Use cases over `store`.
    pub fn new(store: Store, settings: Settings) -> Self {
        Self { store, settings: Arc::new(settings), records: Arc::default() }
    }
}
