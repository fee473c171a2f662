//! Compares a proposal with the genomes that it is about.

use crate::hints::with_options;
use crate::proposal_places::proposal_places;
use crate::{Detail, Exit, Failure, Finding, ReadError, Requirements, Source, Verdict};
use genome::lineage::Ancestor;
use genome::proposal::{Mismatch, Probes, Proposal, ProposalNumber, ProposalStatus, Rationale};
use genome::{Ancestors, Code, Document, GenomeId, Refusal};
use genome_files::{LineageDirectory, OpenError, open_directory};
use genome_json::text::BarePath;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

const RATIONALE: &str = "rationale.md";

/// The verdict on one proposal.
pub(crate) struct ProposalVerdict {
    /// Its directory.
    pub(crate) directory: PathBuf,
    pub(crate) exit: Exit,
    /// Why it is not accepted; the first decides.
    pub(crate) errors: Vec<Finding>,
    pub(crate) warnings: Vec<Finding>,
    /// The proposal, where it can be read.
    pub(crate) proposal: Option<Proposal>,
    /// How many probes there are.
    pub(crate) probes: usize,
}

impl ProposalVerdict {
    /// Whether it is accepted.
    pub(crate) fn accepted(&self) -> Option<&Proposal> {
        self.proposal.as_ref().filter(|_| self.errors.is_empty())
    }
}

/// Compares a proposal with the genomes that it is about.
pub(crate) fn verify(directory: &Path, requirements: &Requirements) -> ProposalVerdict {
    let mut verdict = ProposalVerdict {
        directory: directory.to_owned(),
        exit: Exit::Done,
        errors: Vec::new(),
        warnings: Vec::new(),
        proposal: None,
        probes: 0,
    };
    if let Err(failure) = examine(directory, requirements, &mut verdict) {
        verdict.fail(&failure);
    }
    verdict
}

impl ProposalVerdict {
    fn fail(&mut self, failure: &Failure) {
        self.exit = self.exit.max(failure.exit());
        self.errors.extend(failure.finding().cloned());
    }

    /// Keeps the mismatches, if there are any, as one finding about this file.
    fn keep(&mut self, mismatches: &[Mismatch], file: &Path) {
        const SHOWN: usize = 50;
        let [first, ..] = mismatches else { return };
        let detail = |mismatch: &Mismatch| Detail {
            pointer: mismatch.pointer().into(),
            message: mismatch.to_string(),
            hint: with_options(mismatch.hint()),
        };
        let mut details: Vec<Detail> = mismatches.iter().take(SHOWN).map(detail).collect();
        if let more @ 1.. = mismatches.len().saturating_sub(SHOWN) {
            let message = format!("{more} more are not shown");
            details.push(Detail { pointer: OsString::new(), message, hint: "correct these first".to_owned() });
        }
        let wrong =
            if file.ends_with(RATIONALE) { "the rationale is not complete" } else { "the proposal is not what it is about" };
        let message = match mismatches.len() {
            1 => format!("{wrong}, in one place"),
            several => format!("{wrong}, in {several} places"),
        };
        let finding = Finding { pointer: first.pointer(), details, ..Finding::error(message, with_options(first.hint())) };
        self.fail(&Failure::refused(finding.with_code(Code::ProposalMismatch).at(file)));
    }
}

