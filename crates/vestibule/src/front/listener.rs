//! Connections: accepted, bounded in number and in patience, encrypted, and let go in good order.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tower::Service as _;

use super::activity::{Activity, Mark};
use super::door::Peer;
use super::patient::Patient;
use crate::config::limits::Limits;
use crate::telemetry::metrics;

/// How long open requests may take to finish once the server is told to stop.
const LAST_ORDERS: Duration = Duration::from_secs(30);

/// How long to wait when the system has no more file descriptors to give.
const BREATHER: Duration = Duration::from_millis(100);

/// One bound port and how its connections are treated.
pub(crate) struct Listener {
    socket: TcpListener,
    tls: Option<TlsAcceptor>,
    bounds: Bounds,
}

/// What one connection may take.
#[derive(Clone, Copy)]
struct Bounds {
    head: Duration,
    head_bytes: usize,
    write: Duration,
    connections: usize,
}

impl Listener {
    /// Serves on `socket`; plain HTTP without `tls`.
    pub(crate) fn new(socket: TcpListener, tls: Option<Arc<ServerConfig>>, limits: &Limits) -> Self {
        let bounds = Bounds {
            head: Duration::from_secs(limits.header_seconds),
            head_bytes: usize::try_from(limits.header_bytes).unwrap_or(usize::MAX),
            write: Duration::from_secs(limits.write_seconds),
            connections: usize::try_from(limits.connections)
                .unwrap_or(usize::MAX)
                .min(Semaphore::MAX_PERMITS),
        };
        Self { socket, tls: tls.map(TlsAcceptor::from), bounds }
    }

    /// Serves `app` until `stop` resolves; then takes no more connections and finishes what is in flight.
    pub(crate) async fn serve(self, app: Router, stop: impl Future<Output = ()>) {
        let (is_open, seen) = watch::channel(true);
        let free = Arc::new(Semaphore::new(self.bounds.connections));
        tokio::pin!(stop);
        loop {
            let next = self.accept(&free);
            let (stream, peer, permit) = tokio::select! {
                () = &mut stop => break,
                next = next => match next {
                    Ok(next) => next,
                    Err(why) => {
                        tracing::warn!("a connection could not be accepted: {why}");
                        tokio::time::sleep(BREATHER).await;
                        continue;
                    }
                },
            };
            let connection = Connection {
                app: app.clone(),
                peer,
                bounds: self.bounds,
                activity: Activity::default(),
                is_open: seen.clone(),
            };
            tokio::spawn(connection.run(stream, self.tls.clone(), permit));
        }

        drop((self.socket, seen));
        is_open.send_replace(false);
        // Every connection holds an end of the channel for as long as it stands.
        if tokio::time::timeout(LAST_ORDERS, is_open.closed()).await.is_err() {
            tracing::warn!("some requests did not end in {} s and were cut off", LAST_ORDERS.as_secs());
        }
    }

    async fn accept(
        &self,
        free: &Arc<Semaphore>,
    ) -> io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
        let permit = free.clone().acquire_owned().await.map_err(io::Error::other)?;
        let (stream, peer) = self.socket.accept().await?;
        stream.set_nodelay(true)?;
        Ok((stream, peer, permit))
    }
}

struct Connection {
    app: Router,
    peer: SocketAddr,
    bounds: Bounds,
    activity: Activity,
    /// False once no more connections are taken.
    is_open: watch::Receiver<bool>,
}

impl Connection {
    async fn run(self, stream: TcpStream, tls: Option<TlsAcceptor>, permit: OwnedSemaphorePermit) {
        let _open = metrics::open_connection();
        let stream = Patient::new(stream, self.bounds.write, self.activity.clone());
        match tls {
            None => self.speak(stream).await,
            Some(tls) => {
                if let Some(stream) = self.shake_hands(stream, &tls).await {
                    self.speak(stream).await;
                }
            }
        }
        drop(permit);
    }

    /// The encrypted stream. Who has not shaken hands when the server stops has asked for nothing yet.
    async fn shake_hands(&self, stream: Patient, tls: &TlsAcceptor) -> Option<TlsStream<Patient>> {
        let mut is_open = self.is_open.clone();
        let shaken = tokio::time::timeout(self.bounds.head, tls.accept(stream));
        let shaken = tokio::select! {
            shaken = shaken => shaken,
            () = closing(&mut is_open) => return None,
        };
        // A port scanner, an impatient client, a stranger to our CA: nothing an operator should read about.
        match shaken {
            Ok(Ok(stream)) => return Some(stream),
            Ok(Err(why)) => tracing::debug!("TLS handshake failed: {why}"),
            Err(_) => tracing::debug!("TLS handshake took too long"),
        }
        None
    }

