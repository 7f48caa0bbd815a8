//! Once a minute: the refusals that the last minute only counted become records (`graph.md` 3.15).

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};
use vestibule_directory::Directory;
use vestibule_model::{Clock, Context, Ids};

use super::{House, stopped};

/// How often counted refusals are written.
const TURN: Duration = Duration::from_secs(60);

/// Starts it; ends when the server is told to stop.
pub(super) fn start(house: &House, stop: watch::Receiver<bool>) -> JoinHandle<()> {
    let House { directory, clock, ids, .. } = house;
    tokio::spawn(write_each_minute(directory.clone(), clock.clone(), ids.clone(), stop))
}

async fn write_each_minute(
    directory: Directory,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    stop: watch::Receiver<bool>,
) {
    let mut turns = interval(TURN);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut stop = std::pin::pin!(stopped(stop));
    loop {
        tokio::select! {
            () = &mut stop => return,
            _ = turns.tick() => {}
        }
        let context = Context { now: clock.now(), ids: ids.clone(), correlation: ids.random(), client: None };
        directory.write_counted_refusals(&context).await;
    }
}
