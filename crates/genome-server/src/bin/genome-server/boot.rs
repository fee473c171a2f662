//! The boot: everything that is checked before anything listens.

use genome::{Code, Genome, RollbackState, Verified};
use genome_cli::{Exit, Failure, Finding, RequirementArguments, Requirements, Source, file, genome_path};
use genome_server::GenomeWarning;
use std::path::PathBuf;
use tracing::warn;

/// A genome that may be served.
#[derive(Debug)]
pub(crate) struct Boot {
    pub(crate) genome: Verified<Genome>,
    /// The bytes that were verified.
    pub(crate) document: Vec<u8>,
    pub(crate) path: PathBuf,
    pub(crate) warnings: Vec<GenomeWarning>,
    /// Whether it replaces another genome that the state had accepted last.
    pub(crate) replaces: bool,
}

/// Why no genome is served.
#[derive(Debug)]
pub(crate) struct Refused {
    /// At least one; the first decides.
    pub(crate) findings: Vec<Finding>,
    pub(crate) exit: Exit,
}

impl Refused {
    /// The code of what decides, if it has one.
    pub(crate) fn code(&self) -> Option<Code> {
        self.findings.first()?.code
    }
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self { exit: failure.exit(), findings: failure.finding().cloned().into_iter().collect() }
    }
}

/// Reads the genome once, and verifies what was read.
pub(crate) fn load(arguments: &RequirementArguments) -> Result<Boot, Refused> {
    let path = genome_path()?;
    let source = Source::File(path.clone());
    let requirements = Requirements::of(arguments)?.saying_waiting(|what| warn!("{what}"));
    let document = requirements.read(&source)?;
    let verdict = requirements.verify_file(&source, &document);
    match verdict.result {
        Ok(genome) => {
            let replaces = verdict.before.is_some_and(|before| replaces(&before, &genome));
            let warnings = verdict.warnings.iter().map(warning).collect();
            Ok(Boot { genome, document: document.into_bytes(), path, warnings, replaces })
        }
        Err(findings) => Err(Refused { findings, exit: verdict.exit }),
    }
}

/// A finding about a genome that was accepted all the same, as a warning of the server.
fn warning(finding: &Finding) -> GenomeWarning {
    let Finding { code, message, hint, pointer, .. } = finding;
    let file = finding.file.as_ref().map(file);
    GenomeWarning { code: *code, file, pointer: pointer.clone(), ..GenomeWarning::new(message.as_str(), hint.clone()) }
}

/// Whether the state had accepted another genome last; under a new name it had, if it had accepted any.
fn replaces(before: &RollbackState, genome: &Verified<Genome>) -> bool {
    match before.accepted(&genome.name) {
        Some(accepted) => accepted.genome_id != genome.id(),
        None => before.names().next().is_some(),
    }
}
