//! Why bytes are not a document that is read.

use crate::text::Quoted;
use thiserror::Error;

/// Why bytes are not a JSON document that is read, and where.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}, column {column}: {fault}")]
pub struct JsonError {
    /// What is wrong.
    pub fault: JsonFault,
    /// The line, from 1; lines end in a line feed.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
}

/// What is wrong with a JSON document.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum JsonFault {
    /// The document has more than [`MAX_BYTES`](super::MAX_BYTES).
    #[error("the document is larger than 16 MiB")]
    TooLarge,
    /// Arrays and objects are nested more than [`MAX_DEPTH`](super::MAX_DEPTH) deep.
    #[error("nested more than 64 levels deep")]
    TooDeep,
    /// The document starts with U+FEFF (RFC 8259 section 8.1).
    #[error("a byte order mark")]
    ByteOrderMark,
    /// RFC 7493 section 2.1.
    #[error("not UTF-8")]
    NotUtf8,
    /// The document ends too early.
    #[error("the document ends where {expected} should follow")]
    Truncated {
        /// What the grammar expects here.
        expected: &'static str,
    },
    /// A character that the grammar does not allow here.
    #[error("expected {expected}, found {}", Quoted(found.encode_utf8(&mut [0; 4])))]
    Unexpected {
        /// The character found.
        found: char,
        /// What the grammar expects here.
        expected: &'static str,
    },
    /// A control character within a string (RFC 8259 section 7).
    #[error("a control character in a string must be written as an escape")]
    ControlCharacter,
    /// A backslash that begins none of the escapes of RFC 8259 section 7.
    #[error("not an escape of JSON")]
    BadEscape,
    /// RFC 7493 section 2.1.
    #[error("half of a surrogate pair alone")]
    LoneSurrogate,
    /// RFC 7493 section 2.1.
    #[error("the non-character U+{0:04X}")]
    NonCharacter(u32),
    /// RFC 7493 section 2.3.
    #[error("the name {} stands twice in one object", Quoted(.0))]
    DuplicateName(String),
    /// An integer outside ±(2^53 - 1) (RFC 7493 section 2.2), or a number whose canonical form would be such an integer and
    /// which therefore could not be read back.
    #[error("an integer outside ±(2^53 - 1), which not every reader keeps exactly")]
    IntegerOutOfRange,
    /// RFC 7493 section 2.2.
    #[error("a number too large for a double")]
    NumberOverflow,
    /// Something follows the document.
    #[error("something follows the end of the document: {}", Quoted(.0.encode_utf8(&mut [0; 4])))]
    Trailing(char),
}
