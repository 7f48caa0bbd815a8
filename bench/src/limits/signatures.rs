//! RS256 signatures a second on each core: what no token endpoint can exceed.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::RSA_PKCS1_SHA256;

use crate::process;

/// As long as the signed part of an app-only access token.
const SIGNED_BYTES: usize = 900;

/// Signs for `time` on so many threads at once; signatures for each second of processor time, so that it does not matter who
/// else wanted the processors meanwhile. Processors that share what is inside a core sign less each when all are busy.
///
/// # Errors
///
/// The key cannot be made or does not sign.
pub(crate) fn rate(time: Duration, threads: usize) -> Result<f64> {
    let key = KeyPair::generate(KeySize::Rsa2048).ok().context("no RSA key")?;
    let cpu = process::cpu_seconds(std::process::id());
    let signed: Option<u64> = thread::scope(|scope| {
        let signing: Vec<_> = (0..threads).map(|_| scope.spawn(|| sign_for(time, &key))).collect();
        signing.into_iter().map(|thread| thread.join().ok()?).sum()
    });
    let signed = signed.context("no signature")?;
    Ok(signed as f64 / (process::cpu_seconds(std::process::id()) - cpu))
}

fn sign_for(time: Duration, key: &KeyPair) -> Option<u64> {
    let random = SystemRandom::new();
    let message = [b'x'; SIGNED_BYTES];
    let mut signature = vec![0; key.public_modulus_len()];
    let began = Instant::now();
    let mut signed = 0_u64;
    while began.elapsed() < time {
        key.sign(&RSA_PKCS1_SHA256, &random, &message, &mut signature).ok()?;
        signed += 1;
    }
    Some(signed)
}
