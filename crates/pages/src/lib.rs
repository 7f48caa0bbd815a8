//! The browser surface: the pages on which a guest redeems, blocks and comes back. HTML only, no script anywhere.
//!
//! Owns routes, templates, forms and the translation of refusals into pages; contains no rule. `directory` says what may
//! be done, `identity` who is at the browser, `wording` how it is said. Start reading at [`Pages::router`], then at
//! `redeem/invited.rs`, the page that the mail's button opens. `frame.rs` is what every request passes through.

mod apps;
mod assets;
mod error;
mod fields;
mod frame;
mod layout;
mod link;
mod redeem;
mod settings;
mod unsubscribe;
mod visit;
mod words;

pub use link::TicketLink;
pub use settings::Settings;

use std::sync::Arc;

use axum::{Router, middleware};
use vestibule_directory::Directory;
use vestibule_identity::Identity;
use vestibule_wording::Catalogue;

use crate::assets::Stylesheet;
use crate::error::Trouble;
use crate::layout::Templates;

/// The room. Cheap to clone.
#[derive(Clone)]
pub struct Pages {
    parts: Arc<Parts>,
}

struct Parts {
    directory: Directory,
    identity: Identity,
    settings: Settings,
    catalogue: Arc<Catalogue>,
    templates: Templates,
    stylesheet: Stylesheet,
}

impl Pages {
    /// Pages over the use cases.
    pub fn new(directory: Directory, identity: Identity, settings: Settings) -> Self {
        Self {
            parts: Arc::new(Parts {
                directory,
                identity,
                settings,
                catalogue: Arc::new(Catalogue::new()),
                templates: Templates::new(),
                stylesheet: Stylesheet::new(),
            }),
        }
    }

    /// Every page, and the product's own 404 page for whatever no other surface answers.
    ///
    /// Each request must carry an `Extension` of [`Context`](vestibule_model::Context); one without is a 500.
    pub fn router(&self) -> Router {
        Router::new()
            .merge(redeem::routes())
            .merge(unsubscribe::routes())
            .merge(apps::routes())
            .merge(assets::routes())
            .fallback(async || Trouble::missing())
            .method_not_allowed_fallback(async || Trouble::verb())
            .layer(middleware::from_fn_with_state(self.clone(), frame::around))
            .with_state(self.clone())
    }

    fn directory(&self) -> &Directory {
        &self.parts.directory
    }

    fn identity(&self) -> &Identity {
        &self.parts.identity
    }

    fn settings(&self) -> &Settings {
        &self.parts.settings
    }
}

#[cfg(test)]
mod tests;
