//! Audit logs on a disk: reading them whole while others append to them, and appending to them. The rules of the log are in the core.

mod file;
mod lines;
mod writer;

use crate::OpenError;
pub use file::AuditFile;
use genome::audit::{AuditFault, AuditLog, Remembering};
use lines::Lines;
use std::io::{self, Read, Seek};
use thiserror::Error;
pub use writer::{AuditAppendError, AuditAppender, HeldAuditLog};

/// Why a log is not read.
#[derive(Debug, Error)]
pub enum AuditReadError {
    /// It is not a regular file, or the system does not let it be read.
    #[error(transparent)]
    Unreadable(#[from] OpenError),
    /// Lines are missing, or are not what they should be; at least one.
    #[error("the audit log is broken: {}", .0.first().map(ToString::to_string).unwrap_or_default())]
    Broken(Vec<AuditFault>),
}

impl From<io::Error> for AuditReadError {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error.into())
    }
}

/// Reads a log from its start, and checks that every line is as it was written and follows the one before.
///
/// # Errors
/// [`AuditReadError::Broken`], with every line that is missing or is not what it should be, up to some thousand of them; or it cannot
/// be read.
pub fn read_audit_log(log: impl Read + Seek, remembering: &Remembering<'_>) -> Result<AuditLog, AuditReadError> {
    AuditLog::read_lines(&mut Lines::of(log), remembering)?.map_err(AuditReadError::Broken)
}
