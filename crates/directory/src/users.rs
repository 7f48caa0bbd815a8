//! Users: list, look up, change, delete.

use vestibule_model::reading::{Reading, Sight, sight_of_user};
use vestibule_model::user::delete::{delete, may_delete};
use vestibule_model::user::patch::{Neighbours, Patched, may_patch, patch};
use vestibule_model::{Caller, Context, Refusal, Standing, User, UserProperty};
use vestibule_odata::filter::Expr;
use vestibule_odata::orderby::Direction;
use vestibule_store::Unit;
use vestibule_store::read::directory::{CallerRow, InviteQuery};
use vestibule_store::read::users::{PageKey, UserKey, UsersQuery};

use crate::reading::standing;
use crate::retry::{ATTEMPTS, Written, pause};
use crate::{Directory, Error};

pub use vestibule_model::user::patch::{PatchValue, UserPatch};

/// A list as a surface asks for it.
#[derive(Clone, Debug)]
pub struct ListUsers {
    /// Which.
    pub filter: Option<Expr<UserProperty>>,
    /// In which order; by id when empty.
    pub order: Vec<(UserProperty, Direction)>,
    /// How many at most.
    pub top: usize,
    /// After which one.
    pub after: Option<PageKey>,
    /// Whether all that match are counted too.
    pub count: bool,
}

/// A page of users.
#[derive(Clone, Debug)]
pub struct Users {
    /// The rows.
    pub users: Vec<User>,
    /// Where the next page begins.
    pub next: Option<PageKey>,
    /// How many match in all.
    pub count: Option<u64>,
    /// Whether the caller may see basic properties only (`User.ReadBasic.All`).
    pub is_basic: bool,
}

impl Directory {
    /// `GET /users`.
    ///
    /// # Errors
    ///
    /// [`Error`]: `NotAllowed`, also when the query names a property that the caller may not see, or `TooExpensive` when the
    /// filter would read too much.
    pub async fn users(&self, caller: &Caller, list: ListUsers, context: &Context) -> Result<Users, Error> {
        self.check_before(caller, Reading::Users).await?;
        self.check_named(caller, &list).await?;
        let query = UsersQuery {
            filter: list.filter,
            order: list.order,
            top: list.top,
            after: list.after,
            count: list.count,
            deadline: self.settings.read_deadline,
        };
        let page = self.store.users(caller.tenant, &query, caller).await?;
        let standing = standing(caller, &page.caller)?;
        let sight = Reading::Users.sight(&standing)?;
        tracing::trace!(rows = page.users.len(), correlation = %context.correlation, "users read");

        Ok(Users { users: page.users, next: page.next, count: page.count, is_basic: sight == Sight::Basic })
    }

    async fn check_named(&self, caller: &Caller, list: &ListUsers) -> Result<(), Error> {
        let may_name = |property| Reading::Users.may_name(caller, property);
        let may_filter = list.filter.as_ref().is_none_or(|filter| filter.names_only(&may_name));
        if may_filter && list.order.iter().all(|(property, _)| may_name(*property)) {
            return Ok(());
        }
        self.turn_away(caller).await
    }

    /// `GET /users/$count`.
    ///
    /// # Errors
    ///
    /// As [`users`](Self::users).
    pub async fn count_users(
        &self,
        caller: &Caller,
        filter: Option<Expr<UserProperty>>,
        context: &Context,
    ) -> Result<u64, Error> {
        let list = ListUsers { filter, order: Vec::new(), top: 0, after: None, count: true };
        Ok(self.users(caller, list, context).await?.count.unwrap_or_default())
    }

    /// `GET /users/{key}`; the flag says whether basic properties only may be shown.
    ///
    /// # Errors
    ///
    /// [`Error`]: `NotAllowed` before `NotFound`.
    pub async fn user(
        &self,
        caller: &Caller,
        key: &UserKey,
        _context: &Context,
    ) -> Result<(User, bool), Error> {
        let (row, user) = self.find_user(caller, key).await?;
        let standing = standing(caller, &row)?;
        let sight = sight_of_user(user.as_ref().map(|user| user.id), &standing)?;

        Ok((found(user, key)?, sight == Sight::Basic))
    }

    /// `PATCH /users/{key}`.
    ///
    /// # Errors
    ///
    /// [`Error`]; nothing was written then.
    pub async fn update_user(
        &self,
        caller: &Caller,
        key: &UserKey,
        patch: UserPatch,
        context: &Context,
    ) -> Result<User, Error> {
        for attempt in 0..ATTEMPTS {
            let (row, user) = self.find_user(caller, key).await?;
            let standing = standing(caller, &row)?;
            may_patch(&patch, user.as_ref(), &standing)?;
            let user = found(user, key)?;
            let Patched { user, guards, change } =
                self.decide_patch(&user, &patch, &standing, context).await?;
            let Some(change) = change else { return Ok(user) };
            let unit = Unit { guards, change: Some(change), ..Unit::new(caller.tenant) };
            match self.write(unit).await? {
                Written::Durably => return Ok(user),
                Written::Stale(_) => pause(attempt, context).await,
            }
        }
        Err(Error::Stale)
    }

    /// `DELETE /users/{key}`.
    ///
    /// # Errors
    ///
    /// [`Error`]; nothing was written then.
    pub async fn delete_user(&self, caller: &Caller, key: &UserKey, context: &Context) -> Result<(), Error> {
        for attempt in 0..ATTEMPTS {
            let (row, user) = self.find_user(caller, key).await?;
            let standing = standing(caller, &row)?;
            may_delete(&standing)?;
            let change = delete(&found(user, key)?, &standing, context)?;
            let unit = Unit { change: Some(change), ..Unit::new(caller.tenant) };
            match self.write(unit).await? {
                Written::Durably => return Ok(()),
                Written::Stale(_) => pause(attempt, context).await,
            }
        }
        Err(Error::Stale)
    }

    /// The store's epoch, which page keys carry.
    pub fn epoch(&self) -> u64 {
        self.store.epoch()
    }

    async fn find_user(&self, caller: &Caller, key: &UserKey) -> Result<(CallerRow, Option<User>), Error> {
        let (row, user) = self.store.user(caller.tenant, key, Some(caller)).await?;
        Ok((row.ok_or(Refusal::CallerRevoked)?, user))
    }

    /// Who else has the names that the patch wants is looked up only when it wants some.
    async fn decide_patch(
        &self,
        user: &User,
        asked: &UserPatch,
        standing: &Standing<'_>,
        context: &Context,
    ) -> Result<Patched, Error> {
        let (mail, upn) = asked.names();
        if mail.is_none() && upn.is_none() {
            return Ok(patch(user, asked, &Neighbours::default(), standing, context)?);
        }
        let query = InviteQuery {
            caller: standing.caller(),
            address: mail.as_deref(),
            upn_prefix: upn.as_deref(),
            target: None,
            sponsors: &[],
            cc: &[],
            key: None,
            now: context.now,
        };
        let snapshot = self.store.invite_snapshot(standing.caller().tenant, query).await?;
        let snapshot = snapshot.ok_or(Refusal::CallerRevoked)?;
        let neighbours = Neighbours {
            users_at: &snapshot.users_at,
            taken_upns: &snapshot.taken_upns,
            domains: &snapshot.domains,
        };
        Ok(patch(user, asked, &neighbours, standing, context)?)
    }
}

fn found(user: Option<User>, key: &UserKey) -> Result<User, Refusal> {
    user.ok_or_else(|| Refusal::NotFound {
        key: match key {
            UserKey::Id(id) => id.to_string(),
            UserKey::Upn(upn) => upn.clone(),
        },
    })
}
