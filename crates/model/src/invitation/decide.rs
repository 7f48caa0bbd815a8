//! Deciding about `POST /invitations`: the checks in the order of `graph.md` 1.12, then what follows from them.
//!
//! Reading of single values is in `request`, rights in `rights`; what is written is in `outcome`, what is mailed in `mail`.

use crate::address::Address;
use crate::application::Application;
use crate::audit::{Activity, AuditEvent, Initiator, Target};
use crate::caller::Caller;
use crate::change::{ChangeSet, Guard};
use crate::clock::Context;
use crate::guest_name::Sha256;
use crate::id::{Digest, InvitationId, UserId};
use crate::invitation::outcome::Asked;
use crate::invitation::{
    CustomMessage, IdempotencyKey, Invitation, InvitationRequest, InvitationRules, Malformed, Remembered,
    outcome, request, rights,
};
use crate::message::Message;
use crate::policy::TenantPolicy;
use crate::refusal::{InvitationRefusal as No, Refused};
use crate::secret::Secret;
use crate::standing::Standing;
use crate::tenant::{Tenant, VerifiedDomain};
use crate::user::{GuestState, User};

/// What is asked, and by whom.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Who asks.
    pub caller: &'a Caller,
    /// What was read of the body.
    pub request: &'a Result<InvitationRequest, Malformed>,
    /// Whether the caller may repeat itself.
    pub key: Option<&'a IdempotencyKey>,
}

/// What is known of the directory at that moment, all of it from one snapshot.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "each is what `store` looks up under the same name")]
pub struct Snapshot<'a> {
    pub app: Option<&'a Application>,
    pub user: Option<&'a User>,
    pub tenant: &'a Tenant,
    pub policy: &'a TenantPolicy,
    pub policy_version: u64,
    pub domains: &'a [VerifiedDomain],
    pub users_at: &'a [User],
    pub proxy_is_taken: bool,
    pub target: Option<&'a User>,
    pub sponsors: &'a [UserId],
    pub taken_upns: &'a [String],
    pub is_blocked: bool,
    pub blocked_cc: &'a [String],
    pub remembered: Option<&'a Remembered>,
    /// The language of the guest's home tenant, when that is one of this server.
    pub home_language: Option<&'a str>,
}

/// What is drawn and made outside: secrets and links. Used if an invitation comes of it, else forgotten.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// The id that the invitation will have.
    pub invitation: InvitationId,
    /// In clear.
    pub ticket: Secret,
    /// Its SHA-256.
    pub ticket_hash: Digest,
    /// The wrapped redeem URL.
    pub redeem_url: Secret,
    /// The one-click block link.
    pub block_url: Secret,
}

/// What the operator set, and what this room cannot compute.
#[derive(Clone, Copy, Debug)]
pub struct Given<'a> {
    /// `invitations.*`.
    pub rules: &'a InvitationRules,
    /// `mail.custom_message`.
    pub custom_message: CustomMessage,
    /// For names that are cut.
    pub sha256: Sha256,
    /// For the invitation to be made.
    pub drawn: &'a Drawn,
}

/// What comes of a request.
#[derive(Clone, Debug)]
pub enum Decision {
    /// An invitation is made.
    Invite(Box<NewInvitation>),
    /// The same request was answered before: the answer of then is given again, and nothing is written.
    Replay(Remembered),
}

/// An invitation to be made durable, all or nothing.
#[derive(Clone, Debug)]
pub struct NewInvitation {
    /// As it will stand.
    pub invitation: Invitation,
    /// What must still be true then.
    pub guards: Vec<Guard>,
    /// What is written.
    pub change: ChangeSet,
    /// Mail that leaves because of it.
    pub mail: Vec<Message>,
}

/// Decides about a request. The first check that fails answers; the order is `graph.md` 1.12's.
///
/// # Errors
///
/// [`Refused`], with a record for E2, E6, E14 and the right of E9.
pub fn decide(
    question: &Question<'_>,
    snapshot: &Snapshot<'_>,
    given: &Given<'_>,
    context: &Context,
) -> Result<Decision, Refused<No>> {
    let case = Case::of(question, snapshot, given, context)?;
    case.may_invite()?;
    let asked = question.request.as_ref().map_err(|malformed| No::Malformed(malformed.clone()))?;
    if let Some(remembered) = case.repeated()? {
        return Ok(Decision::Replay(remembered.clone()));
    }

    let message = request::message(asked, given.rules)?;
    let address = request::address(asked, given.rules)?;
    let redirect_url = request::redirect_url(asked, given.rules)?;
    let user_type = request::user_type(asked)?;
    if !rights::may_invite_as(&case.standing, user_type) {
        return Err(case.refused(No::MayNotInviteMembers, "the caller may not invite members"));
    }
    let target = case.target(asked)?;
    let sponsors = case.sponsors(asked)?;
    if let Some(target) = target {
        belongs_to(&address, target)?;
    }
    case.domain_is_allowed(&address, asked)?;
    let guest = case.whose(&address, target)?;

    let asked = Asked { request: asked, message, address, redirect_url, user_type, sponsors };
    let invite = match (guest, asked.request.reset_redemption) {
        (None, _) => outcome::first(&case, asked),
        (Some((guest, _)), true) => outcome::reset(&case, asked, guest),
        (Some((guest, state)), false) => outcome::again(&case, asked, guest, state),
    };
    Ok(Decision::Invite(Box::new(invite)))
}

/// One request while it is being decided.
pub(super) struct Case<'a> {
    pub(super) standing: Standing<'a>,
    pub(super) question: &'a Question<'a>,
    pub(super) snapshot: &'a Snapshot<'a>,
    pub(super) given: &'a Given<'a>,
    pub(super) context: &'a Context,
}

