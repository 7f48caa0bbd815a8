//! Where the database is, how to reach it, and bringing its schema forward.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{
    ClientWrapper, Hook, HookError, Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod,
    Runtime, TimeoutType,
};
use refinery::Runner;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio::time::timeout;
use tokio_postgres::config::Host;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Config, Connection, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::run::meaning;
use crate::inspect::{KnownKeys, age};
use crate::schema::{self, Dialect};
use crate::seal::hex;
use crate::{Inspection, SchemaAge, StoreError, meta};

/// The oldest server that will do, as `server_version_num` says it.
const OLDEST_SERVER: i32 = 150_000;

/// Held while migrating; any number would do, as long as every release takes the same.
const MIGRATING: i64 = 0x7665_7374_6962_756c;

/// A read waits so long for a connection, then the store is busy.
const WAIT_AT_MOST: Duration = Duration::from_secs(5);

/// How long we wait for a database that says nothing. A stopped one takes connections and keeps them open, so only our own clock ends
/// the wait; whoever asks us waits `limits.request_seconds`, which is longer.
#[derive(Clone, Copy)]
pub(super) struct Patience {
    /// For a connection, hand-shakes included.
    pub(super) connect: Duration,
    /// For the answer to one trip; beyond the deadline of the question, where it has one.
    pub(super) answer: Duration,
}

/// Our statements look into indexes: in ten seconds they are answered a thousand times over.
pub(super) const PATIENCE: Patience =
    Patience { connect: Duration::from_secs(10), answer: Duration::from_secs(10) };

/// A database and the way to it.
pub(super) struct Target {
    config: Config,
    tls: MakeRustlsConnect,
    patience: Patience,
}

impl Target {
    /// Reads a `postgres://` URL. Of `sslmode`, `require` and `prefer` encrypt without looking at the certificate, as libpq
    /// has it; `verify-ca` and `verify-full` check it against the system's roots and `SSL_CERT_FILE`, host name included.
    pub(super) fn read(url: &str, patience: Patience) -> Result<Self, StoreError> {
        let is_verified = url.contains("sslmode=verify-full") || url.contains("sslmode=verify-ca");
        let url = url
            .replace("sslmode=verify-full", "sslmode=require")
            .replace("sslmode=verify-ca", "sslmode=require");
        let mut config: Config =
            url.parse().map_err(|error| StoreError::Unavailable(format!("database_url: {error}")))?;
        // A connection that a firewall forgot is found dead before somebody needs it.
        config
            .application_name("vestibule")
            .keepalives_idle(Duration::from_secs(60))
            .keepalives_interval(Duration::from_secs(10))
            .keepalives_retries(3)
            .tcp_user_timeout(Duration::from_secs(30));

        Ok(Self { config, tls: MakeRustlsConnect::new(tls(is_verified)?), patience })
    }

    /// So many connections, each made when it is first needed.
    pub(super) fn connections(&self, most: usize) -> Result<Connections, StoreError> {
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_config(self.config.clone(), self.tls.clone(), recycling);
        let prepare = Hook::async_fn(|client: &mut ClientWrapper, _| {
            Box::pin(async move { client.batch_execute(SESSION).await.map_err(HookError::Backend) })
        });
        let pool = Pool::builder(manager)
            .max_size(most)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(WAIT_AT_MOST))
            .create_timeout(Some(self.patience.connect))
            .post_create(prepare)
            .build()
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;

        Ok(Connections { pool, patience: self.patience })
    }

    /// One connection beside them, for looking and migrating.
    async fn connect(&self) -> Result<(Client, Connection<Socket, Encrypted>), StoreError> {
        let limit = self.patience.connect;
        let connected = timeout(limit, self.config.connect(self.tls.clone())).await;
        connected.map_err(|_| silent(limit)).and_then(|made| made.map_err(|error| meaning(&error))).map_err(
            |error| match error {
                StoreError::Unavailable(why) => StoreError::Unavailable(format!("{}: {why}", self.place())),
                other => other,
            },
        )
    }

    /// Hosts and ports, for the operator: which database it was that did not answer.
    fn place(&self) -> String {
        const PORT: u16 = 5432;
        let ports = self.config.get_ports();
        let port = |index: usize| ports.get(index).or(ports.first()).copied().unwrap_or(PORT);
        let named = self.config.get_hosts().iter().enumerate().map(|(index, host)| match host {
            Host::Tcp(host) => format!("{host}:{}", port(index)),
            Host::Unix(folder) => folder.display().to_string(),
        });
        named.collect::<Vec<_>>().join(", ")
    }
}

