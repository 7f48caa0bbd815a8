//! How it is said: every text a guest reads, in every language, and what languages need of code.
//!
//! Owns the Fluent catalogues (`locales/<tag>/*.ftl`, compiled in), the choice of a language, Korean particles, dates and
//! lengths of time. Knows no route, no mail and no rule: callers name a text by its id and give its variables.
//! Start reading at [`Catalogue`]; the ids stand in the `.ftl` files, screen by screen.

mod args;
mod catalogue;
pub mod dates;
mod emphasis;
mod names;
mod negotiate;
mod particles;

pub use args::Args;
pub use catalogue::Catalogue;
pub use emphasis::escape_html;
pub use names::{clean_name, message_lines};
pub use negotiate::{Language, Lookup};
pub use particles::Particle;
