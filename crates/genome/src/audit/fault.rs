//! What is wrong with an audit log, and what to do about it.

use crate::refusal::Refusal;
use std::fmt;

/// Something that is wrong with an audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuditFault {
    /// The line of the file, counted from 1; where one is missing, the one that stands in its place.
    pub line: usize,
    /// What is wrong.
    pub problem: AuditProblem,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuditProblem {
    /// It is not a line of the log, or not as it was written.
    Changed(Box<Refusal>),
    /// It says what a line of the log says, in other bytes.
    NotCanonical,
    /// It is longer than any line of the log.
    TooLong,
    /// The lines of these numbers are missing, from the first to the last.
    Missing(u32, u32),
    /// It has the number of another place.
    OutOfPlace(u32),
    /// It has the number of another line, which is there too.
    Repeated(u32),
    /// It names another digest than that of the line before.
    NotFollowing,
    /// It speaks of a torn line before it, which is not there, or not as it was.
    NotTorn,
    /// Too much before it is wrong. Neither it nor what follows was looked at.
    GivenUp,
}

impl AuditFault {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self.problem {
            AuditProblem::Missing(..) => "find out who took it away, and restore the log from a backup",
            AuditProblem::OutOfPlace(_) | AuditProblem::Repeated(_) => {
                "find out who moved or added it, and restore the log from a backup"
            }
            _ => "find out who changed or added it, and restore the log from a backup",
        }
    }
}

impl fmt::Display for AuditFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.line;
        match &self.problem {
            AuditProblem::Changed(refusal) => {
                write!(formatter, "line {line} of the audit log is not as it was written: ")?;
                match (&**refusal, refusal.faults().and_then(|faults| faults.iter().next())) {
                    (Refusal::Json(error), _) => write!(formatter, "column {}: {}", error.column, error.fault),
                    (_, Some(fault)) => write!(formatter, "{}{}{}", fault.pointer, separator(&fault.pointer), fault.problem),
                    (other, None) => other.fmt(formatter),
                }
            }
            AuditProblem::NotCanonical => {
                write!(formatter, "line {line} of the audit log is not as it was written: it is not in canonical form")
            }
            AuditProblem::TooLong => {
                write!(
                    formatter,
                    "line {line} of the audit log is not as it was written: it is longer than 64 KiB, and nothing after it was looked at"
                )
            }
            AuditProblem::Missing(first, last) if first == last => write!(formatter, "line {first} of the audit log is missing"),
            AuditProblem::Missing(first, last) => write!(formatter, "lines {first} to {last} of the audit log are missing"),
            AuditProblem::OutOfPlace(number) => write!(formatter, "line {line} of the audit log says that it is line {number}"),
            AuditProblem::Repeated(number) => {
                write!(formatter, "line {line} of the audit log says that it is line {number}, which is there already")
            }
            AuditProblem::NotFollowing if line == 1 => {
                write!(formatter, "line 1 of the audit log names a line before it")
            }
            AuditProblem::NotFollowing => write!(
                formatter,
                "line {line} of the audit log names another digest than that of the line before: one of the two was changed"
            ),
            AuditProblem::GivenUp => {
                write!(
                    formatter,
                    "line {line} of the audit log and those after it were not looked at: too many are not as they were written"
                )
            }
            AuditProblem::NotTorn => {
                write!(formatter, "line {line} of the audit log speaks of a torn line before it, which is not there as it was")
            }
        }
    }
}

/// Between a JSON Pointer and what is said of it.
fn separator(pointer: &str) -> &'static str {
    if pointer.is_empty() { "" } else { ": " }
}
