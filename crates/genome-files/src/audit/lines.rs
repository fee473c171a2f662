//! The lines of a log in a file, one after the other, so that no more than one of them is in memory.

use genome::audit::{AuditLines, AuditLog, NextLine};
use std::io::{self, BufRead as _, BufReader, Read, Seek};

const MOST_BYTES: usize = AuditLog::MOST_LINE_BYTES;

/// Reads lines.
pub(super) struct Lines<R> {
    reader: BufReader<R>,
    line: Vec<u8>,
}

impl<R: Read> Lines<R> {
    pub(super) fn of(reader: R) -> Self {
        Self { reader: BufReader::with_capacity(2 * MOST_BYTES, reader), line: Vec::new() }
    }
}

impl<R: Read + Seek> AuditLines for Lines<R> {
    type Error = io::Error;

    fn rewind(&mut self) -> io::Result<()> {
        self.reader.rewind()
    }

    fn next_line(&mut self) -> io::Result<NextLine<'_>> {
        self.line.clear();
        // One byte more shows that it is too long, whether it is the line feed or not.
        let most = MOST_BYTES as u64 + 1;
        (&mut self.reader).take(most).read_until(b'\n', &mut self.line)?;
        Ok(match self.line.as_slice() {
            [] => NextLine::End,
            line if line.len() as u64 == most && !line.ends_with(b"\n") => NextLine::TooLong,
            line => NextLine::Line(line),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn lengths(log: &[u8]) -> Vec<Option<usize>> {
        let mut lines = Lines::of(Cursor::new(log));
        let mut lengths = Vec::new();
        loop {
            match lines.next_line().unwrap() {
                NextLine::Line(line) => lengths.push(Some(line.len())),
                NextLine::TooLong => {
                    lengths.push(None);
                    return lengths;
                }
                NextLine::End => {
                    lines.rewind().unwrap();
                    assert_eq!(matches!(lines.next_line().unwrap(), NextLine::End), log.is_empty());
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
