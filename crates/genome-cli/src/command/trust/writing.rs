//! The file of a policy: it is held from before it is read until it is replaced, so that of two who change it at once neither loses a change.

use crate::unwritten::Unwritten;
use crate::{Destination, Failure, Finding, ReadError, ReplaceError, Source, tell_waiting};
use genome_files::FoundDestination;
use genome_json::text::shell_path;
use std::io;
use std::path::Path;

/// The file of a policy, which is held.
pub(super) struct Policy<'p> {
    path: &'p Path,
    destination: Destination,
}

impl<'p> Policy<'p> {
    /// Holds the file, after waiting for another holder.
    pub(super) fn hold(path: &'p Path, found: FoundDestination) -> Result<Self, Failure> {
        let wait = || tell_waiting("writes in the same directory");
        let destination = found.hold(wait).map_err(|error| unwritten(path, &error))?;
        Ok(Self { path, destination })
    }

    /// The contents of the file.
    pub(super) fn read(&self) -> Result<Vec<u8>, Failure> {
        read(self.path, &self.destination)
    }

    /// Refuses what could not be replaced.
    pub(super) fn check_writable(&self) -> Result<(), Failure> {
        check_writable(self.path, &self.destination)
    }

    /// Replaces the file.
    pub(super) fn replace(self, json: &str) -> Result<(), Failure> {
        self.destination.replace(json.as_bytes()).map_err(|error| failed(self.path, error))
    }

    /// Makes the file, which must not be there, or be empty, as `mktemp` leaves it.
    pub(super) fn create(self, json: &str) -> Result<(), Failure> {
        let Self { path, destination } = self;
        let exists = destination.exists().map_err(|error| unwritten(path, &error))?;
        if !exists {
            return destination.create(json.as_bytes()).map_err(|error| failed(path, error));
        }
        check_writable(path, &destination)?;
        if !read(path, &destination)?.is_empty() {
            return Err(taken(path));
        }
        destination.replace(json.as_bytes()).map_err(|error| failed(path, error))
    }
}

/// The contents of the file of a policy, held or only found.
pub(super) fn read(path: &Path, destination: &Destination) -> Result<Vec<u8>, Failure> {
    let source = Source::File(path.to_owned());
    let existing = destination.existing().map_err(|error| ReadError::new(source.clone(), error))?;
    let file = existing.ok_or_else(|| {
        let missing = Failure::from(ReadError::new(source.clone(), io::Error::from(io::ErrorKind::NotFound)));
        missing.with_hint(|hint| format!("{hint}; `genome trust new` makes a policy"))
    })?;
    Ok(source.read_open(file)?.into_bytes())
}

/// Refuses a file that its owner made read-only, and a directory in which this user may make no files.
pub(super) fn check_writable(path: &Path, destination: &Destination) -> Result<(), Failure> {
    if destination.is_read_only().map_err(|error| unwritten(path, &error))? {
        let hint = format!("nothing was changed; make it writable: chmod u+w {}", shell_path(path));
        return Err(Failure::refused(Finding::error("its owner has no permission to write it", hint).at(path)));
    }
    destination.check_writable().map_err(|error| unwritten(path, &error))
}

fn taken(path: &Path) -> Failure {
    let hint = "nothing was changed; change it with `genome trust add`, or name another file";
    Failure::refused(Finding::error("there is a file already", hint).at(path))
}

fn failed(path: &Path, error: ReplaceError) -> Failure {
    match error {
        ReplaceError::Unchanged(error) if error.kind() == io::ErrorKind::AlreadyExists => taken(path),
        error => POLICY.replacing(path, &error, format!("see what `genome trust show {}` says", shell_path(path))),
    }
}

/// The failure of a file that cannot be written, which is as it was.
pub(super) fn unwritten(path: &Path, error: &io::Error) -> Failure {
    POLICY.at(path, error)
}

const POLICY: Unwritten =
    Unwritten { what: "the trust policy", outcome: Some("nothing was changed"), verb: "try", otherwise: "name a file" };
