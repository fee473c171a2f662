//! What a server has listed: definitions as they came, and those that cannot be pinned.

use super::{Flaw, ListFault};
use crate::message::{Json, Message};
use crate::tools_list::{Extent, ListPage, NameCounts, definition, name};
use genome::definition::ToolDefinition;
use std::borrow::Cow;

/// What a server lists.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Listed {
    /// The revision of MCP in which it was asked.
    pub revision: &'static str,
    /// Whether it says that it speaks revisions with a handshake as well, in which it may list something else ([`Listing::begin_with_handshake`]).
    ///
    /// [`Listing::begin_with_handshake`]: super::Listing::begin_with_handshake
    pub has_handshake: bool,
    /// What it tells the model at the start.
    pub instructions: Instructions,
    /// Its tools, in the order of the list, no two of one name.
    pub tools: Vec<ToolDefinition>,
    /// What it lists beside them: nothing of it can be pinned, or called through a gate that holds the server to pins.
    pub unusable: Vec<Unusable>,
}

impl Listed {
    /// Whether it was asked in the revision in which each request says all.
    #[must_use]
    pub fn is_modern(&self) -> bool {
        self.revision == super::MODERN
    }
}

/// The instructions of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Instructions {
    /// It has none.
    None,
    /// A text.
    Text(String),
    /// Something that is no text, or none that every reader understands alike.
    Unreadable,
}

impl Instructions {
    pub(super) fn of(value: &Json<'_>) -> Self {
        match value.as_text() {
            Some(text) => Self::Text(text.into_owned()),
            None if value.raw() == "null" => Self::None,
            None => Self::Unreadable,
        }
    }

    /// The text, if there is one that can be read.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::None | Self::Unreadable => None,
        }
    }
}

/// A tool that cannot be pinned.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unusable {
    /// Its name, if it has one that every reader understands alike.
    pub name: Option<String>,
    /// Why.
    pub flaw: Flaw,
}

/// Tools as they came.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    found: Vec<Result<ToolDefinition, Unusable>>,
    extent: Extent,
    is_begun: bool,
}

impl Gathered {
    /// Whether no page was taken.
    pub(super) fn is_empty(&self) -> bool {
        !self.is_begun
    }

    /// Takes the tools of one page.
    pub(super) fn take(&mut self, message: &Message<'_>, page: &ListPage<'_>) -> Result<(), ListFault> {
        self.is_begun = true;
        self.extent.take(page.tools.items().count(), message.compact().len(), page.cursor)?;
        self.found.extend(page.tools.items().map(|tool| found(message, &tool)));
        Ok(())
    }

    /// The tools that can be pinned, and those that cannot: of several of one name none can.
    pub(super) fn sorted_out(self) -> (Vec<ToolDefinition>, Vec<Unusable>) {
        let Self { found, .. } = self;
        let name = |found: &Result<ToolDefinition, Unusable>| match found {
            Ok(tool) => Some(Cow::Owned(tool.name().to_owned())),
            Err(unusable) => unusable.name.clone().map(Cow::Owned),
        };
        let counts = NameCounts::of(found.iter().filter_map(name));
        let (mut tools, mut unusable) = (Vec::new(), Vec::new());
        for found in found {
            match found {
                Ok(tool) if counts.is_alone(tool.name()) => tools.push(tool),
                Ok(tool) => unusable.push(Unusable { name: Some(tool.name().to_owned()), flaw: Flaw::SeveralOfOneName }),
                Err(of_tool) => unusable.push(of_tool),
            }
        }
        (tools, unusable)
    }
}

fn found(message: &Message<'_>, tool: &Json<'_>) -> Result<ToolDefinition, Unusable> {
    definition(message, tool).map_err(|flaw| Unusable { name: name(tool).map(Cow::into_owned), flaw })
}
