//! The REST surface: `/v1.0` and `/beta` of Microsoft Graph, as `graph.md` has it.
//!
//! Translates and nothing else: paths to use cases ([`router`]), JSON to requests ([`invitations`], [`users`]), outcomes
//! to JSON ([`wire`]), refusals to the error envelope ([`error`]). No rule stands here, and no query.
//! Every wire name of a user's property stands once, in [`schema`].

mod answer;
mod audit_logs;
mod body;
mod domains;
mod entity;
mod entry;
pub mod error;
mod facts;
pub mod invitations;
mod organization;
mod page_token;
pub mod router;
pub mod schema;
mod settings;
pub mod users;
pub mod wire;

use std::sync::Arc;

use axum::Router;
use vestibule_directory::Directory;
use vestibule_identity::Identity;
use vestibule_model::{Clock, Ids};

pub use settings::Settings;

/// The surface. Cheap to clone.
#[derive(Clone)]
pub struct Graph {
    parts: Arc<Parts>,
}

struct Parts {
    directory: Directory,
    identity: Identity,
    settings: Settings,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
}

impl Graph {
    /// Over the use cases of `directory`, for callers that `identity` knows.
    pub fn new(
        directory: Directory,
        identity: Identity,
        settings: Settings,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
    ) -> Self {
        Self { parts: Arc::new(Parts { directory, identity, settings, clock, ids }) }
    }

    /// Everything under a version segment, known version or not; the rest of the origin belongs to others.
    pub fn router(&self) -> Router {
        router::versions()
            .into_iter()
            .fold(Router::new(), |router, version| {
                router
                    .route(&format!("/{version}"), axum::routing::any(entry::answer))
                    .route(&format!("/{version}/"), axum::routing::any(entry::answer))
                    .route(&format!("/{version}/{{*path}}"), axum::routing::any(entry::answer))
            })
            .with_state(self.clone())
    }
}
