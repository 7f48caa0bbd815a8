//! `vestibule invite`: one invitation, over HTTP.

use std::fmt::Write as _;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::{Failure, output};
use crate::client::{Client, Reach, Target};

#[derive(Args, Debug)]
pub(super) struct Invite {
    /// Whom to invite
    #[arg(value_name = "EMAIL")]
    email: String,
    /// What the guest is called in the directory
    #[arg(long, value_name = "NAME")]
    display_name: Option<String>,
    /// Where the guest lands after accepting [default: the server's My Apps page]
    #[arg(long, value_name = "URL")]
    redirect_url: Option<String>,
    /// Let the server send the invitation mail
    #[arg(long)]
    send_message: bool,
    /// Words of your own in that mail
    #[arg(long, value_name = "TEXT")]
    message: Option<String>,
    /// Language of that mail, such as ko
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
    /// Somebody to keep in the loop; can be repeated
    #[arg(long, value_name = "ADDRESS")]
    cc: Vec<String>,
    /// Invite as guest or as member [default: Guest]
    #[arg(long, value_name = "TYPE", ignore_case = true)]
    user_type: Option<UserType>,
    /// Let an existing guest redeem anew, perhaps with another address
    #[arg(long, requires = "user_id")]
    reset_redemption: bool,
    /// The guest whom --reset-redemption is about
    #[arg(long, value_name = "ID")]
    user_id: Option<String>,
    /// Print the request and send nothing
    #[arg(long)]
    what_if: bool,
    #[command(flatten)]
    reach: Reach,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum UserType {
    #[value(name = "Guest")]
    Guest,
    #[value(name = "Member")]
    Member,
}

const INVITATIONS: &str = "/v1.0/invitations";

/// Where guests of `tenant` land unless their inviter knows better.
fn own_page(tenant: &str) -> String {
    format!("/myapps/?tenantid={tenant}")
}

impl Invite {
    pub(super) async fn run(self) -> Result<(), Failure> {
        if self.what_if {
            return output::print(&self.request()?);
        }

        let client = Client::new(&self.reach)?;
        let session = client.sign_in().await?;
        let landing = self.redirect_url.clone();
        let landing = landing.unwrap_or_else(|| client.url(&own_page(&session.tenant_id)));
        let invitation = session.post(INVITATIONS, &self.body(&landing)).await?;
        output::print(&facts(&invitation))
    }

    /// What would be sent. Nobody needs to be there or to sign in; but the page of its own that guests land on by default
    /// has a server and a tenant in it.
    fn request(&self) -> Result<String, Failure> {
        let target = Target::of(&self.reach)?;
        let landing = match &self.redirect_url {
            Some(url) => url.clone(),
            None => target.server()? + &own_page(&target.tenant()?),
        };
        let server = target.server().unwrap_or_default();
        Ok(format!("POST {server}{INVITATIONS}\n\n{}", output::json(&self.body(&landing))))
    }

    /// The body of `POST /invitations`; what was not said is left out.
    fn body(&self, landing: &str) -> Value {
        let mut body = json!({
            "invitedUserEmailAddress": self.email,
            "inviteRedirectUrl": landing,
            "sendInvitationMessage": self.send_message,
        });
        let mut say = |name: &str, value: Value| body[name] = value;
        if let Some(name) = &self.display_name {
            say("invitedUserDisplayName", json!(name));
        }
        if let Some(user_type) = self.user_type {
            say("invitedUserType", json!(format!("{user_type:?}")));
        }
        if let Some(info) = self.message_info() {
            say("invitedUserMessageInfo", info);
        }
        if let Some(id) = &self.user_id {
            say("invitedUser", json!({ "id": id }));
        }
        if self.reset_redemption {
            say("resetRedemption", json!(true));
        }
        body
    }

