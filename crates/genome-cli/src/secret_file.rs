//! Opening and making files that hold secrets, with their findings.

use crate::unwritten::Unwritten;
use crate::{Failure, Finding};
use genome_files::{Exposed, OpenError, PrivateError, open_private};
use genome_json::text::shell_word;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::Path;

/// Opens a file that holds a secret, such as "the passphrase of `key.pem`". A file that others can read or write is refused.
/// An anonymous pipe that the caller has open can be read only by its holders.
///
/// # Errors
/// It is not there or cannot be read, or others can get at it.
pub(crate) fn open_secret(path: &Path, what: &str) -> Result<File, Failure> {
    let error = match open_private(path) {
        Ok(file) => return Ok(file.into_file()),
        Err(error) => error,
    };
    let unread = |error: &OpenError| format!("{what} cannot be read: {error}");
    let (message, hint) = match error {
        PrivateError::Open(error @ OpenError::NotAFile(_)) => {
            (unread(&error), "name a regular file, or give it through a pipe: --passphrase-fd 3 3< <(command)".to_owned())
        }
        PrivateError::Open(error) => (unread(&error), "check the path, and that this user may read it".to_owned()),
        PrivateError::Exposed(exposed) => {
            let hint = match &exposed {
                Exposed::Foreign { .. } => {
                    let file = shell_word(path.as_os_str());
                    format!("{}; or open it yourself: --passphrase-fd 3 3< {file}", exposed.hint(path))
                }
                Exposed::Shared { .. } => format!("find out whether somebody did, then: {}", exposed.hint(path)),
            };
            (format!("{what} is in a file that is not private: {exposed}"), hint)
        }
    };
    Err(Failure::undecided(Finding::error(message, hint).at(path)))
}

/// A new file for a private key.
#[derive(Debug)]
pub struct NewSecretFile<'p> {
    path: &'p Path,
    file: genome_files::NewSecretFile,
}

impl<'p> NewSecretFile<'p> {
    /// The new file at this path, in an existing directory.
    ///
    /// # Errors
    /// The path is taken, even by a dangling link; or no file can be made there.
    pub fn at(path: &'p Path) -> Result<Self, Failure> {
        let file = genome_files::NewSecretFile::at(path).map_err(|error| unwritten_secret(path, &error))?;
        Ok(Self { path, file })
    }

    /// Writes the secret. The file is complete and on the disk afterwards, or does not exist.
    ///
    /// # Errors
    /// It cannot be written, or something is there by now; either way no file of ours is there.
    pub fn write(self, secret: &[u8]) -> Result<(), Failure> {
        self.file.write(secret).map_err(|error| unwritten_secret(self.path, &error))
    }
}

const NEW_FILE: &str = "name a file that is not there yet";

/// The failure of a private key that cannot be written.
pub(crate) fn unwritten_secret(path: &Path, error: &io::Error) -> Failure {
    if error.kind() == ErrorKind::AlreadyExists {
        // What is no file, such as a pipe of a shell, nobody can move away.
        let is_stream = fs::metadata(path).is_ok_and(|seen| !seen.is_file() && !seen.is_dir());
        let hint = if is_stream { NEW_FILE } else { "name another file, or move that one away first" };
        let message = "something is there already, and a private key never overwrites anything";
        return Failure::refused(Finding::error(message, hint).at(path));
    }
    Unwritten { what: "the private key", outcome: None, verb: "make the key", otherwise: NEW_FILE }.at(path, error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn what_others_can_read_is_refused_with_the_command_that_closes_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("it's secret");
        fs::write(&path, "x").unwrap();
        for (mode, may) in [(0o600, true), (0o640, false), (0o604, false)] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let opened = open_secret(&path, "the passphrase");
            assert_eq!(opened.is_ok(), may, "{mode:o}");
            if let Err(failure) = opened {
                let finding = failure.finding().unwrap();
                assert!(finding.hint.contains("chmod 600 /") && finding.hint.ends_with(r"/it\'s\ secret"), "{}", finding.hint);
            }
        }
        assert!(open_secret(directory.path(), "the passphrase").is_err());
    }
}
