//! The body of `POST /invitations`: names in any case, types checked, annotations ignored.

use vestibule_model::invitation::{InvitationRequest, Malformed, RequestedRecipient};

use crate::body::Json;

const INVITATION: &str = "microsoft.graph.invitation";
const MESSAGE_INFO: &str = "microsoft.graph.invitedUserMessageInfo";
const RECIPIENT: &str = "microsoft.graph.recipient";
const EMAIL_ADDRESS: &str = "microsoft.graph.emailAddress";

/// Reads an invitation.
///
/// # Errors
///
/// [`Malformed::UnknownProperty`] before [`Malformed::WrongType`], as `graph.md` 1.12 orders them.
pub(super) fn invitation(members: &[(String, Json)]) -> Result<InvitationRequest, Malformed> {
    check_names(members)?;
    let mut request = InvitationRequest::default();
    for (name, value) in members {
        match name.to_ascii_lowercase().as_str() {
            "inviteduserdisplayname" => request.display_name = text(value)?,
            "inviteduseremailaddress" => request.email_address = text(value)?,
            "invitedusermessageinfo" => message_info(&mut request, value)?,
            "sendinvitationmessage" => request.sends_message = boolean(value)?,
            "inviteredirecturl" => request.redirect_url = text(value)?,
            "invitedusertype" => request.user_type = text(value)?,
            "resetredemption" => request.reset_redemption = boolean(value)?,
            "inviteduser" => request.user = invited_user(value)?,
            "invitedusersponsors" => add_sponsors(&mut request, references(value)?),
            "invitedusersponsors@odata.bind" => add_sponsors(&mut request, links(value)?),
            // The server's own: what a client sends is ignored.
            "id" | "inviteredeemurl" | "status" => drop(text(value)?),
            _ => {}
        }
    }

    Ok(request)
}

fn check_names(members: &[(String, Json)]) -> Result<(), Malformed> {
    const KNOWN: [&str; 12] = [
        "id",
        "invitedUserDisplayName",
        "invitedUserEmailAddress",
        "invitedUserMessageInfo",
        "sendInvitationMessage",
        "inviteRedirectUrl",
        "inviteRedeemUrl",
        "invitedUserType",
        "status",
        "resetRedemption",
        "invitedUser",
        "invitedUserSponsors",
    ];
    known(members, &KNOWN, INVITATION)?;
    let Some(info) = object_at(members, "invitedUserMessageInfo") else { return Ok(()) };
    known(info, &["ccRecipients", "customizedMessageBody", "messageLanguage"], MESSAGE_INFO)?;
    let Some(Json::Array(recipients)) = value_at(info, "ccRecipients") else { return Ok(()) };
    for recipient in recipients {
        let Json::Object(recipient) = recipient else { continue };
        known(recipient, &["emailAddress"], RECIPIENT)?;
        if let Some(address) = object_at(recipient, "emailAddress") {
            known(address, &["name", "address"], EMAIL_ADDRESS)?;
        }
    }

    Ok(())
}

fn known(members: &[(String, Json)], names: &[&str], on: &'static str) -> Result<(), Malformed> {
    let is_known =
        |name: &str| is_annotation(name) || names.iter().any(|known| known.eq_ignore_ascii_case(name));
    match members.iter().find(|(name, _)| !is_known(name)) {
        Some((name, _)) => Err(Malformed::UnknownProperty { name: name.clone(), on }),
        None => Ok(()),
    }
}

fn is_annotation(name: &str) -> bool {
    name.to_ascii_lowercase().contains("@odata.")
}

fn value_at<'a>(members: &'a [(String, Json)], name: &str) -> Option<&'a Json> {
    members.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn object_at<'a>(members: &'a [(String, Json)], name: &str) -> Option<&'a [(String, Json)]> {
    match value_at(members, name) {
        Some(Json::Object(object)) => Some(object),
        _ => None,
    }
}

fn message_info(request: &mut InvitationRequest, value: &Json) -> Result<(), Malformed> {
    let Some(info) = object(value, "microsoft.graph.invitedUserMessageInfo")? else { return Ok(()) };
    for (name, value) in info {
        match name.to_ascii_lowercase().as_str() {
            "messagelanguage" => request.message_language = text(value)?,
            "customizedmessagebody" => request.message_body = text(value)?,
            "ccrecipients" => {
                let recipients = array(value, "Collection(microsoft.graph.recipient)")?;
                request.cc = recipients.iter().map(recipient).collect::<Result<_, _>>()?;
            }
            _ => {}
        }
    }

    Ok(())
}

fn recipient(value: &Json) -> Result<RequestedRecipient, Malformed> {
    let mut read = RequestedRecipient::default();
    let members = object(value, RECIPIENT)?.unwrap_or_default();
    let Some(address) = value_at(members, "emailAddress") else { return Ok(read) };
    for (name, value) in object(address, EMAIL_ADDRESS)?.unwrap_or_default() {
        match name.to_ascii_lowercase().as_str() {
            "name" => read.name = text(value)?,
            "address" => read.address = text(value)?,
            _ => {}
        }
    }

    Ok(read)
}

