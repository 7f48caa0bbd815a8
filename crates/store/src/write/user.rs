//! Rows of users: the user, its addresses, its words.

use std::sync::OnceLock;

use vestibule_model::user::Profile;
use vestibule_model::{Guard, User, UserProperty};

use super::{Draft, json};
use crate::StoreError;
use crate::addresses::{addresses, fold, kind, words};
use crate::driver::Expect;
use crate::query::columns::{ATTRIBUTES, BASIC, PROFILE, column, written};
use crate::sql::{Bind, Kind, Statement, Value, places, tuples};

impl Draft<'_> {
    pub(super) fn create_user(&mut self, user: &User) -> Result<(), StoreError> {
        let upn = fold(&user.user_principal_name);
        self.changes("upn", upn.as_bytes());
        let is_bare = user.profile == Profile::default();
        let insert = self
            .here(insert_sql(is_bare))
            .bind(user.id)
            .bind(user.version)
            .bind(json(user)?)
            .bind_all(values(user, is_bare));
        self.check(insert, Expect::Some, Guard::UpnFree { key: upn.into() });
        self.add_names(user);
        Ok(())
    }

    pub(super) fn update_user(&mut self, user: &User) -> Result<(), StoreError> {
        let upn = fold(&user.user_principal_name);
        let before = user.version.saturating_sub(1);
        self.changes("user", user.id.as_bytes());
        self.changes("upn", upn.as_bytes());

        let taken =
            "SELECT 1 FROM directory_user WHERE tenant_id = $1 AND user_principal_name = $2 AND id <> $3";
        let taken = self.here(taken).bind(&*upn).bind(user.id);
        self.check(taken, Expect::None, Guard::UpnFree { key: upn.into() });
        let update = self
            .here(update_sql())
            .bind(user.id)
            .bind(before)
            .bind(user.version)
            .bind(json(user)?)
            .bind_all(values(user, false));
        self.check(update, Expect::Some, Guard::UserVersion { user: user.id, version: before });

        for sql in [
            "DELETE FROM user_address WHERE tenant_id = $1 AND user_id = $2",
            "DELETE FROM user_word WHERE tenant_id = $1 AND user_id = $2",
        ] {
            let delete = self.here(sql).bind(user.id);
            self.run(delete);
        }
        if user.deleted_at.is_none() {
            self.add_names(user);
        }
        Ok(())
    }

    /// Addresses and words: a deleted user has none.
    fn add_names(&mut self, user: &User) {
        let rows = addresses(user);
        for (key, kinds) in &rows {
            if kinds & kind::MATCH != 0 {
                self.changes("address", key.as_bytes());
            }
        }
        let sql = format!(
            "INSERT INTO user_address (tenant_id, key, user_id, kinds) VALUES {}",
            tuples(rows.len(), 3)
        );
        let cells = rows.into_iter().flat_map(|(key, kinds)| [key.bound(), user.id.bound(), kinds.bound()]);
        let insert = self.here(sql).bind_all(cells);
        self.run(insert);

        let words = words(&user.display_name);
        if !words.is_empty() {
            let sql =
                format!("INSERT INTO user_word (tenant_id, user_id, word) VALUES {}", tuples(words.len(), 2));
            let cells = words.into_iter().flat_map(|word| [user.id.bound(), word.bound()]);
            let insert: Statement = self.here(sql).bind_all(cells);
            self.run(insert);
        }
    }
}

fn properties(is_bare: bool) -> impl Iterator<Item = &'static UserProperty> {
    BASIC.iter().chain(if is_bare { &[] } else { PROFILE })
}

fn column_names(is_bare: bool) -> Vec<&'static str> {
    let attributes: &[&str] = if is_bare { &[] } else { &ATTRIBUTES };
    properties(is_bare)
        .filter_map(|property| column(*property))
        .map(|column| column.name)
        .chain(attributes.iter().copied())
        .collect()
}

fn values(user: &User, is_bare: bool) -> Vec<Value> {
    let mut values: Vec<Value> = properties(is_bare).map(|property| written(user, *property)).collect();
    if !is_bare {
        let key = |text: &Option<String>| {
            text.as_deref().map_or(Value::Null(Kind::Text), |text| fold(text).bound())
        };
        values.extend(user.profile.extension_attributes.iter().map(key));
    }
    values
}

fn insert_sql(is_bare: bool) -> &'static str {
    static BARE: OnceLock<String> = OnceLock::new();
    static FULL: OnceLock<String> = OnceLock::new();
    if is_bare { &BARE } else { &FULL }.get_or_init(|| {
        let names = column_names(is_bare);
        format!(
            "INSERT INTO directory_user (tenant_id, id, version, doc, {}) VALUES ($1, {}) ON CONFLICT DO NOTHING",
            names.join(", "),
            places(2, names.len() + 3),
        )
    })
}

fn update_sql() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| {
        let names = column_names(false);
        let sets: Vec<_> = names.iter().zip(6..).map(|(name, number)| format!("{name} = ${number}")).collect();
        format!(
            "UPDATE directory_user SET version = $4, doc = $5, {} WHERE tenant_id = $1 AND id = $2 AND version = $3",
            sets.join(", "),
        )
    })
}