fn examine(directory: &Path, requirements: &Requirements, verdict: &mut ProposalVerdict) -> Result<(), Failure> {
    let place = Source::File(directory.to_owned());
    match open_directory(directory) {
        // It is the proposal that is missing then.
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(ReadError::new(place, error).into()),
        _ => {}
    }
    let file = directory.join("proposal.json");
    let (source, bytes) = read(&file)?;
    let proposal = Proposal::read(&bytes).map_err(|refusal| malformed(&refusal, "the proposal", &source))?;
    let proposal = verdict.proposal.insert(proposal).clone();
    verdict.keep(&numbers(directory, proposal.number)?, &file);

    let path = directory.join(RATIONALE);
    let (source, text) = read(&path)?;
    let rationale = Rationale(&text);
    rationale.refuse_secrets().map_err(|refusal| malformed(&refusal, "the rationale", &source))?;
    verdict.keep(&rationale.mismatches(), &path);

    let usual = proposal_places(directory);
    // The last is the proposal's own directory, which is looked at in any case.
    let places: Vec<&LineageDirectory> = match requirements.lineage() {
        Some(lineage) => [lineage].into_iter().chain(usual.last()).collect(),
        None => usual.iter().collect(),
    };
    let mut found = |id| find(id, directory, &places, &mut verdict.warnings);
    let (from_path, from_bytes) = found(proposal.from_genome_id)?;
    let (to_path, to_bytes) = found(proposal.to_genome_id).map_err(|failure| changed(failure, &proposal, &places))?;
    let document = |path: &Path, bytes| Document::read(bytes).map_err(|refusal| Failure::refused(Finding::from(&refusal).at(path)));
    let (from, to) = (document(&from_path, &from_bytes)?, document(&to_path, &to_bytes)?);
    let policy = requirements.policy().map_err(Clone::clone)?;
    verdict.keep(&proposal.mismatches(&from, &to, policy), &file);
    probe(directory, &to, verdict)?;

    // An active genome must be trusted; the proposal's own check says who has to sign it.
    if proposal.status == ProposalStatus::Deployed {
        let Verdict { exit, result, warnings, .. } = requirements.verify_bytes(&Source::File(to_path), &to_bytes);
        verdict.warnings.extend(warnings);
        if let Err(findings) = result {
            verdict.exit = verdict.exit.max(exit);
            verdict.errors.extend(findings);
        }
    }
    Ok(())
}

/// Reads a file that was not named itself, but may be at a known place.
fn read(path: &Path) -> Result<(Source, Vec<u8>), Failure> {
    let source = Source::File(path.to_owned());
    let bytes = source.read_regular()?;
    Ok((source, bytes))
}

fn malformed(refusal: &Refusal, what: &str, source: &Source) -> Failure {
    Failure::refused(Finding::of_unsigned(refusal, what).at(source))
}

/// Whether the number is that of the directory, and of no other.
fn numbers(directory: &Path, number: ProposalNumber) -> Result<Vec<Mismatch>, Failure> {
    let unreadable = |error: io::Error| Failure::from(ReadError::new(Source::File(directory.to_owned()), error));
    let real = directory.canonicalize().map_err(unreadable)?;
    let name = PathBuf::from(real.file_name().unwrap_or_default());
    let number_of = |name: &Path| ProposalNumber::of_directory(&name.to_string_lossy());
    let mut found = Vec::new();
    if number_of(&name) != Some(number) {
        found.push(Mismatch::Number { directory: name.clone() });
    }
    let siblings = real.parent().map(fs::read_dir).transpose().map_err(unreadable)?;
    for entry in siblings.into_iter().flatten() {
        let sibling = PathBuf::from(entry.map_err(unreadable)?.file_name());
        if sibling != name && number_of(&sibling) == Some(number) {
            found.push(Mismatch::NumberTaken { directory: sibling });
        }
    }
    Ok(found)
}

