//! RS256 signatures a second on one core: what no token endpoint can exceed.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::RSA_PKCS1_SHA256;

use crate::process;

/// As long as the signed part of an app-only access token.
const SIGNED_BYTES: usize = 900;

/// Signs for `time` on this thread; signatures for each second of processor time, so that it does not matter who else
/// wanted the processor meanwhile.
///
/// # Errors
///
/// The key cannot be made or does not sign.
pub(crate) fn rate(time: Duration) -> Result<f64> {
    let key = KeyPair::generate(KeySize::Rsa2048).ok().context("no RSA key")?;
    let random = SystemRandom::new();
    let message = [b'x'; SIGNED_BYTES];
    let mut signature = vec![0; key.public_modulus_len()];

    let (began, cpu) = (Instant::now(), process::cpu_seconds(std::process::id()));
    let mut signatures = 0_u64;
    while began.elapsed() < time {
        key.sign(&RSA_PKCS1_SHA256, &random, &message, &mut signature).ok().context("no signature")?;
        signatures += 1;
    }
    Ok(signatures as f64 / (process::cpu_seconds(std::process::id()) - cpu))
}