    /// Speaks HTTP/1.1 or HTTP/2, whichever the client does, as long as something happens.
    async fn speak(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let Self { app, peer, bounds, activity, mut is_open } = self;
        let asked = activity.clone();
        let service = service_fn(move |mut request: Request<Incoming>| {
            let answering = asked.asked();
            request.extensions_mut().insert(Peer(peer));
            let answer = app.clone().call(request.map(Body::new));
            async move {
                let _answering = answering;
                answer.await
            }
        });

        let server = server(bounds);
        let served = server.serve_connection(TokioIo::new(stream), service).into_owned();
        tokio::pin!(served);
        let mut mark = Mark::default();
        loop {
            tokio::select! {
                ended = &mut served => return note(ended),
                () = closing(&mut is_open) => {
                    served.as_mut().graceful_shutdown();
                    return note(served.await);
                }
                () = tokio::time::sleep(bounds.head) => if activity.is_quiet_since(&mut mark) { break },
            }
        }

        // Until the first request there is nobody to take leave of: hyper cannot even tell the versions apart.
        if activity.has_begun() {
            served.as_mut().graceful_shutdown();
            if let Ok(ended) = tokio::time::timeout(bounds.write, served).await {
                note(ended);
            }
        }
    }
}

/// Resolves when no more connections are taken.
async fn closing(is_open: &mut watch::Receiver<bool>) {
    // A listener that is gone takes none either.
    let _ = is_open.wait_for(|is_open| !is_open).await;
}

fn note(ended: Result<(), Box<dyn std::error::Error + Send + Sync>>) {
    if let Err(why) = ended {
        tracing::debug!("connection ended: {why}");
    }
}

