//! The way of a guest: what a link opens, accepting, declining, blocking.

use vestibule_model::{
    Context, Digest, Invitation, InvitationId, Proof, StateChange, Tenant, TenantId, User, VerifiedDomain,
};

use crate::{Directory, RedeemError};

/// What a guest may be told about an invitation. Holds no secret.
#[derive(Clone, Debug)]
pub struct Redemption {
    /// The invitation.
    pub invitation: Invitation,
    /// The guest.
    pub user: User,
    /// The inviting organisation.
    pub tenant: Tenant,
    /// Its primary domain, which pages name beside it.
    pub primary_domain: VerifiedDomain,
    /// Whether passcodes are a method in this tenant.
    pub has_passcodes: bool,
    /// Whether the guest accepted before, so that the link leads to S7.
    pub is_accepted: bool,
    /// `TenantPolicy::consent_version`.
    pub consent_version: u32,
}

/// An acceptance, as S5 asks for it.
#[derive(Clone, Debug)]
pub struct Acceptance {
    /// In whose directory.
    pub tenant: TenantId,
    /// What is redeemed.
    pub invitation: InvitationId,
    /// The ticket that opened the flow.
    pub ticket: Digest,
    /// Who is at the browser.
    pub proof: Proof,
    /// Where from, with which words. `user`, `invitation`, `at` and versions are filled in here.
    pub consent: ConsentFacts,
}

/// What the page knows about a consent.
#[derive(Clone, Debug, Default)]
pub struct ConsentFacts {
    /// The `User-Agent`.
    pub browser: Option<String>,
    /// Language tag of the page.
    pub language: String,
    /// Version of the words shown.
    pub wording_version: u32,
}

/// How an acceptance ended.
#[derive(Clone, Debug)]
pub struct Redeemed {
    /// As it is now.
    pub redemption: Redemption,
    /// Whether the guest had accepted before, here or in another tab: no second record was written.
    pub was_accepted: bool,
}

impl Directory {
    /// What a ticket opens. An unknown one, and one that names another invitation or tenant, are all `NoSuchLink`; a
    /// dead one says how it ended. Fetching changes nothing.
    pub async fn open_ticket(
        &self,
        tenant: TenantId,
        invitation: InvitationId,
        ticket: Digest,
        context: &Context,
    ) -> Result<Redemption, RedeemError> {
        let _ = (tenant, invitation, ticket, context);
        todo!()
    }

    /// The same for a flow that is under way: checked again at every step.
    pub async fn redemption(
        &self,
        tenant: TenantId,
        invitation: InvitationId,
        ticket: Digest,
        context: &Context,
    ) -> Result<Redemption, RedeemError> {
        let _ = (tenant, invitation, ticket, context);
        todo!()
    }

    /// T6. `with` is the flow's end, from `identity`, made durable in the same unit; when only its guard broke, the
    /// answer is `FlowGone`, unless the guest turns out to have accepted meanwhile.
    pub async fn redeem(
        &self,
        acceptance: Acceptance,
        with: StateChange,
        context: &Context,
    ) -> Result<Redeemed, RedeemError> {
        let _ = (acceptance, with, context);
        todo!()
    }

    /// T7, after a proof; `reason` is cut at 500 characters.
    pub async fn decline(
        &self,
        acceptance: Acceptance,
        reason: Option<String>,
        with: StateChange,
        context: &Context,
    ) -> Result<Redemption, RedeemError> {
        let _ = (acceptance, reason, with, context);
        todo!()
    }

    /// What a block link is about: the organisation and the masked address. `None` when it leads to nothing.
    pub async fn blockable(
        &self,
        tenant: TenantId,
        invitation: InvitationId,
    ) -> Result<Option<Redemption>, RedeemError> {
        let _ = (tenant, invitation);
        todo!()
    }

    /// T18: by a signed link or after a proof. A second block writes no second record.
    pub async fn block(
        &self,
        tenant: TenantId,
        invitation: InvitationId,
        context: &Context,
    ) -> Result<Redemption, RedeemError> {
        let _ = (tenant, invitation, context);
        todo!()
    }

    /// T19: the undo of the page that blocked.
    pub async fn unblock(
        &self,
        tenant: TenantId,
        invitation: InvitationId,
        context: &Context,
    ) -> Result<Redemption, RedeemError> {
        let _ = (tenant, invitation, context);
        todo!()
    }
}
