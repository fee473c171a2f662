//! The scanner: one pass over a line, which checks the grammar of RFC 8259, notes where members stand, and keeps no tree.
//!
//! It is not `genome_json::parse`, which refuses what a relay has to pass on: numbers that no double holds, lone surrogates in texts that nobody decides on,
//! and 64 levels. What is decided on is read by `genome_json` afterwards, from the places that are noted here.

mod token;

use super::json::plain_text;
use super::{Fault, Flaw, FlawKind, MOST_LEVELS, MOST_MEMBERS, Member};
use std::borrow::Cow;

/// What was found in a line.
pub(super) struct Scanned<'l> {
    /// The tokens of the line, byte for byte, without white space between them.
    pub(super) text: Cow<'l, str>,
    /// The members of the object that the line is, and those of the objects that stand right in it, in their order.
    pub(super) members: Vec<Member>,
    pub(super) flaws: Vec<Flaw>,
}

/// Scans a line that is one JSON object.
pub(super) fn scan(line: &str) -> Result<Scanned<'_>, Fault> {
    let mut scanner = Scanner {
        line,
        at: 0,
        text: String::new(),
        run: 0,
        frames: Vec::new(),
        names: Vec::new(),
        members: Vec::new(),
        flaws: Vec::new(),
    };
    scanner.document()?;
    let Scanner { mut text, run, members, flaws, .. } = scanner;
    let rest = line.get(run..).unwrap_or_default();
    let text = if text.is_empty() {
        Cow::Borrowed(rest)
    } else {
        text.push_str(rest);
        Cow::Owned(text)
    };
    Ok(Scanned { text, members, flaws })
}

struct Scanner<'l> {
    line: &'l str,
    at: usize,
    /// The tokens so far, but for those since `run`: a line without white space is never copied.
    text: String,
    run: usize,
    /// The arrays and objects that have not ended yet.
    frames: Vec<Frame>,
    /// The names of the objects that have not ended yet.
    names: Vec<Cow<'l, str>>,
    members: Vec<Member>,
    flaws: Vec<Flaw>,
}

#[derive(Clone, Copy)]
struct Frame {
    is_object: bool,
    /// Where it begins in the text.
    start: usize,
    /// Where its names begin in the stack of names.
    first_name: usize,
    /// The member whose value is being read, if it is noted.
    member: Option<usize>,
}

impl<'l> Scanner<'l> {
    fn document(&mut self) -> Result<(), Fault> {
        match self.token() {
            Some(b'{') => {}
            Some(b'[') => return Err(Fault::Batch),
            _ => return Err(self.expected("a JSON object")),
        }
        loop {
            if self.begins_value()? {
                continue;
            }
            if self.end_values()? {
                return Ok(());
            }
        }
    }

    /// Reads a value, or the start of one. Returns whether a value has to follow.
    fn begins_value(&mut self) -> Result<bool, Fault> {
        match self.token() {
            Some(b'"') => self.string().map(|()| false),
            Some(bracket @ (b'{' | b'[')) => {
                let is_object = bracket == b'{';
                self.open(is_object)?;
                if self.token() == Some(if is_object { b'}' } else { b']' }) {
                    self.close()?;
                    return Ok(false);
                }
                if is_object {
                    self.name()?;
                }
                Ok(true)
            }
            Some(b'-' | b'0'..=b'9') => self.number().map(|()| false),
            Some(b't') => self.literal("true"),
            Some(b'f') => self.literal("false"),
            Some(b'n') => self.literal("null"),
            _ => Err(self.expected("a value")),
        }
    }

    /// After a value: ends what ends with it. Returns whether that is the document; otherwise a value has to follow.
    fn end_values(&mut self) -> Result<bool, Fault> {
        loop {
            let place = self.place(self.at);
            let Some(frame) = self.frames.last_mut() else {
                return if self.token().is_none() { Ok(true) } else { Err(self.expected("the end of the line")) };
            };
            let is_object = frame.is_object;
            if let Some(member) = frame.member.take().and_then(|member| self.members.get_mut(member)) {
                member.value.end = place;
            }
            match (self.token(), is_object) {
                (Some(b','), _) => {
                    self.at += 1;
                    if is_object {
                        self.name()?;
                    }
                    return Ok(false);
                }
                (Some(b'}'), true) | (Some(b']'), false) => self.close()?,
                (_, true) => return Err(self.expected("`,` or `}`")),
                (_, false) => return Err(self.expected("`,` or `]`")),
            }
        }
    }

    fn open(&mut self, is_object: bool) -> Result<(), Fault> {
        if self.frames.len() >= MOST_LEVELS {
            return Err(Fault::TooDeep);
        }
        self.frames.push(Frame { is_object, start: self.place(self.at), first_name: self.names.len(), member: None });
        self.at += 1;
        Ok(())
    }

    fn close(&mut self) -> Result<(), Fault> {
        self.at += 1;
        let frame = self.frames.pop().ok_or_else(|| self.expected("a value"))?;
        let names = self.names.get_mut(frame.first_name..).unwrap_or_default();
        names.sort_unstable();
        if names.windows(2).any(|pair| matches!(pair, [a, b] if a == b)) {
            self.flaws.push(Flaw { at: frame.start, kind: FlawKind::DuplicateName });
        }
        self.names.truncate(frame.first_name);
        Ok(())
    }

    /// Reads a name, and the colon.
    fn name(&mut self) -> Result<(), Fault> {
        if self.token() != Some(b'"') {
            return Err(self.expected("a name in double quotes"));
        }
        let start = self.at;
        let name_start = self.place(start);
        self.string()?;
        let name = name_start..self.place(self.at);
        let text = plain_text(self.line.get(start..self.at).unwrap_or_default()).ok_or(Fault::UnreadableName)?;
        // Only an escape can write it.
        if matches!(&text, Cow::Owned(text) if text.contains('\0'))
            && let Some(frame) = self.frames.last()
        {
            self.flaws.push(Flaw { at: frame.start, kind: FlawKind::CutName });
        }
        self.names.push(text);
        if self.token() != Some(b':') {
            return Err(self.expected("`:`"));
        }
        self.at += 1;
        self.token();
        let value = self.place(self.at);
        let depth = self.frames.len();
        // The outermost is an object; what stands in an array of it is not noted.
        if depth <= 2
            && let Some(frame) = self.frames.last_mut()
        {
            if self.members.len() >= MOST_MEMBERS {
                return Err(Fault::TooManyMembers);
            }
            frame.member = Some(self.members.len());
            self.members.push(Member { depth, name, value: value..value });
        }
        Ok(())
    }

    /// Steps over white space, which is left out of the text, and returns the first byte of the next token.
    #[inline]
    fn token(&mut self) -> Option<u8> {
        let next = self.peek();
        if matches!(next, Some(b' ' | b'\t' | b'\n' | b'\r')) { self.skip_blanks() } else { next }
    }

    #[inline(never)]
    fn skip_blanks(&mut self) -> Option<u8> {
        self.text.push_str(self.line.get(self.run..self.at).unwrap_or_default());
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
        self.run = self.at;
        self.peek()
    }

    /// Where this place of the line stands in the text.
    fn place(&self, at: usize) -> usize {
        self.text.len() + at - self.run
    }

    fn peek(&self) -> Option<u8> {
        self.line.as_bytes().get(self.at).copied()
    }

    fn bytes(&self) -> &'l [u8] {
        self.line.as_bytes().get(self.at..).unwrap_or_default()
    }

    #[cold]
    fn expected(&self, expected: &'static str) -> Fault {
        Fault::Syntax { at: self.at, expected }
    }
}
