//! The audit log on the wire.

use serde_json::json;
use vestibule_model::audit::{Target, TargetKind};
use vestibule_model::{Activity, AuditEvent, Initiator, UserType};
use vestibule_store::Unit;

use super::server::{ALL, Home, ORIGIN, TestServer};

const PATH: &str = "/v1.0/auditLogs/directoryAudits";

#[tokio::test]
async fn what_was_done_can_be_read_in_the_audit_log() {
    let server = TestServer::start().await;
    let app = server.app(ALL).await;
    let id = app.invite("taylor@fabrikam.com").await;
    app.invite("sam@fabrikam.com").await;

    let filter =
        format!("activityDisplayName eq 'Invite external user' and targetResources/any(t:t/id eq '{id}')");
    let found = app.get(&format!("{PATH}?$filter={filter}")).await.json();

    let events = found["value"].as_array().unwrap();
    assert_eq!(events.len(), 1, "{found}");
    assert_eq!(events[0]["result"], "success");
    assert_eq!(events[0]["loggedByService"], "Invited Users");
    assert_eq!(events[0]["activityDateTime"], "2026-11-21T10:00:00.1234560Z");
    assert_eq!(events[0]["targetResources"][0]["id"], id);
    assert_eq!(events[0]["targetResources"][0]["type"], "User");
    assert_eq!(events[0]["initiatedBy"]["app"]["displayName"], "Test");
}

#[tokio::test]
async fn every_filter_of_the_audit_log_finds_what_it_should() {
    let server = TestServer::start().await;
    let app = server.app(ALL).await;
    let [refused, changed] = two_events(&server).await;
    let id = refused.id;

    for (filter, found) in [
        (format!("id eq '{id}'"), vec![&refused]),
        ("category eq 'Policy'".into(), vec![&changed]),
        ("result eq 'failure'".into(), vec![&refused]),
        ("result eq 'timeout'".into(), vec![]),
        (
            "loggedByService eq 'Core Directory' and correlationId eq '00000000-0000-0000-0000-00000000c0de'"
                .into(),
            vec![&changed],
        ),
        ("correlationId eq 00000000-0000-0000-0000-00000000c0de".into(), vec![&refused, &changed]),
        ("activityDisplayName eq 'redeem EXTERNAL user invite'".into(), vec![&refused]),
        ("activityDisplayName eq 'No such thing'".into(), vec![]),
        (
            "startswith(activityDisplayName,'update p') or startswith(activityDisplayName,'redeem')".into(),
            vec![&refused, &changed],
        ),
        (
            "activityDateTime ge 2026-11-20T10:00:00Z and activityDateTime lt 2026-11-20T10:00:01Z".into(),
            vec![&refused],
        ),
        ("activityDateTime eq 2026-11-20T10:00:00Z".into(), vec![&refused]),
        ("initiatedBy/user/id eq '00000000-0000-0000-0000-0000000000ad'".into(), vec![&changed]),
        ("initiatedBy/user/displayName eq 'ADELE'".into(), vec![&changed]),
        ("initiatedBy/user/userPrincipalName eq 'adele@contoso.example'".into(), vec![&changed]),
        ("startswith(initiatedBy/user/userPrincipalName,'adele@')".into(), vec![&changed]),
        ("initiatedBy/app/displayName eq 'mail room'".into(), vec![&refused]),
        ("initiatedBy/app/appId eq '00000000-0000-0000-0000-00000000beef'".into(), vec![]),
        ("targetResources/any(t:t/id eq 'the-policy')".into(), vec![&changed]),
        ("targetResources/any(t:t/displayName eq 'Taylor')".into(), vec![&refused]),
        ("targetResources/any(t:startswith(t/displayName,'b2b'))".into(), vec![&changed]),
        ("targetResources/any(t:t/id eq 'the-policy') and result eq 'failure'".into(), vec![]),
        ("category eq 'Policy' and category eq 'UserManagement'".into(), vec![]),
        (format!("id eq '{id}' and id eq '{}'", changed.id), vec![]),
    ] {
        let url = format!("{PATH}?$orderby=activityDateTime&$top=1&$filter={filter}");
        assert_eq!(all_pages(&app, url).await, ids(&found), "{filter}");
    }
}

#[tokio::test]
async fn what_the_audit_log_cannot_be_asked_is_said() {
    let server = TestServer::start().await;
    let app = server.app(ALL).await;

    for (query, code) in [
        ("$filter=shoeSize eq 43", "BadRequest"),
        ("$filter=initiatedBy/user/shoeSize eq 'x'", "BadRequest"),
        ("$filter=correlationId eq 'x'", "BadRequest"),
        ("$filter=category ne 'Policy'", "Request_UnsupportedQuery"),
        ("$filter=not(category eq 'Policy')", "Request_UnsupportedQuery"),
        ("$filter=startswith(category,'P')", "Request_UnsupportedQuery"),
        ("$filter=initiatedBy eq 'x'", "BadRequest"),
        ("$orderby=category", "Request_UnsupportedQuery"),
        ("$top=1001", "Request_UnsupportedQuery"),
        ("$top=0", "Request_UnsupportedQuery"),
        ("$select=shoeSize&$filter=category eq 'nothing'", "BadRequest"),
    ] {
        let (status, said, _) = app.get(&format!("{PATH}?{query}")).await.error();
        assert_eq!((status, said.as_str()), (400, code), "{query}");
    }
}

/// A redemption that failed, told by a service, and a policy that Adele changed a second later, both of one request.
async fn two_events(server: &TestServer) -> [AuditEvent; 2] {
    let mut context = server.context();
    context.now = "2026-11-20T10:00:00Z".parse().unwrap();
    context.correlation = uuid::Uuid::from_u128(0xc0de);
    let mail_room = Initiator::Service { name: "Mail room".into() };
    let refused = AuditEvent::new(Activity::RedeemInvite, mail_room, &context)
        .failed("too late")
        .on(Target::of(TargetKind::User, "taylor", "Taylor"));
    context.now = "2026-11-20T10:00:01Z".parse().unwrap();
    let adele = Initiator::User {
        id: uuid::Uuid::from_u128(0xad).into(),
        display_name: "Adele".into(),
        user_principal_name: "adele@contoso.example".into(),
        user_type: UserType::Member,
        address: None,
    };
    let changed = AuditEvent::new(Activity::UpdatePolicy, adele, &context).on(Target::of(
        TargetKind::Policy,
        "the-policy",
        "B2B management policy",
    ));
    let audit = vec![refused.clone(), changed.clone()];
    server.store.commit(Unit { audit, ..Unit::new(Home::Contoso.id()) }).await.unwrap();

    [refused, changed]
}

async fn all_pages(app: &super::server::App<'_>, mut url: String) -> Vec<serde_json::Value> {
    let mut ids = Vec::new();
    loop {
        let page = app.get(&url).await;
        assert_eq!(page.status, 200, "{url}: {}", page.text);
        let page = page.json();
        ids.extend(page["value"].as_array().unwrap().iter().map(|event| event["id"].clone()));
        let Some(next) = page["@odata.nextLink"].as_str() else { return ids };
        url = next.strip_prefix(ORIGIN).unwrap().to_owned();
    }
}

fn ids(events: &[&AuditEvent]) -> Vec<serde_json::Value> {
    events.iter().map(|event| json!(event.id)).collect()
}
