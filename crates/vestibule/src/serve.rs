//! The running server: brings the rooms together, opens the port, and closes everything in good order.
//!
//! The order is the point. What takes long and nobody waits for comes after ready (passwords), what takes long and must be
//! there is done side by side (certificate, signing key, first tenant), and nothing is promised before it is kept: the
//! port answers when every room can.

mod app;
mod records;
mod worker;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use vestibule_directory::Directory;
use vestibule_identity::Identity;
use vestibule_model::{Clock, Context, Ids};
use vestibule_store::{Store, StoreError};

use crate::clock::{SystemClock, SystemIds};
use crate::config::{Mode, PublicUrl, Settings};
use crate::dev::DevOptions;
use crate::dev::facts::DevFacts;
use crate::dev::seed::SeedError;
use crate::dev::start::{DevStart, hash_passwords};
use crate::front::listener::Listener;
use crate::store::{DataFolder, OpenError};
use crate::telemetry::metrics;
use crate::tls::TlsError;
use crate::{rooms, store, tls};

/// Why the server did not start, or did not end well.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServeError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("{address} cannot be listened on: {why}")]
    Bind { address: SocketAddr, why: std::io::Error },
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error(transparent)]
    Seed(#[from] SeedError),
    #[error("the first tenant could not be made: {0}")]
    Setup(vestibule_directory::Error),
    #[error(transparent)]
    Mail(#[from] crate::mail::MailError),
    #[error("{0}")]
    Broken(String),
}

impl From<StoreError> for ServeError {
    fn from(why: StoreError) -> Self {
        Self::Open(OpenError::Store(why))
    }
}

/// Everything that every part of the running server may use.
struct House {
    mode: Mode,
    settings: Settings,
    public_url: PublicUrl,
    port: u16,
    folder: DataFolder,
    store: Store,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    directory: Directory,
    identity: Identity,
}

/// Runs the server until it is told to stop.
///
/// # Errors
///
/// [`ServeError`]; what could be closed was closed.
pub(crate) async fn serve(settings: Settings, dev: Option<DevOptions>) -> Result<(), ServeError> {
    let mode = if dev.is_some() { Mode::Dev } else { Mode::Production };
    let stop = told_to_stop()?;
    let folder = DataFolder::claim(&settings, mode)?;
    // What a crash left behind would be read as true until we are ready.
    if mode == Mode::Dev {
        DevFacts::remove(&settings.server.data);
    }
    let socket = bind(settings.server.listen).await?;
    let port = socket.local_addr().map_err(|why| ServeError::Broken(why.to_string()))?.port();
    let local = || PublicUrl::local(!settings.tls.is_off, port);
    let public_url = settings.server.public_url.clone().unwrap_or_else(local);

    let dev = dev.map(|options| DevStart::new(options, &folder.keys)).transpose()?;
    let clock: Arc<dyn Clock> = match &dev {
        Some(dev) => dev.clock.clone(),
        None => Arc::new(SystemClock),
    };
    let certificate = certificate(mode, &settings, &public_url);
    let house = House::open(mode, settings, public_url, port, folder, clock).await?;
    let (prepared, seeded) = tokio::join!(house.identity.prepare(), async {
        match &dev {
            Some(dev) => dev.seed(&house.directory, &house.context()).await.map_err(ServeError::Setup),
            None => Ok(()),
        }
    });
    prepared?;
    seeded?;
    let certificate = certificate.await.map_err(|why| ServeError::Broken(why.to_string()))??;

    house.run(socket, certificate, dev, stop).await
}

/// The certificate in use, and its CA when it is our own.
struct Certificate {
    tls: Option<Arc<rustls::ServerConfig>>,
    ca: Option<PathBuf>,
}

/// Reads or makes it on a thread of its own, beside opening the store.
fn certificate(
    mode: Mode,
    settings: &Settings,
    public_url: &PublicUrl,
) -> tokio::task::JoinHandle<Result<Certificate, TlsError>> {
    let (tls, data, public_url) = (settings.tls.clone(), settings.server.data.clone(), public_url.clone());
    tokio::task::spawn_blocking(move || {
        if tls.is_off && mode == Mode::Production {
            return Ok(Certificate { tls: None, ca: None });
        }
        // In dev mode over plain HTTP too: dev.json names a CA that stands.
        let identity = tls::identity(&tls, &data, &public_url, SystemClock.now())?;
        let ca = identity.ca.as_ref().and_then(|ca| std::path::absolute(ca).ok());
        let config = (!tls.is_off).then(|| identity.server_config()).transpose()?;
        Ok(Certificate { tls: config, ca })
    })
}

impl House {
    async fn open(
        mode: Mode,
        settings: Settings,
        public_url: PublicUrl,
        port: u16,
        folder: DataFolder,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ServeError> {
        let ids: Arc<dyn Ids> = Arc::new(SystemIds::new());
        let store = store::open(&settings, &folder.keys, mode).await?;
        let directory =
            Directory::new(store.clone(), rooms::directory(&settings, &public_url, &folder.keys, mode));
        let identity = Identity::new(
            store.clone(),
            rooms::identity(&settings, &public_url, &folder.keys, mode),
            clock.clone(),
            ids.clone(),
        );
        Ok(Self { mode, settings, public_url, port, folder, store, clock, ids, directory, identity })
    }

    /// For work of our own.
    fn context(&self) -> Context {
        Context { now: self.clock.now(), ids: self.ids.clone(), correlation: self.ids.random(), client: None }
    }

    async fn run(
        self,
        socket: TcpListener,
        certificate: Certificate,
        dev: Option<DevStart>,
        stop: watch::Receiver<bool>,
    ) -> Result<(), ServeError> {
        let metrics = metrics::start().map_err(|why| ServeError::Broken(why.to_string()))?;
        let (mail, mailbox) = worker::start(&self, dev.as_ref(), stop.clone())?;
        let app = app::app(&self, &metrics, dev.as_ref().zip(mailbox));
        let own_port = app::metrics_port(&self, &metrics, stop.clone()).await?;
        let records = records::start(&self, stop.clone());

        let data = self.settings.server.data.clone();
        let listener = Listener::new(socket, certificate.tls, &self.settings.limits);
        let serving = tokio::spawn(listener.serve(app, stopped(stop)));
        self.announce(certificate.ca, dev.as_ref())?;

        let hashing = dev.as_ref().map(|dev| {
            tokio::spawn(hash_passwords(dev.plans.clone(), self.directory.clone(), self.context()))
        });
        let served = serving.await;
        for task in [Some(mail), Some(records), own_port, hashing].into_iter().flatten() {
            let _ = task.await;
        }
        self.store.close().await?;
        if let Some(dev) = dev {
            dev.leave(&data);
        }
        served.map_err(|why| ServeError::Broken(why.to_string()))
    }

    /// Says that the server is ready: in dev mode with everything one needs to use it.
    fn announce(&self, ca: Option<PathBuf>, dev: Option<&DevStart>) -> Result<(), ServeError> {
        tracing::info!("ready at {}", self.public_url);
        if let Some(dev) = dev {
            let token = self.settings.dev.allow_remote.then(|| dev.token());
            let data = &self.settings.server.data;
            let facts = DevFacts::of(self.public_url.as_str(), data, ca, &dev.plans, token);
            let written = facts.write(data);
            written.map_err(|why| ServeError::Broken(format!("dev.json cannot be written: {why}")))?;
            let _ = std::io::Write::write_all(&mut std::io::stdout(), facts.text().as_bytes());
        }
        Ok(())
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address).await.map_err(|why| ServeError::Bind { address, why })
}

/// True once the process is told to stop.
fn told_to_stop() -> Result<watch::Receiver<bool>, ServeError> {
    let (tell, told) = watch::channel(false);
    let broken = |why: std::io::Error| ServeError::Broken(why.to_string());
    let mut interrupt = signal(SignalKind::interrupt()).map_err(broken)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(broken)?;
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping");
        let _ = tell.send(true);
    });
    Ok(told)
}

/// Resolves when the process is told to stop.
async fn stopped(mut stop: watch::Receiver<bool>) {
    // A sender that is gone cannot tell any more, which is as good as being told.
    let _ = stop.wait_for(|is_told| *is_told).await;
}
