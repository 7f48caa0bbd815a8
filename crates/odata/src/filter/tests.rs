//! What filters mean, and why some mean nothing: the tables of the contract.

use super::*;
use crate::error::{Clause, Paired};
use crate::sample::{Asked, USER};
use crate::schema::Advanced::{No, Yes};

type Tree = Expr<Asked>;

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

fn compare(property: Asked, op: Op, value: Value) -> Tree {
    Expr::Compare { property, member: None, op, value }
}

fn eq(property: Asked, value: &str) -> Tree {
    compare(property, Op::Eq, text(value))
}

fn part(property: Asked, op: TextOp, value: &str) -> Tree {
    Expr::Text { property, member: None, op, value: value.to_owned() }
}

fn any(property: Asked, body: Element) -> Tree {
    Expr::Lambda { property, quantifier: Quantifier::Any, body: Some(body) }
}

fn element_eq(member: Option<&'static str>, value: &str) -> Element {
    Element::Compare { member, op: Op::Eq, value: text(value) }
}

fn not(part: Tree) -> Tree {
    Expr::Not(Box::new(part))
}

fn refusal(filter: &str, pair: Advanced) -> String {
    parse(filter, &USER, pair).unwrap_err().to_string()
}

#[test]
fn what_must_work_without_the_pair_means_what_it_says() {
    for (filter, tree) in [
        (
            "userPrincipalName eq 'a@x.com' or mail eq 'a@x.com' or proxyAddresses/any(x:x eq 'SMTP:a@x.com') \
             or signInNames/any(x:x eq 'a@x.com') or otherMails/any(x:x eq 'a@x.com')",
            Expr::Or(vec![
                eq(Asked::UserPrincipalName, "a@x.com"),
                eq(Asked::Mail, "a@x.com"),
                any(Asked::ProxyAddresses, element_eq(None, "SMTP:a@x.com")),
                any(Asked::SignInNames, element_eq(None, "a@x.com")),
                any(Asked::OtherMails, element_eq(None, "a@x.com")),
            ]),
        ),
        ("externalUserState eq 'PendingAcceptance'", eq(Asked::ExternalUserState, "PendingAcceptance")),
        (
            "userType eq 'Guest' and externalUserState eq 'PendingAcceptance'",
            Expr::And(vec![eq(Asked::UserType, "Guest"), eq(Asked::ExternalUserState, "PendingAcceptance")]),
        ),
        (
            "createdDateTime ge 2026-01-01T00:00:00Z and userType eq 'Guest'",
            Expr::And(vec![
                compare(
                    Asked::CreatedDateTime,
                    Op::Ge,
                    Value::DateTime("2026-01-01T00:00:00Z".parse().unwrap()),
                ),
                eq(Asked::UserType, "Guest"),
            ]),
        ),
        (
            "startswith(mail,'taylor') or startswith(displayName,'O''Brien')",
            Expr::Or(vec![
                part(Asked::Mail, TextOp::StartsWith, "taylor"),
                part(Asked::DisplayName, TextOp::StartsWith, "O'Brien"),
            ]),
        ),
        (
            "mail in ('a@x.com','b@x.com')",
            Expr::In { property: Asked::Mail, member: None, values: vec![text("a@x.com"), text("b@x.com")] },
        ),
        (
            "identities/any(c:c/issuerAssignedId eq 'j@x.com' and c/issuer eq 'mail')",
            any(
                Asked::Identities,
                Element::And(vec![
                    element_eq(Some("issuerAssignedId"), "j@x.com"),
                    element_eq(Some("issuer"), "mail"),
                ]),
            ),
        ),
    ] {
        assert_eq!(parse(filter, &USER, No).unwrap(), tree, "{filter}");
        assert_eq!(parse(filter, &USER, Yes).unwrap(), tree, "with the pair: {filter}");
    }
}

