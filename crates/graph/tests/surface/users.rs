//! Users on the wire: lists, filters, pages, changes.

use serde_json::json;

use super::server::{ALL, Home, ORIGIN, TestServer};

#[tokio::test]
async fn an_invited_guest_reads_as_the_contract_has_it() {
    let server = TestServer::start().await;
    let app = server.app(ALL).await;
    let id = app.invite("Taylor@fabrikam.com").await;

    let guest = app.get(&format!("/beta/users/{id}")).await.json();

    for (name, value) in [
        ("userPrincipalName", json!("Taylor_fabrikam.com#EXT#@contoso.example")),
        ("mailNickname", json!("Taylor_fabrikam.com#EXT#")),
        ("displayName", json!("Taylor")),
        ("mail", json!("Taylor@fabrikam.com")),
        ("otherMails", json!(["Taylor@fabrikam.com"])),
        ("proxyAddresses", json!(["SMTP:Taylor@fabrikam.com"])),
        ("userType", json!("Guest")),
        ("externalUserState", json!("PendingAcceptance")),
        ("externalUserStateChangeDateTime", json!("2026-11-21T10:00:00Z")),
        ("creationType", json!("Invitation")),
        ("createdDateTime", json!("2026-11-21T10:00:00Z")),
        ("accountEnabled", json!(true)),
        (
            "identities",
            json!([{"signInType": "userPrincipalName", "issuer": "contoso.example",
                    "issuerAssignedId": "Taylor_fabrikam.com#EXT#@contoso.example"}]),
        ),
        ("givenName", json!(null)),
        ("businessPhones", json!([])),
    ] {
        assert_eq!(guest[name], value, "{name}");
    }
}

#[tokio::test]
async fn the_default_set_of_v1_is_the_published_one_in_its_order() {
    let server = TestServer::start().await;
    let app = server.app(ALL).await;
    let id = app.invite("taylor@fabrikam.com").await;

    let text = app.get(&format!("/v1.0/users/{id}")).await.text;

    let at = |name: &str| text.find(&format!("\"{name}\":")).unwrap_or_else(|| panic!("{name} in {text}"));
    let order = [
        "@odata.context",
        "businessPhones",
        "displayName",
        "givenName",
        "jobTitle",
        "mail",
        "mobilePhone",
        "officeLocation",
        "preferredLanguage",
        "surname",
        "userPrincipalName",
        "id",
    ];
    assert!(order.windows(2).all(|pair| at(pair[0]) < at(pair[1])), "{text}");
    assert!(!text.contains("externalUserState"));
}

#[tokio::test]
async fn every_filter_of_the_contract_finds_whom_it_should() {
    let server = TestServer::start().await;
    let app = server.app(ALL).await;
    app.invite("taylor@fabrikam.com").await;
    let id = app.invite("sam@woodgrove.com").await;
    let patched = app.patch(&format!("/v1.0/users/{id}"), json!({"companyName": "Woodgrove"})).await;
    assert_eq!(patched.status, 204, "{}", patched.text);
    let pair = &[("consistencylevel", "eventual")];
    let lookup = "userPrincipalName eq 'X' or mail eq 'X' or proxyAddresses/any(x:x eq 'SMTP:X') or \
                  signInNames/any(x:x eq 'X') or otherMails/any(x:x eq 'X')";

    for (filter, found) in [
        (lookup.replace('X', "TAYLOR@fabrikam.com"), 1),
        (lookup.replace('X', "nobody@fabrikam.com"), 0),
        ("externalUserState eq 'PendingAcceptance'".into(), 2),
        ("userType eq 'Guest' and externalUserState eq 'Accepted'".into(), 0),
        ("createdDateTime ge 2026-01-01T00:00:00Z and userType eq 'Guest'".into(), 2),
        ("startswith(mail,'taylor') or startswith(displayName,'O''Brien')".into(), 1),
        ("mail in ('taylor@fabrikam.com','b@x.com')".into(), 1),
        ("endsWith(mail,'@fabrikam.com')".into(), 1),
        ("endsWith(userPrincipalName,'%23EXT%23@contoso.example')".into(), 2),
        ("companyName ne null and NOT(companyName eq 'Microsoft')".into(), 1),
        ("companyName ne 'Woodgrove'".into(), 1),
        ("not(otherMails/any(o:o eq 'sam@woodgrove.com'))".into(), 1),
        ("otherMails/$count eq 0".into(), 0),
        ("accountEnabled ne true".into(), 0),
        ("contains(companyName,'odgro')".into(), 1),
    ] {
        let answer = app.get_with(&format!("/v1.0/users?$count=true&$filter={filter}"), pair).await;
        assert_eq!(answer.json()["@odata.count"], found, "{filter}: {}", answer.text);
        assert_eq!(answer.json()["value"].as_array().unwrap().len(), found, "{filter}");
    }
}

