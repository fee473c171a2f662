//! The trust policy, and the sources that production refuses.

use crate::environment::named;
use crate::{Failure, Finding, Source};
use genome::refusal::Check;
use genome::{Digest, TrustPolicy};
use genome_files::OpenFile;
use std::path::{Path, PathBuf};

/// A trust policy, and the file that it was read from.
#[derive(Debug)]
pub(super) struct Policy {
    pub(super) contents: TrustPolicy,
    pub(super) file: OpenFile,
    pub(super) sha256: Digest,
}

/// Reads the trust policy at this path, or else at that of `MATHISON_GENOME_TRUST`, if either is given.
///
/// # Errors
/// The path is empty, or there is no trust policy.
pub fn trust_policy(argument: Option<&PathBuf>) -> Result<Option<TrustPolicy>, Failure> {
    policy_path(argument)?.map(|path| read_policy(&path, false).map(|read| read.contents)).transpose()
}

pub(super) fn policy_path(argument: Option<&PathBuf>) -> Result<Option<PathBuf>, Failure> {
    named(argument, "MATHISON_GENOME_TRUST", "the trust policy")
}

pub(super) fn read_policy(path: &Path, production: bool) -> Result<Policy, Failure> {
    // Always a path: standard input may be the genome.
    let source = Source::File(path.to_owned());
    let file = source.open()?;
    refuse_streams(&source, &file, production)?;
    let read = source.read_open(file)?;
    let contents = TrustPolicy::read(read.bytes()).map_err(|refusal| {
        let finding = Finding { check: Some(Check::Trust), ..Finding::of_unsigned(&refusal, "the trust policy") };
        Failure::refused(finding.at(&source))
    })?;
    Ok(Policy { contents, sha256: Digest::of(read.bytes()), file: read.into_file() })
}

/// Refuses, in production, a source that is a pipe, a socket or a terminal.
pub(super) fn refuse_streams(source: &Source, file: &OpenFile, production: bool) -> Result<(), Failure> {
    if production && (*source == Source::Stdin || file.kind().is_some()) { Err(stream(source)) } else { Ok(()) }
}

pub(super) fn stream(source: &Source) -> Failure {
    let message = match source {
        Source::Stdin => "production verifies a file: of standard input nobody knows who can write it",
        Source::File(_) | Source::Side(..) | Source::Version(..) => {
            "production reads files only: of what comes through a pipe or a device nobody knows who writes it"
        }
    };
    Failure::undecided(Finding::error(message, "save it to a regular file that only its owner can write, and name that").at(source))
}
