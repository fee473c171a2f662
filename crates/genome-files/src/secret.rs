//! Writing a file that holds a secret: only its owner may read it, and it never overwrites anything.

use crate::directory::{open_directory_of, sync_directory};
use crate::identity::Identity;
use crate::replacement::unnamed;
use rustix::fs::{AtFlags, CWD, Mode, OFlags, fchmod, fstat, linkat, openat, statat};
use rustix::io::Errno;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, ErrorKind, Write as _};
use std::os::fd::{AsFd, AsRawFd as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// Sets the mode of a file to 0600, whatever the umask, and checks it: some file systems only pretend.
///
/// # Errors
/// It has another mode.
pub fn make_private(file: impl AsFd) -> io::Result<()> {
    let owner_only = Mode::RUSR | Mode::WUSR;
    fchmod(&file, owner_only)?;
    let mode = Mode::from_raw_mode(fstat(&file)?.st_mode);
    if mode == owner_only { Ok(()) } else { Err(io::Error::other(format!("its mode stays {:04o}", mode.bits()))) }
}

/// A new file for a secret such as a private key.
#[derive(Debug)]
pub struct NewSecretFile {
    name: OsString,
    directory: File,
}

impl NewSecretFile {
    /// The new file at this path, in an existing directory.
    ///
    /// # Errors
    /// The path is taken, even by a dangling link ([`ErrorKind::AlreadyExists`]); or the path is not that of a file
    /// ([`ErrorKind::InvalidInput`]), or its directory cannot be opened.
    pub fn at(path: &Path) -> io::Result<Self> {
        // The standard library would drop these endings from the name.
        let is_directory = [&b"/"[..], b"/."].iter().any(|end| path.as_os_str().as_bytes().ends_with(end));
        let name = path.file_name().filter(|name| !is_directory && *name != "-").map(ToOwned::to_owned);
        let name = name.ok_or_else(|| io::Error::new(ErrorKind::InvalidInput, "that is not the path of a file"))?;
        Self::within(open_directory_of(path)?, name)
    }

    /// The new file of this name in a directory.
    pub(crate) fn within(directory: File, name: OsString) -> io::Result<Self> {
        match statat(&directory, &name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(_) => Err(Errno::EXIST.into()),
            Err(_) => Ok(Self { name, directory }),
        }
    }

    /// Writes the secret. The file is complete and on the disk afterwards, or does not exist.
    ///
    /// # Errors
    /// It cannot be written, or something is there by now ([`ErrorKind::AlreadyExists`]); either way no file of ours is there.
    pub fn write(self, secret: &[u8]) -> io::Result<()> {
        self.create(secret).map(drop)
    }

    /// The same. Returns which file that is.
    pub(crate) fn create(&self, secret: &[u8]) -> io::Result<Identity> {
        let made = if let Some(made) = self.create_complete(secret)? {
            made
        } else {
            let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
            let file = File::from(openat(&self.directory, &self.name, flags, Mode::RUSR | Mode::WUSR)?);
            let made = Identity::of(&file)?;
            fill(&file, secret).inspect_err(|_| self.remove(made))?;
            made
        };
        sync_directory(&self.directory).inspect_err(|_| self.remove(made)).map(|()| made)
    }

    /// Names the file when it is complete, and never replaces another. Returns nothing where this file system cannot do that.
    fn create_complete(&self, secret: &[u8]) -> io::Result<Option<Identity>> {
        let Some(file) = unnamed(&self.directory, Mode::RUSR | Mode::WUSR) else { return Ok(None) };
        fill(&file, secret)?;
        let made = Identity::of(&file)?;
        let path = format!("/proc/self/fd/{}", file.as_raw_fd());
        // Where it fails because something is there by now, the other way says so.
        Ok(linkat(CWD, path, &self.directory, &self.name, AtFlags::SYMLINK_FOLLOW).is_ok().then_some(made))
    }

    fn remove(&self, made: Identity) {
        // There is nothing more to be done about it.
        let _ = made.remove(&self.directory, &self.name);
    }
}

/// Writes a secret to the disk, into a file that was made private before.
fn fill(mut file: &File, secret: &[u8]) -> io::Result<()> {
    make_private(file)?;
    file.write_all(secret)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::MetadataExt as _;

    /// What happens where the system has no files without a name.
    #[test]
    fn a_file_that_has_its_name_first_does_as_well() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("secret");
        let new = NewSecretFile::at(&path).unwrap();
        assert!(fill(&File::open("/dev/full").unwrap(), b"secret").is_err());
        let made = new.create(b"secret").unwrap();
        assert_eq!((fs::read(&path).unwrap(), path.metadata().unwrap().mode() & 0o7777), (b"secret".to_vec(), 0o600));
        assert_eq!(new.create(b"other").unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"secret");
        new.remove(made);
        assert!(!path.exists());
    }
}
