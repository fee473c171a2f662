//! The audit logs in which a verifier looks for signatures.

use crate::{Failure, Finding, ReadError, Source, note};
use genome::{AuditFault, AuditLog, Check, Code};
use genome_files::{OpenError, OpenFile, take_lock};
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};

/// How large a log may be: more than a million lines.
pub(crate) const MOST_BYTES: u64 = 1024 * 1024 * 1024;

/// How many faults of a log are said.
const SHOWN: usize = 100;

/// Some audit logs.
#[derive(Debug, Default)]
pub(crate) struct AuditLogs {
    /// Of those whose chain holds.
    pub(crate) files: Vec<OpenFile>,
    pub(crate) logs: Vec<AuditLog>,
    /// What is wrong with the others.
    pub(crate) broken: Vec<Finding>,
}

impl AuditLogs {
    /// Reads the logs at these paths; `None` where there is none to read.
    pub(crate) fn read(paths: &[PathBuf]) -> Result<Option<Self>, Failure> {
        let mut read = Self::default();
        for path in paths {
            let (file, bytes) = bytes(path).map_err(|error| ReadError::new(Source::File(path.clone()), error))?;
            match AuditLog::read(&bytes) {
                Ok(log) => {
                    read.files.push(file);
                    read.logs.push(log);
                }
                Err(faults) => read.broken.extend(findings(&faults, path)),
            }
        }
        Ok((!paths.is_empty()).then_some(read))
    }
}

/// The bytes of a log to which others may be writing.
fn bytes(path: &Path) -> Result<(OpenFile, Vec<u8>), OpenError> {
    let file = OpenFile::open_regular(path)?;
    if file.size() > MOST_BYTES {
        return Err(too_large().into());
    }
    // While a line is written it looks torn. Where there are no locks, it is read all the same.
    let wait = || note("waiting for another program that writes to the audit log\n");
    match take_lock(|| file.file().try_lock_shared(), "it", wait) {
        Err(error) if error.kind() == ErrorKind::TimedOut => return Err(error.into()),
        _ => {}
    }
    let mut bytes = Vec::new();
    file.file().take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(too_large().into());
    }
    Ok((file, bytes))
}

/// What is said of a log that is larger than it may be.
pub(crate) fn too_large() -> io::Error {
    io::Error::new(ErrorKind::FileTooLarge, "it is larger than 1 GiB")
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
