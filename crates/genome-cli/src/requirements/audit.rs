//! The audit logs in which a verifier looks for signatures.

use crate::hints::with_options;
use crate::{Failure, Finding, ReadError, Source, tell_waiting};
use genome::audit::{AuditFault, AuditLog};
use genome::kind::{DocumentKind, OtherDocument};
use genome::refusal::Check;
use genome::{Code, Document};
use genome_files::{AuditFile, AuditReadError};
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// How many faults of a log are reported.
const SHOWN: usize = 100;

/// Some audit logs.
#[derive(Debug, Default)]
pub(crate) struct AuditLogs {
    /// The logs whose chain holds.
    pub(crate) files: Vec<AuditFile>,
    pub(crate) logs: Vec<AuditLog>,
    /// The faults of the others.
    pub(crate) broken: Vec<Finding>,
}

impl AuditLogs {
    /// Reads the logs at these paths; `None` where there is none to read.
    pub(crate) fn read(paths: &[PathBuf]) -> Result<Option<Self>, Failure> {
        let mut read = Self::default();
        for path in paths {
            let wait = || tell_waiting("writes to the audit log");
            match AuditFile::read(path, wait) {
                Ok((file, log)) => {
                    read.files.push(file);
                    read.logs.push(log);
                }
                Err(AuditReadError::Broken(faults)) => match other_document(&faults, path) {
                    Some(finding) => read.broken.push(finding),
                    None => read.broken.extend(findings(&faults, path)),
                },
                Err(AuditReadError::Unreadable(error)) => return Err(ReadError::new(Source::File(path.clone()), error).into()),
            }
        }
        Ok((!paths.is_empty()).then_some(read))
    }

    /// The logs, with all that they record of the signatures on this genome: one that is large is read again for that.
    pub(crate) fn about(&self, genome: &[u8]) -> Result<Cow<'_, [AuditLog]>, Failure> {
        if self.logs.iter().all(AuditLog::is_complete) {
            return Ok(Cow::Borrowed(&self.logs));
        }
        // What is not a genome has no signatures, and is refused for that.
        let Ok(document) = Document::read(genome) else { return Ok(Cow::Borrowed(&self.logs)) };
        let about = |(file, log): (&AuditFile, &AuditLog)| {
            if log.is_complete() {
                return Ok(log.clone());
            }
            let unreadable = |error| Failure::from(ReadError::new(Source::File(file.file().path().to_owned()), error));
            file.read_about(log, &document).map_err(unreadable)
        };
        self.files.iter().zip(&self.logs).map(about).collect::<Result<Vec<_>, _>>().map(Cow::Owned)
    }
}

/// The largest file that is looked at once more for what it is instead of a log.
const MOST_OF_ANOTHER: u64 = 1 << 20;

/// The finding about a file that is no audit log, but another document that is known.
fn other_document(faults: &[AuditFault], path: &Path) -> Option<Finding> {
    // A log can be large, and memory short.
    let is_small = path.metadata().is_ok_and(|file| file.len() <= MOST_OF_ANOTHER);
    if !is_small || faults.first().is_none_or(|fault| fault.line != 1) {
        return None;
    }
    let bytes = Source::File(path.to_owned()).read_regular().ok()?;
    let other = OtherDocument::of_bytes(DocumentKind::AuditLog, &bytes)?;
    let finding = Finding::error(other.to_string(), with_options(other.hint()));
    Some(Finding { check: Some(Check::Audit), ..finding.with_code(Code::AuditMismatch).at(path) })
}

fn findings(faults: &[AuditFault], path: &Path) -> Vec<Finding> {
    let finding = |message: String, hint: &str| Finding {
        check: Some(Check::Audit),
        ..Finding::error(message, hint).with_code(Code::AuditMismatch).at(path)
    };
    let shown = faults
        .iter()
        .take(SHOWN)
        .map(|fault| Finding { position: Some((fault.line, 1)), ..finding(fault.to_string(), fault.hint()) });
    let more = faults.len().saturating_sub(SHOWN);
    let more = (more > 0).then(|| finding(format!("{more} more faults of the audit log are not shown"), "look at these first"));
    shown.chain(more).collect()
}

/// Warnings of lines that were cut off.
#[must_use]
pub fn torn_lines(path: &Path, log: &AuditLog) -> Vec<Finding> {
    let torn = log.torn().iter().map(|&line| {
        let message = format!("line {line} of the audit log was cut off, by a crash: it records nothing");
        let finding =
            Finding::warning(message, "expected after a crash; the line after it, if there is one, names what is left of it");
        Finding { position: Some((line, 1)), ..finding.at(path) }
    });
    torn.collect()
}
