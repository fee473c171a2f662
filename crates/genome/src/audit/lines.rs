//! The lines of a log, one after the other, wherever they are.

use super::line::MOST_BYTES;
use crate::digest::Digest;
use sha2::{Digest as _, Sha256};
use std::convert::Infallible;

/// The lines of an audit log. The core does not fetch them itself; `genome-files` reads them from a file.
pub trait AuditLines {
    /// Why they cannot be fetched.
    type Error;

    /// Returns to the first line.
    ///
    /// # Errors
    /// It cannot.
    fn rewind(&mut self) -> Result<(), Self::Error>;

    /// Returns the next line.
    ///
    /// # Errors
    /// It cannot be fetched.
    fn next_line(&mut self) -> Result<NextLine<'_>, Self::Error>;
}

/// What comes next in a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextLine<'l> {
    /// A line, with its line feed, which the last may lack.
    Line(&'l [u8]),
    /// A line of more than [`AuditLog::MOST_LINE_BYTES`](super::AuditLog::MOST_LINE_BYTES) before its line feed. Nothing after it is taken.
    TooLong,
    /// There is no other line.
    End,
}

/// Lines that are hashed as they are taken.
pub(super) struct Hashed<'l, L> {
    lines: &'l mut L,
    hasher: Sha256,
}

impl<'l, L: AuditLines> Hashed<'l, L> {
    pub(super) fn from_the_start_of(lines: &'l mut L) -> Result<Self, L::Error> {
        lines.rewind()?;
        Ok(Self { lines, hasher: Sha256::new() })
    }

    pub(super) fn next(&mut self) -> Result<NextLine<'_>, L::Error> {
        let next = self.lines.next_line()?;
        if let NextLine::Line(line) = next {
            self.hasher.update(line);
        }
        Ok(next)
    }

    /// The digest of all the lines that were taken.
    pub(super) fn sha256(&self) -> Digest {
        Digest::finish(self.hasher.clone())
    }
}

/// A log that is in memory.
pub(super) struct InMemory<'b> {
    log: &'b [u8],
    rest: &'b [u8],
}

impl<'b> InMemory<'b> {
    pub(super) fn of(log: &'b [u8]) -> Self {
        Self { log, rest: log }
    }
}

impl AuditLines for InMemory<'_> {
    type Error = Infallible;

    fn rewind(&mut self) -> Result<(), Infallible> {
        self.rest = self.log;
        Ok(())
    }

    fn next_line(&mut self) -> Result<NextLine<'_>, Infallible> {
        let feed = self.rest.iter().position(|&byte| byte == b'\n');
        let (line, rest) = self.rest.split_at(feed.map_or(self.rest.len(), |feed| feed + 1));
        if feed.unwrap_or(line.len()) > MOST_BYTES {
            return Ok(NextLine::TooLong);
        }
        self.rest = rest;
        Ok(if line.is_empty() { NextLine::End } else { NextLine::Line(line) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(log: &[u8]) -> Vec<Option<usize>> {
        let mut lines = InMemory::of(log);
        let mut lines = Hashed::from_the_start_of(&mut lines).unwrap();
        let mut lengths = Vec::new();
        loop {
            match lines.next().unwrap() {
                NextLine::Line(line) => lengths.push(Some(line.len())),
                NextLine::TooLong => {
                    lengths.push(None);
                    return lengths;
                }
                NextLine::End => {
                    assert_eq!(lines.sha256(), Digest::of(log));
                    return lengths;
                }
            }
        }
    }

    #[test]
    fn a_line_has_so_many_bytes_at_most() {
        assert_eq!(lengths(b""), []);
        assert_eq!(lengths(b"a\n\nbc"), [Some(2), Some(1), Some(2)]);
        let longest = vec![b'x'; MOST_BYTES];
        assert_eq!(lengths(&longest), [Some(MOST_BYTES)]);
        assert_eq!(lengths(&[&longest[..], b"\n", b"y"].concat()), [Some(MOST_BYTES + 1), Some(1)]);
        assert_eq!(lengths(&[b"a\n", &longest[..], b"x"].concat()), [Some(2), None]);
        assert_eq!(lengths(&[&longest[..], b"x\na\n"].concat()), [None]);
    }
}