/// A genome by its id, and the name of its file. Where another copy is good, an unreadable one is a warning.
fn find(
    id: GenomeId,
    directory: &Path,
    places: &[&LineageDirectory],
    warnings: &mut Vec<Finding>,
) -> Result<(PathBuf, Vec<u8>), Failure> {
    let unreadable = |why: String| {
        let message = format!("the genome {id} cannot be read: {why}");
        undecided(Code::Unreadable, message, "check that this user may read it", directory)
    };
    let (mut copies, mut passed_over) = (Vec::new(), Vec::new());
    for place in places {
        for Ancestor { bytes, source } in place.find(id).map_err(|error| unreadable(error.to_string()))? {
            match bytes {
                Ok(bytes) => copies.push((source, bytes)),
                Err(error) => passed_over.push((source, error)),
            }
        }
    }
    // A draft and what was signed may both be there, and a copy with wrong signatures.
    let signatures = |bytes: &[u8]| {
        let document = Document::read(bytes).ok()?;
        Some((document.tally().map_or(0, |tally| tally.signed.len()), document.signatures().len()))
    };
    match (copies.into_iter().max_by_key(|(_, bytes)| signatures(bytes)), passed_over.first()) {
        (Some(best), _) => {
            for (source, error) in passed_over {
                let message = format!("a copy of the genome {id} cannot be read and was passed over: {error}");
                let warning =
                    Finding::warning(message, "check that this user may read it, and the disk").with_code(Code::Unreadable);
                warnings.push(warning.at(&source));
            }
            Ok(best)
        }
        (None, Some((source, error))) => Err(unreadable(format!("{}: {error}", BarePath(source)))),
        (None, None) => {
            let hint = "put it into the directory `genomes` beside that of the proposals, into that of the proposal, or name its directory with --lineage";
            let unsearched = places.iter().find_map(|place| place.unsearched());
            let (message, hint) = match unsearched {
                Some(unsearched) => (
                    format!("the genome {id} was not found; {unsearched}"),
                    format!("check that this user may read what cannot be read; otherwise {hint}"),
                ),
                None => (format!("the genome {id} was not found"), hint.to_owned()),
            };
            Err(undecided(Code::Missing, message, hint, directory))
        }
    }
}

/// The failure to find the genome after the change, where another one is there that follows the same genome: the draft may have changed.
fn changed(failure: Failure, proposal: &Proposal, places: &[&LineageDirectory]) -> Failure {
    let is_next = |path: &Path| {
        let bytes = Source::File(path.to_owned()).read_regular().ok()?;
        let document = Document::read(&bytes).ok()?;
        Some(document.unverified().parents.contains(&proposal.from_genome_id))
    };
    let other = places.iter().flat_map(|place| place.genomes()).find(|(_, path)| is_next(path) == Some(true));
    let Some((id, path)) = other else { return failure };
    failure.with_hint(|hint| {
        format!(
            "{} has another id, {id}: if it was changed after it was proposed, restore it, or propose it as it is now with genome propose --refresh; otherwise {hint}",
            BarePath(path)
        )
    })
}

fn undecided(code: Code, message: String, hint: impl Into<String>, directory: &Path) -> Failure {
    Failure::undecided(Finding::error(message, hint).with_code(code).at(&directory.join("proposal.json")))
}

/// Tries the probes, in the order of their files' names.
fn probe(directory: &Path, to: &Document<'_>, verdict: &mut ProposalVerdict) -> Result<(), Failure> {
    let tests = directory.join("tests");
    let unreadable = |error: OpenError| Failure::from(ReadError::new(Source::File(tests.clone()), error));
    let mut paths = match open_directory(&tests) {
        // A link that leads nowhere is there.
        Err(error) if error.kind() == io::ErrorKind::NotFound && tests.symlink_metadata().is_err() => Vec::new(),
        Err(error) => return Err(unreadable(error)),
        Ok(_) => fs::read_dir(&tests)
            .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>())
            .map_err(|error| unreadable(error.into()))?,
    };
    paths.sort();
    for path in paths {
        if path.extension().is_none_or(|extension| extension != "json") {
            let warning = Finding::warning("it is not tried", "let the name of a file of probes end in `.json`, right in `tests`");
            verdict.warnings.push(warning.at(&path));
            continue;
        }
        let (source, bytes) = read(&path)?;
        let probes = Probes::read(&bytes).map_err(|refusal| malformed(&refusal, "the probes", &source))?;
        verdict.probes += probes.must_allow.len() + probes.must_deny.len();
        verdict.keep(&probes.mismatches(to), &path);
    }
    if verdict.probes == 0 {
        let hint = "say in a file of `tests` what must be allowed and what denied: {\"must_allow\": [..], \"must_deny\": [..]}";
        let warning = Finding::warning("no probe tries the new ceiling", hint);
        verdict.warnings.push(warning.at(&directory.join("proposal.json")));
    }
    Ok(())
}
