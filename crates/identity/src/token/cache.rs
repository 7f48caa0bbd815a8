//! Tokens whose signature was checked already, by their hash. One check costs as much as the rest of a read may.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use vestibule_model::Digest;

use super::check::CheckedToken;

/// So many tokens are remembered for certain; twice as many at most.
const GENERATION: usize = 5_000;

/// The memory of checked tokens.
#[derive(Default)]
pub(crate) struct VerifiedTokens(Mutex<Generations<CheckedToken>>);

impl VerifiedTokens {
    /// The token with this hash, if it was checked before.
    pub(super) fn get(&self, hash: &Digest) -> Option<Arc<CheckedToken>> {
        self.generations().get(hash)
    }

    /// Remembers a token.
    pub(super) fn put(&self, hash: Digest, token: CheckedToken) {
        self.generations().put(hash, Arc::new(token));
    }

    /// Forgets every token.
    pub(crate) fn forget(&self) {
        *self.generations() = Generations::default();
    }

    fn generations(&self) -> MutexGuard<'_, Generations<CheckedToken>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// When the young generation is full, it becomes the old one, and the old one is forgotten. What is used stays, what is
/// not goes, and nothing costs more than a look-up.
struct Generations<T> {
    young: HashMap<Digest, Arc<T>>,
    old: HashMap<Digest, Arc<T>>,
}

impl<T> Generations<T> {
    fn get(&mut self, hash: &Digest) -> Option<Arc<T>> {
        if let Some(known) = self.young.get(hash) {
            return Some(Arc::clone(known));
        }
        let known = self.old.remove(hash)?;
        self.put(*hash, Arc::clone(&known));
        Some(known)
    }

    fn put(&mut self, hash: Digest, value: Arc<T>) {
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(hash, value);
    }
}

impl<T> Default for Generations<T> {
    fn default() -> Self {
        Self { young: HashMap::new(), old: HashMap::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_is_bounded_and_what_is_used_stays() {
        let mut memory = Generations::default();
        memory.put(hash(0), Arc::new("used"));
        memory.put(hash(1), Arc::new("unused"));

        for n in 2..50_000 {
            memory.put(hash(n), Arc::new("one of many"));
            assert!(memory.get(&hash(0)).is_some());
        }

        assert!(memory.young.len() + memory.old.len() <= 2 * GENERATION);
        assert!(memory.get(&hash(1)).is_none());
    }

    fn hash(n: u64) -> Digest {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&n.to_be_bytes());
        Digest(bytes)
    }
}
