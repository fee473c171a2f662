//! What stands at a path: looked at before it is opened, and then opened as what was looked at.

use super::FLAGS;
use super::error::OpenError;
use super::kind::is_same;
use rustix::fs::{Mode, OFlags, Stat, fstat, open, openat};
use rustix::io::{Errno, retry_on_intr};
use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::path::Path;

/// An entry that was examined and not opened.
pub(super) struct Seen {
    pub(super) stat: Stat,
    #[cfg(target_os = "linux")]
    held: std::os::fd::OwnedFd,
}

#[cfg(target_os = "linux")]
impl Seen {
    /// Examines it without any effect on it (open(2), `O_PATH`).
    pub(super) fn at(directory: impl AsFd, path: &Path, flags: OFlags) -> Result<Self, Errno> {
        let held = retry_on_intr(|| openat(&directory, path, OFlags::PATH | OFlags::CLOEXEC | flags, Mode::empty()))?;
        Ok(Self { stat: fstat(&held)?, held })
    }

    /// Opens the same file, whatever has its name by now.
    pub(super) fn open(&self, directory: impl AsFd, path: &Path) -> Result<File, OpenError> {
        use std::os::fd::AsRawFd as _;
        let held = format!("/proc/self/fd/{}", self.held.as_raw_fd());
        match retry_on_intr(|| open(&held, FLAGS, Mode::empty())) {
            // Without /proc only the name is left.
            Err(Errno::NOENT | Errno::NOTDIR) => open_same(directory, path, &self.stat),
            file => Ok(File::from(file?)),
        }
    }
}

#[cfg(not(target_os = "linux"))]
impl Seen {
    pub(super) fn at(directory: impl AsFd, path: &Path, flags: OFlags) -> Result<Self, Errno> {
        let flags =
            if flags.contains(OFlags::NOFOLLOW) { rustix::fs::AtFlags::SYMLINK_NOFOLLOW } else { rustix::fs::AtFlags::empty() };
        Ok(Self { stat: rustix::fs::statat(directory, path, flags)? })
    }

    pub(super) fn open(&self, directory: impl AsFd, path: &Path) -> Result<File, OpenError> {
        open_same(directory, path, &self.stat)
    }
}

/// Opens a file by its name, if that is still the file that was seen.
fn open_same(directory: impl AsFd, path: &Path, seen: &Stat) -> Result<File, OpenError> {
    let file = File::from(retry_on_intr(|| openat(&directory, path, FLAGS, Mode::empty()))?);
    if is_same(&fstat(&file)?, seen) {
        Ok(file)
    } else {
        Err(io::Error::other("another file took its place while it was opened").into())
    }
}
