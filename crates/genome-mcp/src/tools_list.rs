//! The rules of a list of tools, for the gate and for a client that only lists: how a page is asked for and read, how long a list may be, and which
//! of two tools a name means. Where the genome pins anything of the server, what the one takes for a whole list
//! with this tool in it, the other does; otherwise the gate passes each page by itself.

mod extent;
mod tool;

use crate::message::{Id, Json, Message};
pub(crate) use extent::{Extent, MOST_CHANGES};
use std::fmt;
pub use tool::Flaw;
pub(crate) use tool::{NameCounts, definition, is_clear, name};

/// Why a list of tools is none that can be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ListFault {
    /// A page is no list of tools.
    Malformed,
    /// It has too many pages.
    TooManyPages,
    /// It has too many tools.
    TooManyTools,
    /// It has too many bytes.
    TooManyBytes,
    /// The text by which the next page is asked for is too long.
    LongCursor,
    /// A page leads back to one that was asked for before.
    RepeatedCursor,
    /// It changes whenever it is read.
    KeepsChanging,
}

impl ListFault {
    /// What is wrong, in words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "the list of tools of the server is malformed",
            Self::TooManyPages => "the list of tools of the server has too many pages",
            Self::TooManyTools => "the list of tools of the server is too long: it has too many tools",
            Self::TooManyBytes => "the list of tools of the server is too long: it has too many bytes",
            Self::LongCursor => "the list of tools of the server has a cursor that is too long",
            Self::RepeatedCursor => "the pages of the list of tools of the server come round again",
            Self::KeepsChanging => "the list of tools of the server changed again and again while it was read",
        }
    }

    /// What a list may have, where it has more.
    fn most(self) -> Option<usize> {
        match self {
            Self::Malformed | Self::RepeatedCursor => None,
            Self::TooManyPages => Some(extent::MOST_PAGES),
            Self::TooManyTools => Some(extent::MOST_TOOLS),
            Self::TooManyBytes => Some(extent::MOST_BYTES),
            Self::LongCursor => Some(extent::MOST_CURSOR),
            Self::KeepsChanging => Some(MOST_CHANGES),
        }
    }
}

/// In words, with what a list may have.
impl fmt::Display for ListFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())?;
        self.most().map_or(Ok(()), |most| write!(formatter, " (at most {most})"))
    }
}

impl std::error::Error for ListFault {}

/// A page of a list.
#[derive(Debug)]
pub(crate) struct ListPage<'m> {
    /// An array.
    pub(crate) tools: Json<'m>,
    /// By which the next page is asked for, as the server has written it: a string of JSON, the empty one, too. `None` on the last page.
    pub(crate) cursor: Option<&'m str>,
}

impl<'m> ListPage<'m> {
    /// Reads the result of `tools/list`.
    pub(crate) fn read(message: &'m Message<'_>) -> Result<Self, ListFault> {
        let is_complete = message.in_result("resultType").is_none_or(|kind| kind.as_text().as_deref() == Some("complete"));
        let tools = message.in_result("tools").filter(|tools| tools.is_array() && is_complete).ok_or(ListFault::Malformed)?;
        // Some servers write what is not there as null.
        let cursor = message.in_result("nextCursor").map(|cursor| cursor.raw()).filter(|cursor| *cursor != "null");
        if cursor.is_some_and(|cursor| !cursor.starts_with('"')) {
            return Err(ListFault::Malformed);
        }
        Ok(Self { tools, cursor })
    }
}

/// The request for a page. The cursor and `_meta` are JSON, as they are written.
pub(crate) fn request(id: &Id, cursor: Option<&str>, meta: Option<&str>) -> String {
    let members = [("cursor", cursor), ("_meta", meta)];
    let params: Vec<String> = members.iter().filter_map(|(name, value)| Some(format!(r#""{name}":{}"#, (*value)?))).collect();
    format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/list","params":{{{}}}}}"#, params.join(","))
}
