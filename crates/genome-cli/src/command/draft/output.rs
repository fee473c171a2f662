//! Where the draft goes.

use crate::hints::REPLACE_THIS;
use crate::source::DRAFT;
use crate::unwritten::Unwritten;
use crate::{Destination, Failure, Finding, MadeDirectories, ReplaceError, print, tell_waiting};
use genome_json::text::shell_path;
use std::borrow::Cow;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// The file that the draft is written to: in a directory, and in one that is to be made, the draft of a genome.
pub(crate) fn file(output: &Path) -> Cow<'_, Path> {
    let ends = [&b"/"[..], b"/."].iter().any(|end| output.as_os_str().as_bytes().ends_with(end));
    if ends || output.is_dir() { output.components().as_path().join(DRAFT).into() } else { output.into() }
}

/// Refuses an output that is the genome which the draft is made from: it would be lost, and the draft has to be compared with it.
pub(crate) fn is_not(output: &Path, from: &Path) -> Result<(), Failure> {
    if !is_same(output, from) {
        return Ok(());
    }
    let hint = "nothing was changed; write the draft to a directory of its own version";
    Err(Failure::refused(Finding::error("it is the genome that the draft is made from", hint).at(output)))
}

/// Whether two paths lead to one file. Standard streams have no path.
pub(crate) fn is_same(one: &Path, other: &Path) -> bool {
    let identity = |path: &Path| fs::metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()));
    [one, other].iter().all(|path| path.as_os_str() != "-") && identity(one).is_some_and(|one| identity(other) == Some(one))
}

/// Writes the draft, atomically; `-` is standard output.
pub(crate) fn write(output: &Path, draft: &str, force: bool) -> Result<(), Failure> {
    if output.as_os_str() == "-" {
        return print(draft.as_bytes());
    }
    let made = MadeDirectories::above(output).map_err(|error| DRAFTED.at(output, &error))?;
    put(output, draft, force).inspect_err(|_| made.remove())
}

fn put(output: &Path, draft: &str, force: bool) -> Result<(), Failure> {
    let wait = || tell_waiting("writes in the same directory");
    let destination = Destination::take(output, wait).map_err(|error| DRAFTED.at(output, &error))?;
    let exists = destination.exists().map_err(|error| DRAFTED.at(output, &error))?;
    // There is nothing to lose in an empty file, which `mktemp` leaves.
    let is_empty = || {
        let length = fs::metadata(destination.path()).map(|file| file.len());
        length.is_ok_and(|length| length == 0) && destination.is_read_only().is_ok_and(|is_read_only| !is_read_only)
    };
    let written = match (force || (exists && is_empty()), exists) {
        (true, _) => destination.replace(draft.as_bytes()),
        (false, true) => Err(ReplaceError::Unchanged(io::ErrorKind::AlreadyExists.into())),
        (false, false) => destination.create(draft.as_bytes()),
    };
    written.map_err(|error| match error {
        ReplaceError::Unchanged(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let hint = format!("nothing was changed; {REPLACE_THIS}");
            Failure::refused(Finding::error("there is a file already", hint).at(output))
        }
        error => DRAFTED.replacing(output, &error, format!("compare what `cat {}` prints", shell_path(output))),
    })
}

const DRAFTED: Unwritten = Unwritten {
    what: "the draft",
    outcome: Some("nothing was changed"),
    verb: "draft",
    otherwise: "name a file, or `-` for standard output",
};
