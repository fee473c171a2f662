//! The findings about keys that cannot be used.

use crate::hints::with_options;
use crate::{Failure, Finding};
use genome_custody::{AgentFault, CustodyError, ProgramFault};

/// A key that cannot be used.
pub(crate) fn unusable_key(error: &CustodyError) -> Failure {
    let hint = match error {
        CustodyError::Unset(_) | CustodyError::Agent(AgentFault::Slow(_)) | CustodyError::Program(ProgramFault::Slow { .. }) => {
            with_options(error.hint())
        }
        // Others may hold words for a shell, which may be anything.
        _ => error.hint(),
    };
    let finding = Finding::error(error.to_string(), hint);
    Failure::undecided(match error.file() {
        Some(file) => finding.at(file),
        None => finding,
    })
}
