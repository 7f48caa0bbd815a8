//! The migrations, as values: one text for both engines, whose few differing words the dialect fills in.

use refinery::Migration;

use crate::StoreError;

/// Which engine's SQL is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

/// Name and text of every migration, in order. One that was released is never changed.
pub(crate) const MIGRATIONS: &[(&str, &str)] = &[
    ("V1__base", include_str!("migrations/0001_base.sql")),
    ("V2__flow_by_invitation", include_str!("migrations/0002_flow_by_invitation.sql")),
    ("V3__unanswered", include_str!("migrations/0003_unanswered.sql")),
    ("V4__mail_of_a_ticket", include_str!("migrations/0004_mail_of_a_ticket.sql")),
];

/// The version of the schema that this binary knows.
pub(crate) const VERSION: u32 = MIGRATIONS.len() as u32;

/// Every migration for this engine.
pub(crate) fn migrations(dialect: Dialect) -> Result<Vec<Migration>, StoreError> {
    let read = |(name, text): &(&str, &str)| {
        Migration::unapplied(name, &dialect.text(text))
            .map_err(|error| StoreError::Corrupt(error.to_string()))
    };
    MIGRATIONS.iter().map(read).collect()
}

impl Dialect {
    fn text(self, shared: &str) -> String {
        let words: &[(&str, &str)] = match self {
            Self::Sqlite => &[
                ("@rows", " STRICT"),
                ("@keyed", " STRICT, WITHOUT ROWID"),
                ("@sequence_key", "UNIQUE (tenant_id, seq)"),
                ("@sequence", "INTEGER PRIMARY KEY"),
                ("@stamp", "INTEGER NOT NULL DEFAULT 0"),
                (" BIGINT", " INTEGER"),
                (" BYTEA", " BLOB"),
            ],
            Self::Postgres => &[
                ("@rows", ""),
                ("@keyed", ""),
                ("@sequence_key", "PRIMARY KEY (tenant_id, seq)"),
                ("@sequence", "BIGINT GENERATED ALWAYS AS IDENTITY"),
                ("@stamp", "BIGINT NOT NULL DEFAULT (pg_current_xact_id()::text::bigint)"),
                (" TEXT", " TEXT COLLATE \"C\""),
            ],
        };
        let statements = shared.lines().filter(|line| !line.starts_with("--"));
        let mut text = statements.collect::<Vec<_>>().join("\n");
        for (word, meaning) in words {
            text = text.replace(word, meaning);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;
    use vestibule_model::{MessageId, TenantId};

    use super::*;
    use crate::{Durability, Engine, Options, SchemaAge, Store, StoreKind};

    #[test]
    fn no_word_of_the_dialect_is_left_untranslated() {
        for dialect in [Dialect::Sqlite, Dialect::Postgres] {
            for (name, text) in MIGRATIONS {
                assert!(!dialect.text(text).contains('@'), "{name} for {dialect:?}");
            }
        }
    }

    #[tokio::test]
    async fn a_store_of_the_first_schema_is_brought_forward_with_what_it_holds() {
        let folder = crate::testing::folder().unwrap();
        let (tenant, mail) = (TenantId(Uuid::from_u128(1)), MessageId(Uuid::from_u128(2)));
        let mut first = rusqlite::Connection::open(folder.path().join(crate::sqlite::FILE)).unwrap();
        refinery::Runner::new(&migrations(Dialect::Sqlite).unwrap()[..1]).run(&mut first).unwrap();
        first.pragma_update(None, "user_version", 1).unwrap();
        let queued = "INSERT INTO outbox (tenant_id, id, lane, due_at, ends_at, begun_at, attempts, state)
                      VALUES (?1, ?2, 'ordinary', 0, 1, 0, 1, 'queued')";
        first.execute(queued, [tenant.as_bytes(), mail.as_bytes()]).unwrap();
        drop(first);

        let engine = Engine::Sqlite { folder: folder.path().to_owned(), durability: Durability::Volatile };
        let age = async || Store::inspect(&engine, &[]).await.map(|found| found.schema).unwrap();
        assert_eq!(age().await, SchemaAge::Older);
        let (keys, kind) = (crate::testing::fixed_keys(), StoreKind::Dev);
        let options = Options { engine: engine.clone(), keys, kind, scan_rows: 1_000 };
        let store = Store::open(options).await.unwrap();

        assert_eq!(age().await, SchemaAge::Current);
        let state = store.delivery(tenant, mail).await.unwrap().unwrap();
        assert!(state.has_begun && state.attempts == 1, "{state:?}");
        store.close().await.unwrap();
    }

    #[test]
    fn every_table_but_the_reference_tables_begins_its_key_with_the_tenant() {
        let text = Dialect::Postgres.text(MIGRATIONS[0].1);
        let keys = text.lines().filter(|line| line.trim_start().starts_with("PRIMARY KEY"));
        let without: Vec<_> = keys.filter(|line| !line.contains("(tenant_id")).collect();

        assert_eq!(without.len(), 4, "verified_domain, signing_key, setting, server_meta: {without:?}");
    }
}
