//! The links that guests get: redeem URLs and one-click block links.

use vestibule_model::{InvitationId, TenantId};

use crate::Directory;

impl Directory {
    /// The wrapped redeem URL of `graph.md` 1.6, exactly as the API returns it and the mail carries it.
    pub fn redeem_url(&self, tenant: TenantId, invitation: InvitationId, ticket: &str) -> String {
        let _ = (tenant, invitation, ticket);
        todo!()
    }

    /// The one-click block link of `redemption.md` 3.7.
    pub fn block_url(&self, tenant: TenantId, invitation: InvitationId) -> String {
        let _ = (tenant, invitation);
        todo!()
    }

    /// Reads the `t` of a block link; `None` when it was not signed by us.
    pub fn read_block_token(&self, token: &str) -> Option<(TenantId, InvitationId)> {
        let _ = token;
        todo!()
    }
}