    fn message_info(&self) -> Option<Value> {
        let is_said = self.message.is_some() || self.language.is_some() || !self.cc.is_empty();
        let recipients = self.cc.iter().map(|address| json!({ "emailAddress": { "address": address } }));
        is_said.then(|| {
            let mut info = json!({});
            if let Some(message) = &self.message {
                info["customizedMessageBody"] = json!(message);
            }
            if let Some(language) = &self.language {
                info["messageLanguage"] = json!(language);
            }
            if !self.cc.is_empty() {
                info["ccRecipients"] = recipients.collect();
            }
            info
        })
    }
}

/// What was made, the redeem URL last and on a line of its own.
fn facts(invitation: &Value) -> String {
    let mut text = String::new();
    for (label, path) in [
        ("invitation", "/id"),
        ("guest", "/invitedUser/id"),
        ("e-mail", "/invitedUserEmailAddress"),
        ("name", "/invitedUserDisplayName"),
        ("type", "/invitedUserType"),
        ("status", "/status"),
        ("mail", "/sendInvitationMessage"),
        ("lands at", "/inviteRedirectUrl"),
    ] {
        let fact = match invitation.pointer(path) {
            Some(Value::String(fact)) => fact.as_str(),
            Some(Value::Bool(true)) => "on its way",
            Some(Value::Bool(false)) => "none: pass the redeem URL on yourself",
            _ => continue,
        };
        let _ = writeln!(text, "{label:<11} {fact}");
    }
    let redeem_url = invitation["inviteRedeemUrl"].as_str().unwrap_or_default();
    let _ = writeln!(text, "redeem URL\n{redeem_url}");
    text
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        invite: Invite,
    }

    #[test]
    fn what_was_not_said_is_not_sent() {
        let said = "x taylor@fabrikam.com --redirect-url https://a.example --send-message --message Hi --language ko \
                    --cc a@b.c --cc d@e.f --user-type member --display-name Taylor --reset-redemption --user-id 7";
        for (line, wanted) in [
            (
                "x taylor@fabrikam.com",
                json!({
                    "invitedUserEmailAddress": "taylor@fabrikam.com",
                    "inviteRedirectUrl": "https://localhost:1",
                    "sendInvitationMessage": false,
                }),
            ),
            (
                said,
                json!({
                    "invitedUserEmailAddress": "taylor@fabrikam.com",
                    "invitedUserDisplayName": "Taylor",
                    "invitedUserType": "Member",
                    "inviteRedirectUrl": "https://a.example",
                    "sendInvitationMessage": true,
                    "invitedUserMessageInfo": {
                        "customizedMessageBody": "Hi",
                        "messageLanguage": "ko",
                        "ccRecipients": [{"emailAddress": {"address": "a@b.c"}}, {"emailAddress": {"address": "d@e.f"}}],
                    },
                    "invitedUser": {"id": "7"},
                    "resetRedemption": true,
                }),
            ),
        ] {
            let invite = Line::parse_from(line.split_whitespace()).invite;
            let landing = invite.redirect_url.clone().unwrap_or_else(|| "https://localhost:1".into());
            assert_eq!(invite.body(&landing), wanted, "{line}");
        }
    }

    #[test]
    fn what_if_asks_for_no_more_than_the_request_shows() {
        let nowhere = tempfile::tempdir().unwrap();
        let request = |line: &str| {
            let line = format!("x taylor@fabrikam.com --what-if {line} --data {}", nowhere.path().display());
            Line::parse_from(line.split_whitespace()).invite.request()
        };
        let shown = |line| request(line).unwrap();

        let own_page = "\"inviteRedirectUrl\": \"https://h.example/myapps/?tenantid=t\"";
        assert!(shown("--redirect-url https://a.example/").starts_with("POST /v1.0/invitations\n"));
        assert!(
            shown("--redirect-url https://a.example/ --server https://h.example")
                .starts_with("POST https://h")
        );
        assert!(shown("--server https://h.example --tenant t").contains(own_page));
        assert!(matches!(request("--server https://h.example"), Err(Failure::Usage(_))));
        assert!(matches!(request("--tenant t"), Err(Failure::Unreachable(_))));
    }

    #[test]
    fn the_redeem_url_is_the_last_line_by_itself() {
        let text = facts(&json!({
            "id": "1", "invitedUser": {"id": "2"}, "status": "PendingAcceptance", "sendInvitationMessage": false,
            "invitedUserDisplayName": null, "inviteRedeemUrl": "https://localhost/redeem?rd=x",
        }));

        assert_eq!(text.lines().last(), Some("https://localhost/redeem?rd=x"));
        assert!(
            text.starts_with("invitation  1\nguest       2\nstatus      PendingAcceptance\nmail        none"),
            "{text}"
        );
    }
}
