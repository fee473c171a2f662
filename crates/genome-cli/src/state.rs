//! The state of accepted versions, with its findings.

use crate::hints::with_options;
use crate::source::FILE_OR_NEW;
use crate::{Failure, Finding, ReadError, Source, waiting_for};
use genome::concept;
use genome::exposure::Evidence;
use genome::{Code, Genome, Refusal, RollbackState, Trust, Verified};
use genome_files::{ExposureFault, ReplaceError, StateFile, StateRecordError, StateTakeError, place_hint};
use genome_json::text::Quoted;
use std::io;
use std::path::Path;

/// The state, locked so that no other program of this project changes it meanwhile.
#[derive(Debug)]
pub(crate) struct HeldState(StateFile);

impl HeldState {
    /// Locks the state at this path, which need not exist. Reports what it waits for, if it has to.
    pub(crate) fn take(path: &Path, say: fn(&str)) -> Result<Self, Failure> {
        let wait = || say(&waiting_for("uses the same state"));
        StateFile::take(path, wait).map(Self).map_err(|error| match error {
            StateTakeError::Unheld(error) => unheld(path, &error),
            StateTakeError::Unread { path, error } => ReadError::new(Source::File(path), error).into(),
        })
    }

    /// Who else can change the state: the file that was read, or where there is none, its directory.
    pub(crate) fn evidence(&self) -> Result<Evidence, ExposureFault> {
        self.0.evidence()
    }

    /// What was accepted before.
    pub(crate) fn before(&self) -> Result<Option<&RollbackState>, &Refusal> {
        self.0.before()
    }

    /// Records a genome that has passed every check. Returns warnings, which should be reported.
    pub(crate) fn remember(self, genome: &Verified<Genome>) -> Result<Vec<Finding>, Failure> {
        let file = self.0.path().to_owned();
        let warnings = self.0.before().map_or_else(|_| Vec::new(), |before| first_use_warnings(before, genome));
        match self.0.record(genome) {
            Ok(true) => Ok(warnings.into_iter().map(|finding| finding.at(&file)).collect()),
            Ok(false) => Ok(Vec::new()),
            Err(error) => Err(unrecorded(&file, error)),
        }
    }
}

fn unheld(path: &Path, error: &io::Error) -> Failure {
    let hint = match error.kind() {
        io::ErrorKind::TimedOut => "see what the other program waits for",
        io::ErrorKind::InvalidInput | io::ErrorKind::IsADirectory => FILE_OR_NEW,
        _ => place_hint(error).unwrap_or("name a file in a directory that is there and that this user may use"),
    };
    let message = format!("the state, which says what was accepted before, cannot be used: {error}");
    let code = if error.kind() == io::ErrorKind::NotFound { Code::Missing } else { Code::Unreadable };
    Failure::undecided(Finding::error(message, hint).with_code(code).at(path))
}

fn unrecorded(file: &Path, error: StateRecordError) -> Failure {
    let (message, hint) = match error {
        StateRecordError::Refused(refusal) => return Failure::refused(Finding::from(&refusal).at(file)),
        StateRecordError::TooLarge => {
            ("the state would be larger than 16 MiB".to_owned(), "the genome is not accepted; start a new state".to_owned())
        }
        StateRecordError::Replace(ReplaceError::Unchanged(error)) if error.kind() == io::ErrorKind::AlreadyExists => (
            "the state was not there when the genome was verified, and somebody has made it meanwhile".to_owned(),
            "find out who did, then verify again".to_owned(),
        ),
        StateRecordError::Replace(ReplaceError::Unchanged(error)) => {
            let hint = place_hint(&error).unwrap_or("check the directory, its permissions and the space on its disk");
            let hint = format!("the genome is in order, and is not accepted, as nobody would remember it: {hint}");
            (format!("the state cannot be written: {error}"), hint)
        }
        StateRecordError::Replace(ReplaceError::Unsettled(error)) => (
            format!("the state was written, but may not survive a power cut: {error}"),
            "check the disk, then verify again".to_owned(),
        ),
    };
    Failure::undecided(Finding::error(message, hint).at(file))
}

/// Warnings about a genome that is recorded for the first time.
fn first_use_warnings(before: Option<&RollbackState>, genome: &Verified<Genome>) -> Vec<Finding> {
    let mut warnings = Vec::new();
    if genome.trust() == Trust::SelfDeclared {
        let message = "without a trust policy the state remembers what anybody has signed";
        warnings.push(Finding::warning(message, with_options(concept::TRUST_POLICY + ", and start a new state")));
    }
    let name = &genome.name;
    match before {
        None => {
            let message = "there was no state here, so nothing says what was accepted before; from now on it does";
            warnings.push(Finding::warning(message, "expected the first time; at any other, find out who took the state away"));
        }
        Some(before) if before.accepted(name).is_none() => {
            let others: Vec<String> = before.names().take(3).map(|other| Quoted(other).to_string()).collect();
            let others = if others.is_empty() { "others".to_owned() } else { others.join(", ") };
            let message = format!("nothing was accepted under the name {} before, only under {others}", Quoted(name));
            let hint = "under another name a genome has no earlier version to stay above: see whether that is meant";
            warnings.push(Finding::warning(message, hint));
        }
        Some(_) => {}
    }
    warnings
}