#[tokio::test]
async fn whoever_sees_basic_properties_only_may_ask_about_no_others() {
    let server = TestServer::start().await;
    server.app(ALL).await.invite("taylor@fabrikam.com").await;
    let basic = server.app("User.ReadBasic.All").await;
    let pair = &[("consistencylevel", "eventual")];

    for (query, status) in [
        ("$filter=mail eq 'taylor@fabrikam.com' or startswith(displayName,'t')", 200),
        ("$filter=not(surname eq 'x') and givenName eq null", 200),
        ("$orderby=displayName,userPrincipalName", 200),
        ("$select=companyName,mail", 200),
        ("$filter=externalUserState eq 'PendingAcceptance'", 403),
        ("$filter=mail eq 'taylor@fabrikam.com' and companyName ne null", 403),
        ("$filter=not(accountEnabled eq true)", 403),
        ("$filter=department in ('a')", 403),
        ("$filter=startswith(jobTitle,'a') or mail eq 'taylor@fabrikam.com'", 403),
        ("$filter=otherMails/any(o:o eq 'taylor@fabrikam.com')", 403),
        ("$filter=otherMails/$count eq 0", 403),
        ("$filter=otherMails/$count eq 1", 403),
        ("$orderby=createdDateTime", 403),
        ("$filter=shoeSize eq 43", 400),
    ] {
        let list = basic.get_with(&format!("/v1.0/users?$count=true&{query}"), pair).await;
        assert_eq!(list.status, status, "{query}: {}", list.text);
        if query.starts_with("$filter") {
            let count = basic.get_with(&format!("/v1.0/users/$count?{query}"), pair).await;
            assert_eq!(count.status, status, "/$count {query}: {}", count.text);
        }
        if status == 403 {
            assert_eq!(list.error().1, "Authorization_RequestDenied", "{query}");
        }
    }
}

#[tokio::test]
async fn pages_follow_one_another_without_gap_or_repetition() {
    let server = TestServer::start().await;
    let app = server.app(ALL).await;
    for n in 0..7 {
        app.invite(&format!("guest{n}@fabrikam.com")).await;
    }

    let mut url = "/v1.0/users?$top=3&$select=id,displayName&$orderby=displayName".to_owned();
    let mut names = Vec::new();
    loop {
        let page = app.get(&url).await.json();
        assert_eq!(page["@odata.context"], format!("{ORIGIN}/v1.0/$metadata#users(id,displayName)"));
        names.extend(page["value"].as_array().unwrap().iter().map(|user| user["displayName"].clone()));
        let Some(next) = page["@odata.nextLink"].as_str() else { break };
        url = next.strip_prefix(ORIGIN).unwrap().to_owned();
    }

    let wanted: Vec<_> = (0..7).map(|n| json!(format!("guest{n}"))).collect();
    assert_eq!(names, wanted);
}

