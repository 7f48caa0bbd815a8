//! A house with one tenant, and browsers that come to its door.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use jiff::SignedDuration;
use tower::ServiceExt as _;
use url::Url;
use url::form_urlencoded;
use vestibule_directory::settings::CustomMessage;
use vestibule_directory::setup::{First, NewTenant};
use vestibule_directory::{Directory, Settings as DirectorySettings};
use vestibule_identity::{Identity, Settings as IdentitySettings};
use vestibule_model::clock::{HeldClock, SeededIds};
use vestibule_model::invitation::{InvitationRequest, InvitationRules};
use vestibule_model::{
    AppId, Application, AuditEvent, Caller, CallingApp, Clock, Context, Ids, InvitationId, Lane, Payload,
    Permission, ServicePrincipalId, Tenant, TenantId, TenantPolicy, User, VerifiedDomain,
};
use vestibule_store::Store;
use vestibule_store::outbox::Attempt;
use vestibule_store::read::audit::AuditQuery;
use vestibule_store::read::redemption::RedemptionSnapshot;
use vestibule_store::testing::fixed_keys;

use crate::{Pages, Settings};

pub(super) const PUBLIC: &str = "https://guests.example";
pub(super) const GUEST: &str = "taylor@fabrikam.com";

pub(super) struct House {
    pub(super) directory: Directory,
    pub(super) clock: Arc<HeldClock>,
    pub(super) caller: Caller,
    pub(super) relay: Arc<Relay>,
    pub(super) store: Store,
    ids: Arc<dyn Ids>,
    router: Router,
}

/// Takes passcodes as they come, or refuses them all.
#[derive(Default)]
pub(super) struct Relay {
    codes: Mutex<Vec<String>>,
    refuses: AtomicBool,
}

impl Relay {
    pub(super) fn refuse(&self, refuses: bool) {
        self.refuses.store(refuses, Ordering::SeqCst);
    }

    pub(super) fn codes(&self) -> Vec<String> {
        self.codes.lock().unwrap().clone()
    }

    pub(super) fn last_code(&self) -> String {
        self.codes().pop().expect("a code was sent")
    }

    async fn work(self: Arc<Self>, store: Store, clock: Arc<HeldClock>) {
        loop {
            let lease = SignedDuration::from_secs(30);
            for claim in store.claim(Lane::Passcode, clock.now(), lease, 8).await.unwrap() {
                let attempt = if self.refuses.load(Ordering::SeqCst) {
                    Attempt::Dead { reply: "no".into() }
                } else {
                    if let Payload::Passcode(mail) = &claim.message.payload {
                        self.codes.lock().unwrap().push(mail.code.clone());
                    }
                    Attempt::Sent { reply: "250 ok".into() }
                };
                store.end_attempt(&claim, attempt, None).await.unwrap();
            }
            store.changed().await;
        }
    }
}

impl House {
    pub(super) async fn new() -> Self {
        Self::with(|_| {}, |_, _| {}).await
    }

    /// Whose invitations end after so many days.
    pub(super) async fn with_lifetime(days: u32) -> Self {
        let rules = InvitationRules { lifetime_days: days, ..InvitationRules::default() };
        Self::build(|settings| settings.invitations = rules, |_| {}, |_, _| {}).await
    }

    /// Which leaves an application's words out, as Entra does.
    pub(super) async fn with_words_as_in_entra() -> Self {
        Self::build(|settings| settings.custom_message = CustomMessage::Entra, |_| {}, |_, _| {}).await
    }

    /// With other settings of the pages, or another tenant.
    pub(super) async fn with(
        settings: impl FnOnce(&mut Settings),
        tenant: impl FnOnce(&mut Tenant, &mut TenantPolicy),
    ) -> Self {
        Self::build(|_| {}, settings, tenant).await
    }

