//! Users: list, look up, change, delete.

use vestibule_model::{Caller, Context, User, UserProperty};
use vestibule_odata::filter::Expr;
use vestibule_odata::orderby::Direction;
use vestibule_store::read::users::{PageKey, UserKey};

use crate::{Directory, Error};

/// A list as a surface asks for it.
#[derive(Clone, Debug)]
pub struct ListUsers {
    /// Which.
    pub filter: Option<Expr<UserProperty>>,
    /// In which order.
    pub order: Option<(UserProperty, Direction)>,
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

/// A PATCH: properties by name with their new values, `None` clears. Read by the surface, checked by the model.
#[derive(Clone, Debug, Default)]
pub struct UserPatch {
    /// In the order sent.
    pub properties: Vec<(UserProperty, PatchValue)>,
}

/// A new value.
#[derive(Clone, Debug, PartialEq)]
pub enum PatchValue {
    /// Cleared.
    Null,
    /// A text.
    Text(String),
    /// True or false.
    Bool(bool),
    /// A collection of texts.
    Texts(Vec<String>),
    /// `extensionAttribute1` to `15`: only those that were sent, by number less one.
    ExtensionAttributes(Vec<(usize, Option<String>)>),
    /// A property whose value this release cannot set (`identities`, `passwordProfile`): refused by the model as invalid.
    Other,
}

impl Directory {
    /// `GET /users`.
    pub async fn users(&self, caller: &Caller, list: ListUsers, context: &Context) -> Result<Users, Error> {
        let _ = (caller, list, context);
        todo!()
    }

    /// `GET /users/$count`.
    pub async fn count_users(
        &self,
        caller: &Caller,
        filter: Option<Expr<UserProperty>>,
        context: &Context,
    ) -> Result<u64, Error> {
        let _ = (caller, filter, context);
        todo!()
    }

    /// `GET /users/{key}`; the flag says whether basic properties only may be shown.
    pub async fn user(
        &self,
        caller: &Caller,
        key: &UserKey,
        context: &Context,
    ) -> Result<(User, bool), Error> {
        let _ = (caller, key, context);
        todo!()
    }

    /// `PATCH /users/{key}`.
    pub async fn update_user(
        &self,
        caller: &Caller,
        key: &UserKey,
        patch: UserPatch,
        context: &Context,
    ) -> Result<User, Error> {
        let _ = (caller, key, patch, context);
        todo!()
    }

    /// `DELETE /users/{key}`.
    pub async fn delete_user(&self, caller: &Caller, key: &UserKey, context: &Context) -> Result<(), Error> {
        let _ = (caller, key, context);
        todo!()
    }

    /// The store's epoch, which page keys carry.
    pub fn epoch(&self) -> u64 {
        self.store.epoch()
    }
}
