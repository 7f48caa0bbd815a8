//! Every route: without a token, with the wrong permission, toward another tenant's object, and as it should be.

use serde_json::{Value, json};
use vestibule_graph::router::ROUTES;

use super::server::{ALL, Answer, App, Home, TestServer};

/// What one route is tried with.
struct Case {
    method: &'static str,
    path: &'static str,
    /// `{id}` is a guest of the caller's own tenant.
    url: &'static str,
    body: Option<fn() -> Value>,
    /// A set of permissions that does not open it, and the refusal.
    wrong: &'static str,
    refusal: (u16, &'static str),
    /// What opens it, each alone.
    right: &'static [&'static str],
    status: u16,
    foreign: Foreign,
}

/// How another tenant's object could be reached.
enum Foreign {
    /// By id: 404.
    ById,
    /// By a list that must stay empty of it.
    ByFilter(&'static str),
    /// It cannot: the reason.
    Impossible(&'static str),
}

fn invitation() -> Value {
    json!({"invitedUserEmailAddress": "new@woodgrove.example", "inviteRedirectUrl": "https://x.example"})
}

const READERS: &[&str] = &[
    "User.ReadBasic.All",
    "User.Read.All",
    "User.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
const WRITERS: &[&str] = &["User.ReadWrite.All", "Directory.ReadWrite.All"];
const DENIED: (u16, &str) = (403, "Authorization_RequestDenied");

const CASES: &[Case] = &[
    Case {
        method: "POST",
        path: "/invitations",
        url: "/v1.0/invitations",
        body: Some(invitation),
        wrong: "User.Read.All",
        refusal: (401, "Unauthorized"),
        right: &["User.Invite.All", "User.ReadWrite.All", "Directory.ReadWrite.All"],
        status: 201,
        foreign: Foreign::Impossible("reset of a foreign id is in `another_tenants_guest_cannot_be_reset`"),
    },
    Case {
        method: "GET",
        path: "/users",
        url: "/v1.0/users",
        body: None,
        wrong: "User.Invite.All",
        refusal: DENIED,
        right: READERS,
        status: 200,
        foreign: Foreign::ByFilter("/v1.0/users?$filter=id eq '{id}'"),
    },
    Case {
        method: "GET",
        path: "/users/$count",
        url: "/v1.0/users/$count",
        body: None,
        wrong: "User.Invite.All",
        refusal: DENIED,
        right: READERS,
        status: 200,
        foreign: Foreign::ByFilter("/v1.0/users/$count?$filter=mail eq 'guest@woodgrove.example'"),
    },
    Case {
        method: "GET",
        path: "/users/{key}",
        url: "/v1.0/users/{id}",
        body: None,
        wrong: "User.Invite.All",
        refusal: DENIED,
        right: READERS,
        status: 200,
        foreign: Foreign::ById,
    },
    Case {
        method: "PATCH",
        path: "/users/{key}",
        url: "/v1.0/users/{id}",
        body: Some(|| json!({"companyName": "Woodgrove"})),
        wrong: "User.Read.All",
        refusal: DENIED,
        right: WRITERS,
        status: 204,
        foreign: Foreign::ById,
    },
    Case {
        method: "DELETE",
        path: "/users/{key}",
        url: "/v1.0/users/{id}",
        body: None,
        wrong: "User.Read.All",
        refusal: DENIED,
        right: &["User.ReadWrite.All"],
        status: 204,
        foreign: Foreign::ById,
    },
    Case {
        method: "GET",
        path: "/organization",
        url: "/v1.0/organization",
        body: None,
        wrong: "User.Invite.All",
        refusal: DENIED,
        right: &["Organization.Read.All", "Directory.Read.All"],
        status: 200,
        foreign: Foreign::Impossible("it has no filter, and shows the caller's own tenant only"),
    },
    Case {
        method: "GET",
        path: "/organization/{id}",
        url: "/v1.0/organization/{tenant}",
        body: None,
        wrong: "User.Invite.All",
        refusal: DENIED,
        right: &["Organization.Read.All", "Directory.Read.All"],
        status: 200,
        foreign: Foreign::ById,
    },
    Case {
        method: "GET",
        path: "/domains",
        url: "/v1.0/domains",
        body: None,
        wrong: "User.Invite.All",
        refusal: DENIED,
        right: &["Domain.Read.All", "Directory.Read.All"],
        status: 200,
        foreign: Foreign::Impossible("it has no filter; the next case asks by name"),
    },
    Case {
        method: "GET",
        path: "/domains/{name}",
        url: "/v1.0/domains/{domain}",
        body: None,
        wrong: "User.Invite.All",
        refusal: DENIED,
        right: &["Domain.Read.All", "Directory.Read.All"],
        status: 200,
        foreign: Foreign::ById,
    },
    Case {
        method: "GET",
        path: "/auditLogs/directoryAudits",
        url: "/v1.0/auditLogs/directoryAudits",
        body: None,
        wrong: "User.Read.All",
        refusal: DENIED,
        right: &["AuditLog.Read.All"],
        status: 200,
        foreign: Foreign::ByFilter(
            "/v1.0/auditLogs/directoryAudits?$filter=targetResources/any(t:t/id eq '{id}')",
        ),
    },
    Case {
        method: "GET",
        path: "/auditLogs/directoryAudits/{id}",
        url: "/v1.0/auditLogs/directoryAudits/{audit}",
        body: None,
        wrong: "User.Read.All",
        refusal: DENIED,
        right: &["AuditLog.Read.All"],
        status: 200,
        foreign: Foreign::ById,
    },
];

/// One tenant's guest and what is recorded of it, to be reached or not.
struct Seen {
    id: String,
    audit: String,
    home: Home,
}

impl Seen {
    async fn in_tenant(server: &TestServer, home: Home) -> Self {
        let app = server.app_of(home, ALL).await;
        let id = app.invite("guest@woodgrove.example").await;
        let audits = app.get("/v1.0/auditLogs/directoryAudits").await.json();
        let audit = audits["value"][0]["id"].as_str().unwrap().to_owned();
        Self { id, audit, home }
    }

    fn fill(&self, url: &str) -> String {
        let domain = if self.home == Home::Contoso { "contoso.example" } else { "fabrikam.example" };
        url.replace("{id}", &self.id)
            .replace("{audit}", &self.audit)
            .replace("{tenant}", &self.home.id().to_string())
            .replace("{domain}", domain)
    }
}

async fn call(case: &Case, app: &App<'_>, url: &str) -> Answer {
    let body = case.body.map(|body| body().to_string());
    app.call(case.method, url, body, &[("consistencylevel", "eventual")]).await
}

#[test]
fn every_route_has_a_case_and_every_case_a_route() {
    let routes: Vec<_> = ROUTES.iter().map(|route| (route.method, route.path)).collect();
    let cases: Vec<_> = CASES.iter().map(|case| (case.method, case.path)).collect();

    assert_eq!(routes, cases);
}

#[tokio::test]
async fn without_a_token_every_route_answers_401() {
    let server = TestServer::start().await;
    let seen = Seen::in_tenant(&server, Home::Contoso).await;

    for case in CASES {
        let answer = call(case, &server.nobody(), &seen.fill(case.url)).await;

        let wanted = (401, "InvalidAuthenticationToken".to_owned(), "Access token is empty.".to_owned());
        assert_eq!(answer.error(), wanted, "{} {}", case.method, case.path);
        let challenge = answer.headers["www-authenticate"].to_str().unwrap();
        assert!(challenge.starts_with("Bearer realm=\"\", authorization_uri="), "{challenge}");
    }
}

#[tokio::test]
async fn with_the_wrong_permission_every_route_refuses_and_changes_nothing() {
    let server = TestServer::start().await;
    let seen = Seen::in_tenant(&server, Home::Contoso).await;

    for case in CASES {
        let answer = call(case, &server.app(case.wrong).await, &seen.fill(case.url)).await;

        let (status, code, _) = answer.error();
        assert_eq!((status, code.as_str()), case.refusal, "{} {}", case.method, case.path);
    }
    let guest = server.app("User.Read.All").await.get(&format!("/beta/users/{}", seen.id)).await.json();
    assert_eq!(guest["companyName"], Value::Null);
}

#[tokio::test]
async fn an_object_of_another_tenant_is_not_there() {
    let server = TestServer::start().await;
    let foreign = Seen::in_tenant(&server, Home::Fabrikam).await;
    let app = server.app(ALL).await;

    for case in CASES {
        match case.foreign {
            Foreign::ById => {
                let answer = call(case, &app, &foreign.fill(case.url)).await;
                let (status, code, _) = answer.error();
                assert_eq!(
                    (status, code.as_str()),
                    (404, "Request_ResourceNotFound"),
                    "{} {}",
                    case.method,
                    case.path
                );
            }
            Foreign::ByFilter(url) => {
                let answer = call(case, &app, &foreign.fill(url)).await;
                let is_empty = answer.text == "0" || answer.json()["value"] == json!([]);
                assert!(is_empty, "{} {}: {}", case.method, case.path, answer.text);
            }
            Foreign::Impossible(reason) => assert!(!reason.is_empty()),
        }
    }
    let still =
        server.app_of(Home::Fabrikam, ALL).await.get(&format!("/beta/users/{}", foreign.id)).await.json();
    assert_eq!(still["companyName"], Value::Null);
}

#[tokio::test]
async fn another_tenants_guest_cannot_be_reset() {
    let server = TestServer::start().await;
    let foreign = Seen::in_tenant(&server, Home::Fabrikam).await;

    let answer = server
        .app(ALL)
        .await
        .post(
            "/v1.0/invitations",
            json!({"invitedUserEmailAddress": "guest@woodgrove.example", "inviteRedirectUrl": "https://x.example",
                   "resetRedemption": true, "invitedUser": {"id": foreign.id}}),
        )
        .await;

    assert_eq!(answer.error().0, 404, "{}", answer.text);
}

#[tokio::test]
async fn each_right_permission_opens_its_route() {
    for case in CASES {
        for permission in case.right {
            let server = TestServer::start().await;
            let seen = Seen::in_tenant(&server, Home::Contoso).await;

            let answer = call(case, &server.app(permission).await, &seen.fill(case.url)).await;

            assert_eq!(
                answer.status, case.status,
                "{} {} {permission}: {}",
                case.method, case.path, answer.text
            );
        }
    }
}

#[tokio::test]
async fn a_token_of_one_tenant_is_none_of_the_others() {
    let server = TestServer::start().await;
    let seen = Seen::in_tenant(&server, Home::Contoso).await;
    let foreigner = server.app_of(Home::Fabrikam, ALL).await;

    let listed = foreigner.get("/v1.0/users").await.json();

    assert_eq!(listed["value"], json!([]));
    assert_eq!(foreigner.get(&format!("/v1.0/users/{}", seen.id)).await.status, 404);
}
