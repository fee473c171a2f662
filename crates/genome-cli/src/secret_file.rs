//! Files that hold secrets: only their owner may read them, and none is ever overwritten.

use crate::{Failure, Finding};
use genome_files::{Exposed, OpenError, PrivateError, open_directory_of, open_private_or_held, place_hint, unnamed};
use genome_json::text::shell_word;
use rustix::fd::AsFd;
use rustix::fs::{AtFlags, CWD, Mode, OFlags, fchmod, fstat, linkat, openat, unlinkat};
use rustix::io::Errno;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, ErrorKind, Write as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// Opens a file that holds a secret, such as "the passphrase of `key.pem`". What anybody else can get at is no secret, and is refused. A
/// pipe without a name that the caller has open has no readers but those who hold it.
///
/// # Errors
/// It is not there or cannot be read, or others can get at it.
pub(crate) fn open_secret(path: &Path, what: &str) -> Result<File, Failure> {
    let error = match open_private_or_held(path) {
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
            let file = shell_word(path.as_os_str());
            let hint = match exposed {
                Exposed::Foreign { .. } => {
                    format!("use a file of your own, or of root; or open it yourself: --passphrase-fd 3 3< {file}")
                }
                Exposed::Shared { .. } => format!("find out whether somebody did, then: chmod 600 {file}"),
            };
            (format!("{what} is in a file that is not private: {exposed}"), hint)
        }
    };
    Err(Failure::undecided(Finding::error(message, hint).at(path)))
}

/// Gives a file mode 0600, whatever the umask, and looks whether it has it: some file systems only pretend.
///
/// # Errors
/// It has another mode.
pub fn make_private(file: impl AsFd) -> io::Result<()> {
    let owner_only = Mode::RUSR | Mode::WUSR;
    fchmod(&file, owner_only)?;
    let mode = Mode::from_raw_mode(fstat(&file)?.st_mode);
    if mode == owner_only { Ok(()) } else { Err(io::Error::other(format!("its mode stays {:04o}", mode.bits()))) }
}

/// A file that is not there yet, for a private key.
#[derive(Debug)]
pub struct NewSecretFile<'p> {
    path: &'p Path,
    name: OsString,
    directory: File,
}

impl<'p> NewSecretFile<'p> {
    /// The file at this path, in a directory that is there.
    ///
    /// # Errors
    /// Something is there already, even if it is a link that leads nowhere; or no file can be made there.
    pub fn at(path: &'p Path) -> Result<Self, Failure> {
        // The standard library would drop these ends from the name.
        let is_directory = [&b"/"[..], b"/."].iter().any(|end| path.as_os_str().as_bytes().ends_with(end));
        let name = path.file_name().filter(|name| !is_directory && *name != "-").map(ToOwned::to_owned);
        let opened = || {
            let name = name.ok_or_else(|| io::Error::new(ErrorKind::InvalidInput, "that is not the path of a file"))?;
            Ok(Self { path, name, directory: open_directory_of(path)? })
        };
        let new = opened().map_err(|error| unwritten(path, &error))?;
        if path.symlink_metadata().is_ok() { Err(unwritten(path, &Errno::EXIST.into())) } else { Ok(new) }
    }

    /// Writes the secret. The file comes to be complete and on the disk, or not at all.
    ///
    /// # Errors
    /// It cannot be written, or something is there by now; either way no file of ours is there.
    pub fn write(self, secret: &[u8]) -> Result<(), Failure> {
        self.create(secret).map_err(|error| unwritten(self.path, &error))
    }

    fn create(&self, secret: &[u8]) -> io::Result<()> {
        if !self.create_complete(secret)? {
            let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
            let file = File::from(openat(&self.directory, &self.name, flags, Mode::RUSR | Mode::WUSR)?);
            fill(&file, secret).inspect_err(|_| self.remove())?;
        }
        match self.directory.sync_all() {
            // Some file systems do not have this for a directory.
            Err(error) if error.kind() != ErrorKind::InvalidInput => {
                self.remove();
                Err(error)
            }
            _ => Ok(()),
        }
    }

    /// Gives the file its name when everything is in it, which never takes the place of another. Says whether that can be done here.
    fn create_complete(&self, secret: &[u8]) -> io::Result<bool> {
        let Some(file) = unnamed(&self.directory, Mode::RUSR | Mode::WUSR) else { return Ok(false) };
        fill(&file, secret)?;
        let path = format!("/proc/self/fd/{}", file.as_raw_fd());
        // Where it fails because something is there by now, the other way says so.
        Ok(linkat(CWD, path, &self.directory, &self.name, AtFlags::SYMLINK_FOLLOW).is_ok())
    }

    fn remove(&self) {
        // There is nothing more to be done about it.
        let _ = unlinkat(&self.directory, &self.name, AtFlags::empty());
    }
}

/// Writes a secret to the disk, into a file that was made private before.
fn fill(mut file: &File, secret: &[u8]) -> io::Result<()> {
    make_private(file)?;
    file.write_all(secret)?;
    file.sync_all()
}

fn unwritten(path: &Path, error: &io::Error) -> Failure {
    if error.kind() == ErrorKind::AlreadyExists {
        let hint = "no key was made; name another file, or move that one away first";
        let message = "something is there already, and a private key never overwrites anything";
        return Failure::refused(Finding::error(message, hint).at(path));
    }
    let message = format!("the private key cannot be written: {error}");
    let hint = match error.kind() {
        ErrorKind::InvalidInput => "name a file that is not there yet",
        _ => place_hint(error).unwrap_or("check the directory, its permissions and the space on its disk"),
    };
    Failure::undecided(Finding::error(message, format!("no key was made; {hint}")).at(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

    /// What happens where the system has no files without a name.
    #[test]
    fn a_file_that_has_its_name_first_does_as_well() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("secret");
        let new = NewSecretFile::at(&path).unwrap();
        assert!(fill(&File::open("/dev/full").unwrap(), b"secret").is_err());
        new.create(b"secret").unwrap();
        assert_eq!((fs::read(&path).unwrap(), path.metadata().unwrap().mode() & 0o7777), (b"secret".to_vec(), 0o600));
        assert_eq!(new.create(b"other").unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"secret");
        new.remove();
        assert!(!path.exists());
    }

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
                assert!(finding.hint.contains("chmod 600 '") && finding.hint.ends_with(r"/it'\''s secret'"), "{}", finding.hint);
            }
        }
        assert!(open_secret(directory.path(), "the passphrase").is_err());
    }
}