#[tokio::test]
async fn a_list_comes_in_the_order_of_several_properties_over_all_pages() {
    let server = TestServer::start().await;
    let app = server.app(ALL).await;
    for (address, name) in
        [("b@x.example", "Kim"), ("c@x.example", "Ada"), ("a@x.example", "kim"), ("d@x.example", "Ada")]
    {
        app.post(
            "/v1.0/invitations",
            json!({"invitedUserEmailAddress": address, "invitedUserDisplayName": name,
                   "inviteRedirectUrl": "https://app.example"}),
        )
        .await;
    }

    for (order, wanted) in [
        ("displayName,userPrincipalName", ["c", "d", "a", "b"]),
        ("displayName desc,userPrincipalName", ["a", "b", "c", "d"]),
        ("displayName asc,userPrincipalName desc", ["d", "c", "b", "a"]),
        ("userPrincipalName desc,displayName", ["d", "c", "b", "a"]),
    ] {
        let mut url = format!("/v1.0/users?$top=1&$select=mail&$orderby={}", order.replace(' ', "%20"));
        let mut mails = Vec::new();
        loop {
            let page = app.get(&url).await.json();
            mails.extend(page["value"].as_array().unwrap().iter().map(|user| user["mail"].clone()));
            let Some(next) = page["@odata.nextLink"].as_str() else { break };
            url = next.strip_prefix(ORIGIN).unwrap().to_owned();
        }
        assert_eq!(mails, wanted.map(|local| json!(format!("{local}@x.example"))), "{order}");
    }
}

#[tokio::test]
async fn what_a_patch_gets_wrong_is_said_in_the_order_of_the_contract() {
    let server = TestServer::start().await;
    let app = server.app(ALL).await;
    let id = app.invite("taylor@fabrikam.com").await;
    let there = format!("/v1.0/users/{id}");
    let missing = "Resource 'nobody@x.example' does not exist or one of its queried reference-property objects are not \
                   present.";

    for (path, body, status, code, message) in [
        (
            there.as_str(),
            json!({"accountEnabled": "true"}),
            400,
            "BadRequest",
            "Cannot convert the literal 'true' to the expected type 'Edm.Boolean'.",
        ),
        (
            &there,
            json!({"jobTitle": 5, "shoeSize": 43}),
            400,
            "BadRequest",
            "Cannot convert the literal '5' to the expected type 'Edm.String'.",
        ),
        (
            "/v1.0/users/nobody@x.example",
            json!({"otherMails": [7]}),
            400,
            "BadRequest",
            "Cannot convert the literal '7' to the expected type 'Edm.String'.",
        ),
        ("/v1.0/users/nobody@x.example", json!({"shoeSize": 43}), 404, "Request_ResourceNotFound", missing),
        (
            &there,
            json!({"shoeSize": 43, "jobTitle": ""}),
            400,
            "Request_BadRequest",
            "Property shoeSize does not exist as a declared property or extension property.",
        ),
        (
            &there,
            json!({"manager@odata.bind": "https://guests.example/v1.0/users/1", "jobTitle": "Buyer"}),
            400,
            "Request_BadRequest",
            "Property manager@odata.bind does not exist as a declared property or extension property.",
        ),
        (
            &there,
            json!({"jobTitle@home": "Buyer"}),
            400,
            "Request_BadRequest",
            "Property jobTitle@home does not exist as a declared property or extension property.",
        ),
        (
            &there,
            json!({"jobTitle": ""}),
            400,
            "Request_BadRequest",
            "Invalid value specified for property 'jobTitle' of resource 'User'.",
        ),
        (
            &there,
            json!({"proxyAddresses": []}),
            400,
            "Request_BadRequest",
            "Property 'proxyAddresses' is read-only and cannot be set.",
        ),
        // Its type is looked at first, as with what may be set.
        (
            &there,
            json!({"proxyAddresses": "x"}),
            400,
            "BadRequest",
            "Cannot convert the literal 'x' to the expected type 'Collection(Edm.String)'.",
        ),
        // Can be filtered by, and is no property.
        (
            &there,
            json!({"signInNames": "x"}),
            400,
            "Request_BadRequest",
            "Property signInNames does not exist as a declared property or extension property.",
        ),
    ] {
        let answer = app.patch(path, body.clone()).await;
        assert_eq!(answer.error(), (status, code.to_owned(), message.to_owned()), "{body}");
    }
    let annotated = json!({"@odata.type": "#microsoft.graph.user", "jobTitle@odata.type": "#String", "jobTitle": "Buyer"});
    assert_eq!(app.patch(&there, annotated).await.status, 204, "what annotations say is not needed");
    assert_eq!(app.get(&there).await.json()["jobTitle"], "Buyer");
}

