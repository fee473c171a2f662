//! What was decided about a genome: one type, from the verifier to the report.

use crate::state::HeldState;
use crate::{Exit, Failure, Finding, Source};
use genome::{Checklist, Genome, RollbackState, Verified};

/// What was decided about one genome, and why.
#[derive(Debug)]
pub struct Verdict {
    /// What it is about: the file, or standard input.
    pub source: Source,
    /// What to say to the caller.
    pub exit: Exit,
    /// The genome, or why it is not accepted: at least one finding, the first decides.
    pub result: Result<Verified<Genome>, Vec<Finding>>,
    /// What its user should know.
    pub warnings: Vec<Finding>,
    /// The checks, and how each went; `None` where the genome could not be read.
    pub checklist: Option<Checklist>,
    /// What the state remembered before the genome was accepted; `None` where there is no state, or nothing was accepted.
    pub before: Option<RollbackState>,
}

impl Verdict {
    /// Of a genome that has passed every check, if it can be remembered.
    pub(crate) fn accepting(genome: Verified<Genome>, state: Option<HeldState>, source: &Source) -> Self {
        let mut warnings: Vec<Finding> = genome.warnings().iter().map(|warning| Finding::from(warning).at(source)).collect();
        let checklist = Some(genome.checklist().clone());
        let before = state.as_ref().and_then(|state| state.before().ok().flatten().cloned());
        match state.map_or(Ok(Vec::new()), |state| state.remember(&genome)) {
            Ok(first_use) => {
                warnings.extend(first_use);
                Self { source: source.clone(), exit: Exit::Done, result: Ok(genome), warnings, checklist, before }
            }
            Err(failure) => Self::failed(source.clone(), &failure, checklist),
        }
    }

    /// Nothing was decided about the genome, or something else was refused.
    #[must_use]
    pub fn failed(source: Source, failure: &Failure, checklist: Option<Checklist>) -> Self {
        let finding = failure.finding().cloned();
        let findings = finding.into_iter().collect();
        Self { exit: failure.exit(), ..Self::refusing(source, findings, checklist) }
    }

    /// The genome is refused, for these findings.
    pub(crate) fn refusing(source: Source, findings: Vec<Finding>, checklist: Option<Checklist>) -> Self {
        Self { source, exit: Exit::Refused, result: Err(findings), warnings: Vec::new(), checklist, before: None }
    }

    /// The genome, if it is accepted.
    #[must_use]
    pub fn genome(&self) -> Option<&Verified<Genome>> {
        self.result.as_ref().ok()
    }

    /// Why it is not accepted; the first decides.
    #[must_use]
    pub fn errors(&self) -> &[Finding] {
        self.result.as_ref().err().map_or(&[], Vec::as_slice)
    }
}
