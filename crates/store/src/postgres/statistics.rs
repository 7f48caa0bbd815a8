//! Statistics of a young database.
//!
//! The planner knows nothing of tables that were never analysed, and takes a tenant for one row: a look-up of one address then walks
//! through all users (seen: 7,500,000 probes for 5,000 invitations). The server's own first look may come a minute later, or never, so we
//! ask for it while the tables grow from nothing. Plans that are kept prepared are made anew after each.

use std::sync::atomic::{AtomicUsize, Ordering};

use deadpool_postgres::Pool;

/// After so many units of this process. Beyond the last one the server's own habit is enough.
const LOOKS: [usize; 4] = [200, 2_000, 20_000, 200_000];

/// The tables that grow with use.
const ANALYSE: &str =
    "ANALYZE directory_user, user_address, user_word, invitation, ticket, change_log, audit, audit_target,
                               outbox, idempotency, block_list, flow, passcode, counter_event, session";

/// Counts units, and looks when it is time.
#[derive(Default)]
pub(super) struct Statistics {
    units: AtomicUsize,
}

impl Statistics {
    /// So many more units were applied.
    pub(super) fn note(&self, units: usize, pool: &Pool) {
        let before = self.units.fetch_add(units, Ordering::Relaxed);
        if LOOKS.iter().any(|look| (before..before + units).contains(look)) {
            tokio::spawn(look(pool.clone()));
        }
    }
}

/// Nobody waits for it; when it fails, the next one or the server's own will do.
async fn look(pool: Pool) {
    let Ok(client) = pool.get().await else { return };
    if let Err(error) = client.batch_execute(ANALYSE).await {
        tracing::warn!(%error, "the database was not analysed");
    }
}