#[tokio::test]
async fn details_say_of_a_name_that_it_is_taken_or_invalid() {
    let server = TestServer::start().await;
    let app = server.app(ALL).await;
    let id = app.invite("taylor@fabrikam.com").await;
    app.invite("sam@fabrikam.com").await;
    let taken = "Another object with the same value for property userPrincipalName already exists.";

    for (upn, details) in [
        ("taylor@nowhere.example", json!([{"target": "userPrincipalName", "code": "InvalidValue"}])),
        (
            "sam_fabrikam.com#EXT#@contoso.example",
            json!([{"target": "userPrincipalName", "code": "ObjectConflict", "message": taken}]),
        ),
    ] {
        let answer = app.patch(&format!("/v1.0/users/{id}"), json!({"userPrincipalName": upn})).await;
        assert_eq!(answer.status, 400, "{upn}");
        assert_eq!(answer.json()["error"]["details"], details, "{upn}");
    }
}

#[tokio::test]
async fn a_user_is_found_by_guid_and_name_and_by_nothing_else() {
    let server = TestServer::start().await;
    let app = server.app(ALL).await;
    let id = app.invite("taylor@fabrikam.com").await;

    for (key, status) in [
        (id.clone(), 200),
        (id.to_uppercase(), 200),
        ("TAYLOR_fabrikam.com%23ext%23@contoso.example".into(), 200),
        (id.replace('-', ""), 404),
        (format!("%7B{id}%7D"), 404),
        ("taylor@fabrikam.com".into(), 404),
        ("%00".into(), 404),
        ("%ff".into(), 404),
    ] {
        assert_eq!(app.get(&format!("/v1.0/users/{key}")).await.status, status, "{key}");
    }
}

#[tokio::test]
async fn after_a_restore_the_tokens_of_the_store_that_was_are_void() {
    let (one, other) = (TestServer::start().await, TestServer::start().await);
    let (app, restored) = (one.app(ALL).await, other.app(ALL).await);
    for guest in ["taylor@fabrikam.com", "sam@fabrikam.com"] {
        app.invite(guest).await;
    }

    for path in ["/v1.0/users", "/v1.0/auditLogs/directoryAudits", "/v1.0/domains"] {
        let token = token_of(&app.get(&format!("{path}?$top=1")).await.json());
        let next = format!("{path}?$top=1&$skiptoken={token}");
        assert_eq!(app.get(&next).await.status, 200, "{path}");
        assert_eq!(restored.get(&next).await.error().2, "The specified skip token is invalid.", "{path}");
    }
}