#[test]
fn what_must_work_with_the_pair_means_what_it_says_and_is_refused_without() {
    for (filter, tree) in [
        ("endsWith(mail,'@fabrikam.com')", part(Asked::Mail, TextOp::EndsWith, "@fabrikam.com")),
        (
            "endsWith(userPrincipalName,'#EXT#@contoso.com')",
            part(Asked::UserPrincipalName, TextOp::EndsWith, "#EXT#@contoso.com"),
        ),
        (
            "companyName ne null and NOT(companyName eq 'Microsoft')",
            Expr::And(vec![
                compare(Asked::CompanyName, Op::Ne, Value::Null),
                not(eq(Asked::CompanyName, "Microsoft")),
            ]),
        ),
        ("not(otherMails/any(o:o eq 'x@y.z'))", not(any(Asked::OtherMails, element_eq(None, "x@y.z")))),
        ("otherMails/$count eq 0", Expr::Empty { property: Asked::OtherMails, empty: true }),
        ("otherMails/$count ne 0", Expr::Empty { property: Asked::OtherMails, empty: false }),
        ("otherMails/$count eq 1", Expr::Single { property: Asked::OtherMails, single: true }),
        ("otherMails/$count ne 1", Expr::Single { property: Asked::OtherMails, single: false }),
        ("accountEnabled ne true", compare(Asked::AccountEnabled, Op::Ne, Value::Bool(true))),
        ("contains(displayName,'ay')", part(Asked::DisplayName, TextOp::Contains, "ay")),
        (
            "otherMails/any()",
            Expr::Lambda { property: Asked::OtherMails, quantifier: Quantifier::Any, body: None },
        ),
        (
            "imAddresses/all(x:x ne 'a')",
            Expr::Lambda {
                property: Asked::ImAddresses,
                quantifier: Quantifier::All,
                body: Some(Element::Compare { member: None, op: Op::Ne, value: text("a") }),
            },
        ),
        (
            "onPremisesExtensionAttributes/EXTENSIONattribute1 eq 'a'",
            Expr::Compare {
                property: Asked::ExtensionAttributes,
                member: Some("extensionAttribute1"),
                op: Op::Eq,
                value: text("a"),
            },
        ),
    ] {
        assert_eq!(parse(filter, &USER, Yes).unwrap(), tree, "{filter}");
        assert!(!parse(filter, &USER, No).unwrap_err().is_malformed(), "{filter}");
    }
}

#[test]
fn names_and_keywords_are_read_in_any_case() {
    for (loud, quiet) in [
        ("MAIL EQ 'a' OR DisplayName Eq 'b'", "mail eq 'a' or displayName eq 'b'"),
        (
            "STARTSWITH(Mail,'a') AND AccountEnabled eq TRUE",
            "startswith(mail,'a') and accountEnabled eq true",
        ),
        ("Mail IN ('a')", "mail in ('a')"),
        ("OtherMails/Any(X:x eq 'a')", "otherMails/any(x:x eq 'a')"),
        ("Identities/any(i:I/Issuer eq 'a')", "identities/any(i:i/issuer eq 'a')"),
        ("otherMails/$COUNT eq 0", "otherMails/$count eq 0"),
    ] {
        assert_eq!(parse(loud, &USER, Yes).unwrap(), parse(quiet, &USER, Yes).unwrap(), "{loud}");
    }
}

#[test]
fn either_side_may_hold_the_literal() {
    for (mirrored, plain) in [
        ("'a' eq mail", "mail eq 'a'"),
        ("2026-01-01 lt createdDateTime", "createdDateTime gt 2026-01-01"),
        ("2026-01-01 ge createdDateTime", "createdDateTime le 2026-01-01"),
        ("tolower(mail) eq 'a'", "mail eq 'a'"),
        ("'A' eq toUpper( mail )", "mail eq 'A'"),
    ] {
        assert_eq!(parse(mirrored, &USER, No).unwrap(), parse(plain, &USER, No).unwrap(), "{mirrored}");
    }
}

