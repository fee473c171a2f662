//! The directory of a proposal: its number, and its place among the others.

use super::fault::{PROPOSAL, trouble};
use crate::{Failure, NewFolder, tell_waiting};
use genome::proposal::ProposalNumber;
use genome_json::text::BarePath;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;

/// Holds the place of a directory that is to be made, so that nobody else takes the same number meanwhile. `named` is the path that the user has named.
pub(crate) fn hold(directory: &Path, named: &Path) -> Result<NewFolder, Failure> {
    NewFolder::take(directory, || tell_waiting("writes there")).map_err(|error| not_held(named, &error))
}

/// The failure to hold a directory: it is opened for reading first, and locked then.
fn not_held(named: &Path, error: &io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::PermissionDenied => unreadable(named, error),
        _ => PROPOSAL.at(named, error),
    }
}

/// The number after the highest that is taken.
pub(crate) fn next_number(directory: &Path, above: &Path) -> Result<ProposalNumber, Failure> {
    let entries = fs::read_dir(above).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let entries = entries.map_err(|error| unreadable(directory, &error))?;
    let mut taken: Vec<(ProposalNumber, OsString)> = entries.iter().filter_map(|entry| numbered(entry.file_name())).collect();
    taken.sort();
    let after = |highest: Option<&(ProposalNumber, OsString)>| match highest {
        None => Some(ProposalNumber::FIRST),
        Some((number, _)) => number.next(),
    };
    after(taken.last()).ok_or_else(|| {
        let (last, others): (Vec<_>, Vec<_>) = taken.iter().partition(|(number, _)| number.next().is_none());
        let names: Vec<String> = last.iter().map(|(_, name)| BarePath(name.as_ref()).to_string()).collect();
        let message = format!("there is no number after 9999, which {} has", names.join(" and "));
        let next = after(others.last().copied()).map(|next| format!(": the next number is {next} then")).unwrap_or_default();
        let hint = format!("call that otherwise if it is no proposal{next}; or start another directory of proposals");
        trouble(directory, &message, &hint)
    })
}

fn numbered(name: OsString) -> Option<(ProposalNumber, OsString)> {
    Some((ProposalNumber::of_directory(&name.to_string_lossy())?, name))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_that_another_program_holds_can_be_read() {
        let said = |kind: io::ErrorKind| not_held(Path::new("proposals"), &kind.into()).said();
        let (message, hint, _) = said(io::ErrorKind::TimedOut);
        assert!(message.starts_with("cannot write the proposal: "), "{message}");
        assert_eq!(hint, "nothing was changed; see what the other program waits for, and propose again");
        let (message, hint, _) = said(io::ErrorKind::PermissionDenied);
        assert!(message.starts_with("the other proposals cannot be read: ") && hint.starts_with("let this user read"), "{hint}");
    }
}
