//! Makes a proposal of a change.

use super::input::Input;
use crate::{Exit, Failure, Finding, NewFolder, Paint, ReplaceError, ShownIds, note, tell};
use genome::proposal::{Proposal, ProposalNumber, Rationale};
use genome::{Document, json};
use genome_files::place_hint;
use genome_json::text::{BarePath, Printable, Quoted};
use std::fs;
use std::io;
use std::path::Path;

/// Makes the directory of a proposal, with all that the change is, and a rationale to fill in.
pub(crate) fn propose(directory: &Path, old: &Path, new: &Path) -> Result<Exit, Failure> {
    let [old, new] = Input::both(old, new)?;
    let (from, to) = (old.document()?, new.document()?);
    if from.id() == to.id() {
        return Err(trouble(
            directory,
            "both are one genome, so there is nothing to propose",
            "draft the next version with genome-draft",
        ));
    }
    let (number, title) = named(directory)?;
    // Held until it is written, so that nobody else takes the same number.
    let folder = NewFolder::take(directory, || note("waiting for another program that writes there\n"))
        .map_err(|error| unreadable(directory, &error))?;
    follow_on(directory, number, folder.above())?;
    let proposal = Proposal::draft(number, &title, &from, &to);
    write(directory, folder, &proposal)?;
    report(directory, &proposal, &from, &to);
    Ok(Exit::Done)
}

/// The number and the title that are in the directory's name.
fn named(directory: &Path) -> Result<(ProposalNumber, String), Failure> {
    let name = directory.file_name().unwrap_or_default().to_string_lossy();
    let words = name.split_once('-').map(|(_, words)| words.replace(['-', '_'], " ")).unwrap_or_default();
    let title = words.trim();
    let number = ProposalNumber::of_directory(&name).filter(|_| !title.is_empty() && !title.chars().any(Printable::escapes));
    number.map(|number| (number, title.to_owned())).ok_or_else(|| {
        let hint = "call it NNNN-a-few-words, such as proposals/0042-let-jobs-be-cancelled";
        trouble(directory, "its name is not that of a proposal", hint)
    })
}

/// Refuses a number that is not the next one.
fn follow_on(directory: &Path, number: ProposalNumber, above: &Path) -> Result<(), Failure> {
    let entries = fs::read_dir(above).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let entries = entries.map_err(|error| unreadable(directory, &error))?;
    let taken = entries.iter().filter_map(|entry| ProposalNumber::of_directory(&entry.file_name().to_string_lossy()));
    let next = taken.max().map_or(Some(ProposalNumber::FIRST), ProposalNumber::next);
    match next {
        Some(next) if next == number => Ok(()),
        Some(next) => Err(trouble(
            directory,
            &format!("{number} is not the next number"),
            &format!("the next proposal has the number {next}"),
        )),
        None => Err(trouble(directory, "there is no number after 9999", "start another directory of proposals")),
    }
}

/// Writes both files, or nothing.
fn write(directory: &Path, folder: NewFolder, proposal: &Proposal) -> Result<(), Failure> {
    let text = proposal.to_json();
    if text.len() > json::MAX_BYTES {
        let hint = "nothing was changed; make the change in several steps, each with a proposal of its own";
        return Err(trouble(directory, "the proposal would be larger than 16 MiB", hint));
    }
    folder.create(&[("proposal.json", &text), ("rationale.md", &Rationale::template(proposal))]).map_err(|error| match error {
        ReplaceError::Unchanged(error) => {
            let hint = place_hint(&error).unwrap_or("check the directory above it, its permissions and the space on its disk");
            trouble(directory, &format!("the proposal cannot be written: {error}"), &format!("nothing was changed; {hint}"))
        }
        ReplaceError::Unsettled(error) => {
            let message = format!("the proposal is there, and may be gone after a power cut: {error}");
            trouble(directory, &message, "check the disk, then look whether it is still there")
        }
    })
}

fn report(directory: &Path, proposal: &Proposal, from: &Document<'_>, to: &Document<'_>) {
    let ids = ShownIds::on(Paint::on(&io::stderr())).with([from.id(), to.id()]);
    let name = |document: &Document<'_>| {
        let genome = document.unverified();
        format!("{} {}  {}", Quoted(&genome.name), genome.version, ids.show(document.id()))
    };
    tell(&format!(
        "proposed {}: {}\n  from        {}\n  to          {}\n  changes     {}\n  breaking    {}\n  written to  {}\n  to fill in  {}\n",
        proposal.number,
        Quoted(&proposal.title),
        name(from),
        name(to),
        proposal.changes.len(),
        if proposal.breaking { "yes" } else { "no" },
        BarePath(&directory.join("proposal.json")),
        BarePath(&directory.join("rationale.md")),
    ));
}

fn unreadable(directory: &Path, error: &io::Error) -> Failure {
    let message = format!("the other proposals cannot be read: {error}");
    trouble(directory, &message, "make the directory of the proposals first, where this user may read it")
}

fn trouble(place: &Path, message: &str, hint: &str) -> Failure {
    Failure::undecided(Finding::error(message, hint).at(place))
}
