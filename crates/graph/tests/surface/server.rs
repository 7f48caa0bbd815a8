//! A server of two tenants, without a socket.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt as _;
use jiff::Timestamp;
use serde_json::Value;
use tower::ServiceExt as _;
use url::Url;
use uuid::Uuid;
use vestibule_directory::setup::{First, NewTenant};
use vestibule_directory::{Directory, settings::CustomMessage};
use vestibule_graph::Graph;
use vestibule_identity::Identity;
use vestibule_model::clock::{HeldClock, SeededIds};
use vestibule_model::invitation::InvitationRules;
use vestibule_model::{
    Application, ClientSecret, Clock, Context, Digest, Permission, PurposeKey, PurposeKeys, Tenant, TenantId,
    TenantPolicy, VerifiedDomain,
};
use vestibule_store::Store;

pub(crate) const ORIGIN: &str = "https://guests.example";
const SECRET: &str = "a-secret-that-only-tests-know";

/// Contoso and Fabrikam, with an application for every set of permissions that a test asks for.
pub(crate) struct TestServer {
    router: Router,
    pub(crate) directory: Directory,
    pub(crate) store: Store,
    pub(crate) clock: Arc<HeldClock>,
    ids: Arc<SeededIds>,
}

/// One tenant of the server.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Home {
    Contoso,
    Fabrikam,
}

impl Home {
    pub(crate) fn id(self) -> TenantId {
        TenantId(Uuid::from_u128(match self {
            Self::Contoso => 0xc0_4050_0000_4000_8000_0000_0000_0001,
            Self::Fabrikam => 0xfa_b41c_a000_4000_8000_0000_0000_0002,
        }))
    }

    fn domain(self) -> &'static str {
        match self {
            Self::Contoso => "contoso.example",
            Self::Fabrikam => "fabrikam.example",
        }
    }
}

/// An application that may do something, with a token.
pub(crate) struct App<'a> {
    server: &'a TestServer,
    token: Option<String>,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error} in {}", self.text))
    }

    pub(crate) fn error(&self) -> (u16, String, String) {
        let body = self.json();
        let text = |name: &str| body["error"][name].as_str().unwrap_or_default().to_owned();
        (self.status.as_u16(), text("code"), text("message"))
    }
}

impl TestServer {
    pub(crate) async fn start() -> Self {
        Self::start_with(InvitationRules::default()).await
    }

    pub(crate) async fn start_with(rules: InvitationRules) -> Self {
        let store = Store::volatile().await.unwrap();
        let clock = Arc::new(HeldClock::at("2026-11-21T10:00:00.123456Z".parse::<Timestamp>().unwrap()));
        let ids = Arc::new(SeededIds::new(7));
        let url: Url = ORIGIN.parse().unwrap();
        let directory = Directory::new(store.clone(), directory_settings(&url, rules));
        let identity = Identity::new(store.clone(), identity_settings(&url), clock.clone(), ids.clone());
        identity.prepare().await.unwrap();
        let graph =
            Graph::new(directory.clone(), identity.clone(), graph_settings(&url), clock.clone(), ids.clone());
        let router = graph.router(identity.router());
        let server = Self { router, directory, store, clock, ids };
        for home in [Home::Contoso, Home::Fabrikam] {
            server.add_tenant(home).await;
        }
        server
    }

    async fn add_tenant(&self, home: Home) {
        let context = self.context();
        let domain =
            |name: &str, is_initial| VerifiedDomain { name: name.into(), is_default: is_initial, is_initial };
        let new = NewTenant {
            tenant: Tenant {
                id: home.id(),
                display_name: home.domain().split('.').next().unwrap().to_owned(),
                initial_domain: home.domain().into(),
                created_at: context.now_in_seconds(),
                preferred_language: None,
                privacy_statement_url: None,
                privacy_contact: None,
                technical_notification_mails: Vec::new(),
                country_letter_code: None,
            },
            domains: vec![domain(home.domain(), true), domain(&format!("mail.{}", home.domain()), false)],
            policy: TenantPolicy::default(),
            applications: permission_sets().iter().map(|set| application(home, set, context.now)).collect(),
            users: Vec::new(),
        };
        self.directory.create_tenant(new, First::OneOfMany, &context).await.unwrap();
    }

    pub(crate) fn context(&self) -> Context {
        let ids = self.ids.clone();
        Context { now: self.clock.now(), correlation: Uuid::from_u128(1), client: None, ids }
    }

    /// An application of Contoso with exactly these permissions, separated by blanks.
    pub(crate) async fn app(&self, permissions: &'static str) -> App<'_> {
        self.app_of(Home::Contoso, permissions).await
    }

    pub(crate) async fn app_of(&self, home: Home, permissions: &'static str) -> App<'_> {
        let form = format!(
            "grant_type=client_credentials&client_id={}&client_secret={SECRET}&scope={ORIGIN}/.default",
            app_id(home, permissions)
        );
        let request = Request::post(format!("{ORIGIN}/{}/oauth2/v2.0/token", home.id()))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(form))
            .unwrap();
        let answer = self.send(request).await;
        let token =
            answer.json()["access_token"].as_str().unwrap_or_else(|| panic!("{}", answer.text)).to_owned();
        App { server: self, token: Some(token) }
    }

    pub(crate) fn nobody(&self) -> App<'_> {
        App { server: self, token: None }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Answer { status: parts.status, headers: parts.headers, text }
    }
}

