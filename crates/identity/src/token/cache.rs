//! Tokens whose signature was checked already, by their hash. One check costs as much as the rest of a read may.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use vestibule_model::Digest;

use super::check::CheckedToken;

/// So many tokens are remembered for certain; twice as many at most.
const GENERATION: usize = 5_000;

/// Two generations: when the young one is full, it becomes the old one, and the old one is forgotten. What is used stays,
/// what is not goes, and no entry costs more than a look-up.
#[derive(Default)]
pub(crate) struct VerifiedTokens(Mutex<Generations>);

#[derive(Default)]
struct Generations {
    young: HashMap<Digest, Arc<CheckedToken>>,
    old: HashMap<Digest, Arc<CheckedToken>>,
}

impl VerifiedTokens {
    /// The token with this hash, if it was checked before.
    pub(super) fn get(&self, hash: &Digest) -> Option<Arc<CheckedToken>> {
        let mut generations = self.generations();
        if let Some(known) = generations.young.get(hash) {
            return Some(Arc::clone(known));
        }
        let known = generations.old.remove(hash)?;
        generations.add(*hash, Arc::clone(&known));
        Some(known)
    }

    /// Remembers a token.
    pub(super) fn put(&self, hash: Digest, token: CheckedToken) {
        self.generations().add(hash, Arc::new(token));
    }

    /// Forgets every token.
    pub(crate) fn forget(&self) {
        *self.generations() = Generations::default();
    }

    fn generations(&self) -> MutexGuard<'_, Generations> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Generations {
    fn add(&mut self, hash: Digest, token: Arc<CheckedToken>) {
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(hash, token);
    }
}
