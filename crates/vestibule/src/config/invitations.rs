//! Invitations, their redemption, and the words of their mail.

use super::redirect;
use super::setting::{Kind, Setting, list_of};

/// The section `invitations`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Invitations {
    /// Days until an invitation ends; 0 is never.
    pub(crate) lifetime_days: u64,
    /// How many people one invitation may be copied to.
    pub(crate) max_cc_recipients: u64,
    /// Whether `+` may stand in an invited address.
    pub(crate) allow_plus_addressing: bool,
}

/// The section `redemption`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Redemption {
    /// Schemes a redirect URL may have beside `http` and `https`.
    pub(crate) redirect_schemes: Vec<String>,
    /// The only hosts a redirect URL may name; empty is any.
    pub(crate) redirect_hosts: Vec<String>,
    /// Whether Microsoft's My Apps addresses lead to our own page.
    pub(crate) map_myapps: bool,
}

/// The section `mail`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mail {
    /// Whether the inviter's words stand in every mail.
    pub(crate) custom_message: CustomMessage,
}

/// When the inviter's own words stand in the mail.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum CustomMessage {
    /// Whenever there are some.
    #[default]
    Always,
    /// Not when an application invites, nor an inviter without an address: Entra's rule.
    Entra,
}

pub(super) const ROWS: &[Setting] = &[
    Setting::new(
        "invitations.lifetime_days",
        "0",
        Kind::Number {
            unit: "days",
            bounds: 0..=365,
            slot: |settings| &mut settings.invitations.lifetime_days,
        },
        "How long an invitation can be accepted. 0 is for ever, as in Entra; 30 is a good choice.",
    ),
    Setting::new(
        "invitations.max_cc_recipients",
        "10",
        Kind::Number {
            unit: "people",
            bounds: 0..=100,
            slot: |settings| &mut settings.invitations.max_cc_recipients,
        },
        "How many people one invitation may be copied to. Set 1 to be as strict as the real service.",
    ),
    Setting::new(
        "invitations.allow_plus_addressing",
        "false",
        Kind::Switch(|settings| &mut settings.invitations.allow_plus_addressing),
        "Whether `+` may stand in an invited address. Graph documents it as forbidden.",
    ),
    Setting::new(
        "redemption.redirect_schemes",
        "",
        Kind::Form {
            form: "schemes between commas",
            read: |settings, text| {
                let form = "schemes such as myapp (never javascript, data, vbscript or file)";
                settings.redemption.redirect_schemes = list_of(text, form, redirect::scheme)?;
                Ok(())
            },
        },
        "Schemes that `inviteRedirectUrl` may have beside `http` and `https`. \
         Never `javascript`, `data`, `vbscript` or `file`.",
    ),
    Setting::new(
        "redemption.redirect_hosts",
        "",
        Kind::Form {
            form: "host names between commas",
            read: |settings, text| {
                let form = "host names such as app.example.com";
                settings.redemption.redirect_hosts = list_of(text, form, redirect::host)?;
                Ok(())
            },
        },
        "The only hosts that `inviteRedirectUrl` may name, each written out whole. Unset: any.",
    ),
    Setting::new(
        "redemption.map_myapps",
        "true",
        Kind::Switch(|settings| &mut settings.redemption.map_myapps),
        "Whether guests sent to Microsoft's My Apps land on this server's `/myapps/` instead.",
    ),
    Setting::new(
        "mail.custom_message",
        "always",
        Kind::Form {
            form: "`always` or `entra`",
            read: |settings, text| {
                settings.mail.custom_message = match text {
                    "always" => CustomMessage::Always,
                    "entra" => CustomMessage::Entra,
                    _ => return Err("must be always or entra".into()),
                };
                Ok(())
            },
        },
        "When the inviter's own words stand in the mail and on the page it leads to. `entra` leaves them out when \
         an application invites, or an inviter without a mail address.",
    ),
];
