//! A request and everything it is decided on, to be bent one way at a time.

use super::super::*;
use crate::permission::Permission;
use crate::testing::{self, app_with, application, context, domains, tenant};

/// Begins as an application that invites somebody new without mail.
#[derive(Clone)]
pub(in crate::invitation::decide) struct Scene {
    pub(in crate::invitation::decide) caller: Caller,
    pub(in crate::invitation::decide) app: Option<Application>,
    pub(in crate::invitation::decide) user: Option<User>,
    pub(in crate::invitation::decide) request: Result<InvitationRequest, Malformed>,
    pub(in crate::invitation::decide) key: Option<IdempotencyKey>,
    pub(in crate::invitation::decide) tenant: Tenant,
    pub(in crate::invitation::decide) policy: TenantPolicy,
    pub(in crate::invitation::decide) domains: Vec<VerifiedDomain>,
    pub(in crate::invitation::decide) users_at: Vec<User>,
    pub(in crate::invitation::decide) proxy_is_taken: bool,
    pub(in crate::invitation::decide) target: Option<User>,
    pub(in crate::invitation::decide) sponsors: Vec<UserId>,
    pub(in crate::invitation::decide) taken_upns: Vec<String>,
    pub(in crate::invitation::decide) is_blocked: bool,
    pub(in crate::invitation::decide) blocked_cc: Vec<String>,
    pub(in crate::invitation::decide) remembered: Option<Remembered>,
    pub(in crate::invitation::decide) rules: InvitationRules,
    pub(in crate::invitation::decide) custom_message: CustomMessage,
}

impl Scene {
    pub(in crate::invitation::decide) fn new() -> Self {
        Self {
            caller: app_with(&[Permission::UserInviteAll]),
            app: Some(application()),
            user: None,
            request: Ok(InvitationRequest {
                email_address: Some("Taylor@fabrikam.com".into()),
                redirect_url: Some("https://myapp.contoso.com".into()),
                ..InvitationRequest::default()
            }),
            key: None,
            tenant: tenant(),
            policy: TenantPolicy::default(),
            domains: domains(),
            users_at: Vec::new(),
            proxy_is_taken: false,
            target: None,
            sponsors: Vec::new(),
            taken_upns: Vec::new(),
            is_blocked: false,
            blocked_cc: Vec::new(),
            remembered: None,
            rules: InvitationRules::default(),
            custom_message: CustomMessage::Always,
        }
    }

    pub(in crate::invitation::decide) fn with(mut self, bend: impl FnOnce(&mut Self)) -> Self {
        bend(&mut self);
        self
    }

    /// The body, as long as it can be read.
    pub(in crate::invitation::decide) fn body(&mut self, bend: impl FnOnce(&mut InvitationRequest)) {
        if let Ok(request) = &mut self.request {
            bend(request);
        }
    }

    /// Lets `user` call through the application, with `permissions`.
    pub(in crate::invitation::decide) fn signed_in(&mut self, user: &User, permissions: &[Permission]) {
        self.caller = testing::user_with(permissions, user);
        self.user = Some(user.clone());
    }

    /// Names `user` by `invitedUser.id`, at the address that is invited.
    pub(in crate::invitation::decide) fn naming(&mut self, user: User) {
        self.body(|request| request.user = Some(user.id.to_string()));
        self.users_at = vec![user.clone()];
        self.target = Some(user);
    }

    pub(in crate::invitation::decide) fn decide(&self) -> Result<Decision, Refused<No>> {
        let drawn = Drawn {
            invitation: InvitationId(uuid::Uuid::from_u128(0x99)),
            ticket: "secret-ticket".into(),
            ticket_hash: Digest([9; 32]),
            redeem_url: "https://guests.example/redeem?rd=secret-ticket".into(),
            block_url: "https://guests.example/invitations/unsubscribe?t=x".into(),
        };
        let question = Question { caller: &self.caller, request: &self.request, key: self.key.as_ref() };
        let given = Given {
            rules: &self.rules,
            custom_message: self.custom_message,
            sha256: testing::hash,
            drawn: &drawn,
        };
        decide(&question, &self.snapshot(), &given, &context())
    }

    fn snapshot(&self) -> Snapshot<'_> {
        Snapshot {
            app: self.app.as_ref(),
            user: self.user.as_ref(),
            tenant: &self.tenant,
            policy: &self.policy,
            policy_version: 7,
            domains: &self.domains,
            users_at: &self.users_at,
            proxy_is_taken: self.proxy_is_taken,
            target: self.target.as_ref(),
            sponsors: &self.sponsors,
            taken_upns: &self.taken_upns,
            is_blocked: self.is_blocked,
            blocked_cc: &self.blocked_cc,
            remembered: self.remembered.as_ref(),
            home_language: None,
        }
    }

    pub(in crate::invitation::decide) fn refusal(&self) -> No {
        self.refused().why
    }

    pub(in crate::invitation::decide) fn refused(&self) -> Refused<No> {
        match self.decide() {
            Err(refused) => refused,
            Ok(decision) => panic!("should have been refused: {decision:?}"),
        }
    }

    pub(in crate::invitation::decide) fn invites(&self) -> NewInvitation {
        match self.decide() {
            Ok(Decision::Invite(new)) => *new,
            Ok(Decision::Replay(_)) => panic!("should have made an invitation, not a replay"),
            Err(refused) => panic!("should have invited: {refused:?}"),
        }
    }
}
