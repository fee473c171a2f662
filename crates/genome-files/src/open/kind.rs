//! What the system says that something is.

use super::error::OpenError;
use genome::manifest::FileKind;
use rustix::fs::{FileType, Stat};
use std::io::{self, ErrorKind};

/// Whether it is the same file.
pub(super) fn is_same(one: &Stat, other: &Stat) -> bool {
    (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino)
}

/// What it is; `None` for a regular file.
pub(crate) fn kind(stat: &Stat) -> Option<FileKind> {
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => None,
        FileType::Directory => Some(FileKind::Directory),
        FileType::Fifo => Some(FileKind::Fifo),
        FileType::Socket => Some(FileKind::Socket),
        FileType::CharacterDevice => Some(FileKind::CharacterDevice),
        FileType::BlockDevice => Some(FileKind::BlockDevice),
        FileType::Symlink | FileType::Unknown => Some(FileKind::Unknown),
    }
}

/// Refuses what is not a regular file, where a link is not followed.
pub(crate) fn require_regular(stat: &Stat) -> Result<(), OpenError> {
    match kind(stat) {
        None => Ok(()),
        Some(_) if FileType::from_raw_mode(stat.st_mode) == FileType::Symlink => Err(link()),
        Some(kind) => Err(OpenError::NotAFile(kind)),
    }
}

pub(crate) fn link() -> OpenError {
    io::Error::new(ErrorKind::InvalidInput, "it is a symbolic link").into()
}
