//! `cargo xtask test`: the whole suite, with nothing skipped.

use anyhow::Result;

use super::with;

/// Runs `cargo test --workspace` with `filters` among all that it needs.
pub(crate) fn run(filters: &[String]) -> Result<()> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let mut words = vec![cargo, "test".into(), "--workspace".into(), "--no-fail-fast".into()];
    words.extend_from_slice(filters);
    with::run(&words)
}
