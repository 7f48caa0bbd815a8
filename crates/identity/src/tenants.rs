//! The tenant segment of a path, `T` in `identity.md`: a GUID, a verified domain, or a word for "whoever it is".

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use vestibule_model::TenantId;
use vestibule_store::{Store, StoreError};

/// What `T` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Authority {
    /// `common`.
    Common,
    /// `organizations`.
    Organizations,
    /// One tenant, by its id or by a verified domain.
    Tenant(TenantId),
}

impl Authority {
    /// The path segment in our own URLs.
    pub(crate) fn segment(self) -> String {
        match self {
            Self::Common => "common".to_owned(),
            Self::Organizations => "organizations".to_owned(),
            Self::Tenant(id) => id.to_string(),
        }
    }

    /// The issuer below `origin`: a template when there is not one tenant, as `identity.md` 3 says.
    pub(crate) fn issuer(self, origin: &str) -> String {
        match self {
            Self::Common | Self::Organizations => format!("{origin}/{{tenantid}}/v2.0"),
            Self::Tenant(id) => issuer(origin, id),
        }
    }
}

/// The issuer of a tenant's tokens.
pub(crate) fn issuer(origin: &str, tenant: TenantId) -> String {
    format!("{origin}/{tenant}/v2.0")
}

/// Names that were found a moment ago. Tenants do not change their ids, and unknown names are not remembered, so a new
/// tenant is there at once.
#[derive(Default)]
pub(crate) struct TenantNames(Mutex<HashMap<Box<str>, (TenantId, Timestamp)>>);

/// A domain that moves to another tenant is followed this late at most.
const REMEMBERED_FOR: SignedDuration = SignedDuration::from_secs(60);

/// More names than this are not remembered at a time.
const MOST_NAMES: usize = 1_000;

/// No tenant has a longer name: a domain ends at 253 characters.
const LONGEST_NAME: usize = 253;

impl TenantNames {
    /// What `segment` names; `None` for nothing of ours.
    pub(crate) async fn authority(
        &self,
        segment: &str,
        store: &Store,
        now: Timestamp,
    ) -> Result<Option<Authority>, StoreError> {
        let name = segment.to_ascii_lowercase();
        match name.as_str() {
            "common" => return Ok(Some(Authority::Common)),
            "organizations" => return Ok(Some(Authority::Organizations)),
            "consumers" => return Ok(None),
            _ if name.len() > LONGEST_NAME => return Ok(None),
            _ => {}
        }
        if let Some(id) = self.remembered(&name, now) {
            return Ok(Some(Authority::Tenant(id)));
        }

        let found = store.tenant_named(&name).await?.map(|tenant| tenant.id);
        if let Some(id) = found {
            self.remember(name, id, now);
        }
        Ok(found.map(Authority::Tenant))
    }

    /// Forgets every name.
    pub(crate) fn forget(&self) {
        self.names().clear();
    }

    fn remembered(&self, name: &str, now: Timestamp) -> Option<TenantId> {
        let (id, at) = self.names().get(name).copied()?;
        (now.duration_since(at).abs() < REMEMBERED_FOR).then_some(id)
    }

    fn remember(&self, name: String, id: TenantId, now: Timestamp) {
        let mut names = self.names();
        if names.len() >= MOST_NAMES {
            names.clear();
        }
        names.insert(name.into(), (id, now));
    }

    fn names(&self) -> std::sync::MutexGuard<'_, HashMap<Box<str>, (TenantId, Timestamp)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
