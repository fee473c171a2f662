//! Lets a proposal take a draft that has changed.

use super::fault::{PROPOSAL, trouble};
use super::making::{Draft, genomes_of, text};
use super::report::{Done, print_directory};
use super::titled::OPTION;
use crate::input::Input;
use crate::parents::ParentSearch;
use crate::unwritten::Unwritten;
use crate::{Destination, Exit, Failure, Finding, ReadError, Source, say, tell_waiting};
use genome::Genome;
use genome::proposal::{Proposal, ProposalNumber, ProposalStatus};
use genome_files::directory_of;
use genome_json::text::{BarePath, Quoted};
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Writes anew what a proposal declares; everything else of it stays.
pub(crate) fn refresh(named: &Path, proposals: &Path, from: Option<&Path>, new: &Path) -> Result<Exit, Failure> {
    let directory = found(named, proposals)?;
    let [old, new] = genomes_of(from, new, directory_of(&directory), OPTION)?;
    let file = directory.join("proposal.json");
    let draft = Draft::of(&old, &new, &file)?;
    // Held while it is read and written, so that of two neither is lost.
    let wait = || tell_waiting("writes there");
    let destination = Destination::take(&file, wait).map_err(|error| REFRESHED.at(&file, &error))?;
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
        has_same_name([&before, &after], &draft, &new, &directory)?;
        let text = text(&after, &file)?;
        let written = destination.replace(text.as_bytes());
        written.map_err(|error| REFRESHED.replacing(&file, &error, "refresh it again"))?;
    }
    let done = if is_same { Done::Nothing } else { Done::Refreshed };
    draft.report(done, &directory, &after, &format!("  status      {}\n", after.status.as_str()))?;
    if !is_same && after.status == ProposalStatus::Review {
        let hint = "tell the reviewers, who look at all of it again; or set its status to `draft` until it is complete";
        say(&Finding::warning("what is under review has changed", hint).at(&file));
    }
    print_directory(&directory)?;
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

/// Refuses a genome of another name than the one that the proposal is about: it is another system.
fn has_same_name([before, after]: [&Proposal; 2], draft: &Draft<'_>, new: &Input, directory: &Path) -> Result<(), Failure> {
    let file = directory.join("proposal.json");
    let [from, to] = draft.genomes();
    let name = if draft.id_before() == before.from_genome_id {
        from.name.clone()
    } else {
        let mut search = ParentSearch::of(&new.source, OPTION).or_in(directory_of(directory_of(directory)).join("genomes"));
        let Ok(former) = search.required(before.from_genome_id) else {
            let message = format!(
                "it changes another genome than before, and that one, {}, was not found: nothing says whether it had the same name",
                before.from_genome_id
            );
            say(&Finding::warning(message, "see that it is about the same system").at(&file));
            return Ok(());
        };
        former.document()?.unverified().name.clone()
    };
    // As both declare it, where they do: a text is shown there, and may be escaped.
    let declared =
        |proposal: &Proposal| proposal.changes.iter().find(|change| change.kind == "name").and_then(|change| change.to.clone());
    let (was, is) = (declared(before).unwrap_or(name), declared(after).unwrap_or_else(|| to.name.clone()));
    if was == is {
        return Ok(());
    }
    let message = format!("the genome is called {}, and the proposal is about {}", Quoted(&is), Quoted(&was));
    let hint = "nothing was changed; name the draft of that genome, or make a proposal of its own: genome propose TITLE NEW";
    Err(Failure::refused(Finding::error(message, hint).at(&file)))
}

/// The directory of the proposal that is given, by its number or by its path.
fn found(given: &Path, proposals: &Path) -> Result<PathBuf, Failure> {
    // A person leaves the zeros out. No directory of a proposal has digits alone for a name.
    let is_number = |text: &&str| !text.is_empty() && text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = given.to_str().filter(is_number).and_then(|text| format!("{text:0>4}").parse::<ProposalNumber>().ok());
    let Some(number) = number else {
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

const REFRESHED: Unwritten = Unwritten { verb: "refresh it", ..PROPOSAL };
