//! Who may read: the caller is compared with what the directory knows of it now, in the same snapshot as what is read.

use vestibule_model::reading::{Reading, Sight};
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
    /// again in the snapshot of the reading itself.
    pub(crate) async fn check_before(&self, caller: &Caller, reading: Reading) -> Result<(), Error> {
        if reading.is_permitted(caller) {
            return Ok(());
        }
        // A revoked token is told so first, whatever it was for.
        self.read_tenant(caller, reading).await.map(drop)
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
