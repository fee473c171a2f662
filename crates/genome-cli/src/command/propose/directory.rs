//! The directory of a proposal: its number, and its place among the others.

use super::report::trouble;
use crate::{Failure, NewFolder, tell_waiting};
use genome::proposal::ProposalNumber;
use std::fs;
use std::io;
use std::path::Path;

/// Holds the place of a directory that is to be made, so that nobody else takes the same number meanwhile.
pub(crate) fn hold(directory: &Path) -> Result<NewFolder, Failure> {
    NewFolder::take(directory, || tell_waiting("writes there")).map_err(|error| unreadable(directory, &error))
}

/// The number after the highest that is taken.
pub(crate) fn next(directory: &Path, above: &Path) -> Result<ProposalNumber, Failure> {
    let entries = fs::read_dir(above).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let entries = entries.map_err(|error| unreadable(directory, &error))?;
    let taken = entries.iter().filter_map(|entry| ProposalNumber::of_directory(&entry.file_name().to_string_lossy()));
    let next = taken.max().map_or(Some(ProposalNumber::FIRST), ProposalNumber::next);
    next.ok_or_else(|| trouble(directory, "there is no number after 9999", "start another directory of proposals"))
}

pub(crate) fn unreadable(directory: &Path, error: &io::Error) -> Failure {
    let message = format!("the other proposals cannot be read: {error}");
    let hint = match error.kind() {
        io::ErrorKind::NotFound => "make the directory of the proposals first",
        io::ErrorKind::NotADirectory => "name a directory, in which each proposal has its own",
        _ => "let this user read the directory of the proposals and write in it",
    };
    trouble(directory, &message, hint)
}