/// PowerShell pipes whole users in here: everything but the id is ignored.
fn invited_user(value: &Json) -> Result<Option<String>, Malformed> {
    let members = object(value, "microsoft.graph.user")?.unwrap_or_default();
    value_at(members, "id").map_or(Ok(None), text)
}

fn add_sponsors(request: &mut InvitationRequest, ids: Vec<String>) {
    request.sponsors.get_or_insert_default().extend(ids);
}

/// `[{"id": …}]` or `[{"@odata.id": …}]`.
fn references(value: &Json) -> Result<Vec<String>, Malformed> {
    array(value, "Collection(microsoft.graph.directoryObject)")?.iter().map(reference).collect()
}

fn reference(value: &Json) -> Result<String, Malformed> {
    let members = object(value, "microsoft.graph.directoryObject")?.unwrap_or_default();
    let id = value_at(members, "id").map_or(Ok(None), text)?;
    let link = value_at(members, "@odata.id").map_or(Ok(None), text)?;
    Ok(id.or_else(|| link.map(|link| last_segment(&link))).unwrap_or_default())
}

fn links(value: &Json) -> Result<Vec<String>, Malformed> {
    let links = array(value, "Collection(Edm.String)")?;
    links.iter().map(|link| Ok(last_segment(&text(link)?.unwrap_or_default()))).collect()
}

/// The id in `{base}/directoryObjects/{id}` or `{base}/users('{id}')`.
fn last_segment(link: &str) -> String {
    let last = link.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let key = last.split_once('(').map_or(last, |(_, key)| key.trim_end_matches(')'));
    key.trim_matches('\'').to_owned()
}

fn text(value: &Json) -> Result<Option<String>, Malformed> {
    match value {
        Json::Null => Ok(None),
        Json::Text(text) => Ok(Some(text.clone())),
        other => Err(wrong(other, "Edm.String")),
    }
}

fn boolean(value: &Json) -> Result<bool, Malformed> {
    match value {
        Json::Null => Ok(false),
        Json::Bool(value) => Ok(*value),
        other => Err(wrong(other, "Edm.Boolean")),
    }
}

fn object<'a>(value: &'a Json, expected: &'static str) -> Result<Option<&'a [(String, Json)]>, Malformed> {
    match value {
        Json::Null => Ok(None),
        Json::Object(members) => Ok(Some(members)),
        other => Err(wrong(other, expected)),
    }
}

fn array<'a>(value: &'a Json, expected: &'static str) -> Result<&'a [Json], Malformed> {
    match value {
        Json::Null => Ok(&[]),
        Json::Array(items) => Ok(items),
        other => Err(wrong(other, expected)),
    }
}

fn wrong(found: &Json, expected: &'static str) -> Malformed {
    Malformed::WrongType { literal: found.literal(), expected }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<InvitationRequest, Malformed> {
        let Json::Object(members) = serde_json::from_str(text).unwrap() else { panic!("an object") };
        invitation(&members)
    }

    #[test]
    fn names_match_in_any_case_and_annotations_are_ignored() {
        let request = read(
            r##"{"@odata.type":"#microsoft.graph.invitation","INVITEDUSEREMAILADDRESS":"a@x.y","sendInvitationMessage":true,
                "invitedUserMessageInfo":{"@odata.type":"x","ccRecipients":[{"emailAddress":{"name":null,"address":"c@x.y"}}],
                "messageLanguage":""},"invitedUser":{"id":"1","displayName":null,"accountEnabled":7},
                "invitedUserSponsors@odata.bind":["https://x/v1.0/directoryObjects/2"],
                "invitedUserSponsors":[{"id":"3"},{"@odata.id":"https://x/v1.0/users('4')"}],"status":"x"}"##,
        )
        .unwrap();

        assert_eq!(request.email_address.as_deref(), Some("a@x.y"));
        assert!(request.sends_message);
        assert_eq!(request.cc, [RequestedRecipient { name: None, address: Some("c@x.y".into()) }]);
        assert_eq!(request.message_language.as_deref(), Some(""));
        assert_eq!(request.user.as_deref(), Some("1"));
        assert_eq!(request.sponsors.unwrap(), ["2", "3", "4"]);
    }

    #[test]
    fn an_unknown_property_is_named_before_a_wrong_type() {
        let unknown = |name: &str, on| Malformed::UnknownProperty { name: name.into(), on };
        for (text, malformed) in [
            (
                r#"{"sendInvitationMessage":"yes","invitedToGroups":[]}"#,
                unknown("invitedToGroups", INVITATION),
            ),
            (r#"{"invitedUserMessageInfo":{"body":"x"}}"#, unknown("body", MESSAGE_INFO)),
            (
                r#"{"invitedUserMessageInfo":{"ccRecipients":[{"emailAddress":{"mail":"x"}}]}}"#,
                unknown("mail", EMAIL_ADDRESS),
            ),
            (
                r#"{"sendInvitationMessage":"true"}"#,
                Malformed::WrongType { literal: "true".into(), expected: "Edm.Boolean" },
            ),
            (
                r#"{"invitedUserEmailAddress":5}"#,
                Malformed::WrongType { literal: "5".into(), expected: "Edm.String" },
            ),
        ] {
            assert_eq!(read(text).unwrap_err(), malformed, "{text}");
        }
    }
}
