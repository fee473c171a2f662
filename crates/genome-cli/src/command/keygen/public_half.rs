//! Where the public half goes: to a file that is replaced as a whole, or to standard output.

use super::no_key;
use crate::unwritten::Unwritten;
use crate::{Destination, Failure, Finding, ReplaceError, print, tell_waiting};
use genome::draft::Draft;
use genome::model::Signer;
use genome_files::{FoundDestination, directory_of};
use genome_json::bytes_hold_private_key;
use std::ffi::OsString;
use std::fs;
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
        let found = FoundDestination::find(path).map_err(|error| no_key(HALF.at(path, &error)))?;
        found.as_ref().check_writable().map_err(|error| no_key(HALF.at(path, &error)))?;
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
    pub(super) fn write(self, signer: &Signer) -> Result<(), Lost> {
        let (path, found) = match self {
            Self::StandardOutput => return print(signer.to_json().as_bytes()).map_err(Lost::Unwritten),
            Self::File(path, found) => (path, found),
        };
        let wait = || tell_waiting("writes in the same directory");
        let destination = found.hold(wait).map_err(|error| Lost::Unwritten(HALF.at(path, &error)))?;
        check_contents(path, &destination).map_err(Lost::Unwritten)?;
        destination.replace(signer.to_json().as_bytes()).map_err(|error| match error {
            ReplaceError::Unchanged(error) => Lost::Unwritten(HALF.at(path, &error)),
            ReplaceError::Unsettled(error) => Lost::Unsettled(HALF.unsettled(path, &error, "see whether it is still there")),
        })
    }
}

/// A public half that is not safe where it belongs.
#[derive(Debug)]
pub(super) enum Lost {
    /// It was not written.
    Unwritten(Failure),
    /// It was written, but may not survive a power cut.
    Unsettled(Failure),
}

impl Lost {
    pub(super) fn into_failure(self) -> Failure {
        match self {
            Self::Unwritten(failure) | Self::Unsettled(failure) => failure,
        }
    }

    /// The failure where the private half was written before, to this place. `prints` is how to have the public half printed; `first` is what comes before
    /// another pair is made.
    pub(super) fn beside(self, place: &str, prints: &str, first: &str) -> Failure {
        let (failure, hint) = match self {
            Self::Unwritten(failure) => {
                let another = [first, "make another pair"].join(" ");
                (failure, format!("{prints}; or {}", another.trim_start()))
            }
            // There is no need of another pair.
            Self::Unsettled(failure) => {
                let (_, hint, _) = failure.said();
                (failure, format!("{hint}; if not, {prints}"))
            }
        };
        let (why, _, file) = failure.said();
        // A program says nothing of a pipe whose reader has gone.
        let why = if why.is_empty() { "nobody reads standard output, which should have got the public half" } else { &why };
        let finding = Finding::error(format!("{why}; the private key is {place}"), hint);
        Failure::undecided(file.iter().fold(finding, |finding, file| finding.at(file.as_path())))
    }
}

/// A file of which more is there is no public key.
const MOST: u64 = 1 << 20;

fn check_contents(path: &Path, destination: &Destination) -> Result<(), Failure> {
    let Some(file) = destination.existing().map_err(|error| no_key(HALF.at(path, &error.into())))? else { return Ok(()) };
    let bytes = file.read(MOST).map_err(|error| no_key(HALF.at(path, &error)))?.into_bytes();
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

const HALF: Unwritten = Unwritten { what: "the public half", outcome: None, verb: "try", otherwise: "name a file" };

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    #[test]
    fn a_public_half_that_was_written_is_not_replaced_by_another_pair() {
        let place = Path::new("key.json");
        let error = io::Error::from(io::ErrorKind::Other);
        let prints = "genome-keygen --public-from file:key.pem alice prints it";
        let said = |lost: Lost| lost.beside("in its file", prints, "remove the file, and").said();
        let (message, hint, file) = said(Lost::Unsettled(HALF.unsettled(place, &error, "see whether it is still there")));
        assert!(message.starts_with("the public half was written, but may not survive a power cut: "), "{message}");
        assert!(message.ends_with("; the private key is in its file"), "{message}");
        assert_eq!(hint, format!("check the disk, then see whether it is still there; if not, {prints}"));
        assert_eq!(file.as_deref(), Some(place));
        let (message, hint, _) = said(Lost::Unwritten(HALF.at(place, &error)));
        assert!(message.starts_with("cannot write the public half: "), "{message}");
        assert_eq!(hint, format!("{prints}; or remove the file, and make another pair"));
    }
}
