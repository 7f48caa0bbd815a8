//! Directories of many guests, made once and kept under `target/bench`, since a million takes minutes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use vestibule_model::{PurposeKey, PurposeKeys};
use vestibule_store::{Durability, Engine, Options, Store, StoreKind};

use crate::guests::{Inviter, address_of};
use crate::server::{Server, Setup, Tls};

/// Units on their way at once: enough for full batches, on either engine.
const IN_FLIGHT: usize = 128;

/// The database behind a data folder.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Database<'a> {
    /// `vestibule.db` in it.
    Sqlite,
    /// This URL.
    Postgres(&'a str),
}

impl<'a> Database<'a> {
    /// For a server's configuration.
    pub(crate) fn url(self) -> Option<&'a str> {
        match self {
            Self::Sqlite => None,
            Self::Postgres(url) => Some(url),
        }
    }
}

/// The folder of a SQLite directory of `guests`, populated now or in an earlier run. To be copied, not to be written to.
///
/// # Errors
///
/// It could not be made.
pub(crate) fn kept(guests: u64) -> Result<PathBuf> {
    let folder = home()?.join(format!("guests-{guests}"));
    let done = folder.with_extension("done");
    let schema = schema()?;
    if fs::read(&done).is_ok_and(|populated| populated == schema) {
        return Ok(folder);
    }
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    populate(&folder, Database::Sqlite, guests)?;
    fs::write(done, schema)?;
    Ok(folder)
}

/// The text of all migrations: a directory that was populated under another one is made anew.
fn schema() -> Result<Vec<u8>> {
    let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/store/src/migrations");
    let mut files: Vec<PathBuf> = fs::read_dir(&migrations)
        .with_context(|| format!("no {}", migrations.display()))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    files.sort();
    Ok(files.iter().map(fs::read).collect::<Result<Vec<_>, _>>()?.concat())
}

/// A copy of `folder` that may be written to.
///
/// # Errors
///
/// It could not be copied.
pub(crate) fn copy(folder: &Path) -> Result<PathBuf> {
    let copy = home()?.join("copy");
    if copy.exists() {
        fs::remove_dir_all(&copy)?;
    }
    let mut cp = Command::new("cp");
    let status = cp.args(["--archive", "--reflink=auto"]).arg(folder).arg(&copy).status()?;
    ensure!(status.success(), "cannot copy {}", folder.display());
    // What the copy left unwritten would be written during the measurement.
    Command::new("sync").status()?;
    Ok(copy)
}

/// A new, empty data folder.
///
/// # Errors
///
/// The one of an earlier run cannot be removed.
pub(crate) fn empty(name: &str) -> Result<PathBuf> {
    let folder = home()?.join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    Ok(folder)
}

/// Where data folders are kept: on the disk that the build is on.
///
/// # Errors
///
/// It cannot be made.
pub(crate) fn home() -> Result<PathBuf> {
    let here =
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("bench is a folder of the workspace")?;
    let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    let home = here.join(target).join("bench");
    fs::create_dir_all(&home)?;
    Ok(home)
}

/// Lets a server make `folder` and its tenant, then invites `guests` through the store.
///
/// # Errors
///
/// The server or the store fails.
pub(crate) fn populate(folder: &Path, database: Database<'_>, guests: u64) -> Result<()> {
    eprintln!("populating {} with {guests} guests", folder.display());
    Server::start(Setup { folder, tls: Tls::Off, database: database.url() })?.stop()?;
    if guests == 0 {
        return Ok(());
    }

    let began = Instant::now();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = Store::open(options(folder, database)?).await?;
        let inviter = Inviter::of(&store).await?;
        let units = stream::iter(0..guests).map(|n| {
            let unit = inviter.invite(n, &address_of(n));
            let store = &store;
            async move { Ok::<_, anyhow::Error>(store.commit(unit?).await?) }
        });
        units.buffer_unordered(IN_FLIGHT).try_for_each(async |()| Ok(())).await?;
        store.close().await?;
        Ok::<_, anyhow::Error>(())
    })?;
    eprintln!("  {:.0} s", began.elapsed().as_secs_f64());
    Command::new("sync").status()?;
    Ok(())
}

/// How to open the store of a data folder whose server is not running. Nothing is synced: the folder can be made again.
///
/// # Errors
///
/// The folder has no server key.
pub(crate) fn options(folder: &Path, database: Database<'_>) -> Result<Options> {
    let engine = match database {
        Database::Sqlite => Engine::Sqlite { folder: folder.into(), durability: Durability::Volatile },
        Database::Postgres(url) => Engine::Postgres { url: url.into(), connections: 8 },
    };
    let options =
        Options { engine, keys: keys_that_seal_nothing(folder)?, kind: StoreKind::Dev, scan_rows: 200_000 };
    Ok(options)
}

/// The id of the folder's server key, which the store compares, with a secret that is not its own: an invitation without
/// mail and without an idempotency key has nothing to seal.
fn keys_that_seal_nothing(folder: &Path) -> Result<PurposeKeys> {
    let text = fs::read_to_string(folder.join("server.key"))?;
    let keys: Vec<PurposeKey> = text
        .lines()
        .map(|line| {
            let key = URL_SAFE_NO_PAD.decode(line.trim())?;
            let hash = digest(&SHA256, &key);
            Ok(PurposeKey {
                id: *hash.as_ref().first_chunk().context("SHA-256 has 32 bytes")?,
                secret: [0; 32],
            })
        })
        .collect::<Result<_>>()?;
    PurposeKeys::new(keys).context("an empty server key")
}
