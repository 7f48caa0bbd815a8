//! The statements of real invitations, as the store gives them to its engine, without the store.

use std::path::Path;

use anyhow::{Context as _, Result};
pub(crate) use vestibule_store::recording::{Lock, Recorded, Recorder, Sql, Value};

use crate::guests::Inviter;
use crate::populate::{self, Database};

/// Records `count` invitations of addresses that nobody has: each its snapshot, decided on, and its unit, not applied.
///
/// # Errors
///
/// The store does not open, or the model says no.
pub(crate) fn record(folder: &Path, database: Database<'_>, count: u64) -> Result<Vec<Recorded>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let recorder = Recorder::open(populate::options(folder, database)?).await?;
        let inviter = Inviter::of(recorder.store()).await?;
        recorder.take();

        let mut recorded = Vec::new();
        for n in 0..count {
            let address = format!("replayed-{n}@fabrikam.com");
            inviter.look_up(recorder.store(), &address).await?;
            recorder.store().commit(inviter.invite(n, &address)?).await.context("a recorded unit")?;
            recorded.push(recorder.take());
        }
        recorder.store().close().await?;
        Ok(recorded)
    })
}
