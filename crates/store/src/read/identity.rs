//! What `identity` asks: tenants by name, applications with their secrets, keys, flows, codes, counters, sessions.

use jiff::Timestamp;
use uuid::Uuid;
use vestibule_model::state::{Counted, Counter, Flow, Passcode, Session};
use vestibule_model::{AppId, Application, ClientSecret, Digest, Tenant, TenantId, User};

use super::fetch::Fetch;
use crate::addresses::sought;
use crate::seal::Place;
use crate::sql::{Across, Row, Statement};
use crate::{CommitError, Store, StoreError};

/// A signing key as kept: the private half is sealed at rest and clear here.
#[derive(Clone)]
pub struct SigningKeyRow {
    /// RFC 7638 thumbprint, base64url.
    pub kid: String,
    /// PKCS#8 in DER.
    pub private: Vec<u8>,
    /// The self-signed certificate of `x5c`, in DER.
    pub certificate: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Store {
    /// The tenant with this id, or with this verified domain, in any case.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot answer; what is not there is no error.
    pub async fn tenant_named(&self, name: &str) -> Result<Option<Tenant>, StoreError> {
        let statement = match Uuid::try_parse(name) {
            Ok(id) => Statement::in_tenant(TenantId(id), "SELECT doc FROM tenant WHERE tenant_id = $1"),
            Err(_) => {
                let sql = "SELECT t.doc FROM verified_domain d JOIN tenant t ON t.tenant_id = d.tenant_id WHERE d.name = $1";
                Statement::across_tenants(Across::Reference, sql).bind(sought(name))
            }
        };
        self.row(statement).await?.map(|row| row.doc(0)).transpose()
    }

    /// An application with its secrets.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot answer; what is not there is no error.
    pub async fn application(
        &self,
        tenant: TenantId,
        app: AppId,
    ) -> Result<Option<(Application, Vec<ClientSecret>)>, StoreError> {
        let mut fetch = Fetch::in_tenant(tenant);
        let found = "SELECT doc FROM application WHERE tenant_id = $1 AND app_id = $2";
        let found = fetch.add(Statement::in_tenant(tenant, found).bind(app));
        let secrets =
            "SELECT doc FROM application_secret WHERE tenant_id = $1 AND app_id = $2 ORDER BY key_id";
        let secrets = fetch.add(Statement::in_tenant(tenant, secrets).bind(app));

        let answers = fetch.run(self).await?;
        let secrets = answers.docs(Some(secrets))?;
        Ok(answers.docs(Some(found))?.pop().map(|application| (application, secrets)))
    }

    /// The tenants in which an application has this id, in order of theirs; two at most.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot answer; what is not there is no error.
    pub async fn tenants_of_application(&self, app: AppId) -> Result<Vec<TenantId>, StoreError> {
        let sql = "SELECT tenant_id FROM application WHERE app_id = $1 ORDER BY tenant_id LIMIT 2";
        let rows = self.rows(Statement::across_tenants(Across::ClientId, sql).bind(app)).await?;
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// The server's signing keys, oldest first.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot answer; what is not there is no error.
    pub async fn signing_keys(&self) -> Result<Vec<SigningKeyRow>, StoreError> {
        let sql = "SELECT kid, created_at, certificate, sealed FROM signing_key ORDER BY created_at, kid";
        let rows = self.rows(Statement::across_tenants(Across::Reference, sql)).await?;
        rows.iter().map(|row| self.signing_key(row)).collect()
    }

    /// Keeps a signing key unless there is one already; answers those that there are then.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it was not made durable.
    pub async fn offer_signing_key(&self, key: SigningKeyRow) -> Result<Vec<SigningKeyRow>, StoreError> {
        let sql = "INSERT INTO signing_key (kid, created_at, certificate, sealed)
                   SELECT $1, $2, $3, $4 WHERE NOT EXISTS (SELECT 1 FROM signing_key)";
        let sealed = self.seal().seal(key_place(&key.kid), &key.private)?;
        let insert = Statement::across_tenants(Across::Reference, sql)
            .bind(&*key.kid)
            .bind(key.created_at)
            .bind(key.certificate)
            .bind(sealed);
        match self.apply_locked("signing key", insert).await {
            Ok(_) | Err(CommitError::Stale(_)) => self.signing_keys().await,
            Err(CommitError::Store(error)) => Err(error),
        }
    }

    /// A live flow by the hash of its cookie.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot answer; what is not there is no error.
    pub async fn flow(
        &self,
        tenant: TenantId,
        id: Digest,
        now: Timestamp,
    ) -> Result<Option<Flow>, StoreError> {
        let sql = "SELECT doc FROM flow WHERE tenant_id = $1 AND id = $2 AND expires_at > $3";
        self.row(Statement::in_tenant(tenant, sql).bind(id).bind(now))
            .await?
            .map(|row| row.doc(0))
            .transpose()
    }

    /// The newest passcode of a flow that was not dropped or replaced.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot answer; what is not there is no error.
    pub async fn passcode(&self, tenant: TenantId, flow: Uuid) -> Result<Option<Passcode>, StoreError> {
        let sql = "SELECT id, flow, hash, created_at, expires_at, tries, used_at FROM passcode
                    WHERE tenant_id = $1 AND flow = $2 AND dropped_at IS NULL
                 ORDER BY created_at DESC, id DESC LIMIT 1";
        self.row(Statement::in_tenant(tenant, sql).bind(flow)).await?.map(|row| passcode(&row)).transpose()
    }

    /// What was counted since `since`, for each counter in order. An event at that very instant has left the window, which
    /// reaches as far ahead of `now` as it goes back.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot answer; what is not there is no error.
    pub async fn counted(
        &self,
        tenant: TenantId,
        counters: &[(Counter, Timestamp)],
        now: Timestamp,
    ) -> Result<Vec<Counted>, StoreError> {
        let ask = |(counter, since): &(Counter, Timestamp)| {
            let sql = "SELECT count(*), min(at), max(at) FROM counter_event
                        WHERE tenant_id = $1 AND kind = $2 AND key = $3 AND at > $4 AND at <= $5";
            let statement = Statement::in_tenant(tenant, sql).bind(counter.kind.as_str()).bind(counter.key);
            statement.bind(*since).bind(ahead(now, *since))
        };
        if counters.is_empty() {
            return Ok(Vec::new());
        }
        let answers = self.fetch(counters.iter().map(ask).collect()).await?;
        answers.iter().flatten().map(counted).collect()
    }

    /// A session by the hash of its cookie, with its user (also when deleted or disabled) and tenant.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot answer; what is not there is no error.
    pub async fn session(
        &self,
        tenant: TenantId,
        id: Digest,
        now: Timestamp,
    ) -> Result<Option<(Session, User, Tenant)>, StoreError> {
        let sql = "SELECT s.doc, u.doc, t.doc FROM session s
                     JOIN directory_user u ON u.tenant_id = $1 AND u.id = s.user_id
                     JOIN tenant t ON t.tenant_id = $1
                    WHERE s.tenant_id = $1 AND s.id = $2 AND s.expires_at > $3";
        let row = self.row(Statement::in_tenant(tenant, sql).bind(id).bind(now)).await?;
        row.map(|row| Ok((row.doc(0)?, row.doc(1)?, row.doc(2)?))).transpose()
    }

    fn signing_key(&self, row: &Row) -> Result<SigningKeyRow, StoreError> {
        let kid: String = row.get(0)?;
        let private = self.seal().open(key_place(&kid), &row.get::<Vec<u8>>(3)?)?;
        Ok(SigningKeyRow { kid, private, created_at: row.get(1)?, certificate: row.get(2)? })
    }
}

/// Where a window of counting ends that begins at `since`: as far ahead of `now`. Nodes' clocks differ a little; what lies
/// further ahead was counted before the clock was set back.
pub(crate) fn ahead(now: Timestamp, since: Timestamp) -> Timestamp {
    now.saturating_add(now.duration_since(since)).unwrap_or(Timestamp::MAX)
}

fn key_place(kid: &str) -> Place<'_> {
    Place { column: "signing_key.sealed", tenant: None, row: kid.as_bytes() }
}

fn passcode(row: &Row) -> Result<Passcode, StoreError> {
    Ok(Passcode {
        id: row.get(0)?,
        flow: row.get(1)?,
        hash: row.get(2)?,
        created_at: row.get(3)?,
        expires_at: row.get(4)?,
        tries: row.get(5)?,
        used_at: row.opt(6)?,
    })
}

fn counted(row: &Row) -> Result<Counted, StoreError> {
    Ok(Counted { events: row.get(0)?, oldest: row.opt(1)?, newest: row.opt(2)? })
}
