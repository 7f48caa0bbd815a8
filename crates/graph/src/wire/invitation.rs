//! An invitation as the 201 shows it (`graph.md` 1.5).

use serde::Serialize;
use vestibule_directory::invite::Invited;
use vestibule_model::Invitation;
use vestibule_odata::paging::Metadata;

use crate::facts::Facts;

/// The whole body.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WireInvitation<'a> {
    #[serde(rename = "@odata.context", skip_serializing_if = "Option::is_none")]
    context: Option<String>,
    id: String,
    invite_redeem_url: &'a str,
    invited_user_display_name: Option<&'a str>,
    invited_user_type: &'static str,
    invited_user_email_address: &'a str,
    send_invitation_message: bool,
    reset_redemption: bool,
    invite_redirect_url: &'a str,
    status: &'static str,
    invited_user_message_info: WireMessageInfo<'a>,
    invited_user: WireInvitedUser,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireMessageInfo<'a> {
    message_language: Option<&'a str>,
    customized_message_body: Option<&'a str>,
    cc_recipients: Vec<WireRecipient<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireRecipient<'a> {
    email_address: WireEmailAddress<'a>,
}

#[derive(Serialize)]
struct WireEmailAddress<'a> {
    name: Option<&'a str>,
    address: Option<&'a str>,
}

#[derive(Serialize)]
struct WireInvitedUser {
    id: String,
}

impl<'a> WireInvitation<'a> {
    pub(crate) fn new(invited: &'a Invited, facts: &Facts) -> Self {
        let invitation = &invited.invitation;
        let context = format!("{}/$metadata#invitations/$entity", facts.base);
        Self {
            context: (facts.metadata != Metadata::None).then_some(context),
            id: invitation.id.to_string(),
            invite_redeem_url: &invited.redeem_url,
            invited_user_display_name: invitation.display_name.as_deref(),
            invited_user_type: invitation.user_type.as_str(),
            invited_user_email_address: invitation.address.as_typed(),
            send_invitation_message: invitation.sends_message,
            reset_redemption: invitation.is_reset,
            invite_redirect_url: &invitation.redirect_url,
            status: invitation.status.as_str(),
            invited_user_message_info: message_info(invitation),
            invited_user: WireInvitedUser { id: invitation.user.to_string() },
        }
    }
}

/// Nobody on cc is shown as one nobody, as the real service does.
fn message_info(invitation: &Invitation) -> WireMessageInfo<'_> {
    let recipient = |name, address| WireRecipient { email_address: WireEmailAddress { name, address } };
    let message = &invitation.message;
    let mut cc_recipients: Vec<_> =
        message.cc.iter().map(|cc| recipient(cc.name.as_deref(), Some(cc.address.as_typed()))).collect();
    if cc_recipients.is_empty() {
        cc_recipients.push(recipient(None, None));
    }

    WireMessageInfo {
        message_language: message.language.as_deref(),
        customized_message_body: message.body.as_deref(),
        cc_recipients,
    }
}
