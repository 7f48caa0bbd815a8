//! The organisation and its domains, read-only.

use vestibule_model::reading::Reading;
use vestibule_model::{Caller, Context, Tenant, VerifiedDomain};

use crate::{Directory, Error};

impl Directory {
    /// `GET /organization`.
    ///
    /// # Errors
    ///
    /// [`Error`]: `NotAllowed`.
    pub async fn organization(
        &self,
        caller: &Caller,
        _context: &Context,
    ) -> Result<(Tenant, Vec<VerifiedDomain>), Error> {
        let snapshot = self.read_tenant(caller, Reading::Organization).await?;
        Ok((snapshot.tenant, snapshot.domains))
    }

    /// `GET /domains`, the initial one first.
    ///
    /// # Errors
    ///
    /// [`Error`]: `NotAllowed`.
    pub async fn domains(&self, caller: &Caller, _context: &Context) -> Result<Vec<VerifiedDomain>, Error> {
        Ok(self.read_tenant(caller, Reading::Domains).await?.domains)
    }
}
