//! An audit log that is read whole, while others may append to it.

use super::{AuditReadError, read_audit_log};
use crate::{OpenError, OpenFile, Prefix, take_lock};
use genome::Document;
use genome::audit::{AuditLog, Remembering};
use std::io::{self, ErrorKind};
use std::path::Path;

/// How large a log may be: more than a million lines.
const MOST_BYTES: u64 = 1024 * 1024 * 1024;

/// The most records of a log that are remembered for all genomes at once; a larger log is read again for each genome.
const REMEMBERED: usize = 10_000;

/// The file of a log that was read, still open, and how long it was then.
#[derive(Debug)]
pub struct AuditFile {
    file: OpenFile,
    length: u64,
}

impl AuditFile {
    /// Reads the log at this path, as long as it was when nobody wrote to it. Waits for other programs of this project that do, after calling
    /// `wait`, but not for ever. Of a log that records much nothing is remembered: it is read again [about each
    /// genome](Self::read_about).
    ///
    /// # Errors
    /// It is not a regular file, is larger than 1 GiB, cannot be read, or is broken; or another program holds it for long.
    pub fn read(path: &Path, wait: impl FnOnce()) -> Result<(Self, AuditLog), AuditReadError> {
        let file = OpenFile::open_regular(path)?;
        // Before it is waited for.
        refuse_large(file.size())?;
        // While a line is written it looks torn. Where there are no locks, it is read all the same.
        match take_lock(|| file.file().try_lock_shared(), "it", wait) {
            Err(error) if error.kind() == ErrorKind::TimedOut => return Err(error.into()),
            _ => {}
        }
        let length = file.file().metadata()?.len();
        refuse_large(length)?;
        let log = read_audit_log(Prefix::of(file.file(), length), &Remembering::UpTo(REMEMBERED));
        // Signers need not wait for what follows. If unlocking fails, the lock ends with the file.
        let _ = file.file().unlock();
        Ok((Self { file, length }, log?))
    }

    /// The file, still open.
    #[must_use]
    pub fn file(&self) -> &OpenFile {
        &self.file
    }

    /// Reads the log again, with this result before, for its records of the signatures on this genome.
    ///
    /// # Errors
    /// It cannot be read, or was written to otherwise than by appending.
    pub fn read_about(&self, log: &AuditLog, genome: &Document<'_>) -> Result<AuditLog, OpenError> {
        match read_audit_log(Prefix::of(self.file.file(), self.length), &Remembering::SignaturesOn(genome)) {
            Ok(again) if again.sha256() == log.sha256() => Ok(again),
            Err(AuditReadError::Unreadable(error)) => Err(error),
            // Nobody but a program that appends may write to it.
            Ok(_) | Err(AuditReadError::Broken(_)) => Err(io::Error::other("it changed while it was read").into()),
        }
    }
}

/// Refuses a log that is larger than it may be, before any of it is read.
pub(super) fn refuse_large(length: u64) -> io::Result<()> {
    if length > MOST_BYTES { Err(io::Error::new(ErrorKind::FileTooLarge, "it is larger than 1 GiB")) } else { Ok(()) }
}
