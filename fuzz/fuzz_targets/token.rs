//! Whatever stands in an `Authorization` header, if we did not sign it, it is refused.

#![no_main]

use std::sync::{Arc, LazyLock};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use tokio::runtime::{Builder, Runtime};
use vestibule_identity::{Identity, PasscodeRules, Settings};
use vestibule_model::clock::{HeldClock, SeededIds};
use vestibule_model::{PurposeKey, PurposeKeys};
use vestibule_store::Store;

struct World {
    runtime: Runtime,
    identity: Identity,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let identity = runtime.block_on(identity());
    World { runtime, identity }
});

fuzz_target!(|text: &str| {
    let mut parts = text.splitn(3, '\n').map(|part| BASE64_URL_SAFE_NO_PAD.encode(part));
    let mut part = || parts.next().unwrap_or_default();
    let encoded = format!("Bearer {}.{}.{}", part(), part(), part());
    let World { runtime, identity } = &*WORLD;

    for header in [text, &format!("Bearer {text}"), &encoded] {
        let caller = runtime.block_on(identity.caller(Some(header), now()));
        assert!(caller.is_err(), "{header}");
    }
});

fn now() -> Timestamp {
    Timestamp::constant(1_795_000_000, 0)
}

async fn identity() -> Identity {
    let settings = Settings {
        public_url: "https://guests.example".parse().expect("a URL"),
        keys: PurposeKeys::new(vec![PurposeKey { id: [1; 8], secret: [1; 32] }]).expect("a key"),
        passcodes: PasscodeRules::default(),
        sends_mail: false,
        has_secure_cookies: true,
    };
    let store = Store::volatile().await.expect("a store");
    let (clock, ids) = (Arc::new(HeldClock::at(now())), Arc::new(SeededIds::new(7)));
    let identity = Identity::new(store, settings, clock, ids);
    identity.prepare().await.expect("a signing key");
    identity
}
