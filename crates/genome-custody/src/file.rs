//! A private key in a file.

use crate::unusable::{self, TextPlace};
use crate::{Ask, CustodyError};
use genome::hint::Hint;
use genome::key::{Foreign, PrivateKeyError};
use genome::manifest::FileKind;
use genome::{PrivateKey, PublicKey};
use genome_files::{Exposed, OpenError, OpenFile, PrivateError, open_private};
use genome_json::holds_private_key;
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
            Self::Unusable { path, error } => unusable::hint(error, TextPlace::File(path)),
        }
    }
}

/// How often a person may type a passphrase. One that is stored is the same each time, and is tried once.
const MOST_TRIES: usize = 3;

/// The private key in a file. A passphrase is asked for only where the key is encrypted, and again where a person has mistyped it.
pub(crate) fn read(path: &Path, ask: &mut Ask<'_>) -> Result<PrivateKey, CustodyError> {
    let unusable = |error| FileFault::Unusable { path: path.to_owned(), error };
    let bytes = read_private(path).map_err(of_key)?;
    let mut tried = PrivateKey::from_bytes(&bytes, None);
    if tried.as_ref().err() == Some(&PrivateKeyError::Encrypted) {
        for number in 1..=MOST_TRIES {
            let again = if number == 1 { String::new() } else { format!(" (that was wrong; try {number} of {MOST_TRIES})") };
            let passphrase = ask(&format!("the passphrase of {}{again}", QuotedPath(path)))?;
            tried = PrivateKey::from_bytes(&bytes, Some(passphrase.as_bytes()));
            if !passphrase.is_typed() || tried.as_ref().err() != Some(&PrivateKeyError::WrongPassphrase) {
                break;
            }
        }
    }
    Ok(tried.map_err(unusable)?)
}

/// The public half of the private key in a file, which an encrypted key of OpenSSH only claims; `None` where that is encrypted in another form, or comes
/// through a pipe, which can be read only once.
pub(crate) fn public_key(path: &Path) -> Result<Option<PublicKey>, FileFault> {
    if open(path).map_err(of_key)?.kind().is_some() {
        return Ok(None);
    }
    let bytes = read_private(path).map_err(of_key)?;
    match PrivateKey::from_bytes(&bytes, None) {
        Err(PrivateKeyError::Encrypted) => Ok(PrivateKey::claimed_public_key(&bytes)),
        key => key.map(|key| Some(key.public_key())).map_err(|error| FileFault::Unusable { path: path.to_owned(), error }),
    }
}

/// Refuses a file that is unfit for a private key, or cannot be opened. Uses nothing of what it holds.
pub(crate) fn check(path: &Path) -> Result<(), FileFault> {
    open(path).map(drop).map_err(of_key)
}

/// The contents of a file that is fit for a secret.
pub(crate) fn read_private(path: &Path) -> Result<Zeroizing<Vec<u8>>, FileFault> {
    let file = open(path)?;
    let bytes = contents(&file).map_err(|error| unreadable(path, &error))?;
    if bytes.len() > MOST_BYTES { Err(FileFault::TooLarge(path.to_owned())) } else { Ok(bytes) }
}

fn open(path: &Path) -> Result<OpenFile, FileFault> {
    open_private(path).map_err(|error| match error {
        PrivateError::Open(OpenError::NotAFile(kind)) => FileFault::NotRegular { path: path.to_owned(), kind },
        PrivateError::Open(error) => unreadable(path, &error.into()),
        PrivateError::Exposed(exposed) => FileFault::Exposed { path: path.to_owned(), exposed },
    })
}

/// The fault of a file that should hold a key. One that is no secret is not to be protected, but to be replaced by another.
fn of_key(fault: FileFault) -> FileFault {
    match fault {
        FileFault::Exposed { path, exposed } => match public(&path) {
            Some(foreign) => FileFault::Unusable { path, error: foreign.into() },
            None => FileFault::Exposed { path, exposed },
        },
        other => other,
    }
}

/// What a regular file is that others may read, as it holds no secret. A key that is found so is never used.
fn public(path: &Path) -> Option<Foreign> {
    let file = OpenFile::open(path).ok().filter(|file| file.kind().is_none())?;
    let bytes = contents(&file).ok().filter(|bytes| bytes.len() <= MOST_BYTES)?;
    // A text with a secret beside a public key is exposed. No text but UTF-8 is looked at, so that no copy is made.
    std::str::from_utf8(&bytes).ok().filter(|text| !holds_private_key(text))?;
    match PrivateKey::from_bytes(&bytes, None) {
        Err(PrivateKeyError::Foreign(
            foreign @ (Foreign::PublicKey | Foreign::Certificate | Foreign::CertificateRequest | Foreign::GenomeDocument),
        )) => Some(foreign),
        _ => None,
    }
}

/// The contents of an open file, of one that is too large only more than is read.
fn contents(file: &OpenFile) -> io::Result<Zeroizing<Vec<u8>>> {
    // With room for all of it: a buffer that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(2 * MOST_BYTES));
    file.file().take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn unreadable(path: &Path, error: &io::Error) -> FileFault {
    let reason = if error.kind() == ErrorKind::NotFound { "there is no such file".to_owned() } else { error.to_string() };
    FileFault::Unreadable { path: path.to_owned(), reason }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Answer;
    use genome::key::Encryption;
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;
    use zeroize::Zeroizing;

    #[test]
    fn what_is_typed_is_tried_three_times_and_what_is_stored_once() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key");
        let key = PrivateKey::from_seed(&[7; 32]);
        let pem = key.to_encrypted_pem(Encryption { passphrase: "right", random: &[9; 32] }).unwrap();
        fs::write(&path, pem.as_bytes()).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let asked = |answer: fn(Zeroizing<String>) -> Answer, answers: &[&str]| {
            let mut given = answers.iter();
            let read = read(&path, &mut |_| Ok(answer(Zeroizing::new((*given.next().unwrap()).to_owned()))));
            (read.map(|key| key.public_key()).ok(), given.len())
        };
        let right = Some(key.public_key());
        assert_eq!(asked(Answer::typed, &["right", "never"]), (right.clone(), 1));
        assert_eq!(asked(Answer::typed, &["wrong", "wrong", "right", "never"]), (right, 1));
        assert_eq!(asked(Answer::typed, &["wrong", "wrong", "wrong", "right"]), (None, 1));
        assert_eq!(asked(Answer::stored, &["wrong", "right"]), (None, 1));
        // What it is without a passphrase is not told, but in the form of OpenSSH.
        assert_eq!(public_key(&path), Ok(None));
        let openssh = key.to_openssh("", Some(Encryption { passphrase: "right", random: &[9; 32] })).unwrap();
        fs::write(&path, openssh.as_bytes()).unwrap();
        assert_eq!(public_key(&path), Ok(Some(key.public_key())));
        fs::write(&path, key.to_pem().as_bytes()).unwrap();
        assert_eq!(public_key(&path), Ok(Some(key.public_key())));
    }
}