type Encrypted = <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream;

/// The connections that the store works with.
#[derive(Clone)]
pub(super) struct Connections {
    pool: Pool,
    patience: Patience,
}

impl Connections {
    /// A connection of the pool, to be used for one trip.
    pub(super) async fn trip(&self) -> Result<Trip, StoreError> {
        let client = self.pool.get().await.map_err(|error| match error {
            PoolError::Timeout(TimeoutType::Wait) => StoreError::busy(),
            PoolError::Timeout(TimeoutType::Create) => silent(self.patience.connect),
            PoolError::Backend(error) => meaning(&error),
            PoolError::PostCreateHook(HookError::Backend(error)) => meaning(&error),
            other => StoreError::Unavailable(other.to_string()),
        })?;
        Ok(Trip { client: Some(client), limit: self.patience.answer })
    }

    /// Hands out no more.
    pub(super) fn close(&self) {
        self.pool.close();
    }
}

/// A connection that is asked something. It goes back to the pool when every answer has come; else it is thrown away, be it that
/// the database is silent or that whoever asked has gone: the next one would wait for what is still to come.
pub(super) struct Trip {
    client: Option<Object>,
    limit: Duration,
}

impl Trip {
    /// The same for a question that may take so much longer.
    pub(super) fn beyond(self, deadline: Option<Duration>) -> Self {
        let limit = self.limit + deadline.unwrap_or_default();
        self.within(limit)
    }

    /// The same with this limit.
    pub(super) fn within(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// The connection.
    pub(super) fn client(&self) -> &ClientWrapper {
        self.client.as_ref().expect("only the end of a trip takes it")
    }

    /// What comes of `answer`, which this connection gives.
    pub(super) async fn wait<T>(&self, answer: impl Future<Output = T>) -> Result<T, StoreError> {
        timeout(self.limit, answer).await.map_err(|_| silent(self.limit))
    }

    /// Every answer has come.
    pub(super) fn end(mut self) {
        drop(self.client.take());
    }
}

impl Drop for Trip {
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            drop(Object::take(client));
        }
    }
}

fn silent(limit: Duration) -> StoreError {
    StoreError::Unavailable(format!("the database did not answer within {limit:?}"))
}

/// What every session of ours has. An answered commit is on disk (a server that promises more may go on doing so). Every statement
/// is written for an index, so plans that read whole tables or build hashes of them are ruled out: kept prepared since the table
/// was small, they would stay. No statement is worth compiling. What a node began and cannot end, since it was stopped, ends by
/// itself: other nodes wait for its locks.
const SESSION: &str = "SET timezone = 'UTC';
    SET statement_timeout = '60s';
    SET idle_in_transaction_session_timeout = '30s';
    SET default_transaction_isolation = 'read committed';
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') <> 'remote_apply';
    SET enable_seqscan = off;
    SET enable_hashjoin = off;
    SET enable_mergejoin = off;
    SET jit = off;";

/// Runs what the database lacks of the schema, one node at a time. A newer one is left alone: the store says so.
pub(super) async fn migrate(target: &Target) -> Result<(), StoreError> {
    let (mut client, connection) = target.connect().await?;
    let connection = tokio::spawn(connection);
    let limit = target.patience.answer;
    let outcome = match timeout(limit, suits(&client)).await {
        Ok(Ok(())) => forward(&mut client).await,
        Ok(Err(unsuited)) => Err(unsuited),
        Err(_) => Err(silent(limit)),
    };
    drop(client); // Which ends the connection, and with it the lock.
    connection.abort();
    outcome
}

