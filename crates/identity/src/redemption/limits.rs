//! The limits on passcodes (`redemption.md` 2.5): counted in the store, so that they survive a restart and hold over
//! nodes, new flows and new codes.

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;
use vestibule_model::state::{Counted, Counter, CounterKind};
use vestibule_model::{Address, Context, Digest, StateChange, TenantId};
use vestibule_store::StoreError;

use crate::secret::sha256;
use crate::{Identity, PasscodeRules};

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Why a sent passcode is counted: what did not reach the relay is taken back by this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// The pause before the next code. Only a code that has left begins one.
    Pause,
    /// The number of mails. Whatever the relay has seen counts.
    Volume,
}

/// At most so many events of one counter in a stretch of time.
#[derive(Clone, Debug)]
pub(super) struct Limit {
    pub(super) reason: Reason,
    counter: Counter,
    window: SignedDuration,
    at_most: u32,
}

/// Every limit on sending a code to `address` for somebody at `client`.
pub(super) fn on_sending(rules: &PasscodeRules, address: &Address, client: Option<IpAddr>) -> Vec<Limit> {
    let sent = |to: &str| Counter { kind: CounterKind::PasscodeSent, key: key(to, address.key()) };
    let limit = |reason, counter, window, at_most| Limit { reason, counter, window, at_most };
    let mut limits = vec![
        limit(Reason::Pause, sent("pause"), rules.resend, 1),
        limit(Reason::Volume, sent("hour"), HOUR, rules.per_hour),
        limit(Reason::Volume, sent("day"), DAY, rules.per_day),
    ];
    if let Some(client) = client {
        let counter = Counter { kind: CounterKind::PasscodeSentTo, key: key("network", &network(client)) };
        limits.push(limit(Reason::Volume, counter, HOUR, rules.per_network_per_hour));
    }
    limits
}

impl Limit {
    /// Counts one event, unless that would be one too many.
    pub(super) fn count(&self, id: Uuid, now: Timestamp) -> StateChange {
        let (counter, since) = (self.counter, now - self.window);
        StateChange::Count { counter, id, at: now, since, at_most: self.at_most }
    }

    /// Takes that event back.
    pub(super) fn uncount(&self, id: Uuid) -> StateChange {
        StateChange::Uncount { counter: self.counter, id }
    }

    fn wait(&self, counted: &Counted, now: Timestamp) -> SignedDuration {
        let is_full = counted.events >= self.at_most;
        let freed_at = counted.oldest.map(|oldest| oldest + self.window);
        match freed_at {
            Some(freed_at) if is_full => freed_at.duration_since(now),
            // Nothing was counted and yet nothing may be: a limit of zero.
            None if is_full => self.window,
            _ => SignedDuration::ZERO,
        }
    }
}

/// How an address stands with wrong tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    /// How long it is locked for; zero when it is not.
    pub(super) locked_for: SignedDuration,
    /// From when on wrong tries count: an hour ago, or the last lock, which has paid for those before it.
    wrong_since: Timestamp,
}

impl Standing {
    /// Counts one wrong try, unless the address has used up its own.
    pub(super) fn count_wrong(
        &self,
        id: Uuid,
        address: &Address,
        rules: &PasscodeRules,
        now: Timestamp,
    ) -> StateChange {
        StateChange::Count {
            counter: wrong(address),
            id,
            at: now,
            since: self.wrong_since,
            at_most: rules.tries_per_address,
        }
    }
}

/// Takes a counted try back: it was right.
pub(super) fn uncount_wrong(id: Uuid, address: &Address) -> StateChange {
    StateChange::Uncount { counter: wrong(address), id }
}

/// Locks `address` from now on, unless it is locked.
pub(super) fn lock(id: Uuid, address: &Address, rules: &PasscodeRules, now: Timestamp) -> StateChange {
    StateChange::Count { counter: locks(address), id, at: now, since: now - rules.lock, at_most: 1 }
}

impl Identity {
    /// How long until a code may be sent to `address`; zero when now.
    pub(super) async fn wait_to_send(
        &self,
        tenant: TenantId,
        address: &Address,
        context: &Context,
    ) -> Result<SignedDuration, StoreError> {
        let now = context.now;
        let limits = on_sending(&self.parts.settings.passcodes, address, context.client);
        let windows: Vec<_> = limits.iter().map(|limit| (limit.counter, now - limit.window)).collect();
        let counted = self.parts.store.counted(tenant, &windows, now).await?;
        let waits = limits.iter().zip(&counted).map(|(limit, counted)| limit.wait(counted, now));
        let longest = waits.max().unwrap_or_default();

        Ok(longest.max(self.standing(tenant, address, now).await?.locked_for))
    }

    /// Whether `address` is locked, and what counts towards its next lock.
    pub(super) async fn standing(
        &self,
        tenant: TenantId,
        address: &Address,
        now: Timestamp,
    ) -> Result<Standing, StoreError> {
        let rules = &self.parts.settings.passcodes;
        let locks = [(locks(address), now - HOUR.max(rules.lock))];
        let counted = self.parts.store.counted(tenant, &locks, now).await?;
        let last = counted.first().and_then(|locks| locks.newest);
        let locked_for = last.map(|at| (at + rules.lock).duration_since(now)).unwrap_or_default();

        Ok(Standing {
            locked_for: locked_for.max(SignedDuration::ZERO),
            wrong_since: last.unwrap_or(Timestamp::MIN).max(now - HOUR),
        })
    }

    /// Whether `address` has no wrong try left.
    pub(super) async fn is_out_of_tries(
        &self,
        tenant: TenantId,
        address: &Address,
        standing: &Standing,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let tries = [(wrong(address), standing.wrong_since)];
        let counted = self.parts.store.counted(tenant, &tries, now).await?;
        let tries = counted.first().map_or(0, |counted| counted.events);
        Ok(tries >= self.parts.settings.passcodes.tries_per_address)
    }
}

fn wrong(address: &Address) -> Counter {
    Counter { kind: CounterKind::WrongPasscode, key: key("address", address.key()) }
}

fn locks(address: &Address) -> Counter {
    Counter { kind: CounterKind::PasscodeLock, key: key("address", address.key()) }
}

fn key(what: &str, name: &str) -> Digest {
    sha256(format!("{what}\0{name}").as_bytes())
}

/// The /24 or /64 of an address: what one customer of a provider has at least.
fn network(client: IpAddr) -> String {
    match client.to_canonical() {
        IpAddr::V4(client) => {
            let [a, b, c, _] = client.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(client) => {
            let [a, b, c, d, ..] = client.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_counted_by_its_network() {
        for (client, of) in [
            ("192.0.2.77", "192.0.2.0/24"),
            ("::ffff:192.0.2.1", "192.0.2.0/24"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ] {
            assert_eq!(network(client.parse().unwrap()), of, "{client}");
        }
    }

    #[test]
    fn a_full_window_is_free_again_when_its_oldest_event_leaves_it() {
        let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        let limit = Limit {
            reason: Reason::Volume,
            counter: Counter { kind: CounterKind::PasscodeSent, key: key("hour", "x") },
            window: HOUR,
            at_most: 2,
        };
        let counted = |events, minutes_ago| Counted {
            events,
            oldest: Some(now - SignedDuration::from_mins(minutes_ago)),
            newest: Some(now),
        };

        assert_eq!(limit.wait(&counted(1, 50), now), SignedDuration::ZERO);
        assert_eq!(limit.wait(&counted(2, 50), now), SignedDuration::from_mins(10));
        assert_eq!(limit.wait(&Counted::default(), now), SignedDuration::ZERO);
    }
}
