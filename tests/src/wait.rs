//! Waiting for something, never for some time.

use std::time::Duration;

use anyhow::{Result, bail};

const BETWEEN_LOOKS: Duration = Duration::from_millis(10);

/// Looks until `look` sees something, `limit` at most.
///
/// # Errors
///
/// `what` was not seen in time, or a look failed.
pub async fn until<T>(
    limit: Duration,
    what: &str,
    mut look: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<T> {
    let end = tokio::time::Instant::now() + limit;
    loop {
        if let Some(seen) = look().await? {
            return Ok(seen);
        }
        if tokio::time::Instant::now() >= end {
            bail!("not seen within {limit:?}: {what}");
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}
