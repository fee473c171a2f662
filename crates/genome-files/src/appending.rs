//! A file that is appended to, such as an audit log.

use crate::OpenError;
use crate::directory::{check_writable, open_directory_of};
use crate::open::{FLAGS, kind, link, require_regular};
use rustix::fs::{Mode, OFlags, fstat, lstat, open};
use rustix::io::{Errno, retry_on_intr};
use std::fs::File;
use std::path::Path;

/// Opens a regular file to read it and to append to it, or makes it, for its owner only. A link is not followed, as whoever makes one could
/// choose what is written to.
///
/// # Errors
/// It is a link, or no regular file; or it cannot be opened or made.
pub fn open_appending(path: &Path) -> Result<File, OpenError> {
    let flags = FLAGS | OFlags::RDWR | OFlags::APPEND | OFlags::NOFOLLOW;
    // Opening the directory reports what is there instead.
    open_directory_of(path)?;
    let file = match lstat(path) {
        Err(Errno::NOENT) => retry_on_intr(|| open(path, flags | OFlags::CREATE, Mode::RUSR | Mode::WUSR)),
        // Before it is opened, as opening has effects on some devices, and after, as it may be another file by then.
        Ok(seen) => {
            require_regular(&seen)?;
            retry_on_intr(|| open(path, flags, Mode::empty()))
        }
        Err(error) => Err(error),
    };
    let file = match file {
        Err(Errno::LOOP) => return Err(link()),
        file => File::from(file?),
    };
    kind(&fstat(&file)?).map_or(Ok(file), |kind| Err(OpenError::NotAFile(kind)))
}

/// Refuses what [`AuditAppender::open`](crate::AuditAppender::open) would refuse, as far as that is known without making the file.
///
/// # Errors
/// As for it.
pub fn check_appending(path: &Path) -> Result<(), OpenError> {
    match lstat(path) {
        Err(Errno::NOENT) => Ok(check_writable(&open_directory_of(path)?)?),
        _ => open_appending(path).map(drop),
    }
}
