//! The audit logs in which a verifier looks for signatures.

use crate::{Failure, Finding, ReadError, Source, note};
use genome::{AuditFault, AuditLog, Check, Code, Document, Remembering};
use genome_files::{AuditReadError, OpenError, OpenFile, Prefix, read_audit_log, take_lock};
use std::borrow::Cow;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// How large a log may be: more than a million lines.
const MOST_BYTES: u64 = 1024 * 1024 * 1024;

/// How many faults of a log are said.
const SHOWN: usize = 100;

/// So many records of a log are remembered for all genomes at once; of one that has more, those of each genome are looked for.
const REMEMBERED: usize = 10_000;

/// Some audit logs.
#[derive(Debug, Default)]
pub(crate) struct AuditLogs {
    /// Of those whose chain holds; and how long each was.
    pub(crate) files: Vec<(OpenFile, u64)>,
    pub(crate) logs: Vec<AuditLog>,
    /// What is wrong with the others.
    pub(crate) broken: Vec<Finding>,
}

impl AuditLogs {
    /// Reads the logs at these paths; `None` where there is none to read.
    pub(crate) fn read(paths: &[PathBuf]) -> Result<Option<Self>, Failure> {
        let mut read = Self::default();
        for path in paths {
            match read_one(path) {
                Ok((file, length, log)) => {
                    read.files.push((file, length));
                    read.logs.push(log);
                }
                Err(Unread::Broken(faults)) => read.broken.extend(findings(&faults, path)),
                Err(Unread::Unreadable(error)) => return Err(ReadError::new(Source::File(path.clone()), error).into()),
            }
        }
        Ok((!paths.is_empty()).then_some(read))
    }

    /// The logs, with all that they record of the signatures on this genome: one that is large is read again for that.
    pub(crate) fn about(&self, genome: &[u8]) -> Result<Cow<'_, [AuditLog]>, Failure> {
        if self.logs.iter().all(AuditLog::is_complete) {
            return Ok(Cow::Borrowed(&self.logs));
        }
        // What is no genome has no signatures, and is refused for that.
        let Ok(document) = Document::read(genome) else { return Ok(Cow::Borrowed(&self.logs)) };
        let about = |((file, length), log): (&(OpenFile, u64), &AuditLog)| {
            if log.is_complete() {
                return Ok(log.clone());
            }
            let unreadable = |error: io::Error| Failure::from(ReadError::new(Source::File(file.path().to_owned()), error));
            let again = read_audit_log(Prefix::of(file.file(), *length), &Remembering::SignaturesOn(&document));
            match again {
                Ok(again) if again.sha256() == log.sha256() => Ok(again),
                Err(AuditReadError::System(error)) => Err(unreadable(error)),
                // Nobody but a program that appends may write to it.
                Ok(_) | Err(AuditReadError::Broken(_)) => Err(unreadable(io::Error::other("it changed while it was read"))),
            }
        };
        self.files.iter().zip(&self.logs).map(about).collect::<Result<Vec<_>, _>>().map(Cow::Owned)
    }
}

enum Unread {
    Broken(Vec<AuditFault>),
    Unreadable(OpenError),
}

impl<E: Into<OpenError>> From<E> for Unread {
    fn from(error: E) -> Self {
        Self::Unreadable(error.into())
    }
}

/// Reads a log to which others may be writing. It is as long as it was when nobody was.
fn read_one(path: &Path) -> Result<(OpenFile, u64, AuditLog), Unread> {
    let file = OpenFile::open_regular(path)?;
    // Before it is waited for.
    refuse_large(file.size())?;
    // While a line is written it looks torn. Where there are no locks, it is read all the same.
    let wait = || note("waiting for another program that writes to the audit log\n");
    match take_lock(|| file.file().try_lock_shared(), "it", wait) {
        Err(error) if error.kind() == ErrorKind::TimedOut => return Err(error.into()),
        _ => {}
    }
    let length = file.file().metadata()?.len();
    refuse_large(length)?;
    let log = read_audit_log(Prefix::of(file.file(), length), &Remembering::UpTo(REMEMBERED));
    // Whoever signs need not wait for what comes next. Where it cannot be let go, it is at the end.
    let _ = file.file().unlock();
    match log {
        Ok(log) => Ok((file, length, log)),
        Err(AuditReadError::Broken(faults)) => Err(Unread::Broken(faults)),
        Err(AuditReadError::System(error)) => Err(error.into()),
    }
}

/// Refuses a log that is larger than it may be, before any of it is read.
pub(crate) fn refuse_large(length: u64) -> io::Result<()> {
    if length > MOST_BYTES { Err(too_large()) } else { Ok(()) }
}

/// What is said of a log that is larger than it may be.
fn too_large() -> io::Error {
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