#[test]
fn literals_take_the_type_of_their_property() {
    let id = "cbb896f9-8306-49d0-b56b-b8e39cd28825";
    let guid = Value::Guid(id.parse().unwrap());
    let new_year = Value::DateTime("2026-01-01T00:00:00Z".parse().unwrap());
    for (filter, tree) in [
        (format!("id eq '{id}'"), compare(Asked::Id, Op::Eq, guid.clone())),
        (format!("id eq {}", id.to_uppercase()), compare(Asked::Id, Op::Eq, guid.clone())),
        (
            format!("id in ('{id}',{id})"),
            Expr::In { property: Asked::Id, member: None, values: vec![guid.clone(), guid] },
        ),
        (
            "createdDateTime eq 2026-01-01".to_owned(),
            compare(Asked::CreatedDateTime, Op::Eq, new_year.clone()),
        ),
        (
            "createdDateTime ge '2026-01-01T09:00:00+09:00'".to_owned(),
            compare(Asked::CreatedDateTime, Op::Ge, new_year),
        ),
        ("errorCode eq 50126".to_owned(), compare(Asked::ErrorCode, Op::Eq, Value::Number(50126))),
        (
            format!("assignedLicenses/any(s:s/skuId eq {id})"),
            any(Asked::AssignedLicenses, element_eq(Some("skuId"), id)),
        ),
    ] {
        assert_eq!(parse(&filter, &USER, No).unwrap(), tree, "{filter}");
    }
}

#[test]
fn a_sign_in_name_is_its_value_and_has_a_type() {
    for (filter, element) in [
        ("signInNames/any(x:x eq 'v')", element_eq(None, "v")),
        ("signInNames/any(x:x/value eq 'v')", element_eq(None, "v")),
        ("signInNames/any(x:x/type eq 'emailAddress')", element_eq(Some("type"), "emailAddress")),
        (
            "signInNames/any(x:x/value eq 'v' and x/type eq 'emailAddress')",
            Element::And(vec![element_eq(None, "v"), element_eq(Some("type"), "emailAddress")]),
        ),
        (
            "signInNames/any(x:startswith(x,'v'))",
            Element::Text { member: None, op: TextOp::StartsWith, value: "v".to_owned() },
        ),
    ] {
        assert_eq!(parse(filter, &USER, No).unwrap(), any(Asked::SignInNames, element), "{filter}");
    }
}

#[test]
fn a_member_may_lie_deeper() {
    let tree = parse("initiatedBy/user/userPrincipalName eq 'a'", &USER, No).unwrap();

    let member = Some("user/userPrincipalName");
    assert_eq!(tree, Expr::Compare { property: Asked::InitiatedBy, member, op: Op::Eq, value: text("a") });
}

#[test]
fn without_the_pair_the_operator_is_named() {
    for (filter, operator) in [
        ("endswith(mail,'a')", Paired::EndsWith),
        ("endswith(displayName,'a')", Paired::EndsWith),
        ("not(mail eq 'a')", Paired::Not),
        ("not startswith(mail,'a')", Paired::Not),
        ("otherMails/all(x:x eq 'a')", Paired::All),
        ("otherMails/$count eq 0", Paired::Count),
        ("otherMails/any()", Paired::Any),
        ("otherMails/any(x:not(x eq 'a'))", Paired::Not),
    ] {
        assert_eq!(parse(filter, &USER, No), Err(Error::OperatorNeedsPair { operator }), "{filter}");
    }
    assert_eq!(
        refusal("endsWith(mail,'a')", No),
        "Operator 'endsWith' is not supported because the required parameters might be missing. Try adding \
         $count=true query parameter and ConsistencyLevel:eventual header. Refer to \
         https://aka.ms/graph-docs/advanced-queries for more information"
    );
}

