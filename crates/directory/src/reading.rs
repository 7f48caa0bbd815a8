//! Who may read: the caller is compared with what the directory knows of it now, in the same snapshot as what is read.

use vestibule_model::reading::{Reading, Sight};
use vestibule_model::user::patch::may_patch_somebody;
use vestibule_model::{Caller, Refusal, Standing};
use vestibule_store::read::directory::{CallerRow, TenantSnapshot};

use crate::{Directory, Error};

/// The caller as known now.
///
/// # Errors
///
/// [`Refusal::CallerRevoked`].
pub(crate) fn standing<'a>(caller: &'a Caller, row: &'a CallerRow) -> Result<Standing<'a>, Refusal> {
    Standing::of(caller, row.app.as_ref(), row.user.as_ref()).ok_or(Refusal::CallerRevoked)
}

impl Directory {
    /// Turns away whoever has no permission for `reading` before anything is read for them. Whoever passes is looked at
    /// again in the snapshot of the reading itself. For surfaces that read a query first: 403 comes before 400.
    ///
    /// # Errors
    ///
    /// [`Error`]: `CallerRevoked` before `NotAllowed`.
    pub async fn check_before(&self, caller: &Caller, reading: Reading) -> Result<(), Error> {
        if reading.is_permitted(caller) {
            return Ok(());
        }
        self.turn_away(caller).await
    }

    /// The same for changing users.
    ///
    /// # Errors
    ///
    /// [`Error`]: `CallerRevoked` before `NotAllowed`.
    pub async fn check_before_patch(&self, caller: &Caller) -> Result<(), Error> {
        if may_patch_somebody(caller) {
            return Ok(());
        }
        self.turn_away(caller).await
    }

    /// A revoked token is told so first, whatever it was for.
    pub(crate) async fn turn_away(&self, caller: &Caller) -> Result<(), Error> {
        let snapshot = self.store.tenant_snapshot(caller.tenant, Some(caller)).await?;
        let row =
            snapshot.as_ref().and_then(|snapshot| snapshot.caller.as_ref()).ok_or(Refusal::CallerRevoked)?;
        standing(caller, row)?;
        Err(Refusal::NotAllowed.into())
    }

    /// The tenant, for a caller who may do `reading`.
    pub(crate) async fn read_tenant(
        &self,
        caller: &Caller,
        reading: Reading,
    ) -> Result<TenantSnapshot, Error> {
        let snapshot = self.store.tenant_snapshot(caller.tenant, Some(caller)).await?;
        let snapshot = snapshot.ok_or(Refusal::CallerRevoked)?;
        let row = snapshot.caller.as_ref().ok_or(Refusal::CallerRevoked)?;
        let _: Sight = reading.sight(&standing(caller, row)?)?;

        Ok(snapshot)
    }
}
