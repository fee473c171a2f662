//! How long a list of tools may be: a server must not keep who reads it busy for ever.

use super::ListFault;
use std::collections::HashSet;

/// How many pages a list may have.
pub(super) const MOST_PAGES: usize = 256;

/// How many tools a list may have.
pub(super) const MOST_TOOLS: usize = 65_536;

/// How long the pages of a list may be in all, in bytes, without white space.
pub(super) const MOST_BYTES: usize = 64 * 1024 * 1024;

/// How long a cursor may be, in bytes, as it is written.
pub(super) const MOST_CURSOR: usize = 64 * 1024;

/// How often a list may change while it is read.
pub(crate) const MOST_CHANGES: usize = 4;

/// How much of a list was read.
#[derive(Debug, Default)]
pub(crate) struct Extent {
    pages: usize,
    tools: usize,
    bytes: usize,
    cursors: HashSet<String>,
}

impl Extent {
    /// Counts a page of so many tools and bytes, and the cursor of the next one.
    pub(crate) fn take(&mut self, tools: usize, bytes: usize, cursor: Option<&str>) -> Result<(), ListFault> {
        self.pages += 1;
        self.tools = self.tools.saturating_add(tools);
        self.bytes = self.bytes.saturating_add(bytes);
        if self.tools > MOST_TOOLS {
            return Err(ListFault::TooManyTools);
        }
        if self.bytes > MOST_BYTES {
            return Err(ListFault::TooManyBytes);
        }
        let Some(cursor) = cursor else { return Ok(()) };
        if cursor.len() > MOST_CURSOR {
            return Err(ListFault::LongCursor);
        }
        if self.pages >= MOST_PAGES {
            return Err(ListFault::TooManyPages);
        }
        if self.cursors.insert(cursor.to_owned()) { Ok(()) } else { Err(ListFault::RepeatedCursor) }
    }
}
