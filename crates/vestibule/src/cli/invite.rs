//! `vestibule invite`: one invitation, over HTTP.

use std::fmt::Write as _;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::{Failure, output};
use crate::client::{Client, Reach};

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

impl Invite {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let client = Client::new(&self.reach)?;
        if self.what_if {
            let body = self.body(|path| client.url(path), client.tenant());
            return output::print(&format!(
                "POST {}\n\n{}",
                client.url("/v1.0/invitations"),
                output::json(&body)
            ));
        }

        let session = client.sign_in().await?;
        let body = self.body(|path| client.url(path), &session.tenant_id);
        let invitation = session.post("/v1.0/invitations", &body).await?;
        output::print(&facts(&invitation))
    }

    /// The body of `POST /invitations`; what was not said is left out.
    fn body(&self, url: impl Fn(&str) -> String, tenant: &str) -> Value {
        let own_page = || url(&format!("/myapps/?tenantid={tenant}"));
        let mut body = json!({
            "invitedUserEmailAddress": self.email,
            "inviteRedirectUrl": self.redirect_url.clone().unwrap_or_else(own_page),
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
                    "inviteRedirectUrl": "https://localhost:1/myapps/?tenantid=t",
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
            assert_eq!(invite.body(|path| format!("https://localhost:1{path}"), "t"), wanted, "{line}");
        }
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
