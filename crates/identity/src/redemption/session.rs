//! Sessions: 24 hours after a passcode, absolute (`redemption.md` 2.5).

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;
use vestibule_model::state::Session;
use vestibule_model::{Context, Proof, StateChange, TenantId, User, UserId};
use vestibule_store::{CommitError, StoreError, Unit};

use super::cookie::RecordName;
use super::{NewCookie, SESSION_COOKIE, SignedIn};
use crate::Identity;

/// How long a session lasts, whether it is used or not.
const LIFETIME: SignedDuration = SignedDuration::from_hours(24);

impl Identity {
    /// Opens a session of 24 hours, absolute.
    ///
    /// # Errors
    ///
    /// When the store does not take it.
    pub async fn open_session(
        &self,
        tenant: TenantId,
        user: UserId,
        proof: &Proof,
        context: &Context,
    ) -> Result<NewCookie, StoreError> {
        let name = RecordName::draw(tenant, Uuid::nil());
        let session = Session {
            id: name.hash(),
            user,
            proof: proof.clone(),
            created_at: context.now,
            expires_at: context.now + LIFETIME,
        };
        self.put(tenant, StateChange::OpenSession(Box::new(session))).await?;
        Ok(self.set_session(name.as_str(), LIFETIME))
    }

    /// Who is signed in by the session cookie in `cookies`. Nobody once the guest is deleted, disabled or signed out
    /// everywhere.
    ///
    /// # Errors
    ///
    /// When the store does not answer.
    pub async fn signed_in(
        &self,
        cookies: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<SignedIn>, StoreError> {
        let Some(name) = self.session_cookie(cookies) else { return Ok(None) };
        let found = self.parts.store.session(name.tenant, name.hash(), now).await?;
        let signed_in = found.map(|(session, user, tenant)| SignedIn { session, user, tenant });
        Ok(signed_in.filter(|found| is_valid(&found.session, &found.user, now)))
    }

    /// Ends the session, here and in the store.
    ///
    /// # Errors
    ///
    /// When the store does not take it; the session lives on then.
    pub async fn sign_out(&self, cookies: Option<&str>, _: &Context) -> Result<NewCookie, StoreError> {
        if let Some(name) = self.session_cookie(cookies) {
            self.put(name.tenant, StateChange::CloseSession { id: name.hash() }).await?;
        }
        Ok(self.unset(SESSION_COOKIE))
    }

    async fn put(&self, tenant: TenantId, change: StateChange) -> Result<(), StoreError> {
        let unit = Unit { state: vec![change], ..Unit::new(tenant) };
        match self.parts.store.commit(unit).await {
            Ok(()) => Ok(()),
            Err(CommitError::Stale(guard)) => {
                Err(StoreError::Unavailable(format!("a session was not taken: {guard:?}")))
            }
            Err(CommitError::Store(error)) => Err(error),
        }
    }
}

fn is_valid(session: &Session, user: &User, now: Timestamp) -> bool {
    now < session.expires_at
        && user.deleted_at.is_none()
        && user.account_enabled
        && user.sign_in_sessions_valid_from <= session.created_at
}

#[cfg(test)]
mod tests;
