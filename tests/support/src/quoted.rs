//! The inverse of [`genome_json::text::Quoted`], after its grammar and not after its code.

use std::fmt;

/// A line of a report that is taken apart from its start.
#[derive(Clone, Copy)]
pub struct Line<'t>(pub &'t str);

impl<'t> Line<'t> {
    /// Steps over words of ours.
    ///
    /// # Errors
    /// Something else stands there.
    pub fn word(&mut self, word: &str) -> Result<(), Unexpected> {
        self.0 = self.0.strip_prefix(word).ok_or_else(|| Unexpected::new(word, self.0))?;
        Ok(())
    }

    /// Whether these words of ours come next; then they are stepped over.
    pub fn accepts(&mut self, word: &str) -> bool {
        self.word(word).is_ok()
    }

    /// The text that is quoted here.
    ///
    /// # Errors
    /// None is.
    pub fn quoted(&mut self) -> Result<String, Unexpected> {
        let (text, rest) = unquoted(self.0).ok_or_else(|| Unexpected::new("a quoted text", self.0))?;
        self.0 = rest;
        Ok(text)
    }

    /// Quoted texts with `, ` between them.
    ///
    /// # Errors
    /// None is here.
    pub fn list(&mut self) -> Result<Vec<String>, Unexpected> {
        let mut list = vec![self.quoted()?];
        while self.accepts(", ") {
            list.push(self.quoted()?);
        }
        Ok(list)
    }

    /// What stands before these words of ours, which are stepped over.
    ///
    /// # Errors
    /// They are nowhere.
    pub fn until(&mut self, end: &str) -> Result<&'t str, Unexpected> {
        let (text, rest) = self.0.split_once(end).ok_or_else(|| Unexpected::new(end, self.0))?;
        self.0 = rest;
        Ok(text)
    }

    /// Nothing is left.
    ///
    /// # Errors
    /// Something is.
    pub fn end(self) -> Result<(), Unexpected> {
        if self.0.is_empty() { Ok(()) } else { Err(Unexpected::new("the end", self.0)) }
    }
}

/// What stands behind a quoted text, and the text itself; `None` where none is there.
#[must_use]
pub fn unquoted(shown: &str) -> Option<(String, &str)> {
    let (inside, rest) = shown.strip_prefix('`')?.split_once('`')?;
    let mut text = String::new();
    let mut left = inside;
    while let Some((plain, escape)) = left.split_once('\\') {
        text.push_str(plain);
        if let Some(after) = escape.strip_prefix('\\') {
            text.push('\\');
            left = after;
        } else {
            let (digits, after) = escape.strip_prefix("u{")?.split_once('}')?;
            text.push(char::from_u32(u32::from_str_radix(digits, 16).ok()?)?);
            left = after;
        }
    }
    text.push_str(left);
    Some((text, rest))
}

/// A report says something else than its grammar has it.
#[derive(Debug)]
pub struct Unexpected {
    expected: String,
    found: String,
}

impl Unexpected {
    /// Something else was expected here.
    #[must_use]
    pub fn new(expected: &str, found: &str) -> Self {
        Self { expected: expected.to_owned(), found: found.to_owned() }
    }
}

impl fmt::Display for Unexpected {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "expected {}, found {:?}", self.expected, self.found)
    }
}

impl std::error::Error for Unexpected {}
