//! The organisation and its domains, read-only.

use vestibule_model::{Caller, Context, Tenant, VerifiedDomain};

use crate::{Directory, Error};

impl Directory {
    /// `GET /organization`.
    pub async fn organization(
        &self,
        caller: &Caller,
        context: &Context,
    ) -> Result<(Tenant, Vec<VerifiedDomain>), Error> {
        let _ = (caller, context);
        todo!()
    }

    /// `GET /domains`, the initial one first.
    pub async fn domains(&self, caller: &Caller, context: &Context) -> Result<Vec<VerifiedDomain>, Error> {
        let _ = (caller, context);
        todo!()
    }
}
