//! The end of a log, and the line that comes next.

use super::line::{self, Line, MOST_BYTES, NOTHING, Torn};
use super::reading;
use super::record::AuditRecord;
use crate::digest::Digest;
use thiserror::Error;

/// The end of a log, to which a line is to be appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditTail {
    /// The number of the next line.
    next: u32,
    previous: Digest,
    /// What a crash has left after the last line, as it will stand there when it is ended.
    torn: Vec<u8>,
    /// Whether the last line lacks its line feed.
    is_open: bool,
}

/// Why a line cannot be appended to a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AuditTailError {
    /// The last lines are not those of an audit log.
    #[error("it does not end with a line of an audit log")]
    NoLine,
    /// The text of the line has no end.
    #[error("the line would be longer than 64 KiB")]
    TooLong,
    /// There is no number for a line after the last.
    #[error("it has no room for another line")]
    Full,
}

impl AuditTail {
    /// How many bytes from the end of a log are enough, at least.
    pub const MOST_BYTES: usize = 16 * MOST_BYTES;

    /// Reads the last bytes of a log, or all of it.
    ///
    /// # Errors
    /// What stands there was not written by these programs, or was changed since.
    pub fn read(end: &[u8], is_whole: bool) -> Result<Self, AuditTailError> {
        let mut lines: Vec<&[u8]> = end.split_inclusive(|&byte| byte == b'\n').collect();
        if !is_whole && !lines.is_empty() {
            // It may have begun before.
            lines.remove(0);
        }
        let is_open = lines.last().is_some_and(|last| !last.ends_with(b"\n"));
        let last = lines.iter().rev().enumerate().find_map(|(after, line)| Some((after, line, reading::read(line).ok()?)));
        let (after, previous, number) = match last {
            Some((after, line, Line { number, .. })) => {
                let line = line.strip_suffix(b"\n").unwrap_or(line);
                (after, Digest::of(&[line, b"\n"].concat()), number)
            }
            None if is_whole => (lines.len(), Digest::from_bytes(NOTHING), 0),
            None => return Err(AuditTailError::NoLine),
        };
        let torn = lines.split_off(lines.len() - after);
        // A foreign line that is complete was not torn; but the line that follows a torn one may be cut off itself.
        let is_torn = is_open && torn.iter().all(|line| line::is_beginning(line));
        if !torn.is_empty() && !is_torn {
            return Err(AuditTailError::NoLine);
        }
        let between = u32::try_from(torn.len()).map_err(|_| AuditTailError::Full)?;
        let next = number.checked_add(between).and_then(|last| last.checked_add(1)).ok_or(AuditTailError::Full)?;
        let mut torn = torn.concat();
        if !torn.is_empty() {
            torn.push(b'\n');
        }
        Ok(Self { next, previous, torn, is_open })
    }

    /// The number of the line that comes next.
    #[must_use]
    pub fn next(&self) -> u32 {
        self.next
    }

    /// Whether the last line was cut off by a crash.
    #[must_use]
    pub fn is_torn(&self) -> bool {
        !self.torn.is_empty()
    }

    /// Returns the bytes to append, so that this is recorded.
    ///
    /// # Errors
    /// [`AuditTailError::TooLong`]
    pub fn following(&self, record: AuditRecord) -> Result<String, AuditTailError> {
        let torn = self.is_torn().then(|| Torn::of(&self.torn));
        let line = Line { number: self.next, previous: self.previous, torn, record }.to_json();
        if line.len() > MOST_BYTES {
            return Err(AuditTailError::TooLong);
        }
        let end = if self.is_open { "\n" } else { "" };
        Ok(format!("{end}{line}\n"))
    }
}
