//! What is wrong with the options or the genome, all of it at once.

use crate::{Exit, Failure, Finding, Place, say};
use genome::draft::DraftError;

/// The faults, collected so that all of them are reported at once.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Failure>);

impl Faults {
    /// Returns the value, or keeps the failure.
    pub(crate) fn keep<T>(&mut self, result: Result<T, impl Into<Failure>>) -> Option<T> {
        result.map_err(|failure| self.0.push(failure.into())).ok()
    }

    /// Reports all of them, if there are any.
    pub(crate) fn settle(self) -> Result<(), Failure> {
        let Some(exit) = self.0.iter().map(Failure::exit).max() else { return Ok(()) };
        self.0.iter().filter_map(Failure::finding).for_each(say);
        Err(Failure::silent(exit))
    }
}

/// The failure of a change that the draft refuses, about this document.
pub(crate) fn refused(error: &DraftError, document: &impl Place) -> Failure {
    Failure::refused(Finding::from(error).at(document))
}

/// The failure with several findings, each of which is reported.
pub(crate) fn judged(exit: Exit, findings: &[Finding]) -> Failure {
    findings.iter().for_each(say);
    Failure::silent(exit)
}
