//! Password hashes: Argon2id, with the parameters that OWASP's Password Storage Cheat Sheet names first.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// Hashes one password after the other in one piece of memory.
///
/// The piece is 19 MiB. Allocated anew for each password, the allocator would keep it for good.
pub(crate) struct Hasher {
    argon2: Argon2<'static>,
    memory: Vec<Block>,
}

impl Hasher {
    pub(crate) fn new() -> Self {
        let params = Params::default();
        let memory = vec![Block::default(); params.block_count()];
        Self { argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params), memory }
    }

    /// The PHC string of `password` under a new salt.
    #[expect(clippy::disallowed_methods, reason = "a salt is drawn where the hash is made")]
    pub(crate) fn hash(&mut self, password: &str) -> Result<String, argon2::Error> {
        let mut salt = [0; 16];
        rand::fill(&mut salt).expect("the system's random source does not fail once it has started");
        let mut hash = [0; 32];
        self.argon2.hash_password_into_with_memory(
            password.as_bytes(),
            &salt,
            &mut hash,
            &mut self.memory,
        )?;

        let params = self.argon2.params();
        Ok(format!(
            "$argon2id$v=19$m={},t={},p={}${}${}",
            params.m_cost(),
            params.t_cost(),
            params.p_cost(),
            STANDARD_NO_PAD.encode(salt),
            STANDARD_NO_PAD.encode(hash),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_names_its_parameters_and_no_two_are_alike() {
        let mut hasher = Hasher::new();

        let (first, second) = (hasher.hash("hunter2").unwrap(), hasher.hash("hunter2").unwrap());

        assert!(first.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{first}");
        assert_ne!(first, second);
    }
}
