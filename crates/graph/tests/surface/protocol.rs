//! Versions, paths, methods, headers: what every endpoint has in common.

use super::server::{ALL, ORIGIN, TestServer};

#[tokio::test]
async fn paths_and_methods_that_are_none_say_so_after_the_token() {
    let server = TestServer::start().await;
    let app = server.app(ALL).await;

    for (method, path, status, code, message) in [
        ("GET", "/v2.0/users", 400, "BadRequest", "Invalid version."),
        ("GET", "/v10.0/users", 400, "BadRequest", "Invalid version."),
        ("POST", "/v2.0/oauth2/v2.0/token", 400, "BadRequest", "Invalid version."),
        ("GET", "/V3", 400, "BadRequest", "Invalid version."),
        ("GET", "/v1.0", 400, "BadRequest", "Resource not found for the segment ''."),
        ("GET", "/bETA/", 400, "BadRequest", "Resource not found for the segment ''."),
        ("GET", "/v1.0/foo", 400, "BadRequest", "Resource not found for the segment 'foo'."),
        ("GET", "/v1.0/users/delta()", 400, "BadRequest", "Resource not found for the segment 'delta'."),
        ("GET", "/v1.0/users/x/foo", 400, "BadRequest", "Resource not found for the segment 'foo'."),
        (
            "GET",
            "/v1.0/auditLogs/directoryAudits/foo",
            400,
            "Request_BadRequest",
            "Invalid object identifier 'foo'.",
        ),
        ("GET", "/v1.0/invitations", 404, "UnknownError", ""),
        ("GET", "/v1.0/invitations/1", 404, "UnknownError", ""),
        (
            "PUT",
            "/v1.0/users",
            405,
            "Request_BadRequest",
            "Specified HTTP method is not allowed for the request target.",
        ),
        (
            "GET",
            "/v1.0/users?$search=\"displayName:x\"",
            400,
            "BadRequest",
            "Unrecognized query argument specified: '$search'.",
        ),
        (
            "GET",
            "/v1.0/users?$expand=manager",
            400,
            "BadRequest",
            "Unrecognized query argument specified: '$expand'.",
        ),
    ] {
        let answer = app.call(method, path, None, &[]).await;
        assert_eq!(answer.error(), (status, code.to_owned(), message.to_owned()), "{method} {path}");
        assert_eq!(answer.headers["content-type"], "application/json");
    }
    assert_eq!(app.call("PUT", "/v1.0/users", None, &[]).await.headers["allow"], "GET");
    assert_eq!(server.nobody().get("/v1.0/foo").await.status, 401);
    assert_eq!(server.nobody().get("/v2.0/foo").await.status, 400);
}

#[tokio::test]
async fn the_clients_own_request_id_is_echoed_and_ours_is_a_guid() {
    let server = TestServer::start().await;
    let app = server.app(ALL).await;

    let named = app.get_with("/v1.0/users", &[("client-request-id", "my own id")]).await;
    let plain = app.get("/v1.0/users").await;

    assert_eq!(named.headers["client-request-id"], "my own id");
    assert_eq!(plain.headers["client-request-id"], plain.headers["request-id"]);
    uuid::Uuid::parse_str(plain.headers["request-id"].to_str().unwrap()).unwrap();
}

#[tokio::test]
async fn only_json_is_served() {
    let server = TestServer::start().await;
    let app = server.app(ALL).await;

    for (accept, status) in [
        ("*/*", 200),
        ("application/json; charset=utf-8; IEEE754Compatible=false", 200),
        ("text/html, application/json;odata.metadata=none", 200),
        ("text/html", 406),
        ("application/json;q=0", 406),
        ("application/json;q=0.0, */*;q=0.1", 200),
    ] {
        assert_eq!(app.get_with("/v1.0/users", &[("accept", accept)]).await.status, status, "{accept}");
    }
    let bare =
        app.get_with("/v1.0/users", &[("accept", "application/json;odata.metadata=none")]).await.json();
    assert!(bare.get("@odata.context").is_none());
    assert_eq!(app.get_with("/v1.0/users", &[("odata-version", "3.0")]).await.status, 400);
}

