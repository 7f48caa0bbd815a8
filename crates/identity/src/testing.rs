//! A server to test against: the real store, a held clock, seeded ids, one tenant with one application.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tower::ServiceExt as _;
use uuid::{Uuid, uuid};
use vestibule_model::clock::{HeldClock, SeededIds};
use vestibule_model::{
    Activity, AppId, Application, Arrival, AuditEvent, AuditTrail, Change, ChangeSet, ClientSecret, Context,
    Initiator, Lane, Message, Permission, PurposeKey, PurposeKeys, Tenant, TenantId, VerifiedDomain,
};
use vestibule_store::outbox::Attempt;
use vestibule_store::{Store, Unit};

use crate::secret::sha256;
use crate::{Identity, PasscodeRules, Settings};

pub(crate) const TENANT: TenantId = TenantId(uuid!("3a1c7d7e-5b0e-4d9c-8d53-0d5f2f3c9f01"));
pub(crate) const APP: AppId = AppId(uuid!("5e0b6b0e-9d0d-4a8b-9a1d-2f4f3f1d7a55"));
pub(crate) const SERVICE_PRINCIPAL: Uuid = uuid!("019aa000-0000-7000-8000-000000000001");
/// With every character that secrets may hold.
pub(crate) const SECRET: &str = "vst~A.b-C_d+E/f=G";
pub(crate) const ORIGIN: &str = "https://localhost:8443";

/// A server in this process.
pub(crate) struct World {
    pub(crate) identity: Identity,
    pub(crate) store: Store,
    pub(crate) clock: Arc<HeldClock>,
    ids: Arc<SeededIds>,
    pub(crate) client: Option<IpAddr>,
}

impl World {
    /// With the settings that are usual.
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// With settings changed by `change`.
    pub(crate) async fn start_with(change: impl FnOnce(&mut Settings)) -> Self {
        let store = Store::volatile().await.unwrap();
        let clock = Arc::new(HeldClock::at("2026-11-20T12:00:00.25Z".parse().unwrap()));
        let ids = Arc::new(SeededIds::new(7));
        let mut settings = Settings {
            public_url: ORIGIN.parse().unwrap(),
            keys: PurposeKeys::new(vec![PurposeKey { id: [1; 8], secret: [1; 32] }]).unwrap(),
            passcodes: PasscodeRules::default(),
            sends_mail: true,
            has_secure_cookies: true,
        };
        change(&mut settings);
        let identity = Identity::waiting_for(
            Duration::from_secs(10),
            store.clone(),
            settings,
            clock.clone(),
            ids.clone(),
        );
        let world = Self { identity, store, clock, ids, client: Some("192.0.2.7".parse().unwrap()) };
        world.seed().await;
        world
    }

    /// Another node over the same store.
    pub(crate) fn another_node(&self) -> Identity {
        self.node_waiting_for(Duration::from_secs(10))
    }

    /// Another node, whose pages have no patience with the relay.
    pub(crate) fn impatient_node(&self) -> Identity {
        self.node_waiting_for(Duration::ZERO)
    }

    fn node_waiting_for(&self, patience: Duration) -> Identity {
        let settings = self.identity.parts.settings.clone();
        Identity::waiting_for(patience, self.store.clone(), settings, self.clock.clone(), self.ids.clone())
    }

    async fn seed(&self) {
        let tenant = Tenant {
            id: TENANT,
            display_name: "Contoso".into(),
            initial_domain: "contoso.localhost".into(),
            created_at: self.context().now,
            preferred_language: None,
            privacy_statement_url: None,
            privacy_contact: None,
            technical_notification_mails: Vec::new(),
            country_letter_code: None,
        };
        let domain = VerifiedDomain { name: "contoso.localhost".into(), is_default: true, is_initial: true };
        self.change(vec![Change::CreateTenant(Box::new(tenant)), Change::AddDomain(domain)]).await;
        self.add_app(application(), vec![secret(SECRET)]).await;
    }

    pub(crate) async fn add_app(&self, application: Application, secrets: Vec<ClientSecret>) {
        let app = application.app;
        let mut changes = vec![Change::CreateApplication(Box::new(application))];
        changes.extend(secrets.into_iter().map(|secret| Change::AddSecret { app, secret }));
        self.change(changes).await;
    }

