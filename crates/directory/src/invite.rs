//! Inviting.

use vestibule_model::guest_name::GuestNames;
use vestibule_model::invitation::decide::{
    Decision, Drawn, Given, NewInvitation, Question, Snapshot, decide,
};
use vestibule_model::invitation::{IdempotencyKey, InvitationRequest, LookUp, Malformed, Remembered};
use vestibule_model::refusal::{InvitationRefusal, Refused};
use vestibule_model::{Caller, Context, Invitation, InvitationId};
use vestibule_store::read::directory::{InviteQuery, InviteSnapshot};
use vestibule_store::{StoreError, Unit};

use crate::retry::{ATTEMPTS, Written, pause};
use crate::secret::{draw_ticket, sha256};
use crate::{Directory, InviteError};

/// An invitation that was made, with what is told only now. Debugging output leaves out the link.
#[derive(Clone)]
pub struct Invited {
    /// What was made. `status` may be `Completed` already.
    pub invitation: Invitation,
    /// The full wrapped redeem URL with the ticket in clear.
    pub redeem_url: String,
    /// Whether it answers a repeated request.
    pub is_replay: bool,
}

impl std::fmt::Debug for Invited {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Invited")
            .field("invitation", &self.invitation)
            .field("is_replay", &self.is_replay)
            .finish_non_exhaustive()
    }
}

impl Directory {
    /// `POST /invitations`. A request that could not be read is handed down too: who may invite is decided first.
    ///
    /// # Errors
    ///
    /// [`InviteError`]; nothing was written then but maybe an audit record.
    pub async fn invite(
        &self,
        caller: &Caller,
        request: Result<InvitationRequest, Malformed>,
        key: Option<IdempotencyKey>,
        context: &Context,
    ) -> Result<Invited, InviteError> {
        let question = Question { caller, request: &request, key: key.as_ref() };
        for attempt in 0..ATTEMPTS {
            let drawn = self.draw(caller, context)?;
            match self.decide_invitation(&question, &drawn, context).await? {
                Decision::Replay(remembered) => return self.replay(caller, remembered).await,
                Decision::Invite(new) => {
                    let NewInvitation { invitation, guards, change, mail } = *new;
                    let unit =
                        Unit { guards, change: Some(change), outbox: mail, ..Unit::new(caller.tenant) };
                    if let Written::Durably = self.write(unit).await? {
                        return Ok(Invited {
                            invitation,
                            redeem_url: drawn.redeem_url.into_exposed(),
                            is_replay: false,
                        });
                    }
                }
            }
            pause(attempt, context).await;
        }
        Err(InviteError::Stale)
    }

    async fn decide_invitation(
        &self,
        question: &Question<'_>,
        drawn: &Drawn,
        context: &Context,
    ) -> Result<Decision, InviteError> {
        let rules = &self.settings.invitations;
        let look_up = question.request.as_ref().map(|request| LookUp::of(request, rules)).unwrap_or_default();
        let snapshot = self.look_up(question, &look_up, context).await?;
        let home_language = self.home_language(question, &look_up).await?;
        let given = Given { rules, custom_message: self.settings.custom_message, sha256, drawn };
        match decide(question, &known(&snapshot, home_language.as_deref()), &given, context) {
            Ok(decision) => Ok(decision),
            Err(Refused { why, record }) => {
                let caller = question.caller;
                let who = caller.user.as_ref().map_or(caller.app.app.0, |user| user.id.0);
                self.record(caller.tenant, who, record, context).await;
                Err(InviteError::Refused(why))
            }
        }
    }

    async fn look_up(
        &self,
        question: &Question<'_>,
        look_up: &LookUp,
        context: &Context,
    ) -> Result<InviteSnapshot, InviteError> {
        let prefix = look_up.address.as_ref().map(|address| GuestNames::of(address, sha256).prefix());
        let cc: Vec<&str> = look_up.cc.iter().map(String::as_str).collect();
        let query = InviteQuery {
            caller: question.caller,
            address: look_up.address.as_ref().map(|address| address.key()),
            upn_prefix: prefix.as_deref(),
            target: look_up.target,
            sponsors: &look_up.sponsors,
            cc: &cc,
            key: question.key.map(|key| key.scope),
            now: context.now,
        };
        let snapshot = self.store.invite_snapshot(question.caller.tenant, query).await?;
        snapshot.ok_or(InviteError::Refused(InvitationRefusal::CallerRevoked))
    }

    /// The language of the organisation that owns the guest's domain, when it lives on this server too and a mail may
    /// want to know (`redemption.md` 3.2).
    async fn home_language(
        &self,
        question: &Question<'_>,
        look_up: &LookUp,
    ) -> Result<Option<String>, StoreError> {
        let Ok(InvitationRequest { sends_message: true, message_language, .. }) = question.request else {
            return Ok(None);
        };
        let has_wish = message_language.as_deref().is_some_and(|tag| !tag.is_empty());
        let Some(address) = look_up.address.as_ref().filter(|_| !has_wish) else { return Ok(None) };

        Ok(self.store.tenant_named(address.domain()).await?.and_then(|home| home.preferred_language))
    }

    fn draw(&self, caller: &Caller, context: &Context) -> Result<Drawn, StoreError> {
        let invitation: InvitationId = context.new_id();
        let ticket = draw_ticket()?;
        Ok(Drawn {
            invitation,
            ticket_hash: sha256(ticket.as_bytes()),
            redeem_url: self.redeem_url(caller.tenant, invitation, &ticket).into(),
            block_url: self.block_url(caller.tenant, invitation).into(),
            ticket: ticket.into(),
        })
    }

    async fn replay(&self, caller: &Caller, remembered: Remembered) -> Result<Invited, InviteError> {
        let redeem_url = self.redeem_url(caller.tenant, remembered.invitation, remembered.ticket.expose());
        let invitation = self.store.invitation(caller.tenant, remembered.invitation).await?;
        let invitation = invitation.ok_or_else(|| {
            StoreError::Corrupt(format!("request {} has no invitation", remembered.correlation))
        })?;
        Ok(Invited { invitation, redeem_url, is_replay: true })
    }
}

fn known<'a>(snapshot: &'a InviteSnapshot, home_language: Option<&'a str>) -> Snapshot<'a> {
    Snapshot {
        app: snapshot.caller.app.as_ref(),
        user: snapshot.caller.user.as_ref(),
        tenant: &snapshot.tenant,
        policy: &snapshot.policy,
        policy_version: snapshot.policy_version,
        domains: &snapshot.domains,
        users_at: &snapshot.users_at,
        proxy_is_taken: snapshot.proxy_is_taken,
        target: snapshot.target.as_ref(),
        sponsors: &snapshot.sponsors,
        taken_upns: &snapshot.taken_upns,
        is_blocked: snapshot.is_blocked,
        blocked_cc: &snapshot.blocked_cc,
        remembered: snapshot.remembered.as_ref(),
        home_language,
    }
}
