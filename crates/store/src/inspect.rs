//! What can be said of a store without opening it for work: nothing is made, nothing is migrated.

use vestibule_model::PurposeKey;

use crate::meta::key_ids;
use crate::postgres::Postgres;
use crate::sqlite::Sqlite;
use crate::{Engine, Store, StoreError, schema};

/// A store as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// Whose schema it has.
    pub schema: SchemaAge,
    /// The version of vestibule that wrote it last; `None` when none has yet.
    pub written_by: Option<String>,
    /// The id, in hex, of a server key that sealed what is there and that is not at hand: no start would go well.
    pub missing_key: Option<String>,
    /// Promises that the database does not make: sentences for the operator.
    pub doubts: Vec<String>,
}

/// A store's schema, compared with this binary's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchemaAge {
    /// There is none yet: the first start makes it.
    Missing,
    /// The next start migrates it forward.
    Older,
    /// It is the one that this binary writes.
    Current,
    /// A newer binary wrote it, and this one must not.
    Newer,
}

impl Store {
    /// Looks at the store behind `engine`, which `keys` should open. Keys of a schema that is not this binary's are not looked
    /// for.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] when it cannot be reached or read.
    pub async fn inspect(engine: &Engine, keys: &[PurposeKey]) -> Result<Inspection, StoreError> {
        let known = KnownKeys(keys.iter().map(|key| key.id).collect());
        match engine {
            Engine::Sqlite { folder, .. } => {
                let folder = folder.clone();
                let inspected = tokio::task::spawn_blocking(move || Sqlite::inspect(&folder, &known)).await;
                inspected.map_err(|error| StoreError::Unavailable(error.to_string()))?
            }
            Engine::Postgres { url, .. } => Postgres::inspect(url, &known).await,
        }
    }

    /// Whether the embedded store is in this folder.
    pub fn is_in(folder: &std::path::Path) -> bool {
        folder.join(crate::sqlite::FILE).exists()
    }
}

/// The ids of the server keys at hand.
pub(crate) struct KnownKeys(Vec<[u8; 8]>);

impl KnownKeys {
    /// Of the keys that the store names, those that are not at hand.
    pub(crate) fn missing_of(&self, names: &[String]) -> Vec<Vec<u8>> {
        key_ids(names.iter()).filter(|id| self.0.iter().all(|known| known != &**id)).collect()
    }
}

/// How old a schema of that number is.
pub(crate) fn age(schema: u32) -> SchemaAge {
    match schema {
        0 => SchemaAge::Missing,
        older if older < schema::VERSION => SchemaAge::Older,
        schema::VERSION => SchemaAge::Current,
        _ => SchemaAge::Newer,
    }
}