    /// The same application in another tenant.
    pub(crate) async fn add_app_in(&self, tenant: TenantId, application: Application) {
        self.change_in(tenant, vec![Change::CreateApplication(Box::new(application))]).await;
    }

    pub(crate) async fn change(&self, changes: Vec<Change>) {
        self.change_in(TENANT, changes).await;
    }

    async fn change_in(&self, tenant: TenantId, changes: Vec<Change>) {
        let event = AuditEvent::new(
            Activity::AddApplication,
            Initiator::Service { name: "test".into() },
            &self.context(),
        );
        let change = Some(ChangeSet::new(changes, AuditTrail::of(event)));
        self.store.commit(Unit { change, ..Unit::new(tenant) }).await.unwrap();
    }

    pub(crate) fn context(&self) -> Context {
        Context {
            now: vestibule_model::Clock::now(&*self.clock),
            ids: self.ids.clone(),
            correlation: Uuid::nil(),
            client: self.client,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.context().now
    }

    pub(crate) fn advance(&self, by: SignedDuration) {
        self.clock.advance(by);
    }

    /// Does what `courier` would: waits for the next passcode mail and ends its first attempt so.
    pub(crate) async fn relay(&self, attempt: Attempt) -> Message {
        loop {
            let lease = SignedDuration::from_secs(3);
            let claims = self.store.claim(Lane::Passcode, self.now(), lease, 1).await.unwrap();
            let Some(claim) = claims.into_iter().next() else {
                tokio::task::yield_now().await;
                continue;
            };
            self.store.end_attempt(&claim, attempt, None).await.unwrap();
            return claim.message;
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(request(Method::GET, path, "")).await
    }

    pub(crate) async fn post(&self, path: &str, form: &str) -> Answer {
        self.send(request(Method::POST, path, form)).await
    }

    /// A good token request, as `MSAL` sends it.
    pub(crate) async fn token(&self) -> String {
        let answer = self.post(&format!("/{TENANT}/oauth2/v2.0/token"), &good_form()).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn send(&self, mut request: Request<Body>) -> Answer {
        let request_id = uuid!("11111111-2222-4333-8444-555555555555");
        request.extensions_mut().insert(Arrival { request_id, client: self.client });
        let answer = self.identity.before(axum::Router::new()).oneshot(request).await.unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = answer.into_body().collect().await.unwrap().to_bytes().to_vec();
        Answer { status, headers, body }
    }
}

pub(crate) fn application() -> Application {
    Application {
        app: APP,
        id: uuid!("019aa000-0000-7000-8000-000000000002").into(),
        service_principal: SERVICE_PRINCIPAL.into(),
        display_name: "HR portal".into(),
        is_enabled: true,
        is_public: false,
        permissions: vec![Permission::UserInviteAll, Permission::UserReadWriteAll],
        created_at: "2026-11-20T12:00:00Z".parse().unwrap(),
    }
}

/// `text` as a secret that is good for a year.
pub(crate) fn secret(text: &str) -> ClientSecret {
    ClientSecret {
        key_id: Uuid::from_u128(text.len() as u128 + 1),
        hash: sha256(text.as_bytes()),
        hint: text.chars().take(3).collect(),
        starts_at: "2026-11-20T12:00:00Z".parse().unwrap(),
        ends_at: "2027-11-20T12:00:00Z".parse().unwrap(),
    }
}

pub(crate) fn form(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

pub(crate) fn good_form() -> String {
    form(&[
        ("client_id", &APP.to_string()),
        ("grant_type", "client_credentials"),
        ("client_info", "1"),
        ("client_secret", SECRET),
        ("scope", "https://localhost:8443/.default"),
    ])
}

pub(crate) fn request(method: Method, path: &str, form: &str) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(path)
        .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
        .body(Body::from(form.to_owned()))
        .unwrap()
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The value of a header, empty when it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Status, `error` and number of an OAuth error.
    pub(crate) fn refusal(&self) -> (u16, String, u64) {
        let body = self.json();
        let word = body["error"].as_str().unwrap_or_default().to_owned();
        (self.status.as_u16(), word, body["error_codes"][0].as_u64().unwrap_or_default())
    }
}
