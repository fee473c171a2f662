//! Directories: opening them, and finding the one for a path.

use crate::OpenError;
use crate::open::{FLAGS, kind};
use genome::manifest::FileKind;
use genome_json::text::QuotedPath;
use rustix::fs::{Access, AtFlags, Mode, OFlags, accessat, open, stat};
use rustix::io::{Errno, retry_on_intr};
use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::Path;

/// Opens a directory, so that names can be looked up, made and replaced in it, and it can be locked.
///
/// # Errors
/// [`OpenError::NotADirectory`] for anything else, which is neither waited for nor opened. Otherwise, the system's error.
pub fn open_directory(path: &Path) -> Result<File, OpenError> {
    // open(2), `O_DIRECTORY`: anything else is not opened at all.
    match retry_on_intr(|| open(path, FLAGS | OFlags::DIRECTORY, Mode::empty())) {
        // An earlier step of the path may be the one that is not a directory.
        Err(Errno::NOTDIR) => Err(match stat(path) {
            Ok(stat) if kind(&stat) != Some(FileKind::Directory) => OpenError::NotADirectory(kind(&stat)),
            _ => Errno::NOTDIR.into(),
        }),
        directory => Ok(File::from(directory?)),
    }
}

/// Opens the directory in which something is, or is to be.
///
/// # Errors
/// It cannot be opened, or is something else, which the error names.
pub fn open_directory_of(path: &Path) -> io::Result<File> {
    let directory = directory_of(path);
    open_directory(directory).map_err(|error| match error {
        OpenError::NotADirectory(_) => {
            let message = format!("{}: {error}", QuotedPath(directory));
            io::Error::new(ErrorKind::NotADirectory, message)
        }
        OpenError::System(error) => io::Error::new(error.kind(), format!("{error}: the directory {}", QuotedPath(directory))),
        error => error.into(),
    })
}

/// The directory in which something is, or is to be.
#[must_use]
pub fn directory_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Syncs the names in a directory to the disk.
pub(crate) fn sync_directory(directory: &File) -> io::Result<()> {
    match directory.sync_all() {
        // Some file systems do not have this for a directory.
        Err(error) if error.kind() != ErrorKind::InvalidInput => Err(error),
        _ => Ok(()),
    }
}

/// Asks whether this user may make files in a directory.
pub(crate) fn check_writable(directory: &File) -> io::Result<()> {
    match accessat(directory, ".", Access::WRITE_OK | Access::EXEC_OK, AtFlags::EACCESS) {
        Err(error @ (Errno::ACCESS | Errno::ROFS)) => Err(error.into()),
        // If the system cannot tell, writing will.
        _ => Ok(()),
    }
}
