//! A document from a file or standard input, and the finding where it cannot be read.

use crate::{Failure, Finding};
use genome::manifest::FileKind;
use genome::{Code, json};
use genome_files::{OpenError, OpenFile, ReadFile, Stream};
use genome_json::text::BarePath;
use std::borrow::Cow;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// The source of a document: a path, or `-` for standard input.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Source {
    /// Standard input.
    Stdin,
    /// A file.
    File(PathBuf),
    /// A side of the file that git merges, which is read from another file, whose name says nothing.
    Side(PathBuf, MergeSide),
    /// A file as git holds it, and where in its history. It is read from git, not from the path.
    Version(PathBuf, String),
}

/// A side of a merge of git.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MergeSide {
    /// The side that git calls ours.
    Ours,
    /// The side that git calls theirs.
    Theirs,
}

impl fmt::Display for MergeSide {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Ours => "ours",
            Self::Theirs => "theirs",
        })
    }
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

/// The names of a genome in a directory of its own: signed, and as a draft.
pub(crate) const GENOME: &str = "genome.json";
/// The draft beside it.
pub(crate) const DRAFT: &str = "genome-unsigned.json";
/// The trust policy beside both, as `genome init` makes it.
#[cfg(feature = "custody")]
pub(crate) const TRUST: &str = "trust.json";

/// The private key that `genome init` makes beside the first genome.
#[cfg(any(feature = "custody", feature = "draft"))]
pub(crate) const KEY: &str = "signing-key.pem";

/// The file that a path means where a genome is wanted: of a directory, the genome in it, or the draft where only that is there. Anything else is
/// meant as it is, and so is a directory that holds neither.
#[must_use]
pub fn genome_file(path: &Path) -> Cow<'_, Path> {
    if !path.is_dir() {
        return path.into();
    }
    // A link that leads nowhere is there, and is refused when it is read.
    let found = [GENOME, DRAFT].map(|name| path.join(name)).into_iter().find(|file| file.symlink_metadata().is_ok());
    found.map_or(Cow::Borrowed(path), Cow::Owned)
}

/// What to do where a file that is written is something else.
pub(crate) const FILE_OR_NEW: &str = "name a regular file, or a new one, which is then made";

/// What to do about an audit log that is too large.
pub(crate) const TOO_LARGE_HINT: &str = "see that it is an audit log of ours, which has a million lines then: move it away and keep it, so that signings go to a new one, and name only those that are smaller";

/// The failure of a document that cannot be read.
#[derive(Debug)]
pub struct ReadError {
    source: Source,
    error: OpenError,
}

impl Source {
    /// Returns the bytes; of a document that is too large, just enough that it is refused for that.
    ///
    /// # Errors
    /// The file is missing, cannot be read, or is not a file.
    pub fn read(&self) -> Result<Vec<u8>, ReadError> {
        self.open().and_then(|file| self.read_open(file)).map(ReadFile::into_bytes)
    }

    /// Returns the bytes of a file that a search has found; what the caller has open does not count as one.
    ///
    /// # Errors
    /// The file is missing or cannot be read, or is not a regular file.
    pub fn read_regular(&self) -> Result<Vec<u8>, ReadError> {
        self.open_by(OpenFile::open_regular).and_then(|file| self.read_open(file)).map(ReadFile::into_bytes)
    }

    /// Opens it without reading.
    ///
    /// # Errors
    /// The file is missing, cannot be opened, or is not a file.
    pub fn open(&self) -> Result<OpenFile, ReadError> {
        self.open_by(OpenFile::open)
    }

    fn open_by(&self, open: fn(&Path) -> Result<OpenFile, OpenError>) -> Result<OpenFile, ReadError> {
        let file = match self {
            Self::Stdin => OpenFile::stdin(),
            Self::File(path) | Self::Side(path, _) => open(path),
            Self::Version(..) => Err(OpenError::System(io::ErrorKind::NotFound.into())),
        };
        file.map_err(|error| ReadError::new(self.clone(), error))
    }

    /// Reads what was opened from this source, and keeps it open.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read_open(&self, file: OpenFile) -> Result<ReadFile, ReadError> {
        file.read(json::MAX_BYTES as u64 + 1).map_err(|error| ReadError::new(self.clone(), error))
    }
}

impl From<&Path> for Source {
    fn from(path: &Path) -> Self {
        if path.as_os_str() == "-" { Self::Stdin } else { Self::File(path.to_owned()) }
    }
}

/// As text for a person: a path that could be taken for anything else is quoted.
impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdin => formatter.write_str("standard input"),
            Self::File(path) => BarePath(path).fmt(formatter),
            // Outside of the quotes, as it is no part of the path.
            Self::Side(path, side) => write!(formatter, "{} ({side})", BarePath(path)),
            Self::Version(path, at) => write!(formatter, "{} (at {at})", BarePath(path)),
        }
    }
}

impl ReadError {
    /// An error of reading this source.
    #[must_use]
    pub fn new(source: Source, error: impl Into<OpenError>) -> Self {
        Self { source, error: error.into() }
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
        let (message, hint) = match &error.error {
            _ if error.code() == Code::Missing => missing(&error.source),
            OpenError::NotAFile(FileKind::Directory) => (error.error.to_string(), "name a file in it"),
            // Not all that is read may come through a pipe that the caller has open, and in production nothing may.
            OpenError::NotAFile(FileKind::Fifo) => {
                (error.error.to_string(), "save what comes through it to a regular file, and name that")
            }
            OpenError::NotAFile(_) => (error.error.to_string(), "name a regular file"),
            OpenError::Stream(stream, _) => {
                let hint = match stream {
                    Stream::Input => "open it, as with `< FILE`, or name a file",
                    Stream::Output | Stream::Error => "name a file",
                };
                (error.error.to_string(), hint)
            }
            OpenError::NotADirectory(_) => (error.error.to_string(), "name a directory"),
            // An audit log has no other limit.
            OpenError::System(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                (format!("it cannot be read: {error}"), TOO_LARGE_HINT)
            }
            OpenError::System(error) => (format!("it cannot be read: {error}"), "check the path, and that this user may read it"),
        };
        Finding::error(message, hint).with_code(error.code()).at(&error.source)
    }
}

/// The message and the hint for a missing file.
fn missing(source: &Source) -> (String, &'static str) {
    let path = match source {
        Source::File(path) | Source::Side(path, _) | Source::Version(path, _) => path.as_path(),
        Source::Stdin => Path::new("-"),
    };
    if let Some(number) = descriptor(path) {
        return (format!("no descriptor {number} is open"), "open it, as in `7< FILE` for 7, or name a file");
    }
    // Where a document may come from standard input, that is not a path any more.
    let hint = if path.as_os_str() == "-" {
        "standard input is /dev/stdin here"
    } else {
        "check the path, and the directory from which it starts"
    };
    ("there is no such file".to_owned(), hint)
}

/// The number of the descriptor that the path names, if it names one.
fn descriptor(path: &Path) -> Option<u32> {
    let path = path.to_str()?;
    ["/dev/fd/", "/proc/self/fd/"].into_iter().find_map(|directory| path.strip_prefix(directory)?.parse().ok())
}
