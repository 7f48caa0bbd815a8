//! Time and identifiers as values that come in: nothing in this workspace reads them from the system by itself.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

/// Tells the time. Dev mode moves it; tests hold it.
pub trait Clock: Send + Sync {
    /// The server's notion of now.
    fn now(&self) -> Timestamp;
}

/// Makes identifiers.
pub trait Ids: Send + Sync {
    /// A version 7 id whose time part is `now`. Ids drawn one after the other from one source ascend while `now` does.
    fn ascending(&self, now: Timestamp) -> Uuid;

    /// A version 4 id from the operating system's random source (in tests: from the seed).
    fn random(&self) -> Uuid;
}

/// What every decision may know of its surroundings.
#[derive(Clone)]
pub struct Context {
    /// When this request is decided.
    pub now: Timestamp,
    /// Where new ids come from.
    pub ids: Arc<dyn Ids>,
    /// Joins the audit events of one request: the `client-request-id` when that is a GUID, else the `request-id`.
    pub correlation: Uuid,
    /// The address of whoever asks, as far as trusted proxies tell. `None` for work of our own.
    pub client: Option<IpAddr>,
}

impl Context {
    /// Now, cut to whole seconds: what users are shown, so that `eq` on a shown value finds its row.
    pub fn now_in_seconds(&self) -> Timestamp {
        whole_seconds(self.now)
    }

    /// A new version 7 id of this moment, as any of the id types.
    pub fn new_id<T: From<Uuid>>(&self) -> T {
        self.ids.ascending(self.now).into()
    }

    /// A new version 4 id.
    pub fn random_id<T: From<Uuid>>(&self) -> T {
        self.ids.random().into()
    }
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context")
            .field("now", &self.now)
            .field("correlation", &self.correlation)
            .finish_non_exhaustive()
    }
}

/// `instant` without its fraction of a second.
pub fn whole_seconds(instant: Timestamp) -> Timestamp {
    Timestamp::from_second(instant.as_second()).unwrap_or(instant)
}

/// A clock that moves only when it is told to. For tests.
#[derive(Debug)]
pub struct HeldClock(AtomicI64);

impl HeldClock {
    /// Held at `instant`.
    pub fn at(instant: Timestamp) -> Self {
        Self(AtomicI64::new(instant.as_microsecond()))
    }

    /// Moves the clock, backwards too.
    pub fn advance(&self, by: SignedDuration) {
        self.0.fetch_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX), Ordering::SeqCst);
    }
}

impl Clock for HeldClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.0.load(Ordering::SeqCst)).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

/// Ids that are the same in every run. For tests and seeds.
#[derive(Debug)]
pub struct SeededIds(AtomicU64);

impl SeededIds {
    /// Sources with different seeds never meet in their first 2³² ids.
    pub fn new(seed: u32) -> Self {
        Self(AtomicU64::new(u64::from(seed) << 32))
    }

    fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::SeqCst)
    }
}

impl Ids for SeededIds {
    fn ascending(&self, now: Timestamp) -> Uuid {
        let mut tail = [0_u8; 10];
        tail[2..].copy_from_slice(&self.next().to_be_bytes());
        let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()
    }

    fn random(&self) -> Uuid {
        let mut bytes = [0_u8; 16];
        bytes[8..].copy_from_slice(&self.next().to_be_bytes());
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }
}
