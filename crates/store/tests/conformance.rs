//! The conformance suite on every engine.

use vestibule_store::conformance;
use vestibule_store::Store;

#[tokio::test]
async fn sqlite_in_memory_keeps_every_promise() {
    conformance::run(|| async { Store::volatile().await.unwrap() }).await;
}