impl<'a> Case<'a> {
    fn of(
        question: &'a Question<'a>,
        snapshot: &'a Snapshot<'a>,
        given: &'a Given<'a>,
        context: &'a Context,
    ) -> Result<Self, Refused<No>> {
        let standing = Standing::of(question.caller, snapshot.app, snapshot.user).ok_or(No::CallerRevoked)?;
        Ok(Self { standing, question, snapshot, given, context })
    }

    /// E1 and E2.
    fn may_invite(&self) -> Result<(), Refused<No>> {
        if !rights::has_permission(&self.standing) {
            return Err(No::NotPermitted.into());
        }
        let (policy, apps) = (self.snapshot.policy, self.given.rules.apps_when_restricted);
        if !rights::policy_lets(&self.standing, policy.allow_invites_from, apps) {
            return Err(self.refused(No::InvitesOff, "allowInvitesFrom does not let this caller invite"));
        }
        Ok(())
    }

    /// E22.
    fn repeated(&self) -> Result<Option<&'a Remembered>, No> {
        match (self.question.key, self.snapshot.remembered) {
            (Some(key), Some(remembered)) if key.body == remembered.body => Ok(Some(remembered)),
            (Some(_), Some(_)) => Err(No::KeyReused),
            (None, _) | (_, None) => Ok(None),
        }
    }

    /// E13, E14, E12: the user named by `invitedUser.id`.
    fn target(&self, asked: &InvitationRequest) -> Result<Option<&'a User>, Refused<No>> {
        let named = asked.user.as_deref().filter(|id| !id.is_empty());
        let may_not_reset = || self.refused(No::MayNotReset, "the caller may not reset or convert this user");
        let Some(id) = named else {
            return if asked.reset_redemption { Err(No::ResetWithoutUser.into()) } else { Ok(None) };
        };
        if asked.reset_redemption && !rights::may_reset(&self.standing) {
            return Err(may_not_reset());
        }
        let Some(target) = self.snapshot.target else {
            return Err(No::NoSuchUser { id: id.to_owned() }.into());
        };
        let is_sensitive = asked.reset_redemption || !target.is_invited();
        if is_sensitive && !rights::may_reset_user(&self.standing, target) {
            return Err(may_not_reset());
        }
        Ok(Some(target))
    }

    /// Those named, or the inviting user.
    fn sponsors(&self, asked: &InvitationRequest) -> Result<Vec<UserId>, No> {
        let Some(named) = &asked.sponsors else {
            return Ok(self.standing.user().map(|user| user.id).into_iter().collect());
        };
        let mut found = Vec::new();
        for id in named {
            match id.parse::<UserId>() {
                Ok(sponsor) if self.snapshot.sponsors.contains(&sponsor) => found.push(sponsor),
                Ok(_) | Err(_) => return Err(No::NoSuchSponsor { id: id.clone() }),
            }
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// E6. The list does not apply to guests who redeemed, but a reset makes them pending, so it applies again.
    fn domain_is_allowed(&self, address: &Address, asked: &InvitationRequest) -> Result<(), Refused<No>> {
        let has_accepted = |user: &User| matches!(user.guest_state, Some(GuestState::Accepted { .. }));
        let is_exempt = !asked.reset_redemption && self.snapshot.users_at.iter().any(has_accepted);
        if is_exempt || self.snapshot.policy.domain_list.allows(address.domain()) {
            return Ok(());
        }
        Err(self.refused(No::DomainBlocked, "the domain list does not allow this domain"))
    }

    /// E17, E16, E15, E8: the guest who has `address`, if anybody has; a named one has it already.
    fn whose(
        &self,
        address: &Address,
        target: Option<&'a User>,
    ) -> Result<Option<(&'a User, GuestState)>, No> {
        let holders = match (target, self.snapshot.users_at) {
            (Some(target), [] | [_]) => std::slice::from_ref(target),
            (_, holders) => holders,
        };
        match holders {
            [] if self.snapshot.domains.iter().any(|domain| domain.name == address.domain()) => {
                Err(No::VerifiedDomain)
            }
            [] => Ok(None),
            [user] if !user.account_enabled => Err(No::AccountDisabled { user: user.id }),
            [user] => match user.guest_state {
                Some(state) => Ok(Some((user, state))),
                None => Err(No::AlreadyInDirectory { user: user.id }),
            },
            [_, _, ..] => Err(No::Ambiguous),
        }
    }

    /// A refusal that leaves a record, under the name of what was tried.
    fn refused(&self, why: No, reason: &str) -> Refused<No> {
        let initiator = Initiator::caller(self.question.caller, self.context);
        let activity = match self.question.request.as_ref() {
            Ok(asked) if asked.reset_redemption => Activity::ResetInvitation,
            Ok(_) | Err(_) => Activity::InviteExternalUser,
        };
        let mut event = AuditEvent::new(activity, initiator, self.context).failed(reason);
        if let Some(target) = self.snapshot.target {
            event = event.on(Target::user(target));
        }
        let look_up = |asked| request::LookUp::of(asked, self.given.rules);
        let address = self.question.request.as_ref().ok().and_then(|asked| look_up(asked).address);
        if let Some(address) = address {
            event = event.with(outcome::INVITED_ADDRESS, address.as_typed());
        }
        Refused { why, record: Some(Box::new(event)) }
    }
}

/// E11, and what is not built yet: an internal user stays one.
fn belongs_to(address: &Address, target: &User) -> Result<(), No> {
    if !target.is_invited() {
        return Err(No::ConversionNotBuilt);
    }
    if target.has_mail_address(address.key()) { Ok(()) } else { Err(No::NotAnAddressOfUser) }
}

#[cfg(test)]
mod tests;
