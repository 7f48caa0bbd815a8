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
mod whole;
pub mod wire;

use std::sync::Arc;

use axum::Router;
use axum::middleware;
use axum::routing::any;
use vestibule_directory::Directory;
use vestibule_identity::Identity;
use vestibule_model::{Clock, Ids};

use crate::router::Version;

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

    /// The whole origin: what stands under a version segment, known version or not, is answered here, and the rest by
    /// `others`.
    pub fn router(&self, others: Router) -> Router {
        let others = others.layer(middleware::from_fn_with_state(self.clone(), entry::take));
        let ours = [Version::V1, Version::Beta].map(Version::segment).into_iter().fold(
            Router::new(),
            |router, version| {
                router
                    .route(&format!("/{version}"), any(entry::answer))
                    .route(&format!("/{version}/{{*path}}"), any(entry::answer))
            },
        );

        ours.with_state(self.clone()).merge(others)
    }
}