#[tokio::test]
async fn a_page_token_belongs_to_its_query() {
    let server = TestServer::start().await;
    let app = server.app(ALL).await;
    let stranger = server.app_of(Home::Fabrikam, ALL).await;
    for n in 0..3 {
        app.invite(&format!("guest{n}@fabrikam.com")).await;
    }
    let token = token_of(&app.get("/v1.0/users?$top=1").await.json());
    let of_audits = token_of(&app.get("/v1.0/auditLogs/directoryAudits?$top=1").await.json());

    assert_eq!(app.get(&format!("/v1.0/users?$skiptoken={token}")).await.status, 200);
    for url in [
        "/v1.0/users?$skiptoken=".to_owned(),
        "/v1.0/users?$skiptoken=garbage".to_owned(),
        format!("/v1.0/users?$filter=userType eq 'Guest'&$skiptoken={token}"),
        format!("/v1.0/users?$orderby=displayName&$skiptoken={token}"),
        format!("/v1.0/users?$skiptoken={}x", &token[..token.len() - 1]),
        format!("/v1.0/users?$skiptoken=A{}", &token[1..]),
        format!("/v1.0/users?$skiptoken={token}A"),
        format!("/v1.0/users?$skiptoken={token}="),
        format!("/beta/users?$skiptoken={token}"),
        format!("/v1.0/users?$skiptoken={of_audits}"),
        format!("/v1.0/auditLogs/directoryAudits?$skiptoken={token}"),
    ] {
        let wanted =
            (400, "Request_BadRequest".to_owned(), "The specified skip token is invalid.".to_owned());
        assert_eq!(app.get(&url).await.error(), wanted, "{url}");
    }
    let count = format!("/v1.0/users/$count?$skiptoken={token}");
    assert_eq!(app.get_with(&count, &[("consistencylevel", "eventual")]).await.error().0, 400);
    let elsewhere = stranger.get(&format!("/v1.0/users?$top=1&$skiptoken={token}")).await.error();
    assert_eq!(elsewhere.2, "The specified skip token is invalid.", "of another tenant");
}

#[tokio::test]
async fn the_next_link_keeps_every_option_and_the_header_is_for_the_client_to_send_again() {
    let server = TestServer::start().await;
    let app = server.app(ALL).await;
    for n in 0..3 {
        app.invite(&format!("guest{n}@fabrikam.com")).await;
    }
    let pair = &[("consistencylevel", "eventual")];
    let options = "$filter=endsWith(mail,'@fabrikam.com')&$select=mail&$orderby=displayName desc&$count=true&$top=2\
                   &$format=application/json;odata.metadata=none&utm=x";

    let first = app.get_with(&format!("/v1.0/users?{options}"), pair).await.json();
    let link = first["@odata.nextLink"].as_str().unwrap().strip_prefix(ORIGIN).unwrap().to_owned();
    let second = app.get_with(&link, pair).await.json();
    let bare = app.get(&link).await.error();

    let kept = link.split_once("&$skiptoken=").unwrap().0;
    assert_eq!(kept, format!("/v1.0/users?{}", options.replace(' ', "%20")));
    assert_eq!(first["@odata.count"], 3);
    assert_eq!(second, json!({"value": [{"mail": "guest0@fabrikam.com"}]}), "no count on a later page");
    assert_eq!(bare.1, "Request_UnsupportedQuery", "{bare:?}");
}

#[tokio::test]
async fn a_page_holds_one_to_999_and_every_other_size_is_told() {
    let server = TestServer::start().await;
    let app = server.app(ALL).await;

    for top in ["1", "999"] {
        assert_eq!(app.get(&format!("/v1.0/users?$top={top}")).await.status, 200, "{top}");
    }
    for top in ["0", "1000", "-1", "1e2", "", "99999999999999999999"] {
        let wanted = format!("Invalid page size specified: '{top}'. Must be between 1 and 999 inclusive.");
        let said = app.get(&format!("/v1.0/users?$top={top}")).await.error();
        assert_eq!(said, (400, "Request_UnsupportedQuery".to_owned(), wanted));
    }
}

fn token_of(page: &serde_json::Value) -> String {
    let link = page["@odata.nextLink"].as_str().unwrap_or_else(|| panic!("no next link in {page}"));
    link.split("skiptoken=").nth(1).unwrap().to_owned()
}

#[tokio::test]
async fn a_deleted_user_is_gone_and_the_address_may_be_invited_anew() {
    let server = TestServer::start().await;
    let app = server.app(ALL).await;
    let id = app.invite("taylor@fabrikam.com").await;

    assert_eq!(app.delete(&format!("/v1.0/users/{id}")).await.status, 204);

    assert_eq!(app.get(&format!("/v1.0/users/{id}")).await.error().0, 404);
    assert_eq!(app.delete(&format!("/v1.0/users/{id}")).await.error().0, 404);
    assert_ne!(app.invite("taylor@fabrikam.com").await, id);
}
