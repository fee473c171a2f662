//! Why something was not opened.

use crate::{Stream, StreamFault};
use genome::manifest::FileKind;
use rustix::io::Errno;
use std::io::{self, ErrorKind};
use thiserror::Error;

/// Why something was not opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The system does not let it be opened or read.
    #[error(transparent)]
    System(#[from] io::Error),
    /// A file is expected, and something else is there.
    #[error("it is {0}, not a regular file")]
    NotAFile(FileKind),
    /// A directory is expected, and something else is there; `None` where that is a file.
    #[error("it is {}, not a directory", .0.map_or_else(|| "a file".to_owned(), |kind| kind.to_string()))]
    NotADirectory(Option<FileKind>),
    /// It is a standard stream of this process from which nothing can come.
    #[error("{0} {1}")]
    Stream(Stream, StreamFault),
}

impl OpenError {
    /// What kind of error it is, as the system would say.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::System(error) => error.kind(),
            Self::NotAFile(FileKind::Directory) => ErrorKind::IsADirectory,
            Self::NotAFile(_) | Self::Stream(..) => ErrorKind::InvalidInput,
            Self::NotADirectory(_) => ErrorKind::NotADirectory,
        }
    }
}

impl From<Errno> for OpenError {
    fn from(error: Errno) -> Self {
        Self::System(error.into())
    }
}

impl From<OpenError> for io::Error {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::System(error) => error,
            other => Self::new(other.kind(), other.to_string()),
        }
    }
}
