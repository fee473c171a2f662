//! Which file it is, whatever its name.

use rustix::fs::{AtFlags, Stat, fstat, statat, unlinkat};
use rustix::io::Errno;
use std::ffi::OsStr;
use std::fs::File;
use std::io;

/// The number of a file system, and of a file there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity(u64, u64);

impl Identity {
    pub(crate) fn of(file: &File) -> io::Result<Self> {
        Ok(Self::from(&fstat(file)?))
    }

    /// Removes the file of this name, if it is this one. Returns whether it was.
    ///
    /// Whoever puts another file there between the two system calls could have removed that one as well.
    pub(crate) fn remove(self, directory: &File, name: &OsStr) -> io::Result<bool> {
        self.unlink(directory, name, AtFlags::empty())
    }

    /// Removes the directory of this name, if it is this one and empty.
    pub(crate) fn remove_directory(self, above: &File, name: &OsStr) -> io::Result<bool> {
        self.unlink(above, name, AtFlags::REMOVEDIR)
    }

    fn unlink(self, directory: &File, name: &OsStr, flags: AtFlags) -> io::Result<bool> {
        match statat(directory, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(seen) if Self::from(&seen) == self => Ok(unlinkat(directory, name, flags).map(|()| true)?),
            Ok(_) | Err(Errno::NOENT) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

impl From<&Stat> for Identity {
    fn from(seen: &Stat) -> Self {
        Self(seen.st_dev, seen.st_ino)
    }
}
