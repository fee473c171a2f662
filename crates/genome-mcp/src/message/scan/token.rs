//! Tokens of more than one byte.

use super::Scanner;
use crate::message::{Fault, Flaw, FlawKind};
use genome_json::plain_length;

impl Scanner<'_> {
    pub(super) fn string(&mut self) -> Result<(), Fault> {
        let start = self.place(self.at);
        self.at += 1;
        let mut has_lone = false;
        loop {
            self.at += plain_length(self.bytes());
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => has_lone |= self.escape()?,
                Some(_) => return Err(Fault::ControlCharacter),
                None => return Err(self.expected("the end of a string")),
            }
        }
        self.at += 1;
        if has_lone {
            self.flaws.push(Flaw { at: start, kind: FlawKind::LoneSurrogate });
        }
        Ok(())
    }

    /// Reads an escape. Returns whether it is half of a surrogate pair alone.
    fn escape(&mut self) -> Result<bool, Fault> {
        self.at += 2;
        let letter = self.at.checked_sub(1).and_then(|at| self.line.as_bytes().get(at));
        match letter {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => return Ok(false),
            Some(b'u') => {}
            _ => return Err(Fault::BadEscape),
        }
        let unit = self.code_unit().ok_or(Fault::BadEscape)?;
        if !(0xd800..0xdc00).contains(&unit) || !self.bytes().starts_with(b"\\u") {
            return Ok((0xd800..0xe000).contains(&unit));
        }
        let before = self.at;
        self.at += 2;
        let second = self.code_unit().ok_or(Fault::BadEscape)?;
        let is_pair = (0xdc00..0xe000).contains(&second);
        if !is_pair {
            // It is the next escape, and may be the first half of a pair.
            self.at = before;
        }
        Ok(!is_pair)
    }

    fn code_unit(&mut self) -> Option<u16> {
        let digits = self.line.get(self.at..self.at + 4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        self.at += 4;
        u16::from_str_radix(digits, 16).ok()
    }

    /// RFC 8259 section 6, of any size.
    pub(super) fn number(&mut self) -> Result<(), Fault> {
        self.accept(b"-");
        if !self.accept(b"0") {
            self.digits()?;
        }
        if self.accept(b".") {
            self.digits()?;
        }
        if self.accept(b"eE") {
            self.accept(b"+-");
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), Fault> {
        let count = self.bytes().iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += count;
        if count > 0 { Ok(()) } else { Err(self.expected("a digit")) }
    }

    pub(super) fn literal(&mut self, literal: &'static str) -> Result<bool, Fault> {
        if !self.bytes().starts_with(literal.as_bytes()) {
            return Err(self.expected("a value"));
        }
        self.at += literal.len();
        Ok(false)
    }

    /// Steps over one of these bytes, if it comes next.
    fn accept(&mut self, bytes: &[u8]) -> bool {
        let found = self.peek().is_some_and(|byte| bytes.contains(&byte));
        self.at += usize::from(found);
        found
    }
}