    async fn build(
        directory: impl FnOnce(&mut DirectorySettings),
        settings: impl FnOnce(&mut Settings),
        tenant: impl FnOnce(&mut Tenant, &mut TenantPolicy),
    ) -> Self {
        let store = Store::volatile().await.unwrap();
        let clock = Arc::new(HeldClock::at("2026-11-20T06:00:00Z".parse().unwrap()));
        let ids: Arc<dyn Ids> = Arc::new(SeededIds::new(7));
        let public_url = Url::parse(PUBLIC).unwrap();
        let mut directory_settings = directory_settings(&public_url);
        directory(&mut directory_settings);
        let directory = Directory::new(store.clone(), directory_settings);
        let identity = Identity::new(
            store.clone(),
            IdentitySettings {
                public_url: public_url.clone(),
                keys: fixed_keys(),
                passcodes: Default::default(),
                sends_mail: true,
                has_secure_cookies: true,
            },
            clock.clone(),
            ids.clone(),
        );
        let mut page_settings = Settings {
            public_url,
            has_secure_cookies: true,
            map_myapps: true,
            sender: Some("invitations@contoso.com".into()),
            passcode_lifetime: SignedDuration::from_mins(30),
        };
        settings(&mut page_settings);
        let relay = Arc::new(Relay::default());
        tokio::spawn(relay.clone().work(store.clone(), clock.clone()));

        let router = Pages::new(directory.clone(), identity, page_settings).router();
        let context = context(&clock, &ids);
        let caller = settle(&directory, &context, First::Only, tenant).await;
        Self { directory, clock, caller, relay, store, ids, router }
    }

    /// A second organisation on the same server.
    pub(super) async fn neighbour(&self, name: &str, domain: &str) -> Caller {
        let change = |tenant: &mut Tenant, _: &mut TenantPolicy| {
            tenant.display_name = name.into();
            tenant.initial_domain = domain.into();
        };
        settle(&self.directory, &self.context(), First::OneOfMany, change).await
    }

    pub(super) fn context(&self) -> Context {
        context(&self.clock, &self.ids)
    }

    pub(super) fn pass(&self, time: SignedDuration) {
        self.clock.advance(time);
    }

    /// Invites the guest; `more` may say more. Answers the path and query of the redeem URL, and whose it is.
    pub(super) async fn invite(&self, more: impl FnOnce(&mut InvitationRequest)) -> Invited {
        self.invite_by(&self.caller, more).await
    }

    pub(super) async fn invite_by(
        &self,
        caller: &Caller,
        more: impl FnOnce(&mut InvitationRequest),
    ) -> Invited {
        let mut request = InvitationRequest {
            email_address: Some(GUEST.into()),
            redirect_url: Some("https://myapp.contoso.com/start?a=1&b=2".into()),
            ..InvitationRequest::default()
        };
        more(&mut request);
        let invited = self.directory.invite(caller, Ok(request), None, &self.context()).await.unwrap();

        let link = invited.redeem_url.strip_prefix(PUBLIC).expect("links begin with our origin").to_owned();
        Invited { link, invitation: invited.invitation.id }
    }

    /// The guest as the store has it.
    pub(super) async fn guest(&self, invited: &Invited) -> User {
        self.snapshot(invited).await.user
    }

    pub(super) async fn snapshot(&self, invited: &Invited) -> RedemptionSnapshot {
        self.store.redemption(self.caller.tenant, invited.invitation).await.unwrap().unwrap()
    }

    pub(super) fn block_link(&self, invited: &Invited) -> String {
        let url = self.directory.block_url(self.caller.tenant, invited.invitation);
        url.strip_prefix(PUBLIC).unwrap().to_owned()
    }

    pub(super) async fn is_blocked(&self, invited: &Invited) -> bool {
        self.snapshot(invited).await.is_blocked
    }

    /// Everything that was recorded.
    pub(super) async fn events(&self) -> Vec<AuditEvent> {
        let query = AuditQuery { top: 1000, ..AuditQuery::default() };
        let deadline = SignedDuration::from_secs(10);
        let page = self.store.audit_events(self.caller.tenant, &query, &self.caller, deadline).await;
        page.unwrap().events
    }

    pub(super) fn browser(&self) -> Browser<'_> {
        Browser { house: self, cookies: BTreeMap::new(), headers: HeaderMap::new() }
    }
}

pub(super) struct Invited {
    /// Path and query of the wrapped redeem URL.
    pub(super) link: String,
    pub(super) invitation: InvitationId,
}

fn context(clock: &Arc<HeldClock>, ids: &Arc<dyn Ids>) -> Context {
    let correlation = ids.random();
    Context { now: clock.now(), ids: ids.clone(), correlation, client: Some([192, 0, 2, 1].into()) }
}

fn directory_settings(public_url: &Url) -> DirectorySettings {
    DirectorySettings {
        public_url: public_url.clone(),
        invitations: InvitationRules::default(),
        link_keys: fixed_keys(),
        custom_message: CustomMessage::Always,
        read_deadline: SignedDuration::from_secs(10),
    }
}

