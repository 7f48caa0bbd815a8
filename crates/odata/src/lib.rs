//! What was asked: `$filter`, `$select`, `$orderby` and the paging options, from text to a typed tree.
//!
//! This room knows the query language and nothing of what is queried. A [`Schema`] names the properties of an entity and
//! says what may be done with each; whoever answers the query gets names resolved, literals typed and every limit checked.
//!
//! Start with [`schema`], then [`filter`]: text → `lexer` → `syntax` (a tree of words) → `bind` (a tree of properties).
//! [`query`] takes the query string of a URL apart before all that.

mod bind;
pub mod error;
pub mod filter;
mod lexer;
mod literal;
pub mod orderby;
pub mod paging;
mod printer;
pub mod query;
#[cfg(test)]
mod sample;
pub mod schema;
pub mod select;
mod syntax;

pub use error::Error;
pub use filter::{Element, Expr, Op, Quantifier, TextOp, Value};
pub use query::Options;
pub use schema::{Advanced, EdmType, ElementRule, Property, Schema, Selectable, Support};