#[test]
fn unserved_matches_and_clauses_have_their_texts() {
    let clause = |name: &str| {
        format!(
            "Unsupported or invalid query filter clause specified for property '{name}' of resource 'User'."
        )
    };
    for (filter, pair, message) in [
        ("accountEnabled ne true", No, "Filter operator 'NotEqualsMatch' is not supported.".to_owned()),
        ("contains(displayName,'a')", No, "Filter operator 'Contains' is not supported.".to_owned()),
        ("companyName eq 'a'", No, clause("companyName")),
        ("COMPANYNAME eq 'a'", No, clause("companyName")),
        ("startswith(companyName,'a')", No, clause("companyName")),
        ("mail eq null", No, clause("mail")),
        ("passwordProfile eq 'a'", Yes, clause("passwordProfile")),
        ("externalUserState gt 'a'", Yes, clause("externalUserState")),
        ("endswith(displayName,'a')", Yes, clause("displayName")),
        ("startswith(createdDateTime,'2026')", Yes, clause("createdDateTime")),
        ("createdDateTime eq null", Yes, clause("createdDateTime")),
        ("mail gt null", Yes, clause("mail")),
        ("mail in ('a',null)", Yes, clause("mail")),
        ("mail eq displayName", Yes, clause("mail")),
        ("not(initiatedBy/app/appId eq 'a')", Yes, clause("initiatedBy")),
        ("imAddresses/any(x:x ne 'a')", Yes, clause("imAddresses")),
        ("otherMails/any(x:x eq null)", Yes, clause("otherMails")),
        ("otherMails/any(x:mail eq 'a')", Yes, clause("otherMails")),
        ("otherMails/any(x:otherMails/any(y:y eq 'a'))", Yes, clause("otherMails")),
        ("mail/any(x:x eq 'a')", Yes, clause("mail")),
        ("mail/$count eq 0", Yes, clause("mail")),
        ("identities/issuer eq 'a'", Yes, clause("identities")),
        ("tolower(createdDateTime) eq 'a'", Yes, clause("createdDateTime")),
    ] {
        assert_eq!(refusal(filter, pair), message, "{filter}");
    }
}

#[test]
fn clauses_tell_whether_the_pair_would_help() {
    let (property, resource) = ("companyName", "User");

    assert_eq!(parse("companyName eq 'a'", &USER, No), Err(Error::ClauseNeedsPair { property, resource }));
    assert_eq!(
        parse("endswith(companyName,'a')", &USER, Yes),
        Err(Error::ClauseUnsupported { property, resource })
    );
}

#[test]
fn identities_are_found_by_issuer_with_equalities_joined_by_and() {
    for body in [
        "i/issuer eq 'a'",
        "i/issuer eq 'a' and i/issuerAssignedId eq 'b'",
        "(i/issuerAssignedId eq 'b') and i/signInType eq 'c' and i/issuer eq 'a'",
    ] {
        assert!(parse(&format!("identities/any(i:{body})"), &USER, No).is_ok(), "{body}");
    }
    for body in [
        "i/issuerAssignedId eq 'b'",
        "i/signInType eq 'c'",
        "i/issuer eq 'a' or i/issuerAssignedId eq 'b'",
        "i/issuer eq 'a' and (i/issuerAssignedId eq 'b' or i/signInType eq 'c')",
        "i/issuer eq 'a' and not(i/issuerAssignedId eq 'b')",
    ] {
        let error = parse(&format!("identities/any(i:{body})"), &USER, Yes).unwrap_err();

        assert_eq!(error, Error::ClauseUnsupported { property: "identities", resource: "User" }, "{body}");
    }
}

#[test]
fn other_structured_elements_take_one_condition() {
    assert_eq!(
        refusal("assignedLicenses/any(s:s/skuId eq 'a' or s/skuId eq 'b')", Yes),
        "Complex query on property assignedLicenses is not supported."
    );
}

