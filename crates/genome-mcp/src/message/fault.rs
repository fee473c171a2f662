//! Why a line is not a message.

use super::{Id, MOST_LEVELS, MOST_MEMBERS, Passing};
use genome_json::text::Quoted;
use thiserror::Error;

/// A line that is not a message.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{fault}")]
pub struct Unreadable {
    /// Why.
    pub fault: Fault,
    /// The id of a request, as far as one can be found, so that its sender does not wait for ever. It is no more than a hint.
    pub id: Option<Id>,
    /// The id of an answer, in the same way.
    pub answers: Option<Id>,
}

impl Unreadable {
    /// A line that cannot be taken apart. What looks like an id in it is found all the same.
    pub(crate) fn hinted(fault: Fault, line: &[u8]) -> Self {
        let mut passing = Passing::default();
        passing.take(line);
        Self::of_passing(fault, &passing)
    }

    /// A line that was not kept.
    pub(crate) fn of_passing(fault: Fault, passing: &Passing) -> Self {
        Self { fault, id: passing.request().cloned(), answers: passing.answers().cloned() }
    }
}

/// Why a line is not a message.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Fault {
    /// RFC 7493 section 2.1.
    #[error("it is not UTF-8")]
    NotUtf8,
    /// RFC 8259 section 8.1.
    #[error("it begins with a byte order mark")]
    ByteOrderMark,
    /// It is no JSON.
    #[error("byte {at}: {expected} should stand here")]
    Syntax {
        /// Where, in bytes from the first token.
        at: usize,
        /// What the grammar expects.
        expected: &'static str,
    },
    /// RFC 8259 section 7.
    #[error("a control character in a string must be written as an escape")]
    ControlCharacter,
    /// RFC 8259 section 7.
    #[error("a backslash begins none of the escapes of JSON")]
    BadEscape,
    /// More than [`MOST_LEVELS`].
    #[error("it is nested more than {MOST_LEVELS} levels deep")]
    TooDeep,
    /// It is longer than whoever reads lines lets through.
    #[error("it is longer than --max-message lets through")]
    TooLong,
    /// More than [`MOST_MEMBERS`].
    #[error("it has more than {MOST_MEMBERS} members")]
    TooManyMembers,
    /// The name of a member has half of a surrogate pair alone, or a non-character.
    #[error("the name of a member is not text that every reader knows")]
    UnreadableName,
    /// An array of messages.
    #[error("it is a batch, and messages are sent one by one")]
    Batch,
    /// RFC 7493 section 2.3.
    #[error("a name stands twice in one object")]
    DuplicateName,
    /// A name that readers in C end at U+0000, and take for another.
    #[error("the name of a member has U+0000 in it, where some readers end it")]
    CutName,
    /// A name that some readers take for one that is decided on.
    #[error("some readers take the member {} for another one", Quoted(.0))]
    SimilarName(String),
    /// A member that JSON-RPC does not know.
    #[error("{} is no member of a message", Quoted(.0))]
    UnknownMember(String),
    /// `jsonrpc` is missing, or another version.
    #[error("`jsonrpc` is not \"2.0\"")]
    Version,
    /// `id` is missing, or no id.
    #[error("`id` is neither text nor an integer up to 2^53 - 1, or is too long")]
    BadId,
    /// `method` is not text.
    #[error("`method` is not text")]
    BadMethod,
    /// `params` or `result` or `error` is no object.
    #[error("{} is not an object", Quoted(.0))]
    NotAnObject(&'static str),
    /// It is neither a request, nor a notification, nor one answer.
    #[error("it has neither just a method, nor just a result, nor just an error")]
    Ambiguous,
}

impl Fault {
    /// Why, for a log: without the names that a stranger wrote, as they may be anything.
    pub(crate) fn without_names(&self) -> String {
        match self {
            Self::SimilarName(_) => "some readers take a member for another one".to_owned(),
            Self::UnknownMember(_) => "it has a member that is none of a message".to_owned(),
            other => other.to_string(),
        }
    }

    /// The code of JSON-RPC: -32700 for what is no JSON, -32600 for what is no message.
    #[must_use]
    pub fn json_rpc_code(&self) -> i32 {
        match self {
            Self::NotUtf8
            | Self::ByteOrderMark
            | Self::Syntax { .. }
            | Self::ControlCharacter
            | Self::BadEscape
            | Self::TooDeep
            | Self::UnreadableName => -32700,
            Self::Batch
            | Self::TooLong
            | Self::TooManyMembers
            | Self::DuplicateName
            | Self::CutName
            | Self::SimilarName(_)
            | Self::UnknownMember(_)
            | Self::Version
            | Self::BadId
            | Self::BadMethod
            | Self::NotAnObject(_)
            | Self::Ambiguous => -32600,
        }
    }
}

impl From<Fault> for Unreadable {
    fn from(fault: Fault) -> Self {
        Self { fault, id: None, answers: None }
    }
}
