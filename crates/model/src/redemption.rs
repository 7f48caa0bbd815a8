//! The way of a guest: whether a link may be followed, accepting (T6), declining (T7), blocking (T18) and its undo (T19).
//!
//! Every decision begins with [`Redeeming::standing`]: a page asks it when it is shown, and it is asked again at every step.

use serde_json::json;

use crate::audit::{Activity, AuditEvent, AuditTrail, Initiator, Target};
use crate::change::{Change, ChangeSet, Consent, Guard, UserChange};
use crate::clock::Context;
use crate::guest_name::Sha256;
use crate::invitation::{Ended, Invitation, InvitationStatus, Ticket};
use crate::policy::TenantPolicy;
use crate::proof::{Method, Proof};
use crate::refusal::{RedemptionRefusal as No, Refused};
use crate::tenant::Tenant;
use crate::user::{GuestState, Identity, SignInType, User, UserProperty};

/// The longest reason for declining that is kept, in characters (`redemption.md` 1.4, T7).
const REASON_CHARACTERS: usize = 500;

/// The longest `User-Agent` that a consent record keeps, in characters.
const BROWSER_CHARACTERS: usize = 512;

/// Everything that a step of a redemption is decided on, from one snapshot.
#[derive(Clone, Copy, Debug)]
pub struct Redeeming<'a> {
    /// What opened the way.
    pub ticket: &'a Ticket,
    /// What is redeemed.
    pub invitation: &'a Invitation,
    /// By whom; also when deleted or disabled.
    pub user: &'a User,
    /// Where.
    pub tenant: &'a Tenant,
    /// The tenant's policies.
    pub policy: &'a TenantPolicy,
    /// For the guard.
    pub policy_version: u64,
}

/// How far a guest has come who may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// May accept or decline.
    Open,
    /// Accepted before: nothing to decide, the link leads on.
    Accepted,
}

/// What a page knows about a consent.
#[derive(Clone, Debug, Default)]
pub struct ConsentFacts {
    /// The `User-Agent`.
    pub browser: Option<String>,
    /// Language tag of the page.
    pub language: String,
    /// Version of the words shown.
    pub wording_version: u32,
}

/// A step of a guest, to be made durable all or nothing.
#[derive(Clone, Debug)]
pub struct Step {
    /// The guest as it will stand.
    pub user: User,
    /// The invitation as it will stand.
    pub invitation: Invitation,
    /// What must still be true then.
    pub guards: Vec<Guard>,
    /// What is written.
    pub change: ChangeSet,
}

/// What comes of a step.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It is taken.
    Taken(Box<Step>),
    /// The guest had accepted before; nothing is written.
    AcceptedBefore,
}