/// Whether the server can be ours.
async fn suits(client: &Client) -> Result<(), StoreError> {
    let ask = |error: tokio_postgres::Error| meaning(&error);
    let server: i32 =
        client.query_one("SELECT current_setting('server_version_num')::int", &[]).await.map_err(ask)?.get(0);
    if server < OLDEST_SERVER {
        return Err(StoreError::Unavailable("PostgreSQL 15 or newer is needed".into()));
    }
    let encoding: String = client.query_one("SHOW server_encoding", &[]).await.map_err(ask)?.get(0);
    if encoding != "UTF8" {
        return Err(StoreError::Unavailable(format!("the database must be in UTF8, it is in {encoding}")));
    }
    Ok(())
}

/// Waits as long as it takes: another node may be at it, and a large table takes its time.
async fn forward(client: &mut Client) -> Result<(), StoreError> {
    let ask = |error: tokio_postgres::Error| meaning(&error);
    client.execute("SELECT pg_advisory_lock($1)", &[&MIGRATING]).await.map_err(ask)?;
    if version(client).await.map_err(ask)? >= schema::VERSION {
        return Ok(());
    }
    Runner::new(&schema::migrations(Dialect::Postgres)?)
        .set_grouped(true)
        .run_async(client)
        .await
        .map(drop)
        .map_err(|error| StoreError::Unavailable(format!("migrating: {error}")))
}

/// The schema's version, who wrote the store, whether its keys are at hand, and which promises of the server are missing.
pub(super) async fn inspect(target: &Target, keys: &KnownKeys) -> Result<Inspection, StoreError> {
    let (client, connection) = target.connect().await?;
    let connection = tokio::spawn(connection);
    let limit = target.patience.answer;
    let outcome = timeout(limit, look(&client, keys)).await;
    connection.abort();
    outcome.map_err(|_| silent(limit))?.map_err(|error| meaning(&error))
}

async fn look(client: &Client, keys: &KnownKeys) -> Result<Inspection, tokio_postgres::Error> {
    let mut doubts = Vec::new();
    for (name, why) in [
        ("fsync", "a crash of the machine may lose what was acknowledged"),
        ("synchronous_commit", "vestibule sets it for its own sessions, others may rely on it"),
    ] {
        let value: String = client.query_one("SELECT current_setting($1)", &[&name]).await?.get(0);
        if value == "off" {
            doubts.push(format!("{name} is off: {why}"));
        }
    }

    let schema = age(version(client).await?);
    let written_by = match schema {
        SchemaAge::Missing => None,
        SchemaAge::Older | SchemaAge::Current | SchemaAge::Newer => {
            client.query_opt("SELECT value FROM server_meta WHERE name = 'written_by'", &[]).await?
        }
    };
    let missing_key = match schema {
        SchemaAge::Current => missing_key(client, keys).await?,
        SchemaAge::Missing | SchemaAge::Older | SchemaAge::Newer => None,
    };
    Ok(Inspection { schema, written_by: written_by.map(|row| row.get(0)), missing_key, doubts })
}

async fn missing_key(client: &Client, keys: &KnownKeys) -> Result<Option<String>, tokio_postgres::Error> {
    let names = client.query(meta::KEY_NAMES, &[]).await?;
    let names: Vec<String> = names.iter().map(|row| row.get(0)).collect();
    for id in keys.missing_of(&names) {
        let [from, until] = meta::sealed_range(&id);
        if client.query_opt(meta::IS_IN_USE, &[&from, &until]).await?.is_some() {
            return Ok(Some(hex(&id)));
        }
    }
    Ok(None)
}

async fn version(client: &Client) -> Result<u32, tokio_postgres::Error> {
    let is_there = "SELECT to_regclass('server_meta') IS NOT NULL";
    if !client.query_one(is_there, &[]).await?.get::<_, bool>(0) {
        return Ok(0);
    }
    let row = client.query_opt("SELECT value FROM server_meta WHERE name = 'schema'", &[]).await?;
    Ok(row.and_then(|row| row.get::<_, String>(0).parse().ok()).unwrap_or(0))
}

fn tls(is_verified: bool) -> Result<ClientConfig, StoreError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| StoreError::Unavailable(error.to_string()))?;
    if is_verified {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        return Ok(builder.with_root_certificates(roots).with_no_client_auth());
    }
    let anybody = Arc::new(Anybody(provider));
    Ok(builder.dangerous().with_custom_certificate_verifier(anybody).with_no_client_auth())
}

/// Takes any certificate: what `sslmode=require` means.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
