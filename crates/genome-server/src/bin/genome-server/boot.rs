//! The boot: everything that is checked before anything listens.

use genome_cli::{Boot, Finding, RefusedBoot, RequirementArguments, file, genome_path};
use genome_server::GenomeWarning;
use tracing::warn;

/// Reads the genome once, and verifies what was read.
pub(crate) fn load(arguments: &RequirementArguments) -> Result<Boot, RefusedBoot> {
    Boot::load(genome_path()?, arguments, |what| warn!("{what}"))
}

/// A finding about a genome that was accepted all the same, as a warning of the server.
pub(crate) fn warning(finding: &Finding) -> GenomeWarning {
    let Finding { code, message, hint, pointer, .. } = finding;
    let file = finding.file.as_ref().map(file);
    GenomeWarning { code: *code, file, pointer: pointer.clone(), ..GenomeWarning::new(message.as_str(), hint.clone()) }
}
