//! Makes a proposal of a change.

use super::directory::{hold, next_number};
use super::fault::{PROPOSAL, trouble};
use super::next::lines;
use super::report::{Done, report};
use crate::input::Input;
use crate::parents::ParentSearch;
use crate::{Exit, Failure, Finding, NewFolder};
use genome::json;
use genome::proposal::{Proposal, ProposalNumber, Rationale};
use genome_files::directory_of;
use genome_json::text::{BarePath, Printable};
use std::path::{Path, PathBuf};

/// Makes a proposal in this very directory, of the change between these genomes: the one before, if it is given, and the one after.
pub(crate) fn into_directory(directory: &Path, genomes: &[PathBuf]) -> Result<Exit, Failure> {
    let [old, new] = match genomes {
        [new] => genomes_of(None, new, directory_of(directory), "`genome-diff --propose DIR OLD NEW`")?,
        [old, new] => Input::both(old, new)?,
        _ => return Err(trouble(directory, "a proposal is about one genome and the next", "name OLD and NEW")),
    };
    let draft = Draft::of(&old, &new, directory)?;
    let (number, title) = named(directory)?;
    let folder = hold(directory, directory)?;
    match next_number(directory, folder.above())? {
        next if next == number => draft.write(directory, folder, number, &title),
        next => {
            let hint = format!("the next proposal has the number {next}");
            Err(trouble(directory, &format!("{number} is not the next number"), &hint))
        }
    }
}

/// The genomes before and after a change. The one before is what is named, or the one parent that is found. The proposals are in this directory.
pub(super) fn genomes_of(from: Option<&Path>, new: &Path, proposals: &Path, option: &'static str) -> Result<[Input; 2], Failure> {
    if let Some(from) = from {
        return Input::both(from, new);
    }
    let new = Input::of(new)?;
    let mut parents = ParentSearch::of(&new.source, option).or_in(directory_of(proposals).join("genomes"));
    let found = parents.all(&new.document()?)?;
    match <[Input; 1]>::try_from(found) {
        Ok([old]) => Ok([old, new]),
        Err(found) => {
            let message = match found.len() {
                0 => "it names no parent from which it changes anything".to_owned(),
                several => format!("it names {several} parents, and a proposal is about one"),
            };
            Err(Failure::undecided(Finding::error(message, format!("name the genome before: {option}")).at(&new.source)))
        }
    }
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

/// The genomes that a proposal is about.
pub(super) struct Draft<'d> {
    inputs: [&'d Input; 2],
    from: genome::Document<'d>,
    to: genome::Document<'d>,
}

impl<'d> Draft<'d> {
    pub(super) fn of(old: &'d Input, new: &'d Input, place: &Path) -> Result<Self, Failure> {
        let (from, to) = (old.document()?, new.document()?);
        if from.id() == to.id() {
            let hint = "draft the next version with genome-draft";
            return Err(trouble(place, "both are one genome, so there is nothing to propose", hint));
        }
        Ok(Self { inputs: [old, new], from, to })
    }

    /// What is declared of the change.
    pub(super) fn proposal(&self, number: ProposalNumber, title: &str) -> Proposal {
        Proposal::draft(number, title, &self.from, &self.to)
    }

    /// Writes both files, or nothing.
    pub(super) fn write(&self, directory: &Path, folder: NewFolder, number: ProposalNumber, title: &str) -> Result<Exit, Failure> {
        let proposal = self.proposal(number, title);
        let text = text(&proposal, directory)?;
        let files = [("proposal.json", text.as_str()), ("rationale.md", &Rationale::template(&proposal))];
        folder.create(&files).map_err(|error| PROPOSAL.replacing(directory, &error, "look whether it is still there"))?;
        let rationale = format!("  to fill in  {}\n", BarePath(&directory.join("rationale.md")));
        self.report(Done::Proposed, directory, &proposal, &rationale)?;
        Ok(Exit::Done)
    }

    /// Reports the proposal, and what comes next.
    pub(super) fn report(&self, done: Done, directory: &Path, proposal: &Proposal, last: &str) -> Result<(), Failure> {
        let next = lines(directory, self.inputs)?;
        report(done, directory, proposal, [&self.from, &self.to], &format!("{last}{next}"));
        Ok(())
    }

    /// The genome id of the one before.
    #[cfg(feature = "front")]
    pub(super) fn id_before(&self) -> genome::GenomeId {
        self.from.id()
    }

    /// The genome before, and the one after.
    #[cfg(feature = "front")]
    pub(super) fn genomes(&self) -> [&genome::Genome; 2] {
        [self.from.unverified(), self.to.unverified()]
    }
}

/// The proposal as it is written: what cannot be read back is not.
pub(super) fn text(proposal: &Proposal, directory: &Path) -> Result<String, Failure> {
    let text = proposal.to_json();
    if text.len() > json::MAX_BYTES {
        let hint = "nothing was changed; make the change in several steps, each with a proposal of its own";
        return Err(trouble(directory, "the proposal would be larger than 16 MiB", hint));
    }
    match Proposal::read(text.as_bytes()) {
        Ok(_) => Ok(text),
        Err(refusal) => {
            let finding = Finding::of_unsigned(&refusal, "the proposal");
            let hint = format!("nothing was changed; {}", finding.hint);
            Err(Failure::undecided(Finding { hint, ..finding }.at(directory)))
        }
    }
}
