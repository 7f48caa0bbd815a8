//! How a use case ends badly. Each surface has one translation of each.

use vestibule_model::Refusal;
use vestibule_model::refusal::{InvitationRefusal, RedemptionRefusal};
use vestibule_store::StoreError;

/// Of anything but inviting and redeeming.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The model said no.
    #[error("refused: {0:?}")]
    Refused(Refusal),
    /// Others kept changing the same object.
    #[error("others kept changing the same object")]
    Stale,
    /// The store.
    #[error(transparent)]
    Store(StoreError),
}

/// Of `POST /invitations`.
#[derive(Debug)]
pub enum InviteError {
    /// The model said no; its record, if any, is kept already.
    Refused(InvitationRefusal),
    /// Others kept changing the same objects: 503, try again in a second.
    Stale,
    /// The store.
    Store(StoreError),
}

/// Of the way of a guest.
#[derive(Debug)]
pub enum RedeemError {
    /// The model said no.
    Refused(RedemptionRefusal),
    /// Others kept changing the same objects.
    Stale,
    /// The store.
    Store(StoreError),
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::TooExpensive => Self::Refused(Refusal::TooExpensive),
            other => Self::Store(other),
        }
    }
}

impl From<StoreError> for InviteError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<StoreError> for RedeemError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Refusal> for Error {
    fn from(why: Refusal) -> Self {
        Self::Refused(why)
    }
}
