//! A connection that does not wait for ever for the other end to read.
//!
//! hyper bounds how long a client may take to speak, not how long it may take to listen: an answer that nobody reads would
//! hold its connection, and its page in memory, until the client goes.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;

use super::activity::Activity;

/// A stream whose writes fail once none of them has gone forward for as long as `patience`.
///
/// It stands below TLS, so that handshakes and farewells are bounded too.
pub(super) struct Patient {
    stream: TcpStream,
    patience: Duration,
    activity: Activity,
    /// Runs while a write waits.
    waiting: Option<Pin<Box<Sleep>>>,
}

impl Patient {
    /// Watches the writes of `stream`, and counts them.
    pub(super) fn new(stream: TcpStream, patience: Duration, activity: Activity) -> Self {
        Self { stream, patience, activity, waiting: None }
    }

    /// Passes on how a write went, or the end of our patience.
    fn watch(
        &mut self,
        written: Poll<io::Result<usize>>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        if let Poll::Ready(written) = written {
            self.waiting = None;
            self.activity.wrote(*written.as_ref().unwrap_or(&0));
            return Poll::Ready(written);
        }
        let patience = self.patience;
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
        std::task::ready!(waiting.as_mut().poll(context));

        // What is still queued would otherwise stay in the kernel for as long as the client pleases.
        let _ = self.stream.set_zero_linger();
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client did not read on")))
    }
}

impl AsyncWrite for Patient {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, octets);
        self.watch(written, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.watch(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl AsyncRead for Patient {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn patience_is_counted_from_the_last_write_that_went_forward() {
        let mut patient = patient(Duration::from_hours(1)).await;
        let mut context = Context::from_waker(std::task::Waker::noop());

        assert!(patient.watch(Poll::Pending, &mut context).is_pending());
        let since = patient.waiting.as_ref().unwrap().deadline();
        assert!(patient.watch(Poll::Pending, &mut context).is_pending());
        assert_eq!(patient.waiting.as_ref().unwrap().deadline(), since, "waiting on does not begin anew");

        assert!(matches!(patient.watch(Poll::Ready(Ok(1)), &mut context), Poll::Ready(Ok(1))));
        assert!(patient.waiting.is_none());
    }

    #[tokio::test]
    async fn at_its_end_the_write_fails() {
        let mut patient = patient(Duration::ZERO).await;

        let written = std::future::poll_fn(|context| patient.watch(Poll::Pending, context)).await;

        assert_eq!(written.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    async fn patient(patience: Duration) -> Patient {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Patient::new(
            TcpStream::connect(socket.local_addr().unwrap()).await.unwrap(),
            patience,
            Activity::default(),
        )
    }
}