impl App<'_> {
    pub(crate) fn token(&self) -> &str {
        self.token.as_deref().unwrap_or_default()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, None, &[]).await
    }

    pub(crate) async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.call("GET", path, None, headers).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.call("POST", path, Some(body.to_string()), &[]).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.call("PATCH", path, Some(body.to_string()), &[]).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.call("DELETE", path, None, &[]).await
    }

    /// Path and query as people write them: blanks are encoded here.
    pub(crate) async fn call(
        &self,
        method: &str,
        path: &str,
        body: Option<String>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let uri = format!("{ORIGIN}{}", path.replace(' ', "%20").replace('"', "%22"));
        let mut request = Request::builder().method(method).uri(uri);
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let has_type = headers.iter().any(|(name, _)| *name == "content-type");
        if body.is_some() && !has_type {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
            request = request.header(*name, *value);
        }
        self.server.send(request.body(body.map_or_else(Body::empty, Body::from)).unwrap()).await
    }

    /// Invites `address` and answers the guest's id.
    pub(crate) async fn invite(&self, address: &str) -> String {
        let answer = self
            .post(
                "/v1.0/invitations",
                serde_json::json!({"invitedUserEmailAddress": address, "inviteRedirectUrl": "https://myapp.contoso.com"}),
            )
            .await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.json()["invitedUser"]["id"].as_str().unwrap().to_owned()
    }
}

/// The sets that tests ask for; each is an application of each tenant.
fn permission_sets() -> &'static [&'static str] {
    &[
        "",
        "User.Invite.All",
        "User.Read.All",
        "User.ReadBasic.All",
        "User.ReadWrite.All",
        "Directory.ReadWrite.All",
        "Directory.Read.All",
        "AuditLog.Read.All",
        "Organization.Read.All",
        "Domain.Read.All",
        "User.Invite.All User.ReadWrite.All AuditLog.Read.All Organization.Read.All Domain.Read.All",
    ]
}

/// Everything that this release can ask for.
pub(crate) const ALL: &str =
    "User.Invite.All User.ReadWrite.All AuditLog.Read.All Organization.Read.All Domain.Read.All";

fn app_id(home: Home, permissions: &str) -> Uuid {
    let at = permission_sets().iter().position(|set| *set == permissions).expect("a set of the list");
    Uuid::from_u128(home.id().0.as_u128() + 0x1000 + at as u128)
}

fn application(home: Home, permissions: &str, now: Timestamp) -> (Application, Vec<ClientSecret>) {
    let app = app_id(home, permissions);
    let object = |offset: u128| Uuid::from_u128(app.as_u128() + offset);
    let granted = permissions.split_whitespace().map(|name| Permission::find(name).unwrap()).collect();
    let application = Application {
        app: app.into(),
        id: object(0x10_0000).into(),
        service_principal: object(0x20_0000).into(),
        display_name: "Test".into(),
        is_enabled: true,
        is_public: false,
        permissions: granted,
        created_at: now,
    };
    let secret = ClientSecret {
        key_id: object(0x30_0000),
        hash: sha256(SECRET.as_bytes()),
        hint: SECRET[..3].into(),
        starts_at: now,
        ends_at: "2099-01-01T00:00:00Z".parse().unwrap(),
    };
    (application, vec![secret])
}

fn sha256(bytes: &[u8]) -> Digest {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    Digest(digest.as_ref().try_into().unwrap())
}

fn keys(last: u8) -> PurposeKeys {
    PurposeKeys::new(vec![PurposeKey { id: [last; 8], secret: [last; 32] }]).unwrap()
}

fn directory_settings(url: &Url, rules: InvitationRules) -> vestibule_directory::Settings {
    vestibule_directory::Settings {
        public_url: url.clone(),
        invitations: rules,
        link_keys: keys(1),
        custom_message: CustomMessage::Always,
        read_deadline: jiff::SignedDuration::from_secs(10),
    }
}

fn identity_settings(url: &Url) -> vestibule_identity::Settings {
    vestibule_identity::Settings {
        public_url: url.clone(),
        keys: keys(2),
        passcodes: vestibule_identity::PasscodeRules::default(),
        sends_mail: true,
        has_secure_cookies: true,
    }
}

fn graph_settings(url: &Url) -> vestibule_graph::Settings {
    vestibule_graph::Settings {
        public_url: url.clone(),
        page_keys: keys(3),
        body_octets: 4 << 20,
        page_size: 100,
        node: "t".into(),
    }
}
