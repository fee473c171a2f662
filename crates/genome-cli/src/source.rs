use crate::{Failure, Finding};
use genome::{Code, json};
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Where a document comes from: a path, or `-` for standard input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Standard input.
    Stdin,
    /// A file.
    File(PathBuf),
}

/// Refuses paths of which more than one is standard input.
///
/// # Errors
/// More than one is.
pub fn stdin_once(paths: &[PathBuf]) -> Result<(), Failure> {
    if paths.iter().filter(|path| path.as_os_str() == "-").count() > 1 {
        return Err(Failure::undecided(Finding::error("standard input can be read only once", "name `-` once")));
    }
    Ok(())
}

/// Why there is nothing to decide about.
#[derive(Debug)]
pub struct ReadError {
    source: Source,
    error: io::Error,
}

impl Source {
    /// The bytes, but of a document that is too large only so many that it is refused for that.
    ///
    /// # Errors
    /// The file is missing or cannot be read.
    pub fn read(&self) -> Result<Vec<u8>, ReadError> {
        let most = json::MAX_BYTES as u64 + 1;
        let mut bytes = Vec::new();
        let read = match self {
            Self::Stdin => io::stdin().lock().take(most).read_to_end(&mut bytes),
            Self::File(path) => File::open(path).and_then(|file| {
                let size = file.metadata()?.len().min(most);
                // Room for one more byte, so that the end is seen at once. What is no file has no size.
                bytes.reserve_exact(usize::try_from(size).unwrap_or_default() + 1);
                file.take(most).read_to_end(&mut bytes)
            }),
        };
        read.map(|_| bytes).map_err(|error| ReadError { source: self.clone(), error })
    }
}

impl From<&Path> for Source {
    fn from(path: &Path) -> Self {
        if path.as_os_str() == "-" { Self::Stdin } else { Self::File(path.to_owned()) }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdin => formatter.write_str("standard input"),
            Self::File(path) => path.display().fmt(formatter),
        }
    }
}

impl ReadError {
    /// An error of reading this source.
    #[must_use]
    pub fn new(source: Source, error: io::Error) -> Self {
        Self { source, error }
    }

    /// [`Code::Missing`] or [`Code::Unreadable`].
    #[must_use]
    pub fn code(&self) -> Code {
        if self.error.kind() == io::ErrorKind::NotFound { Code::Missing } else { Code::Unreadable }
    }
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        Self::undecided(Finding::from(&error))
    }
}

impl From<&ReadError> for Finding {
    fn from(error: &ReadError) -> Self {
        let message = match error.code() {
            Code::Missing => "there is no such file".to_owned(),
            _ => format!("it cannot be read: {}", error.error),
        };
        let hint = match error.code() {
            Code::Missing => "check the path, and the directory from which it starts",
            _ => "check that it is a file, and that this user may read it",
        };
        Finding::error(message, hint).with_code(error.code()).at(&error.source)
    }
}
