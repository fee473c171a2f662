//! Where the public half goes: to a file that is replaced as a whole, or to standard output.

use crate::{Destination, Failure, Finding, ReplaceError, note, print};
use genome::draft::Draft;
use genome::model::Signer;
use genome_files::{FoundDestination, directory_of, place_hint};
use genome_json::bytes_hold_private_key;
use genome_json::text::BarePath;
use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// Where the public half goes.
pub(super) enum PublicHalf<'p> {
    StandardOutput,
    /// A shell would have emptied it before there is a key, and so for nothing where none is made.
    File(&'p Path, FoundDestination),
}

impl<'p> PublicHalf<'p> {
    /// Finds the file, and refuses one that could not be replaced, before a key is made.
    pub(super) fn find(path: Option<&'p Path>) -> Result<Self, Failure> {
        let Some(path) = path.filter(|path| path.as_os_str() != "-") else { return Ok(Self::StandardOutput) };
        let found = FoundDestination::find(path).map_err(|error| unusable(path, &error))?;
        found.as_ref().check_writable().map_err(|error| unusable(path, &error))?;
        Ok(Self::File(path, found))
    }

    /// Refuses the file in which the private key is or will be: it would be replaced, and the key lost.
    pub(super) fn check_apart_from(&self, secret: &Path) -> Result<(), Failure> {
        if let Ok(seen) = fs::metadata(secret) {
            return self.check_apart_from_file(seen.dev(), seen.ino());
        }
        match self {
            Self::File(path, found) if place(found.as_ref().path()).is_some_and(|public| place(secret) == Some(public)) => {
                Err(both(path))
            }
            _ => Ok(()),
        }
    }

    /// Refuses the file of this device and inode, to which the private key is printed.
    pub(super) fn check_apart_from_file(&self, device: u64, inode: u64) -> Result<(), Failure> {
        match self {
            Self::File(path, found) => match fs::metadata(found.as_ref().path()) {
                Ok(seen) if (seen.dev(), seen.ino()) == (device, inode) => Err(both(path)),
                _ => Ok(()),
            },
            Self::StandardOutput => Ok(()),
        }
    }

    /// Refuses to replace anything but the public half of a key, such as a private key or a genome: nobody could make that again.
    pub(super) fn check_contents(&self) -> Result<(), Failure> {
        match self {
            Self::File(path, found) => check_contents(path, found.as_ref()),
            Self::StandardOutput => Ok(()),
        }
    }

    /// Whether it is printed.
    pub(super) fn is_printed(&self) -> bool {
        matches!(self, Self::StandardOutput)
    }

    /// Writes it, now that there is a key.
    pub(super) fn write(self, signer: &Signer) -> Result<(), Failure> {
        let (path, found) = match self {
            Self::StandardOutput => return print(signer.to_json().as_bytes()),
            Self::File(path, found) => (path, found),
        };
        let wait = || note("waiting for another program that writes in the same directory\n");
        let destination = found.hold(wait).map_err(|error| unwritten(path, &error))?;
        check_contents(path, &destination)?;
        destination.replace(signer.to_json().as_bytes()).map_err(|error| match error {
            ReplaceError::Unchanged(error) => unwritten(path, &error),
            ReplaceError::Unsettled(error) => {
                let message = format!("the public half was written, but may not survive a power cut: {error}");
                Failure::undecided(Finding::error(message, "check the disk").at(path))
            }
        })
    }
}

/// A file of which more is there is no public key.
const MOST: u64 = 1 << 20;

fn check_contents(path: &Path, destination: &Destination) -> Result<(), Failure> {
    let Some(file) = destination.existing().map_err(|error| unusable(path, &error.into()))? else { return Ok(()) };
    let bytes = file.read(MOST).map_err(|error| unusable(path, &error))?.into_bytes();
    let why = match Draft::read_signer(&bytes) {
        _ if bytes.is_empty() => return Ok(()),
        _ if bytes_hold_private_key(&bytes) => "it holds a private key".to_owned(),
        Ok(_) => return Ok(()),
        Err(refusal) => Finding::from(&refusal).message,
    };
    let message = format!("what is there is not the public half of one key, and is not replaced: {why}");
    Err(Failure::refused(Finding::error(message, "no key was made; name another file, or move that one away first").at(path)))
}

/// The directory, wherever links lead, and the name in it.
fn place(path: &Path) -> Option<(PathBuf, OsString)> {
    Some((fs::canonicalize(directory_of(path)).ok()?, path.file_name()?.to_owned()))
}

fn both(path: &Path) -> Failure {
    let message = "the public half would take the place of the private key, which would be lost";
    Failure::undecided(Finding::error(message, "nothing was made; name another file for one of them").at(path))
}

fn unusable(path: &Path, error: &io::Error) -> Failure {
    unwritten(path, error).with_hint(|hint| format!("no key was made; {hint}"))
}

fn unwritten(path: &Path, error: &io::Error) -> Failure {
    let hint = match error.kind() {
        ErrorKind::InvalidInput | ErrorKind::IsADirectory => "name a file",
        _ => place_hint(error).unwrap_or("check the directory, its permissions and the space on its disk"),
    };
    Failure::undecided(Finding::error(format!("cannot write {}: {error}", BarePath(path)), hint))
}
