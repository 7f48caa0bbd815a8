//! The organisation and its domains, read-only.

use vestibule_model::reading::Reading;
use vestibule_model::{Address, Caller, Context, Tenant, VerifiedDomain};

use crate::{Directory, Error, StoreError};

/// An organisation as somebody finds it who has shown an address.
#[derive(Clone, Debug)]
pub struct Found {
    /// The organisation.
    pub tenant: Tenant,
    /// Whether the address is somebody's there.
    pub knows_address: bool,
}

impl Directory {
    /// The organisation with this id or verified domain, to whoever has shown `address`. Domains are public; people are
    /// not, so nobody may be asked about but the one who asks.
    ///
    /// # Errors
    ///
    /// When the store does not answer.
    pub async fn find_organization(
        &self,
        name: &str,
        address: &Address,
    ) -> Result<Option<Found>, StoreError> {
        let Some(tenant) = self.store.tenant_named(name).await? else { return Ok(None) };
        let knows_address = self.store.has_user_at(tenant.id, address.key()).await?;
        Ok(Some(Found { tenant, knows_address }))
    }

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
