//! The state as a file: locked from before a genome is verified until it is recorded. Its contents are in the core.

use crate::exposure::{ExposureFault, see_file, see_missing};
use crate::{Destination, OpenError, OpenFile, ReplaceError};
use genome::exposure::Evidence;
use genome::{Digest, Genome, Refusal, RollbackState, Verified, json};
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The state of accepted versions, locked so that no other program of this project changes it meanwhile.
#[derive(Debug)]
pub struct StateFile {
    path: PathBuf,
    destination: Destination,
    /// The file, open, and the digest of what was read from it; nothing where there is none.
    seen: Option<(OpenFile, Digest)>,
    /// Its contents; nothing where there is no file.
    before: Result<Option<RollbackState>, Refusal>,
}

/// Why a state cannot be used.
#[derive(Debug, Error)]
pub enum StateTakeError {
    /// It cannot be held: its directory is not there or cannot be locked, or something else than a file stands there.
    #[error(transparent)]
    Unheld(io::Error),
    /// It is held, and cannot be read.
    #[error("{error}")]
    Unread {
        /// Its path, with a symbolic link resolved.
        path: PathBuf,
        /// Why not.
        error: OpenError,
    },
}

/// Why a genome was not recorded.
#[derive(Debug, Error)]
pub enum StateRecordError {
    /// The state that was read is damaged, or the genome may not follow what it holds.
    #[error(transparent)]
    Refused(Refusal),
    /// The state would be larger than [`json::MAX_BYTES`].
    #[error("the state would be larger than {} bytes", json::MAX_BYTES)]
    TooLarge,
    /// The file was not replaced, or not for certain.
    #[error(transparent)]
    Replace(ReplaceError),
}

impl StateFile {
    /// Takes the state at this path, which need not exist, and reads it. Waits for other programs of ours that hold a file in its directory,
    /// after calling `wait`, but not for ever.
    ///
    /// # Errors
    /// It cannot be locked or read. A damaged state is an error of [`before`](Self::before), not of this.
    pub fn take(path: &Path, wait: impl FnOnce()) -> Result<Self, StateTakeError> {
        let destination = Destination::take(path, wait).map_err(StateTakeError::Unheld)?;
        // In the directory that is held, whatever its path leads to by now.
        let unread = |error| StateTakeError::Unread { path: destination.path().to_owned(), error };
        let (seen, before) = match destination.existing().map_err(unread)? {
            None => (None, Ok(None)),
            Some(file) => {
                // One byte more shows that it is too large.
                let read = file.read(json::MAX_BYTES as u64 + 1).map_err(|error| unread(error.into()))?;
                let (digest, before) = (Digest::of(read.bytes()), RollbackState::read(read.bytes()).map(Some));
                (Some((read.into_file(), digest)), before)
            }
        };
        Ok(Self { path: path.to_owned(), destination, seen, before })
    }

    /// The path of the file itself, with a symbolic link resolved.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.destination.path()
    }

    /// Who else can change the state: the file that was read, or where there is none, its directory.
    ///
    /// # Errors
    /// It is unknown.
    pub fn evidence(&self) -> Result<Evidence, ExposureFault> {
        match &self.seen {
            Some((file, digest)) => see_file(&self.path, file, *digest),
            None => see_missing(&self.path, self.destination.directory()),
        }
    }

    /// What was accepted before; `None` where there was no file.
    ///
    /// # Errors
    /// The state is damaged.
    pub fn before(&self) -> Result<Option<&RollbackState>, &Refusal> {
        self.before.as_ref().map(Option::as_ref)
    }

    /// Records a genome that has passed every check, on the disk. Returns whether that was new.
    ///
    /// # Errors
    /// The state was damaged, the genome may not follow what it holds, or it cannot be replaced.
    pub fn record(self, genome: &Verified<Genome>) -> Result<bool, StateRecordError> {
        let mut state = self.before.map_err(StateRecordError::Refused)?.unwrap_or_default();
        if !state.record(genome).map_err(|rollback| StateRecordError::Refused(Refusal::Rollback(rollback)))? {
            return Ok(false);
        }
        let written = state.to_json();
        if written.len() > json::MAX_BYTES {
            return Err(StateRecordError::TooLarge);
        }
        // A file that appeared after the check is not replaced: the state would get its owner and its mode.
        let replaced = match self.seen {
            Some(_) => self.destination.replace(written.as_bytes()),
            None => self.destination.create(written.as_bytes()),
        };
        replaced.map(|()| true).map_err(StateRecordError::Replace)
    }
}