async fn settle(
    directory: &Directory,
    context: &Context,
    first: First,
    change: impl FnOnce(&mut Tenant, &mut TenantPolicy),
) -> Caller {
    let id: TenantId = context.random_id();
    let mut tenant = Tenant {
        id,
        display_name: "Contoso".into(),
        initial_domain: "contoso.com".into(),
        created_at: context.now,
        preferred_language: None,
        privacy_statement_url: None,
        privacy_contact: None,
        technical_notification_mails: Vec::new(),
        country_letter_code: None,
    };
    let mut policy = TenantPolicy::default();
    change(&mut tenant, &mut policy);
    let app = CallingApp {
        app: context.random_id::<AppId>(),
        service_principal: context.new_id::<ServicePrincipalId>(),
        display_name: "Intranet".into(),
    };
    let permissions = vec![Permission::UserInviteAll];
    let application = Application {
        app: app.app,
        id: context.new_id(),
        service_principal: app.service_principal,
        display_name: app.display_name.clone(),
        is_enabled: true,
        is_public: false,
        permissions: permissions.clone(),
        created_at: context.now,
    };
    let domain = VerifiedDomain { name: tenant.initial_domain.clone(), is_default: true, is_initial: true };
    let new = NewTenant {
        tenant,
        domains: vec![domain],
        policy,
        applications: vec![(application, Vec::new())],
        users: Vec::new(),
    };
    directory.create_tenant(new, first, context).await.unwrap();

    Caller { tenant: id, app, user: None, permissions, issued_at: context.now }
}

/// Keeps cookies and sends forms as Chromium does.
pub(super) struct Browser<'a> {
    house: &'a House,
    pub(super) cookies: BTreeMap<String, String>,
    headers: HeaderMap,
}

