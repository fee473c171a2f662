//! The boot of a program that acts upon one genome: everything that is checked before it does anything.

use crate::{Exit, Failure, Finding, RequirementArguments, Requirements, Source};
use genome::{Code, Genome, RollbackState, Verified};
use std::path::PathBuf;

/// A genome that may be acted upon.
#[derive(Debug)]
pub struct Boot {
    /// The genome.
    pub genome: Verified<Genome>,
    /// The bytes that were verified.
    pub document: Vec<u8>,
    /// Where they were read.
    pub path: PathBuf,
    /// What its user should know.
    pub warnings: Vec<Finding>,
    /// Whether it replaces another genome that the state had accepted last.
    pub replaces: bool,
}

/// Why nothing may be acted upon.
#[derive(Debug)]
pub struct RefusedBoot {
    /// At least one; the first decides.
    pub findings: Vec<Finding>,
    /// The exit status.
    pub exit: Exit,
}

impl RefusedBoot {
    /// The code of what decides, if it has one.
    #[must_use]
    pub fn code(&self) -> Option<Code> {
        self.findings.first()?.code
    }
}

impl From<Failure> for RefusedBoot {
    fn from(failure: Failure) -> Self {
        Self { exit: failure.exit(), findings: failure.finding().cloned().into_iter().collect() }
    }
}

impl Boot {
    /// Reads the genome at this path once, and verifies what was read. What is waited for is said with this function.
    ///
    /// # Errors
    /// It cannot be read, or does not meet what is asked for.
    pub fn load(path: PathBuf, arguments: &RequirementArguments, say_waiting: fn(&str)) -> Result<Self, RefusedBoot> {
        let source = Source::File(path.clone());
        let requirements = Requirements::of(arguments)?.saying_waiting(say_waiting);
        let document = requirements.read(&source)?;
        let verdict = requirements.verify_file(&source, &document);
        match verdict.result {
            Ok(genome) => {
                let replaces = verdict.before.is_some_and(|before| replaces(&before, &genome));
                Ok(Self { genome, document: document.into_bytes(), path, warnings: verdict.warnings, replaces })
            }
            Err(findings) => Err(RefusedBoot { findings, exit: verdict.exit }),
        }
    }
}

/// Whether the state had accepted another genome last; under a new name it had, if it had accepted any.
fn replaces(before: &RollbackState, genome: &Verified<Genome>) -> bool {
    match before.accepted(&genome.name) {
        Some(accepted) => accepted.genome_id != genome.id(),
        None => before.names().next().is_some(),
    }
}
