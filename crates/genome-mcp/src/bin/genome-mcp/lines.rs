//! Lines of a stream, of bounded length.

use genome_mcp::message::Passing;
use std::io::{self, BufRead as _, BufReader, Read};

/// How much memory a line may leave behind for the next one, in bytes.
const KEPT: usize = 1024 * 1024;

/// What a stream has next.
#[derive(Debug)]
pub(crate) enum Line<'l> {
    /// A line, without its line feed.
    Whole(&'l [u8]),
    /// A line that was thrown away, as it is too long.
    TooLong(Passing),
    /// The end.
    End,
}

/// Lines of a stream.
#[derive(Debug)]
pub(crate) struct Lines<R> {
    input: BufReader<R>,
    line: Vec<u8>,
    most: usize,
}

impl<R: Read> Lines<R> {
    /// Lines of no more than so many bytes.
    pub(crate) fn new(input: R, most: usize) -> Self {
        Self { input: BufReader::with_capacity(64 * 1024, input), line: Vec::new(), most }
    }

    /// Waits for the next line.
    ///
    /// # Errors
    /// The stream cannot be read.
    pub(crate) fn next(&mut self) -> io::Result<Line<'_>> {
        if self.line.capacity() > KEPT {
            self.line = Vec::new();
        }
        self.line.clear();
        let room = u64::try_from(self.most).unwrap_or(u64::MAX).saturating_add(1);
        if self.input.by_ref().take(room).read_until(b'\n', &mut self.line)? == 0 {
            return Ok(Line::End);
        }
        if self.line.last() == Some(&b'\n') {
            self.line.pop();
        } else if self.line.len() > self.most {
            return self.skip();
        }
        Ok(Line::Whole(&self.line))
    }

    /// Throws the rest of a line away.
    fn skip(&mut self) -> io::Result<Line<'_>> {
        let mut passing = Passing::default();
        passing.take(&self.line);
        self.line = Vec::new();
        loop {
            let bytes = match self.input.fill_buf() {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let end = bytes.iter().position(|&byte| byte == b'\n');
            let part = bytes.get(..end.unwrap_or(bytes.len())).unwrap_or_default();
            passing.take(part);
            let taken = part.len() + usize::from(end.is_some());
            self.input.consume(taken);
            // Nothing more comes after an empty part without a line feed.
            if end.is_some() || taken == 0 {
                return Ok(Line::TooLong(passing));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, most: usize) -> Vec<String> {
        let mut lines = Lines::new(text.as_bytes(), most);
        let mut read = Vec::new();
        loop {
            read.push(match lines.next().unwrap() {
                Line::Whole(line) => String::from_utf8_lossy(line).into_owned(),
                Line::TooLong(passing) => format!("{:?}", passing.answers()),
                Line::End => return read,
            });
        }
    }

    #[test]
    fn lines_are_bounded_and_the_next_one_is_whole() {
        let long = format!("{{\"result\":{{\"a\":\"{}\"}},\"id\":7}}", "x".repeat(200_000));
        assert_eq!(read(&format!("a\n\n{long}\nbb\r\n{long}"), 64), ["a", "", "Some(Number(7))", "bb\r", "Some(Number(7))"]);
        assert_eq!(read(&format!("{long}\nc"), long.len()), [&long, "c"]);
        assert_eq!(read("123\n1234\n12345\n1", 4), ["123", "1234", "None", "1"]);
        assert_eq!(read("", 4), Vec::<String>::new());
        assert_eq!(read("12345", 4), ["None"]);
    }
}
