//! What is left of a request's body when the answer is ready.
//!
//! Many answers are known before the body was read: no token, no right, a wrong method, too large. The connection would then
//! be closed under a client that still sends, or that means to go on with it, as every Graph SDK does. So what is left is read
//! and thrown away; where that would take too much, the answer says that the connection ends with it.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use http::header::{CONNECTION, EXPECT};
use http::{HeaderMap, HeaderValue, Response};
use http_body_util::BodyExt as _;
use hyper::body::{Frame, SizeHint};

/// More than this is not read for nothing: twice the largest body, unless the operator admits larger ones.
const MOST_OCTETS: u64 = 8 * 1024 * 1024;
/// Nor longer than this.
const LONGEST: Duration = Duration::from_secs(2);

/// A request's body, of which what nobody read can be had back.
pub(super) struct Leftover {
    body: Arc<Mutex<Body>>,
    /// A client that waits for `100 Continue` sends nothing before somebody reads.
    is_awaited: bool,
}

struct Lent(Arc<Mutex<Body>>);

impl Leftover {
    /// Lends `body` to whoever answers.
    pub(super) fn of(body: Body, headers: &HeaderMap) -> (Body, Self) {
        let body = Arc::new(Mutex::new(body));
        let lent = Body::new(Lent(Arc::clone(&body)));
        (lent, Self { body, is_awaited: headers.contains_key(EXPECT) })
    }

    /// Reads what is left, or has `response` say that the connection ends.
    pub(super) async fn clear<B>(self, response: &mut Response<B>) {
        let rest = std::mem::take(&mut *self.body.lock().unwrap_or_else(PoisonError::into_inner));
        if rest.is_end_stream() {
            return;
        }
        let is_small = !self.is_awaited && rest.size_hint().lower() <= MOST_OCTETS;
        if !is_small || !matches!(tokio::time::timeout(LONGEST, is_read(rest)).await, Ok(true)) {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
    }
}

/// Whether `body` came to its end before it was too much.
async fn is_read(mut body: Body) -> bool {
    let mut octets = 0;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return false };
        octets += frame.data_ref().map_or(0, |data| data.len() as u64);
        if octets > MOST_OCTETS {
            return false;
        }
    }
    true
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let mut body = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Pin::new(&mut *body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::stream;

    use super::*;

    /// A body of `chunks` pieces of 64 KiB, and how many of them were read.
    fn body_of(chunks: usize) -> (Body, Arc<AtomicUsize>) {
        let read = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&read);
        let pieces = stream::iter((0..chunks).map(move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
            Ok::<_, std::io::Error>(Bytes::from_static(&[b' '; 65_536]))
        }));
        (Body::from_stream(pieces), read)
    }

    async fn answered(body: Body, headers: &HeaderMap, pieces_read: usize) -> Response<()> {
        let (mut lent, leftover) = Leftover::of(body, headers);
        for _ in 0..pieces_read {
            lent.frame().await;
        }
        drop(lent);
        let mut response = Response::new(());
        leftover.clear(&mut response).await;
        response
    }

    #[tokio::test]
    async fn what_nobody_read_is_read_away_and_the_connection_lives() {
        for pieces_read in [0, 1, 3] {
            let (body, read) = body_of(3);

            let response = answered(body, &HeaderMap::new(), pieces_read).await;

            assert_eq!(read.load(Ordering::Relaxed), 3, "after {pieces_read}");
            assert!(!response.headers().contains_key(CONNECTION), "after {pieces_read}");
        }
    }

    #[tokio::test]
    async fn too_much_is_left_where_it_is_and_the_answer_says_so() {
        let (body, read) = body_of(1_000);

        let response = answered(body, &HeaderMap::new(), 0).await;

        assert_eq!(response.headers()[CONNECTION], "close");
        assert!(read.load(Ordering::Relaxed) < 200);
    }

    #[tokio::test]
    async fn a_client_that_waits_to_be_told_is_not_told_to_send() {
        let (body, read) = body_of(3);
        let headers = HeaderMap::from_iter([(EXPECT, HeaderValue::from_static("100-continue"))]);

        let response = answered(body, &headers, 0).await;

        assert_eq!(read.load(Ordering::Relaxed), 0);
        assert_eq!(response.headers()[CONNECTION], "close");
    }

    #[tokio::test]
    async fn a_request_without_a_body_leaves_nothing() {
        let response = answered(Body::empty(), &HeaderMap::new(), 0).await;

        assert!(!response.headers().contains_key(CONNECTION));
    }
}
