//! Where the database is, how to reach it, and bringing its schema forward.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime, TimeoutType,
};
use refinery::Runner;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_postgres::Config;
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

/// A connection that went wrong is told by everybody; only then is it looked at anew.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);

/// A read waits so long for a connection, then the store is busy.
const WAIT_AT_MOST: Duration = Duration::from_secs(5);

/// A database and the way to it.
pub(super) struct Target {
    config: Config,
    tls: MakeRustlsConnect,
}

impl Target {
    /// Reads a `postgres://` URL. Of `sslmode`, `require` and `prefer` encrypt without looking at the certificate, as libpq
    /// has it; `verify-ca` and `verify-full` check it against the system's roots and `SSL_CERT_FILE`, host name included.
    pub(super) fn read(url: &str) -> Result<Self, StoreError> {
        let is_verified = url.contains("sslmode=verify-full") || url.contains("sslmode=verify-ca");
        let url = url
            .replace("sslmode=verify-full", "sslmode=require")
            .replace("sslmode=verify-ca", "sslmode=require");
        let mut config: Config =
            url.parse().map_err(|error| StoreError::Unavailable(format!("database_url: {error}")))?;
        config.application_name("vestibule").connect_timeout(CONNECT_WITHIN);

        Ok(Self { config, tls: MakeRustlsConnect::new(tls(is_verified)?) })
    }

    /// A pool of so many connections, each made when it is first needed.
    pub(super) fn pool(&self, connections: usize) -> Result<Pool, StoreError> {
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_config(self.config.clone(), self.tls.clone(), recycling);
        let prepare = Hook::async_fn(|client: &mut deadpool_postgres::ClientWrapper, _| {
            Box::pin(async move { client.batch_execute(SESSION).await.map_err(HookError::Backend) })
        });
        Pool::builder(manager)
            .max_size(connections)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(WAIT_AT_MOST))
            .create_timeout(Some(CONNECT_WITHIN))
            .post_create(prepare)
            .build()
            .map_err(|error| StoreError::Unavailable(error.to_string()))
    }
}

/// What every session of ours has. An answered commit is on disk (a server that promises more may go on doing so). Every statement
/// is written for an index, so plans that read whole tables or build hashes of them are ruled out: kept prepared since the table
/// was small, they would stay. No statement is worth compiling.
const SESSION: &str = "SET timezone = 'UTC';
    SET default_transaction_isolation = 'read committed';
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') <> 'remote_apply';
    SET enable_seqscan = off;
    SET enable_hashjoin = off;
    SET enable_mergejoin = off;
    SET jit = off;";

/// A connection of the pool.
pub(super) async fn client(pool: &Pool) -> Result<Object, StoreError> {
    pool.get().await.map_err(|error| match error {
        PoolError::Timeout(TimeoutType::Wait) => StoreError::busy(),
        PoolError::Backend(error) => meaning(&error),
        PoolError::PostCreateHook(HookError::Backend(error)) => meaning(&error),
        other => StoreError::Unavailable(other.to_string()),
    })
}

/// Runs what the database lacks of the schema, one node at a time. A newer one is left alone: the store says so.
pub(super) async fn migrate(target: &Target) -> Result<(), StoreError> {
    let (mut client, connection) =
        target.config.connect(target.tls.clone()).await.map_err(|error| meaning(&error))?;
    let connection = tokio::spawn(connection);
    let outcome = forward(&mut client).await;
    drop(client); // Which ends the connection, and with it the lock.
    let _ = connection.await;
    outcome
}

async fn forward(client: &mut tokio_postgres::Client) -> Result<(), StoreError> {
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
    let (client, connection) =
        target.config.connect(target.tls.clone()).await.map_err(|error| meaning(&error))?;
    let connection = tokio::spawn(connection);
    let outcome = look(&client, keys).await.map_err(|error| meaning(&error));
    drop(client);
    let _ = connection.await;
    outcome
}

async fn look(
    client: &tokio_postgres::Client,
    keys: &KnownKeys,
) -> Result<Inspection, tokio_postgres::Error> {
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

async fn missing_key(
    client: &tokio_postgres::Client,
    keys: &KnownKeys,
) -> Result<Option<String>, tokio_postgres::Error> {
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

async fn version(client: &tokio_postgres::Client) -> Result<u32, tokio_postgres::Error> {
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