#[tokio::test]
async fn a_bad_token_is_told_apart() {
    let server = TestServer::start().await;
    let good = server.app(ALL).await.token().to_owned();
    let tampered = format!("{}A{}", &good[..good.len() - 20], &good[good.len() - 19..]);

    for (header, message) in [
        ("Bearer ", "Access token is empty."),
        ("Bearer abc", "IDX14100: JWT is not well formed, there are no dots (.)."),
        (&format!("Bearer {tampered}"), "Access token validation failure."),
    ] {
        let answer = server.nobody().get_with("/v1.0/users", &[("authorization", header)]).await;
        assert_eq!(answer.error().2, message, "{header}");
    }
    let two = format!("Bearer {good}");
    let two = [("authorization", two.as_str()), ("authorization", "Bearer abc")];
    assert_eq!(server.nobody().get_with("/v1.0/users", &two).await.status, 401, "two headers");
    server.clock.advance(jiff::SignedDuration::from_mins(66));
    let late = server.nobody().get_with("/v1.0/users", &[("authorization", &format!("Bearer {good}"))]).await;
    assert_eq!(late.error().2, "Lifetime validation failed, the token is expired.");
}

#[tokio::test]
async fn a_query_is_read_after_the_right_and_before_the_key() {
    let server = TestServer::start().await;
    let everything = server.app(ALL).await;
    let nothing = server.app("").await;

    for path in [
        "/v1.0/users/nobody@x.example",
        "/v1.0/organization/00000000-0000-4000-8000-000000000000",
        "/v1.0/domains/nowhere.example",
        "/v1.0/auditLogs/directoryAudits/00000000-0000-4000-8000-000000000000",
    ] {
        let path = &format!("{path}?$select=shoeSize");
        assert_eq!(nothing.get(path).await.error().0, 403, "{path}");
        let (status, code, message) = everything.get(path).await.error();
        assert_eq!((status, code.as_str()), (400, "BadRequest"), "{path}");
        assert!(message.starts_with("Parsing OData Select and Expand failed: "), "{message}");
    }
}

#[tokio::test]
async fn what_a_small_collection_cannot_do_is_not_left_out_unsaid() {
    let server = TestServer::start().await;
    let app = server.app(ALL).await;

    for path in ["/v1.0/organization", "/v1.0/domains"] {
        assert_eq!(app.get(&format!("{path}?$top=999&$count=true&$select=id")).await.status, 200, "{path}");
        for (query, code, message) in [
            ("$filter=id eq 'x'", "BadRequest", "Unrecognized query argument specified: '$filter'."),
            ("$orderby=id", "BadRequest", "Unrecognized query argument specified: '$orderby'."),
            ("skiptoken=x", "Request_BadRequest", "The specified skip token is invalid."),
            (
                "$top=x",
                "Request_UnsupportedQuery",
                "Invalid page size specified: 'x'. Must be between 1 and 999 inclusive.",
            ),
        ] {
            let said = app.get(&format!("{path}?{query}")).await.error();
            assert_eq!(said, (400, code.to_owned(), message.to_owned()), "{path} {query}");
        }
    }
}

#[tokio::test]
async fn a_small_collection_has_pages_and_a_total() {
    let server = TestServer::start().await;
    let app = server.app(ALL).await;
    let eventual = [("consistencylevel", "eventual")];

    let first = app.get_with("/v1.0/domains?$top=1&$count=true&$select=id", &eventual).await.json();
    assert_eq!(first["@odata.count"], 2);
    assert_eq!(first["value"], serde_json::json!([{ "id": "contoso.example" }]));
    let next = first["@odata.nextLink"].as_str().unwrap().strip_prefix(ORIGIN).unwrap().to_owned();
    let second = app.get_with(&next, &eventual).await.json();
    assert_eq!(second["value"], serde_json::json!([{ "id": "mail.contoso.example" }]));
    for member in ["@odata.count", "@odata.nextLink"] {
        assert!(second.get(member).is_none(), "{member}");
    }

    let plain = app.get("/v1.0/domains?$count=true").await.json();
    assert_eq!(plain["value"].as_array().map(Vec::len), Some(2));
    assert!(plain.get("@odata.count").is_none() && plain.get("@odata.nextLink").is_none());
    let elsewhere = next.replace("/domains", "/organization");
    assert_eq!(app.get(&elsewhere).await.error().2, "The specified skip token is invalid.");
}