impl Redeeming<'_> {
    /// Whether the guest may go on now. A dead link says how it died; what a guest who accepted may still do is come back.
    ///
    /// # Errors
    ///
    /// [`No`], of which [`No::NoSuchLink`] is not one: that is told by not finding the ticket.
    pub fn standing(&self, context: &Context) -> Result<Stage, No> {
        if self.user.deleted_at.is_some() {
            return Err(No::Ended(Ended::UserDeleted));
        }
        let has_accepted = matches!(self.user.guest_state, Some(GuestState::Accepted { .. }));
        if let Some(why) = self.why_dead(has_accepted, context) {
            return Err(No::Ended(why));
        }
        if !self.user.account_enabled {
            return Err(No::AccountDisabled);
        }
        if has_accepted {
            return Ok(Stage::Accepted);
        }
        if !self.policy.domain_list.allows(self.invitation.address.domain()) {
            return Err(No::DomainBlocked { address: self.invitation.address.clone() });
        }
        Ok(Stage::Open)
    }

    fn why_dead(&self, has_accepted: bool, context: &Context) -> Option<Ended> {
        let is_past = self.ticket.expires_at.is_some_and(|end| end <= context.now);
        match self.invitation.status {
            InvitationStatus::Ended { why, .. } if !has_accepted || self.ticket.revoked_at.is_some() => {
                Some(why)
            }
            // A ticket that is dead while its invitation is not: newer ones took its place.
            _ if self.ticket.revoked_at.is_some() => Some(Ended::Superseded),
            // Time ends accepting, not coming back: after acceptance the link stays useful (`redemption.md` 2.2).
            _ if !has_accepted && (is_past || self.invitation.is_expired(context.now)) => {
                Some(Ended::Expired)
            }
            // A completed invitation opens nothing for a guest who is pending again.
            InvitationStatus::Completed { .. } if !has_accepted => Some(Ended::Superseded),
            InvitationStatus::Pending
            | InvitationStatus::Completed { .. }
            | InvitationStatus::Ended { .. } => None,
        }
    }

    /// T6: the guest accepts, with a proof, having read what is shared.
    ///
    /// # Errors
    ///
    /// [`Refused`], with a record.
    pub fn accept(
        &self,
        proof: &Proof,
        consent: &ConsentFacts,
        sha256: Sha256,
        context: &Context,
    ) -> Result<Outcome, Refused<No>> {
        if self.proved(proof, Activity::RedeemInvite, context)? == Stage::Accepted {
            return Ok(Outcome::AcceptedBefore);
        }
        let now = context.now_in_seconds();
        let user = accepted(self.user, proof, context);
        let invitation = Invitation {
            version: self.invitation.version + 1,
            status: InvitationStatus::Completed { at: now },
            ..self.invitation.clone()
        };
        let changes = vec![
            Change::UpdateUser {
                user: Box::new(user.clone()),
                kind: UserChange::Updated,
                properties: vec![
                    UserProperty::ExternalUserState,
                    UserProperty::ExternalUserStateChangeDateTime,
                    UserProperty::Identities,
                ],
            },
            Change::UpdateInvitation(Box::new(invitation.clone())),
            Change::RecordConsent(Box::new(self.consent(consent, sha256, context))),
        ];
        let trail = AuditTrail::of(self.updated(context)).then(self.redeemed(proof, context));

        Ok(self.step(user, invitation, changes, trail, context))
    }

    /// T7: the guest declines this invitation, with a proof. The directory keeps the guest as it is.
    ///
    /// # Errors
    ///
    /// [`Refused`], with a record.
    pub fn decline(
        &self,
        proof: &Proof,
        reason: Option<&str>,
        context: &Context,
    ) -> Result<Outcome, Refused<No>> {
        if self.proved(proof, Activity::DeclineInvite, context)? == Stage::Accepted {
            return Ok(Outcome::AcceptedBefore);
        }
        let invitation = Invitation {
            version: self.invitation.version + 1,
            status: InvitationStatus::Ended { why: Ended::Declined, at: context.now_in_seconds() },
            ..self.invitation.clone()
        };
        let event = self.event(Activity::DeclineInvite, context).with("proof", proof.method().as_str());
        let event = match reason.map(str::trim).filter(|reason| !reason.is_empty()) {
            Some(reason) => event.with("reason", shortened(reason, REASON_CHARACTERS)),
            None => event,
        };
        let changes = vec![Change::UpdateInvitation(Box::new(invitation.clone()))];

        Ok(self.step(self.user.clone(), invitation, changes, AuditTrail::of(event), context))
    }

    /// The proof is of the invited address, and the guest may go on.
    fn proved(&self, proof: &Proof, activity: Activity, context: &Context) -> Result<Stage, Refused<No>> {
        let standing = if *proof.address() == self.invitation.address {
            self.standing(context)
        } else {
            Err(No::NotProved)
        };
        standing.map_err(|why| {
            let event = self.event(activity, context).failed(in_plain_words(&why));
            Refused { why, record: Some(Box::new(event)) }
        })
    }

    fn step(
        &self,
        user: User,
        invitation: Invitation,
        changes: Vec<Change>,
        trail: AuditTrail,
        context: &Context,
    ) -> Outcome {
        let guards = vec![
            Guard::TicketLive { ticket: self.ticket.hash, now: context.now },
            Guard::InvitationPending { invitation: invitation.id },
            Guard::UserPending { user: user.id },
            Guard::TenantPolicy { version: self.policy_version },
        ];
        Outcome::Taken(Box::new(Step { user, invitation, guards, change: ChangeSet::new(changes, trail) }))
    }

    fn consent(&self, facts: &ConsentFacts, sha256: Sha256, context: &Context) -> Consent {
        let privacy_url = self.tenant.privacy_statement_url.clone();
        Consent {
            user: self.user.id,
            invitation: self.invitation.id,
            at: context.now,
            client: context.client,
            browser: facts.browser.as_deref().map(|browser| shortened(browser, BROWSER_CHARACTERS)),
            language: facts.language.clone(),
            privacy_hash: privacy_url.as_deref().map(|url| sha256(url.as_bytes())),
            privacy_url,
            wording_version: facts.wording_version,
            consent_version: self.policy.consent_version,
        }
    }

    fn event(&self, activity: Activity, context: &Context) -> AuditEvent {
        AuditEvent::new(activity, Initiator::guest(self.user, context), context)
            .on(Target::user(self.user))
            .with("invitationId", self.invitation.id.to_string())
    }

    fn updated(&self, context: &Context) -> AuditEvent {
        let now = context.now_in_seconds();
        let before = self.user.guest_state.map(GuestState::as_str);
        let target = Target::user(self.user)
            .changing("UserState", json!(before.into_iter().collect::<Vec<_>>()), json!(["Accepted"]))
            .changing("AcceptedOn", json!([]), json!([now.to_string()]));
        AuditEvent::new(Activity::UpdateUser, Initiator::guest(self.user, context), context)
            .on(target)
            .with("invitationId", self.invitation.id.to_string())
    }

    fn redeemed(&self, proof: &Proof, context: &Context) -> AuditEvent {
        self.event(Activity::RedeemInvite, context)
            .with("UPN", self.user.user_principal_name.as_str())
            .with("proof", proof.method().as_str())
            .with("identityProvider", issuer(proof.method()))
    }
}

