//! While `/_dev/reset` makes the world anew, nobody looks at it: whoever asks sees the old world or the new one.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use tokio::sync::{OwnedRwLockWriteGuard, RwLock};

/// Open to any number of requests, or closed for a reset.
#[derive(Clone, Default)]
pub(crate) struct Gate(Arc<RwLock<()>>);

impl Gate {
    /// Waits until everybody inside has their answer. Others wait outside until what this returns is dropped.
    pub(crate) async fn close(&self) -> OwnedRwLockWriteGuard<()> {
        self.0.clone().write_owned().await
    }
}

/// The middleware before everything that reads or writes the world.
pub(crate) async fn pass(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let _inside = gate.0.read().await;
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use axum::{Router, middleware};
    use futures_util::FutureExt as _;
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn who_comes_during_a_reset_waits_for_its_end() {
        let gate = Gate::default();
        let world = Router::new().route("/", get(async || "new"));
        let world = world.layer(middleware::from_fn_with_state(gate.clone(), pass));

        let closed = gate.close().await;
        let mut asked = Box::pin(world.oneshot(Request::get("/").body(axum::body::Body::empty()).unwrap()));
        assert!(asked.as_mut().now_or_never().is_none());
        drop(closed);

        assert_eq!(asked.await.unwrap().status(), 200);
    }
}