impl Browser<'_> {
    /// Sends this header with everything from now on.
    pub(super) fn header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        self
    }

    pub(super) fn speaking(self, languages: &'static str) -> Self {
        self.header("accept-language", languages)
    }

    /// One request, redirects not followed.
    pub(super) async fn fetch(&mut self, method: Method, path: &str) -> Seen {
        self.send(method, path, Vec::new(), "same-origin").await
    }

    /// Follows redirects, all of which must stay here.
    pub(super) async fn open(&mut self, path: &str) -> Seen {
        let mut seen = self.fetch(Method::GET, path).await;
        while let Some(next) = seen.location() {
            assert!(next.starts_with('/') && !next.starts_with("//"), "{next} leads away");
            seen = self.fetch(Method::GET, &next).await;
        }
        seen
    }

    /// Posts the form of `page` that has `button` (by its words), and follows.
    pub(super) async fn press(&mut self, page: &Seen, button: &str) -> Seen {
        self.fill(page, button, &[]).await
    }

    /// The same with fields filled in.
    pub(super) async fn fill(&mut self, page: &Seen, button: &str, fields: &[(&str, &str)]) -> Seen {
        let mut form = page.form(button);
        form.fields.extend(fields.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())));
        let seen = self.submit(&form).await;
        match seen.location() {
            Some(next) => {
                assert_eq!(seen.status, StatusCode::SEE_OTHER);
                self.open(&next).await
            }
            None => seen,
        }
    }

    /// Sends a form as it stands, redirects not followed.
    pub(super) async fn submit(&mut self, form: &Form) -> Seen {
        if form.method == Method::GET {
            let query: String =
                form_urlencoded::Serializer::new(String::new()).extend_pairs(&form.fields).finish();
            return self.fetch(Method::GET, &format!("{}?{query}", form.action)).await;
        }
        self.post(&form.action, &form.fields, "same-origin").await
    }

    pub(super) async fn post(&mut self, path: &str, fields: &[(String, String)], site: &'static str) -> Seen {
        let body: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send(Method::POST, path, body.into_bytes(), site).await
    }

    /// The whole way from the link to S2 with the code in the mail.
    pub(super) async fn ask_for_code(&mut self, link: &str) -> Seen {
        let invited = self.open(link).await;
        self.press(&invited, "Send code").await
    }

    /// The whole way from the link to what follows the proof.
    pub(super) async fn prove(&mut self, link: &str) -> Seen {
        let page = self.ask_for_code(link).await;
        self.type_code(&page, &self.house.relay.last_code()).await
    }

    pub(super) async fn type_code(&mut self, page: &Seen, code: &str) -> Seen {
        self.fill(page, "Verify", &[("code", code)]).await
    }

    pub(super) async fn send(
        &mut self,
        method: Method,
        path: &str,
        body: Vec<u8>,
        site: &'static str,
    ) -> Seen {
        let mut request = Request::builder().method(method.clone()).uri(path);
        if method == Method::POST {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            if !site.is_empty() {
                request = request.header("sec-fetch-site", site);
            }
        }
        if !self.cookies.is_empty() {
            let pairs: Vec<String> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(header::COOKIE, pairs.join("; "));
        }
        let mut request = request.body(Body::from(body)).unwrap();
        request.headers_mut().extend(self.headers.clone());
        request.extensions_mut().insert(self.house.context());

        let response = self.house.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        self.keep(&parts.headers);
        let html = String::from_utf8(body.collect().await.unwrap().to_bytes().into()).unwrap();
        Seen { status: parts.status, headers: parts.headers, html }
    }

    fn keep(&mut self, headers: &HeaderMap) {
        for cookie in headers.get_all(header::SET_COOKIE) {
            let (pair, attributes) = cookie.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            assert!(name.starts_with("__Host-") && attributes.contains("Secure"), "{pair};{attributes}");
            assert!(attributes.contains("HttpOnly") && attributes.contains("SameSite=Lax"), "{attributes}");
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

/// An answer.
pub(super) struct Seen {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) html: String,
}

/// A form with its hidden fields and the button that was looked for.
#[derive(Clone, Debug)]
pub(super) struct Form {
    pub(super) method: Method,
    pub(super) action: String,
    pub(super) fields: Vec<(String, String)>,
}

impl Seen {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(super) fn location(&self) -> Option<String> {
        self.headers.get(header::LOCATION).map(|value| value.to_str().unwrap().to_owned())
    }

    pub(super) fn screen(&self) -> &str {
        between(&self.html, "data-screen=\"", "\"").unwrap_or("")
    }

    /// What `<title>` says.
    pub(super) fn title(&self) -> &str {
        between(&self.html, "<title>", "</title>").unwrap_or("")
    }

    /// Status and screen, to compare in one go.
    pub(super) fn what(&self) -> (u16, &str) {
        (self.status.as_u16(), self.screen())
    }

    /// The part of the page that is not frame.
    pub(super) fn main(&self) -> &str {
        between(&self.html, "<main", "</main>").unwrap_or("")
    }

    pub(super) fn says(&self, words: &str) -> bool {
        let plain = self.html.replace("<strong>", "").replace("</strong>", "");
        plain.contains(&words.replace('\'', "&#39;"))
    }

    /// The form whose button is called `button`.
    pub(super) fn form(&self, button: &str) -> Form {
        let button = button.replace('\'', "&#39;");
        let form = self
            .html
            .split("<form")
            .skip(1)
            .map(|form| form.split("</form>").next().unwrap())
            .find(|form| form.contains(&format!(">{button}</button>")))
            .unwrap_or_else(|| panic!("no button {button} in {}", self.html));
        let mut fields: Vec<(String, String)> = form
            .split("<input type=\"hidden\"")
            .skip(1)
            .map(|field| (attribute(field, "name"), attribute(field, "value")))
            .collect();
        let before = form.split(&format!(">{button}</button>")).next().unwrap();
        let pressed = before.rsplit("<button").next().unwrap();
        if pressed.contains("name=") {
            fields.push((attribute(pressed, "name"), attribute(pressed, "value")));
        }

        let method = if attribute(form, "method") == "post" { Method::POST } else { Method::GET };
        Form { method, action: attribute(form, "action"), fields }
    }

    /// Where the link with these words leads.
    pub(super) fn link(&self, words: &str) -> String {
        let words = words.replace('\'', "&#39;");
        let before = self.html.split(&format!(">{words}</a>")).next().unwrap();
        assert!(before.len() < self.html.len(), "no link {words} in {}", self.html);
        attribute(before.rsplit("<a ").next().unwrap(), "href")
    }
}

fn attribute(tag: &str, name: &str) -> String {
    between(tag, &format!("{name}=\""), "\"").unwrap_or_default().replace("&amp;", "&")
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(inside, _)| inside)
}
