//! The cursor of the reader, and faults at its place.

use crate::JsonFault;
use crate::character::may_hold_non_characters;

/// A place in a document, which moves forward token by token.
pub(crate) struct Cursor<'a> {
    pub(crate) text: &'a str,
    /// In bytes.
    pub(crate) at: usize,
    /// Whether the document may hold non-characters.
    pub(crate) doubtful: bool,
    /// Whether numbers that a double cannot hold are rounded, and not refused.
    pub(crate) rounds: bool,
}

/// A fault and the offset of its first byte. What is seldom there is boxed, so that results stay small.
pub(crate) struct Fault {
    pub(crate) at: usize,
    pub(crate) fault: Box<JsonFault>,
}

impl Fault {
    #[cold]
    pub(crate) fn new(at: usize, fault: JsonFault) -> Self {
        Self { at, fault: Box::new(fault) }
    }
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0, doubtful: may_hold_non_characters(text), rounds: false }
    }

    /// Steps over white space, and returns the first byte of the next token without stepping over it.
    #[inline]
    pub(crate) fn next_token(&mut self) -> Option<u8> {
        loop {
            match self.peek() {
                Some(b' ' | b'\n' | b'\r' | b'\t') => {
                    self.at += 1;
                    self.at += self.indentation();
                }
                other => return other,
            }
        }
    }

    /// How many spaces follow, up to 8. Most white space is a line feed and a few spaces, which are seen here all at once.
    fn indentation(&self) -> usize {
        match self.bytes().first_chunk() {
            Some(word) => (u64::from_le_bytes(*word) ^ u64::from_le_bytes([b' '; 8])).trailing_zeros() as usize / 8,
            None => 0,
        }
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Steps over a byte, if it comes next.
    pub(crate) fn accept(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// The bytes that follow.
    pub(crate) fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    /// The text from an offset to here.
    pub(crate) fn since(&self, start: usize) -> &'a str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// The fault at a place where something else should follow.
    #[cold]
    pub(crate) fn expected(&self, expected: &'static str) -> Fault {
        self.fault(match self.character() {
            Some(found) => JsonFault::Unexpected { found, expected },
            None => JsonFault::Truncated { expected },
        })
    }

    pub(crate) fn fault(&self, fault: JsonFault) -> Fault {
        Fault::new(self.at, fault)
    }

    pub(crate) fn character(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }
}
