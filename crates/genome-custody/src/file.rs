//! A private key in a file.

use crate::fault::key_hint;
use crate::{Ask, CustodyError};
use genome::PrivateKey;
use genome::concept::KEY_GENERATOR;
use genome::hint::Hint;
use genome::key::PrivateKeyError;
use genome::manifest::FileKind;
use genome_files::{Exposed, OpenError, OpenFile, PrivateError, open_private};
use genome_json::text::{BarePath, QuotedPath};
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use thiserror::Error;
use zeroize::Zeroizing;

/// The largest file. A key takes less than 1 KiB, an RSA key given by mistake a few.
const MOST_BYTES: usize = 64 * 1024;

/// Why a secret cannot be read from a file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FileFault {
    /// It cannot be read.
    #[error("{} cannot be read: {reason}", BarePath(path))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// It is a directory, a device, a FIFO or a socket.
    #[error("{} is {kind}, not a regular file, so nothing says who can read it", BarePath(path))]
    NotRegular {
        /// The path.
        path: PathBuf,
        /// What is there.
        kind: FileKind,
    },
    /// Others can get at it.
    #[error("{} holds a secret and is not private: {exposed}", BarePath(path))]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Who.
        exposed: Exposed,
    },
    /// It is too large for a key.
    #[error("{} is larger than 64 KiB, so it is not a key", BarePath(.0))]
    TooLarge(PathBuf),
    /// It does not hold a usable key.
    #[error("{} holds no usable key: {error}", BarePath(path))]
    Unusable {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: PrivateKeyError,
    },
}

impl FileFault {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Hint {
        match self {
            Self::Unreadable { path, .. } if path.starts_with("~") => {
                "the shell leaves `~` as it is in the middle of a word: write $HOME".into()
            }
            Self::Unreadable { .. } => "check the path, the directory from which it starts, and that this user may read it".into(),
            Self::NotRegular { .. } => {
                "name a file that only its owner can read, or give it through a pipe: file:<(command)".into()
            }
            Self::Exposed { path, exposed } => exposed.hint(path).into(),
            Self::TooLarge(_) => "name the file that holds the key, and nothing else".into(),
            Self::Unusable { error: PrivateKeyError::NotBase64 | PrivateKeyError::Malformed | PrivateKeyError::Empty, .. } => {
                "name a file with an Ed25519 private key: what "
                    + KEY_GENERATOR
                    + " printed on standard error, PEM, or an OpenSSH key"
            }
            Self::Unusable { error, .. } => key_hint(*error),
        }
    }
}

/// The private key in a file. A passphrase is asked for only where the key is encrypted.
pub(crate) fn read(path: &Path, ask: &mut Ask<'_>) -> Result<PrivateKey, CustodyError> {
    let unusable = |error| FileFault::Unusable { path: path.to_owned(), error };
    let bytes = read_private(path)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| unusable(PrivateKeyError::NotBase64))?;
    match PrivateKey::from_text(text, None) {
        Err(PrivateKeyError::Encrypted) => {
            let passphrase = ask(&format!("the passphrase of {}", QuotedPath(path)))?;
            Ok(PrivateKey::from_text(text, Some(passphrase.as_bytes())).map_err(unusable)?)
        }
        key => Ok(key.map_err(unusable)?),
    }
}

/// Refuses a file that is unfit for a secret, or cannot be opened. Reads nothing.
pub(crate) fn check(path: &Path) -> Result<(), FileFault> {
    open(path).map(drop)
}

/// The contents of a file that is fit for a secret.
pub(crate) fn read_private(path: &Path) -> Result<Zeroizing<Vec<u8>>, FileFault> {
    let file = open(path)?;
    // With room for all of it: a buffer that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(2 * MOST_BYTES));
    file.file().take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(|error| unreadable(path, &error))?;
    if bytes.len() > MOST_BYTES { Err(FileFault::TooLarge(path.to_owned())) } else { Ok(bytes) }
}

fn open(path: &Path) -> Result<OpenFile, FileFault> {
    open_private(path).map_err(|error| match error {
        PrivateError::Open(OpenError::NotAFile(kind)) => FileFault::NotRegular { path: path.to_owned(), kind },
        PrivateError::Open(error) => unreadable(path, &error.into()),
        PrivateError::Exposed(exposed) => FileFault::Exposed { path: path.to_owned(), exposed },
    })
}

fn unreadable(path: &Path, error: &io::Error) -> FileFault {
    let reason = if error.kind() == ErrorKind::NotFound { "there is no such file".to_owned() } else { error.to_string() };
    FileFault::Unreadable { path: path.to_owned(), reason }
}