#[test]
fn an_unknown_name_is_repeated() {
    for (filter, name) in [
        ("shoeSize eq 'a'", "shoeSize"),
        ("mail eq 'a' or shoeSize eq 'a'", "shoeSize"),
        ("ShoeSize in ('a')", "ShoeSize"),
        ("startswith(shoeSize,'a')", "shoeSize"),
        ("shoes/any(x:x eq 'a')", "shoes"),
        ("shoes/$count eq 0", "shoes"),
        ("otherMails/any(x:y eq 'a')", "y"),
        ("identities/any(x:x/size eq 'a')", "size"),
        ("mail/length eq 'a'", "length"),
        ("mail eq shoeSize", "shoeSize"),
        ("companyName eq 'a' and not(shoeSize eq 'b')", "shoeSize"),
    ] {
        assert_eq!(
            refusal(filter, No),
            format!(
                "Invalid filter clause: \
                 Could not find a property named '{name}' on type 'microsoft.graph.user'."
            ),
            "{filter}"
        );
    }
}

#[test]
fn operands_that_do_not_fit_are_named_in_the_order_they_stand() {
    for (filter, left, right, kind) in [
        ("accountEnabled eq 'true'", "Edm.Boolean", "Edm.String", "Equal"),
        ("'true' eq accountEnabled", "Edm.String", "Edm.Boolean", "Equal"),
        ("accountEnabled ne 'true'", "Edm.Boolean", "Edm.String", "NotEqual"),
        ("accountEnabled eq 1", "Edm.Boolean", "Edm.Int32", "Equal"),
        ("accountEnabled in ('true')", "Edm.Boolean", "Edm.String", "Equal"),
        ("createdDateTime ge 'yesterday'", "Edm.DateTimeOffset", "Edm.String", "GreaterThanOrEqual"),
        ("createdDateTime lt 5", "Edm.DateTimeOffset", "Edm.Int32", "LessThan"),
        ("mail eq 5", "Edm.String", "Edm.Int32", "Equal"),
        ("mail eq 1.5", "Edm.String", "Edm.Decimal", "Equal"),
        ("mail eq duration'PT1S'", "Edm.String", "Edm.Duration", "Equal"),
        ("mail eq true", "Edm.String", "Edm.Boolean", "Equal"),
        ("mail le 2026-01-01", "Edm.String", "Edm.DateTimeOffset", "LessThanOrEqual"),
        ("mail gt cbb896f9-8306-49d0-b56b-b8e39cd28825", "Edm.String", "Edm.Guid", "GreaterThan"),
        ("id eq 'taylor'", "Edm.Guid", "Edm.String", "Equal"),
        ("otherMails eq 'a'", "Collection(Edm.String)", "Edm.String", "Equal"),
        ("identities/any(i:i eq 'a')", "Edm.ComplexType", "Edm.String", "Equal"),
    ] {
        assert_eq!(
            refusal(filter, No),
            format!(
                "Invalid filter clause: A binary operator with incompatible types was detected. \
                 Found operand types '{left}' and '{right}' for operator kind '{kind}'."
            ),
            "{filter}"
        );
    }
}

#[test]
fn a_typographic_quote_is_a_syntax_error() {
    assert_eq!(
        refusal("mail eq “a”", No),
        "Invalid filter clause: Syntax error at position 9 in 'mail eq “a”'."
    );
}

#[test]
fn what_makes_no_sense_is_said_before_what_is_not_served() {
    for filter in ["companyName eq 'a' or mail eq 5", "not(mail eq 5)", "otherMails/all(x:x eq 5)"] {
        assert!(matches!(parse(filter, &USER, No), Err(Error::IncompatibleTypes { .. })), "{filter}");
    }
    assert!(matches!(
        parse("companyName eq 'a' or", &USER, No),
        Err(Error::Syntax { clause: Clause::Filter, position: 22, .. })
    ));
}

#[test]
fn the_first_refusal_is_the_one_told() {
    assert_eq!(
        parse("accountEnabled ne true and companyName eq 'a'", &USER, No),
        Err(Error::NotEqualsNeedsPair)
    );
}