/// How often a block may be lifted in an hour, by address: each change of mind leaves a record. Who may not lift any more
/// may still block, and has then nothing left to change.
pub const LIFTS_PER_HOUR: u32 = 10;

/// Whether an organisation may invite an address again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocking {
    /// T18.
    Block,
    /// T19.
    Unblock,
}

impl Blocking {
    /// Blocks the tenant for the invited address, or lifts the block; `None` when that is so already, and then nothing is
    /// told a second time.
    pub fn decide(
        self,
        invitation: &Invitation,
        user: &User,
        is_blocked: bool,
        context: &Context,
    ) -> Option<(Guard, ChangeSet)> {
        let address = invitation.address.clone();
        let guard = Guard::Blocked { key: address.key().into(), is_blocked };
        let (activity, change) = match (self, is_blocked) {
            (Self::Block, true) | (Self::Unblock, false) => return None,
            (Self::Block, false) => (Activity::EmailUnsubscribed, Change::Block { address, at: context.now }),
            (Self::Unblock, true) => (Activity::EmailSubscribed, Change::Unblock { address }),
        };
        let event = AuditEvent::new(activity, Initiator::guest(user, context), context)
            .on(Target::user(user))
            .with("invitationId", invitation.id.to_string())
            .with("InvitedUserEmailAddress", invitation.address.as_typed());
        Some((guard, ChangeSet::new(vec![change], AuditTrail::of(event))))
    }
}

/// `redemption.md` 1.2 and 1.3: the state, and one `federated` identity beside what was there.
fn accepted(user: &User, proof: &Proof, context: &Context) -> User {
    let mut user = User {
        version: user.version + 1,
        guest_state: user.guest_state.map(|state| state.accept(context.now_in_seconds())),
        ..user.clone()
    };
    user.identities.retain(|identity| identity.sign_in_type != SignInType::Federated);
    user.identities.push(Identity {
        sign_in_type: SignInType::Federated,
        issuer: issuer(proof.method()).into(),
        issuer_assigned_id: Some(proof.address().as_typed().to_owned()),
    });
    user
}

fn issuer(method: Method) -> &'static str {
    match method {
        Method::EmailPasscode => "mail",
    }
}

/// `resultReason` of a refused step.
fn in_plain_words(why: &No) -> String {
    match why {
        No::NoSuchLink => "the link leads to nothing".into(),
        No::FlowGone => "the page was open too long".into(),
        No::Ended(Ended::Expired) => "the invitation has expired".into(),
        No::Ended(Ended::Revoked) => "the invitation was withdrawn".into(),
        No::Ended(Ended::Declined) => "the invitation was declined".into(),
        No::Ended(Ended::Superseded) => "a newer invitation took its place".into(),
        No::Ended(Ended::DomainBlocked) | No::DomainBlocked { .. } => {
            "the domain list does not allow this domain".into()
        }
        No::Ended(Ended::UserDeleted) => "the guest was deleted".into(),
        No::AccountDisabled => "the account is disabled".into(),
        No::NotProved => "the proof is not of the invited address".into(),
        No::LiftedTooOften { .. } => "the block was lifted too often".into(),
    }
}

fn shortened(text: &str, characters: usize) -> String {
    text.chars().take(characters).collect()
}

#[cfg(test)]
mod tests;
