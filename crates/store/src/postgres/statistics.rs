//! Statistics of a young database.
//!
//! The planner knows nothing of tables that were never analysed, and takes a tenant for one row: a look-up of one address then walks
//! through all users (seen: 7,500,000 probes for 5,000 invitations). The server's own first look may come a minute later, or never, so we
//! ask for it while the tables grow from nothing. Plans that are kept prepared are made anew after each.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::connect::Connections;

/// After so many units of this process. Beyond the last one the server's own habit is enough.
const LOOKS: [usize; 4] = [200, 2_000, 20_000, 200_000];

/// The tables that grow with use.
const ANALYSE: &str =
    "ANALYZE directory_user, user_address, user_word, invitation, ticket, change_log, audit, audit_target,
                               outbox, idempotency, block_list, flow, passcode, counter_event, session";

/// A look reads a sample of each table: beyond this the database is not slow but silent.
const AT_MOST: Duration = Duration::from_secs(60);

/// Counts units, and looks when it is time.
#[derive(Default)]
pub(super) struct Statistics {
    units: AtomicUsize,
}

impl Statistics {
    /// So many more units were applied.
    pub(super) fn note(&self, units: usize, connections: &Connections) {
        let before = self.units.fetch_add(units, Ordering::Relaxed);
        if LOOKS.iter().any(|look| (before..before + units).contains(look)) {
            tokio::spawn(look(connections.clone()));
        }
    }
}

/// Nobody waits for it; when it fails, the next one or the server's own will do.
async fn look(connections: Connections) {
    let Ok(trip) = connections.trip().await else { return };
    let trip = trip.within(AT_MOST);
    match trip.wait(trip.client().batch_execute(ANALYSE)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "the database was not analysed"),
        Err(error) => return tracing::warn!(%error, "the database was not analysed"),
    }
    trip.end();
}
