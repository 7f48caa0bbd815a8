//! Inviting.

use vestibule_model::invitation::{IdempotencyKey, InvitationRequest, Malformed};
use vestibule_model::{Caller, Context, Invitation};

use crate::{Directory, InviteError};

/// An invitation that was made, with what is told only now.
#[derive(Clone, Debug)]
pub struct Invited {
    /// What was made. `status` may be `Completed` already.
    pub invitation: Invitation,
    /// The full wrapped redeem URL with the ticket in clear.
    pub redeem_url: String,
    /// Whether it answers a repeated request.
    pub is_replay: bool,
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
        let _ = (caller, request, key, context);
        todo!()
    }
}
