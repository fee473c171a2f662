//! Appends signings to an audit log. Afterwards the line is on the disk, or not in the log at all.

use super::file::refuse_large;
use super::{AuditReadError, read_audit_log};
use crate::appending::open_appending;
use crate::directory::{directory_of, open_directory, sync_directory};
use crate::{OpenError, Prefix, has_no_locks, take_lock};
use genome::Fingerprint;
use genome::audit::{AuditRecord, AuditTail, AuditTailError, Custody, Remembering, recent_custodies};
use std::collections::HashMap;
use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// An audit log, open, to which others may still append.
#[derive(Debug)]
pub struct AuditAppender {
    path: PathBuf,
    file: File,
}

/// An audit log, locked against other programs of this project.
#[derive(Debug)]
pub struct HeldAuditLog {
    path: PathBuf,
    file: File,
    length: u64,
    tail: AuditTail,
}

/// Why a line cannot be appended to a log. Except for [`LeftBehind`](Self::LeftBehind), the log is unchanged.
#[derive(Debug, Error)]
pub enum AuditAppendError {
    /// Its file system has no locks, and two who append at once would break it.
    #[error("its file system has no locks, and two who sign at once would break it: {0}")]
    NoLocks(io::Error),
    /// The system does not let it be held, read or written, or another program holds it for long.
    #[error(transparent)]
    System(#[from] io::Error),
    /// It is the file that is about to be replaced by what was signed.
    #[error("the signed genome would go to the same file")]
    IsOutput,
    /// Its end is not that of a log, or it has no room for the line.
    #[error(transparent)]
    Tail(#[from] AuditTailError),
    /// It is larger than the largest log that is read.
    #[error(transparent)]
    TooLarge(io::Error),
    /// It has to be read, and cannot be.
    #[error(transparent)]
    Unreadable(OpenError),
    /// It has to be read, and is broken; what is wrong first.
    #[error("it is broken: {0}")]
    Broken(String),
    /// The line could not be written to the disk, and removing it failed too.
    #[error("{error}; nor is it certain that its new line is out again: {undo}")]
    LeftBehind {
        /// Why it is not on the disk.
        error: io::Error,
        /// Why it was not removed.
        undo: io::Error,
        /// Whether the file has at least its former length.
        is_out: bool,
    },
}

impl AuditAppender {
    /// Opens the log at this path, or makes it, readable by its owner only.
    ///
    /// # Errors
    /// It cannot be opened or made, or is a link or no regular file.
    pub fn open(path: PathBuf) -> Result<Self, OpenError> {
        Ok(Self { file: open_appending(&path)?, path })
    }

    /// The path by which it was opened.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Holds the log, and reads its end. Waits for other programs of ours that append to it, after calling `wait`, but not for ever.
    /// `output` says what the system knows of the file that is about to be replaced, which the log may not be; it is asked last.
    ///
    /// # Errors
    /// It cannot be locked or read, or is not an audit log.
    pub fn hold(mut self, output: impl FnOnce() -> Option<Metadata>, wait: impl Fn()) -> Result<HeldAuditLog, AuditAppendError> {
        self.lock(wait).map_err(|error| {
            if has_no_locks(&error) { AuditAppendError::NoLocks(error) } else { AuditAppendError::System(error) }
        })?;
        let Self { path, file } = self;
        let log = file.metadata()?;
        if output().is_some_and(|output| is_same(&output, &log)) {
            return Err(AuditAppendError::IsOutput);
        }
        let length = log.len();
        let start = start_of_end(length);
        let end = read_between(&file, start, length)?;
        let tail = AuditTail::read(&end, start == 0)?;
        Ok(HeldAuditLog { path, file, length, tail })
    }

    fn lock(&mut self, wait: impl Fn()) -> io::Result<()> {
        loop {
            take_lock(|| self.file.try_lock(), "it", &wait)?;
            // Meanwhile another file may have been put in its place.
            match fs::symlink_metadata(&self.path) {
                Ok(there) if is_same(&there, &self.file.metadata()?) => return Ok(()),
                _ => self.file = open_appending(&self.path)?,
            }
        }
    }
}

impl HeldAuditLog {
    /// The end of the log.
    #[must_use]
    pub fn tail(&self) -> &AuditTail {
        &self.tail
    }

    /// Where the keys are that signed of late, as its last lines say.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn recent_custodies(&self) -> io::Result<HashMap<Fingerprint, Custody>> {
        read_between(&self.file, start_of_end(self.length), self.length).map(|end| recent_custodies(&end))
    }

    /// Whether the log records this signature, for which it is read whole.
    ///
    /// # Errors
    /// It is too large for that, cannot be read, or is broken.
    pub fn has(&self, record: &AuditRecord) -> Result<bool, AuditAppendError> {
        refuse_large(self.length).map_err(AuditAppendError::TooLarge)?;
        let log = read_audit_log(Prefix::of(&self.file, self.length), &Remembering::Signature(record));
        log.map(|log| log.has(record)).map_err(|error| match error {
            AuditReadError::Unreadable(error) => AuditAppendError::Unreadable(error),
            AuditReadError::Broken(faults) => AuditAppendError::Broken(faults.first().map(ToString::to_string).unwrap_or_default()),
        })
    }

    /// Appends a line, or nothing. When this returns, the line is on the disk.
    ///
    /// # Errors
    /// It would be too long, or cannot be written. [`AuditAppendError::LeftBehind`] where it may be there all the same.
    pub fn append(self, record: AuditRecord) -> Result<(), AuditAppendError> {
        let line = self.tail.following(record)?;
        let written = (&self.file).write_all(line.as_bytes()).and_then(|()| self.file.sync_all());
        let Err(error) = written.and_then(|()| self.settle()) else { return Ok(()) };
        // The signature is not delivered, so the log must not hold it. The lock is still held, so only this line is cut off.
        match self.file.set_len(self.length).and_then(|()| self.file.sync_all()) {
            Ok(()) => Err(error.into()),
            Err(undo) => {
                let is_out = self.file.metadata().is_ok_and(|log| log.len() == self.length);
                Err(AuditAppendError::LeftBehind { error, undo, is_out })
            }
        }
    }

    /// Syncs the name of the log to the disk: its creator may have been interrupted before.
    fn settle(&self) -> io::Result<()> {
        sync_directory(&open_directory(directory_of(&self.path))?)
    }
}

/// Where the last bytes of a log begin that are enough to go on.
fn start_of_end(length: u64) -> u64 {
    length.saturating_sub(AuditTail::MOST_BYTES as u64)
}

fn read_between(file: &File, start: u64, end: u64) -> io::Result<Vec<u8>> {
    let length = usize::try_from(end - start).map_err(|_| ErrorKind::FileTooLarge)?;
    let mut bytes = vec![0; length];
    file.read_exact_at(&mut bytes, start)?;
    Ok(bytes)
}

fn is_same(one: &Metadata, other: &Metadata) -> bool {
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}