fn server(bounds: Bounds) -> auto::Builder<TokioExecutor> {
    let mut server = auto::Builder::new(TokioExecutor::new());
    server
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.head)
        .max_buf_size(bounds.head_bytes)
        .max_headers(100);
    server
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(u32::try_from(bounds.head_bytes).unwrap_or(u32::MAX))
        .max_concurrent_streams(128)
        .keep_alive_interval(bounds.head)
        .keep_alive_timeout(Duration::from_secs(20));
    server
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use futures_util::stream;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::sync::oneshot;
    use vestibule_model::Clock as _;

    use super::*;
    use crate::clock::SystemClock;
    use crate::config::PublicUrl;
    use crate::config::tls::Tls;
    use crate::tls;

    #[tokio::test]
    async fn a_connection_that_says_nothing_or_half_a_head_is_closed() {
        let server = Server::start(Limits { header_seconds: 1, ..limits() }).await;
        let closed_after = async |said: &'static str| {
            let mut stream = TcpStream::connect(server.address).await.unwrap();
            stream.write_all(said.as_bytes()).await.unwrap();
            let mut answer = Vec::new();
            let ended = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut answer)).await;
            assert!(ended.is_ok(), "still open after {said:?}");
        };

        tokio::join!(
            closed_after(""),
            closed_after("G"),
            closed_after("PRI * HTTP"),
            closed_after("GET / HTTP/1.1\r\nHost: x\r\n"),
        );
    }

    #[tokio::test]
    async fn a_client_that_reads_nothing_gives_way_to_others() {
        let server = Server::start(Limits { write_seconds: 1, connections: 1, ..limits() }).await;
        let mut deaf = TcpStream::connect(server.address).await.unwrap();
        deaf.write_all(b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();

        let fine = server.say("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let fine = tokio::time::timeout(Duration::from_secs(20), fine).await;

        assert!(fine.expect("the one connection was let go").starts_with("HTTP/1.1 200"));
    }

    #[tokio::test]
    async fn over_http_2_who_reads_nothing_gives_way_to_others() {
        let bounds = Limits { header_seconds: 1, write_seconds: 1, connections: 1, ..limits() };
        let server = Server::start(bounds).await;
        let mut deaf = TcpStream::connect(server.address).await.unwrap();
        deaf.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
        // SETTINGS: no octet of an answer may be sent (SETTINGS_INITIAL_WINDOW_SIZE is 0).
        deaf.write_all(&[0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0]).await.unwrap();
        // HEADERS of a GET for / of the host x, in HPACK.
        deaf.write_all(&[0, 0, 6, 1, 5, 0, 0, 0, 1, 0x82, 0x86, 0x84, 0x41, 1, b'x']).await.unwrap();

        let fine = server.say("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        // Less than hyper waits for the answer to a ping.
        let fine = tokio::time::timeout(Duration::from_secs(15), fine).await;

        assert!(fine.expect("the one connection was let go").starts_with("HTTP/1.1 200"));
    }

    #[tokio::test]
    async fn a_head_that_is_too_large_is_refused_and_the_server_goes_on() {
        let server = Server::start(limits()).await;

        let huge = format!("GET / HTTP/1.1\r\nHost: x\r\nA: {}\r\n\r\n", "a".repeat(100_000));
        assert!(server.say(&huge).await.starts_with("HTTP/1.1 431"));
        let fine = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        assert!(server.say(fine).await.starts_with("HTTP/1.1 200"));
    }

    #[tokio::test]
    async fn told_to_stop_it_finishes_what_is_in_flight() {
        let server = Server::start(limits()).await;
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        server.reached.await.unwrap();

        server.stop.send(()).unwrap();
        server.release.send(()).unwrap();

        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.ends_with("finished"), "{answer}");
        server.done.await.unwrap();
        assert!(TcpStream::connect(server.address).await.is_err());
    }

    #[tokio::test]
    async fn who_has_not_shaken_hands_does_not_delay_the_stop() {
        let data = tempfile::tempdir().unwrap();
        let public_url = PublicUrl::local(true, 8443);
        let identity = tls::identity(&Tls::default(), data.path(), &public_url, SystemClock.now()).unwrap();
        let server = Server::start_with(limits(), Some(identity.server_config().unwrap())).await;
        let mut silent = TcpStream::connect(server.address).await.unwrap();
        silent.write_all(&[0x16, 3, 1, 2, 0]).await.unwrap();
        // Connections are taken in turn: when the second is refused, the first has been taken.
        server.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;

        server.stop.send(()).unwrap();

        let ended = tokio::time::timeout(LAST_ORDERS / 2, server.done).await;
        ended.expect("it ends at once").unwrap();
    }

    struct Server {
        address: SocketAddr,
        stop: oneshot::Sender<()>,
        /// Resolves when the slow request has begun.
        reached: oneshot::Receiver<()>,
        /// Lets the slow request end.
        release: oneshot::Sender<()>,
        done: tokio::task::JoinHandle<()>,
    }

    impl Server {
        async fn start(limits: Limits) -> Self {
            Self::start_with(limits, None).await
        }

        async fn start_with(limits: Limits, tls: Option<Arc<ServerConfig>>) -> Self {
            let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = socket.local_addr().unwrap();
            let (stop, stopped) = oneshot::channel();
            let (reach, reached) = oneshot::channel();
            let (release, released) = oneshot::channel::<()>();
            let once = Arc::new(std::sync::Mutex::new(Some((reach, released))));
            let slow = get(move || async move {
                let (reach, released) = once.lock().unwrap().take().unwrap();
                reach.send(()).unwrap();
                released.await.unwrap();
                "finished"
            });
            let endless = get(|| async {
                let piece = || Ok::<_, io::Error>(axum::body::Bytes::from_static(&[b' '; 65_536]));
                Body::from_stream(stream::iter(std::iter::repeat_with(piece)))
            });
            let app = Router::new()
                .route("/", get(|| async { "ok" }))
                .route("/slow", slow)
                .route("/endless", endless);
            let stop_signal = async { stopped.await.unwrap_or(()) };
            let done = tokio::spawn(Listener::new(socket, tls, &limits).serve(app, stop_signal));
            Self { address, stop, reached, release, done }
        }

        async fn say(&self, text: &str) -> String {
            let mut stream = TcpStream::connect(self.address).await.unwrap();
            let _ = stream.write_all(text.as_bytes()).await;
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer).await;
            String::from_utf8_lossy(&answer).into_owned()
        }
    }

    fn limits() -> Limits {
        Limits {
            header_seconds: 30,
            header_bytes: 65_536,
            write_seconds: 30,
            connections: 16,
            ..Limits::default()
        }
    }
}
