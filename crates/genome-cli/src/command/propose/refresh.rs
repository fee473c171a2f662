//! Lets a proposal take a draft that has changed.

use super::making::{Draft, genomes_of, text};
use super::report::trouble;
use super::titled::OPTION;
use crate::{Destination, Exit, Failure, Finding, ReadError, ReplaceError, Source, print, tell_waiting};
use genome::Genome;
use genome::proposal::{Proposal, ProposalNumber, ProposalStatus};
use genome_files::{directory_of, place_hint};
use genome_json::text::BarePath;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// Writes anew what a proposal declares; everything else of it stays.
pub(crate) fn refresh(named: &Path, proposals: &Path, from: Option<&Path>, new: &Path) -> Result<Exit, Failure> {
    let directory = found(named, proposals)?;
    let [old, new] = genomes_of(from, new, directory_of(&directory), OPTION)?;
    let file = directory.join("proposal.json");
    let draft = Draft::of(&old, &new, &file)?;
    // Held while it is read and written, so that of two neither is lost.
    let wait = || tell_waiting("writes there");
    let destination = Destination::take(&file, wait).map_err(|error| unwritten(&file, &error))?;
    let source = Source::File(file.clone());
    let existing = destination.existing().map_err(|error| ReadError::new(source.clone(), error))?;
    let existing = existing.ok_or_else(|| ReadError::new(source.clone(), io::Error::from(io::ErrorKind::NotFound)))?;
    let bytes = source.read_open(existing)?.into_bytes();
    let before =
        Proposal::read(&bytes).map_err(|refusal| Failure::refused(Finding::of_unsigned(&refusal, "the proposal").at(&source)))?;
    let after = refreshed(&before, &draft);
    let is_same = after == before;
    if !is_same {
        may_change(&before, &file)?;
        let text = text(&after, &file)?;
        destination.replace(text.as_bytes()).map_err(|error| match error {
            ReplaceError::Unchanged(error) => unwritten(&file, &error),
            ReplaceError::Unsettled(error) => {
                let message = format!("the proposal was written, but may not survive a power cut: {error}");
                trouble(&file, &message, "check the disk, then refresh it again")
            }
        })?;
    }
    let done = if is_same { ["nothing to do, proposed before:", "is in"] } else { ["refreshed", "written to"] };
    draft.report(done, &directory, &after, &format!("  status      {}\n", after.status.as_str()));
    print(&[directory.as_os_str().as_bytes(), b"\n"].concat())?;
    Ok(Exit::Done)
}

/// The proposal as it declares this change. What its author has added stays, as far as it is still there.
fn refreshed(before: &Proposal, draft: &Draft<'_>) -> Proposal {
    let mut after = draft.proposal(before.number, &before.title);
    after.status = before.status;
    after.breaking |= before.breaking;
    let genomes = draft.genomes();
    let invariants = |genome: &Genome| genome.invariants.iter().map(|invariant| invariant.id.clone()).collect::<Vec<_>>();
    let capabilities = |genome: &Genome| genome.capabilities.iter().map(|one| one.cap_id.clone()).collect::<Vec<_>>();
    add(&mut after.invariants_impacted, &before.invariants_impacted, genomes.into_iter().flat_map(invariants));
    add(&mut after.capabilities_impacted, &before.capabilities_impacted, genomes.into_iter().flat_map(capabilities));
    after
}

fn add(touched: &mut Vec<String>, listed: &[String], known: impl Iterator<Item = String>) {
    let known: BTreeSet<String> = known.collect();
    let own: Vec<String> = listed.iter().filter(|id| known.contains(*id) && !touched.contains(id)).cloned().collect();
    touched.extend(own);
}

/// Refuses a proposal that somebody has decided: the decision was about another genome.
fn may_change(before: &Proposal, file: &Path) -> Result<(), Failure> {
    match before.status {
        ProposalStatus::Draft | ProposalStatus::Review => Ok(()),
        ProposalStatus::Approved | ProposalStatus::Deployed | ProposalStatus::Rejected => {
            let message = format!("its status is `{}`, and that was decided about another genome", before.status.as_str());
            let hint = "nothing was changed; set its status to `review` where it is to be reviewed again, or make a new proposal";
            Err(Failure::refused(Finding::error(message, hint).at(file)))
        }
    }
}

/// The directory of the proposal that is given, by its number or by its path.
fn found(given: &Path, proposals: &Path) -> Result<PathBuf, Failure> {
    let Some(number) = given.to_str().and_then(|text| text.parse::<ProposalNumber>().ok()) else {
        return Ok(given.to_owned());
    };
    let unread = |error: io::Error| Failure::from(ReadError::new(Source::File(proposals.to_owned()), error));
    let mut names = Vec::new();
    for entry in fs::read_dir(proposals).map_err(unread)? {
        let name = entry.map_err(unread)?.file_name();
        if ProposalNumber::of_directory(&name.to_string_lossy()) == Some(number) {
            names.push(name);
        }
    }
    names.sort();
    match names.as_slice() {
        [name] => Ok(proposals.join(name)),
        [] => Err(trouble(
            proposals,
            &format!("no proposal has the number {number}"),
            "name its directory, or where the proposals are with --directory",
        )),
        several => {
            let list: Vec<String> = several.iter().map(|name| BarePath(name.as_ref()).to_string()).collect();
            let message = format!("{} proposals have the number {number}: {}", several.len(), list.join(", "));
            Err(trouble(proposals, &message, "name the directory of the one that is meant"))
        }
    }
}

fn unwritten(file: &Path, error: &io::Error) -> Failure {
    let hint = place_hint(error).unwrap_or("check that it is the directory of a proposal, and that this user may write there");
    trouble(file, &format!("the proposal cannot be written: {error}"), &format!("nothing was changed; {hint}"))
}
