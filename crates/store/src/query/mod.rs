//! From a typed filter to SQL: one walk over the tree, parameters only, the same text for both engines.
//!
//! [`compile`] writes the condition, [`address`] folds look-ups of one address into one index probe, [`element`] writes
//! conditions on collections, [`columns`] says where each property stands, and [`page`] puts a list together.

pub(crate) mod address;
pub(crate) mod columns;
pub(crate) mod compile;
pub(crate) mod element;
pub(crate) mod page;
mod text;

pub(crate) use text::after_prefix;
