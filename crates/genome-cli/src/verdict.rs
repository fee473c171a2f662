//! The verdict on a genome: one type, from the verifier to the report.

use crate::state::HeldState;
use crate::{Exit, Failure, Finding, Source};
use genome::{Checklist, Genome, RollbackState, Verified};

/// The verdict on one genome, and why.
#[derive(Debug)]
pub struct Verdict {
    /// Its subject: the file, or standard input.
    pub source: Source,
    /// The exit status.
    pub exit: Exit,
    /// The genome, or why it is not accepted: at least one finding, the first decides.
    pub result: Result<Verified<Genome>, Vec<Finding>>,
    /// The warnings for its user.
    pub warnings: Vec<Finding>,
    /// The checks and their results; `None` where the genome could not be read.
    pub checklist: Option<Checklist>,
    /// What the state held before the genome was accepted; `None` where there is no state, or nothing was accepted.
    pub before: Option<RollbackState>,
}

impl Verdict {
    /// The verdict on a genome that has passed every check, if it can be recorded.
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

    /// The verdict where nothing was decided about the genome, or something else was refused.
    #[must_use]
    pub fn failed(source: Source, failure: &Failure, checklist: Option<Checklist>) -> Self {
        let finding = failure.finding().cloned();
        let findings = finding.into_iter().collect();
        Self { exit: failure.exit(), ..Self::refusing(source, findings, checklist) }
    }

    /// The verdict on a genome that is refused for these findings.
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
