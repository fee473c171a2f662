//! Strings: their escapes, and characters that no string may hold.

use crate::character::{is_non_character, may_hold_non_characters};
use crate::cursor::{Cursor, Fault};
use crate::scan::plain_length;
use crate::{JsonFault, Text};

impl<'a> Cursor<'a> {
    /// RFC 8259 section 7. The cursor stands at the quote.
    #[inline]
    pub(crate) fn string(&mut self) -> Result<Text<'a>, Fault> {
        let start = self.at;
        self.at += 1;
        self.at += plain_length(self.bytes());
        if self.doubtful || self.peek() != Some(b'"') {
            return self.uncommon_string(start + 1);
        }
        self.at += 1;
        Ok(Text::verbatim(self.since(start)))
    }

    /// A string that may hold what is not plain; the cursor stands where that begins.
    #[inline(never)]
    fn uncommon_string(&mut self, start: usize) -> Result<Text<'a>, Fault> {
        let mut unescaped = String::new();
        let mut plain = start;
        loop {
            let run = self.since(plain);
            refuse_non_characters(run, plain)?;
            match self.peek() {
                Some(b'"') if plain == start => {
                    self.at += 1;
                    return Ok(Text::verbatim(self.since(start - 1)));
                }
                Some(b'"') => {
                    self.at += 1;
                    unescaped.push_str(run);
                    return Ok(unescaped.into());
                }
                Some(b'\\') => {
                    unescaped.push_str(run);
                    unescaped.push(self.escape()?);
                }
                Some(_) => return Err(self.fault(JsonFault::ControlCharacter)),
                None => return Err(self.expected("the end of a string")),
            }
            plain = self.at;
            self.at += plain_length(self.bytes());
        }
    }

    fn escape(&mut self) -> Result<char, Fault> {
        let start = self.at;
        self.at += 1;
        let character = match self.peek() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(start),
            None => return Err(self.cut_off()),
            Some(_) => return Err(Fault::new(start, JsonFault::BadEscape)),
        };
        self.at += 1;
        Ok(character)
    }

    fn unicode_escape(&mut self, start: usize) -> Result<char, Fault> {
        let fault = |fault| Err(Fault::new(start, fault));
        if self.ends_within_code_unit() {
            return Err(self.cut_off());
        }
        let Some(first) = self.code_unit() else { return fault(JsonFault::BadEscape) };
        let mut scalar = u32::from(first);
        if (0xd800..0xdc00).contains(&first) {
            if b"\\u".starts_with(self.bytes()) {
                return Err(self.cut_off());
            }
            if !self.bytes().starts_with(b"\\u") {
                return fault(JsonFault::LoneSurrogate);
            }
            self.at += 1;
            if self.ends_within_code_unit() {
                return Err(self.cut_off());
            }
            match self.code_unit() {
                Some(second @ 0xdc00..0xe000) => {
                    scalar = 0x1_0000 + ((scalar - 0xd800) << 10) + (u32::from(second) - 0xdc00);
                }
                Some(_) => return fault(JsonFault::LoneSurrogate),
                None => return fault(JsonFault::BadEscape),
            }
        }
        match char::from_u32(scalar) {
            None => fault(JsonFault::LoneSurrogate),
            Some(character) if is_non_character(character) => fault(JsonFault::NonCharacter(scalar)),
            Some(character) => Ok(character),
        }
    }

    /// Whether the document ends before the four digits of `uXXXX`, at whose `u` the cursor stands, do.
    fn ends_within_code_unit(&self) -> bool {
        let digits = self.bytes().get(1..).unwrap_or_default();
        digits.len() < 4 && digits.iter().all(u8::is_ascii_hexdigit)
    }

    /// The document ends within an escape, which is no other fault: its beginning may be all that was written of it.
    #[cold]
    fn cut_off(&self) -> Fault {
        Fault::new(self.text.len(), JsonFault::Truncated { expected: "the rest of an escape" })
    }

    /// The four digits of `uXXXX`, at whose `u` the cursor stands.
    fn code_unit(&mut self) -> Option<u16> {
        let digits = self.text.get(self.at + 1..self.at + 5)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        self.at += 5;
        u16::from_str_radix(digits, 16).ok()
    }
}

fn refuse_non_characters(text: &str, start: usize) -> Result<(), Fault> {
    if !may_hold_non_characters(text) {
        return Ok(());
    }
    match text.char_indices().find(|&(_, character)| is_non_character(character)) {
        None => Ok(()),
        Some((at, character)) => Err(Fault::new(start + at, JsonFault::NonCharacter(u32::from(character)))),
    }
}
