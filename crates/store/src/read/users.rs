//! What is asked about users.

use std::time::Duration;

use vestibule_model::{Caller, TenantId, User, UserId, UserProperty};
use vestibule_odata::filter::Expr;
use vestibule_odata::orderby::Direction;

use super::directory::{CallerRow, live_user};
use super::fetch::Fetch;
use crate::addresses::sought;
use crate::query::page;
use crate::sql::{Row, Statement};
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
    /// In which order; when empty in one that an index serves, the same on every page. Strings ignore case, nulls first when
    /// ascending, ties by id.
    pub order: Vec<(UserProperty, Direction)>,
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
    /// The last row's folded sort values, in the order of the query; `None` for null.
    pub values: Vec<Option<String>>,
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
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot answer; what is not there is no error.
    pub async fn user(
        &self,
        tenant: TenantId,
        key: &UserKey,
        caller: Option<&Caller>,
    ) -> Result<(Option<CallerRow>, Option<User>), StoreError> {
        let mut fetch = Fetch::in_tenant(tenant);
        let found = fetch.add(match key {
            UserKey::Id(id) => live_user(tenant, *id),
            UserKey::Upn(upn) => live_user_named(tenant, upn),
        });
        let caller = caller.map(|caller| fetch.caller(caller));

        let answers = fetch.run(self).await?;
        let caller = caller.map(|at| answers.caller(&at)).transpose()?;
        Ok((caller, answers.docs(Some(found))?.pop()))
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
        let list = page::list(tenant, query, self.scan_rows());
        let deadline = Duration::try_from(query.deadline).unwrap_or_default();
        let mut fetch = Fetch::in_tenant(tenant);
        let asking = fetch.caller(caller);
        let found = fetch.add(list.page);
        let count = list.count.map(|count| fetch.add(count));
        let all_candidates = list.all_candidates.map(|all| fetch.add(all));

        let answers = match list.is_lookup {
            true => fetch.run(self).await?,
            false => fetch.run_within(self, deadline).await?,
        };
        self.within_budget(answers.rows(all_candidates))?;
        let mut users: Vec<User> = answers.docs(Some(found))?;
        let is_more = users.len() > query.top;
        if let Some(candidates) = list.candidates.filter(|_| !is_more) {
            // The page is the last one, or the budget ended it.
            self.within_budget(&self.fetch_within(vec![candidates], deadline).await?.concat())?;
        }
        users.truncate(query.top);
        let last = users.last().filter(|_| is_more);
        Ok(UsersPage {
            caller: answers.caller(&asking)?,
            next: last.map(|user| page::key_after(user, query, self.epoch())),
            count: answers.rows(count).first().map(|row| row.get(0)).transpose()?,
            users,
        })
    }

    fn within_budget(&self, candidates: &[Row]) -> Result<(), StoreError> {
        let count = candidates.first().map(|row| row.get::<u64>(0)).transpose()?;
        if count.is_some_and(|count| count > self.scan_rows()) {
            return Err(StoreError::TooExpensive);
        }
        Ok(())
    }
}

fn live_user_named(tenant: TenantId, upn: &str) -> Statement {
    let sql = "SELECT doc FROM directory_user WHERE tenant_id = $1 AND user_principal_name = $2 AND deleted_at IS NULL";
    Statement::in_tenant(tenant, sql).bind(sought(upn))
}
