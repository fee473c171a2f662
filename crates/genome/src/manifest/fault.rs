//! What is wrong with the files of a manifest.

use crate::digest::Digest;
use genome_json::text::QuotedPath;
use std::path::PathBuf;
use std::{fmt, io};
use thiserror::Error;

/// A file that is not as the manifest says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFault {
    /// Its place in the manifest, from 0; `None` where the manifest does not name it.
    pub index: Option<usize>,
    /// Where it is or should be, from the root.
    pub path: PathBuf,
    /// What is wrong with it.
    pub problem: FileProblem,
}

impl FileFault {
    /// The JSON Pointer (RFC 6901) of its entry in the genome, or of the list where it has none.
    #[must_use]
    pub fn pointer(&self) -> String {
        let list = "/build_manifest/files";
        self.index.map_or_else(|| list.to_owned(), |index| format!("{list}/{index}"))
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match &self.problem {
            FileProblem::Missing => "restore the file, or check where the manifest's paths start",
            FileProblem::Symlink { .. } => "put there what it leads to: no link below the root is followed, wherever it leads",
            FileProblem::NotADirectory { .. } => "restore the directory",
            FileProblem::NotRegular(_) => "restore the file",
            FileProblem::Unreadable { kind: io::ErrorKind::PermissionDenied, .. } => "give this user the permission to read it",
            FileProblem::Unreadable { .. } => "see to what the system says, then check again",
            FileProblem::Mismatch { .. } => {
                "restore the file that was signed; if the change is meant, draft and sign the next version with its new digest"
            }
            FileProblem::LineEnds { .. } => {
                "git changes them at checkout: put `* -text` into .gitattributes, or the path of the file in the place of `*`; then remove the file, and check it out again"
            }
            FileProblem::Changed => "check again when nothing writes to it",
            FileProblem::OtherName => "give it the name that the manifest says, letter for letter",
            FileProblem::Unlisted => "take it away; if it is meant to be there, draft and sign a version that lists it",
            FileProblem::Placeholder => "put in the digest (`sha256sum FILE` prints it) before it is signed",
        }
    }
}

impl fmt::Display for FileFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", QuotedPath(&self.path), self.problem)
    }
}

/// What can be wrong with a file of a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FileProblem {
    /// Nothing has this name.
    #[error("there is no such file")]
    Missing,
    /// A step of the path is a symbolic link.
    #[error("{} is a symbolic link", QuotedPath(at))]
    Symlink {
        /// The path as far as this step.
        at: PathBuf,
    },
    /// A step of the path that should lead further does not.
    #[error("{} is not a directory", QuotedPath(at))]
    NotADirectory {
        /// The path as far as this step.
        at: PathBuf,
    },
    /// Something else has this name.
    #[error("expected a regular file, found {0}")]
    NotRegular(FileKind),
    /// The system does not let it be read.
    #[error("it cannot be read: {reason}")]
    Unreadable {
        /// Why not.
        kind: io::ErrorKind,
        /// Why not, in the words of the system.
        reason: String,
    },
    /// Its bytes are not those that were signed.
    #[error("its SHA-256 is {found}, the manifest says {expected}")]
    Mismatch {
        /// The digest in the manifest.
        expected: Digest,
        /// The digest of the bytes that were read.
        found: Digest,
    },
    /// Its bytes are not those that were signed, but they would be with other line ends.
    #[error("it differs only in its line ends from what was signed: its SHA-256 is {found}, the manifest says {expected}")]
    LineEnds {
        /// The digest in the manifest.
        expected: Digest,
        /// The digest of the bytes that were read.
        found: Digest,
    },
    /// Somebody wrote to it while it was read, or it is no file on a disk, as below /proc.
    #[error("it changed while it was read")]
    Changed,
    /// It is there under another name, which the file system takes for the same: it ignores case, or normalizes Unicode.
    #[error("this file system finds it, but under another name")]
    OtherName,
    /// It is in a closed directory, and the manifest does not list it.
    #[error("the manifest does not list it")]
    Unlisted,
    /// The manifest is a draft's. The file was not read.
    #[error("the manifest holds a placeholder, not a digest")]
    Placeholder,
}

/// What can have a name in a file system, besides regular files and links.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the names say it")]
pub enum FileKind {
    Directory,
    Fifo,
    Socket,
    CharacterDevice,
    BlockDevice,
    Unknown,
}

impl fmt::Display for FileKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Directory => "a directory",
            Self::Fifo => "a FIFO",
            Self::Socket => "a socket",
            Self::CharacterDevice => "a character device",
            Self::BlockDevice => "a block device",
            Self::Unknown => "something of an unknown kind",
        })
    }
}
