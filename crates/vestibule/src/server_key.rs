//! The server key: the one secret that is not in the store.
//!
//! A file of lines, each 32 random bytes as 43 characters of base64url. The first line seals and signs, every line opens
//! and verifies, so a key is replaced by putting a new line on top. What each key is for is derived elsewhere, by HKDF.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use aws_lc_rs::{digest, hkdf, rand};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use vestibule_model::{PurposeKey, PurposeKeys};
use zeroize::Zeroizing;

/// The keys of one file, the sealing one first. Never empty.
pub(crate) struct ServerKeys(Vec<Zeroizing<[u8; 32]>>);

/// Why there is no usable server key.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServerKeyError {
    #[error("the server key {} cannot be read: {why}", path.display())]
    Unreadable { path: PathBuf, why: io::Error },
    #[error("the server key {} cannot be written: {why}", path.display())]
    Unwritable { path: PathBuf, why: io::Error },
    #[error("the server key {} is for everybody to read (mode {mode:04o}): chmod 600 it", path.display())]
    Exposed { path: PathBuf, mode: u32 },
    #[error("line {line} of the server key {} is not 43 characters of base64url", path.display())]
    Malformed { path: PathBuf, line: usize },
    #[error("the server key {} is empty", path.display())]
    Empty { path: PathBuf },
}

impl ServerKeys {
    /// Reads the file.
    ///
    /// # Errors
    ///
    /// [`ServerKeyError`], also when the file is missing.
    pub(crate) fn read(path: &Path) -> Result<Self, ServerKeyError> {
        let unreadable = |why| ServerKeyError::Unreadable { path: path.into(), why };
        let mode = fs::metadata(path).map_err(unreadable)?.mode() & 0o777;
        if mode & 0o007 != 0 {
            return Err(ServerKeyError::Exposed { path: path.into(), mode });
        }

        let text = Zeroizing::new(fs::read_to_string(path).map_err(unreadable)?);
        let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let keys: Vec<_> = lines
            .map(|(index, line)| {
                parse(line.trim()).ok_or(ServerKeyError::Malformed { path: path.into(), line: index + 1 })
            })
            .collect::<Result<_, _>>()?;
        if keys.is_empty() { Err(ServerKeyError::Empty { path: path.into() }) } else { Ok(Self(keys)) }
    }

    /// Reads the file, or makes it with one new key, durably and for its owner alone.
    ///
    /// # Errors
    ///
    /// [`ServerKeyError`].
    pub(crate) fn read_or_make(path: &Path) -> Result<Self, ServerKeyError> {
        if path.exists() { Self::read(path) } else { Self::make(path) }
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that makes a server key")]
    fn make(path: &Path) -> Result<Self, ServerKeyError> {
        let mut key = Zeroizing::new([0_u8; 32]);
        rand::fill(key.as_mut_slice()).expect("the system's random source does not fail once it has started");
        let line = Zeroizing::new(format!("{}\n", URL_SAFE_NO_PAD.encode(*key)));
        let write = || -> io::Result<()> {
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
            file.write_all(line.as_bytes())?;
            file.sync_all()
        };
        write().map_err(|why| ServerKeyError::Unwritable { path: path.into(), why })?;
        Ok(Self(vec![key]))
    }

    /// One key for `purpose` from every line, in the order of the file.
    pub(crate) fn for_purpose(&self, purpose: Purpose) -> PurposeKeys {
        let keys = self.0.iter().map(|key| PurposeKey { id: id(key), secret: derive(key, purpose.label()) });
        PurposeKeys::new(keys.collect()).expect("a key file without a key is refused when it is read")
    }

    /// 32 bytes for `label` from the first line: what a dev store's secrets and ids are made of.
    pub(crate) fn derived(&self, label: &str) -> [u8; 32] {
        derive(&self.0[0], label)
    }
}

/// What a derived key is for. The labels are part of what is stored: they never change.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Purpose {
    /// Sealed columns.
    Store,
    /// Passcodes, flow cookies, form tokens.
    Identity,
    /// One-click block links.
    Links,
    /// Links to the next page of a list.
    Paging,
}

impl Purpose {
    fn label(self) -> &'static str {
        match self {
            Self::Store => "vestibule store",
            Self::Identity => "vestibule identity",
            Self::Links => "vestibule links",
            Self::Paging => "vestibule paging",
        }
    }
}

fn id(key: &[u8; 32]) -> [u8; 8] {
    let hash = digest::digest(&digest::SHA256, key);
    *hash.as_ref().first_chunk().expect("SHA-256 has 32 bytes")
}

/// HKDF-SHA-256 (RFC 5869) without salt.
fn derive(key: &[u8; 32], label: &str) -> [u8; 32] {
    let mut derived = [0; 32];
    let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, &[]).extract(key);
    let info = [label.as_bytes()];
    let filled = prk.expand(&info, hkdf::HKDF_SHA256).and_then(|okm| okm.fill(&mut derived));
    filled.expect("32 bytes are not too many for HKDF-SHA-256");
    derived
}

fn parse(line: &str) -> Option<Zeroizing<[u8; 32]>> {
    let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(line).ok()?);
    Some(Zeroizing::new(bytes.as_slice().try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    const A: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    const B: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";

    #[test]
    fn a_key_is_made_once_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("server.key");

        let made = ServerKeys::read_or_make(&path).unwrap();
        let read = ServerKeys::read_or_make(&path).unwrap();

        assert_eq!(made.0, read.0);
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(fs::read_to_string(&path).unwrap().len(), 44);
    }

    #[test]
    fn the_first_line_comes_first_and_blank_lines_are_none() {
        let file = file_with(&format!("{A}\n\n{B}\n"));

        let keys = ServerKeys::read(file.path()).unwrap();

        assert_eq!(keys.0, [Zeroizing::new([0; 32]), Zeroizing::new([1; 32])]);
        let purpose = keys.for_purpose(Purpose::Store);
        assert_eq!(purpose.all().len(), 2);
        assert_ne!(purpose.first().secret, keys.for_purpose(Purpose::Links).first().secret);
        // SHA-256 of 32 zero bytes begins with 66687aadf862bd77.
        assert_eq!(purpose.first().id, [0x66, 0x68, 0x7a, 0xad, 0xf8, 0x62, 0xbd, 0x77]);
    }

    #[test]
    fn a_file_that_is_no_key_is_refused_with_its_line() {
        use ServerKeyError as E;
        assert!(matches!(ServerKeys::read(file_with("").path()), Err(E::Empty { .. })));
        assert!(matches!(
            ServerKeys::read(file_with(&format!("{A}\nshort\n")).path()),
            Err(E::Malformed { line: 2, .. })
        ));
        assert!(matches!(ServerKeys::read(Path::new("/nowhere/server.key")), Err(E::Unreadable { .. })));

        let exposed = file_with(A);
        fs::set_permissions(exposed.path(), fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(ServerKeys::read(exposed.path()), Err(E::Exposed { mode: 0o644, .. })));
    }

    fn file_with(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), text).unwrap();
        file
    }
}
