//! Where public sources disagree about the real service: which reading is kept.

use vestibule_model::invitation::AppInvites;

use super::setting::{Kind, Setting};

/// The section `compat`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Compat {
    /// Whether applications may invite where only administrators and guest inviters may.
    pub(crate) app_invites_when_restricted: AppInvites,
}

pub(super) const ROWS: &[Setting] = &[Setting::new(
    "compat.app_invites_when_restricted",
    "allow",
    Kind::Form {
        form: "`allow` or `deny`",
        read: |settings, text| {
            settings.compat.app_invites_when_restricted = match text {
                "allow" => AppInvites::Allowed,
                "deny" => AppInvites::Refused,
                _ => return Err("must be allow or deny".into()),
            };
            Ok(())
        },
    },
    "Whether an application with `User.Invite.All` may invite while `allowInvitesFrom` is `adminsAndGuestInviters`. \
     `deny` is what Graph's page documents; `allow` is what was seen.",
)];
