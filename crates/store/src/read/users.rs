//! What is asked about users.

use jiff::Timestamp;
use vestibule_model::{Caller, TenantId, User, UserId, UserProperty};
use vestibule_odata::filter::Expr;
use vestibule_odata::orderby::Direction;

use super::directory::CallerRow;
use crate::{Store, StoreError};

/// How a caller names a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserKey {
    /// By object id.
    Id(UserId),
    /// By user principal name, in any case.
    Upn(String),
}

/// A list of users.
#[derive(Clone, Debug)]
pub struct UsersQuery {
    /// Which; `None` is all that are not deleted.
    pub filter: Option<Expr<UserProperty>>,
    /// In which order; by id when `None`. Strings ignore case, nulls first when ascending, ties by id.
    pub order: Option<(UserProperty, Direction)>,
    /// How many at most.
    pub top: usize,
    /// After which one.
    pub after: Option<PageKey>,
    /// Whether all that match are counted too.
    pub count: bool,
    /// When the reading must end, on the store's own clock: a duration from now.
    pub deadline: jiff::SignedDuration,
}

/// Where a page ended: the sort key of its last row. Opaque to clients, authenticated by `graph`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PageKey {
    /// The store's epoch, so that a restore ends old tokens.
    pub epoch: u64,
    /// The last row's folded sort value; `None` for null or when ordered by id.
    pub value: Option<String>,
    /// The last row's id.
    pub id: UserId,
}

/// A page of users.
#[derive(Clone, Debug)]
pub struct UsersPage {
    /// Who asks, as known now.
    pub caller: CallerRow,
    /// The rows.
    pub users: Vec<User>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<PageKey>,
    /// How many match in all.
    pub count: Option<u64>,
}

impl Store {
    /// One user by key, with the caller. Deleted ones are left out.
    pub async fn user(
        &self,
        tenant: TenantId,
        key: &UserKey,
        caller: Option<&Caller>,
    ) -> Result<(Option<CallerRow>, Option<User>), StoreError> {
        let _ = (tenant, key, caller);
        todo!()
    }

    /// A page of users.
    ///
    /// # Errors
    ///
    /// [`StoreError::TooExpensive`] past the budget of rows or the deadline.
    pub async fn users(
        &self,
        tenant: TenantId,
        query: &UsersQuery,
        caller: &Caller,
    ) -> Result<UsersPage, StoreError> {
        let _ = (tenant, query, caller);
        todo!()
    }

    /// The store's epoch: page keys of another one are void.
    pub fn epoch(&self) -> u64 {
        todo!()
    }

    /// Ids of `users`, of those that are there and not deleted.
    pub async fn users_there(&self, tenant: TenantId, users: &[UserId]) -> Result<Vec<UserId>, StoreError> {
        let _ = (tenant, users);
        todo!()
    }
}

/// An instant as the store keeps it.
pub(crate) fn micros(instant: Timestamp) -> i64 {
    instant.as_microsecond()
}
