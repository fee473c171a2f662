//! The lines of a log, one after the other, so that no more than one of them is in memory.

use super::line::MOST_BYTES;
use crate::digest::Digest;
use sha2::{Digest as _, Sha256};
use std::io::{self, BufRead, BufReader, Read};

/// Reads lines, and hashes all that was read.
pub(super) struct Lines<R> {
    reader: BufReader<R>,
    line: Vec<u8>,
    hasher: Sha256,
}

/// What comes next.
pub(super) enum Next<'l> {
    /// A line, with its line feed, which the last may lack.
    Line(&'l [u8]),
    /// A line that is longer than any of ours. It was not read to its end, and nothing after it.
    TooLong,
    End,
}

impl<R: Read> Lines<R> {
    pub(super) fn of(reader: R) -> Self {
        Self { reader: BufReader::with_capacity(2 * MOST_BYTES, reader), line: Vec::new(), hasher: Sha256::new() }
    }

    pub(super) fn next(&mut self) -> io::Result<Next<'_>> {
        self.line.clear();
        // One byte more shows that it is too long, whether it is the line feed or not.
        let most = MOST_BYTES as u64 + 1;
        (&mut self.reader).take(most).read_until(b'\n', &mut self.line)?;
        self.hasher.update(&self.line);
        Ok(match self.line.as_slice() {
            [] => Next::End,
            line if line.len() as u64 == most && !line.ends_with(b"\n") => Next::TooLong,
            line => Next::Line(line),
        })
    }

    /// The digest of all that was read.
    pub(super) fn sha256(self) -> Digest {
        Digest::finish(self.hasher)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(log: &[u8]) -> Vec<Option<usize>> {
        let mut lines = Lines::of(log);
        let mut lengths = Vec::new();
        loop {
            match lines.next().unwrap() {
                Next::Line(line) => lengths.push(Some(line.len())),
                Next::TooLong => {
                    lengths.push(None);
                    return lengths;
                }
                Next::End => {
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
