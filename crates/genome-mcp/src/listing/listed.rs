//! What a server has listed: definitions as they came, and those that cannot be pinned.

use super::{ListingFault, MOST_BYTES, MOST_TOOLS};
use crate::message::{Json, Message};
use genome::definition::{DefinitionError, ToolDefinition};
use std::borrow::Cow;
use std::collections::HashMap;
use thiserror::Error;

/// What a server lists.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Listed {
    /// The revision of MCP in which it was asked.
    pub revision: &'static str,
    /// What it tells the model at the start.
    pub instructions: Instructions,
    /// Its tools, in the order of the list, no two of one name.
    pub tools: Vec<ToolDefinition>,
    /// What it lists beside them: nothing of it could be called through the gate, or be pinned.
    pub unusable: Vec<Unusable>,
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
    /// Its name, if it has one that can be read.
    pub name: Option<String>,
    /// Why.
    pub flaw: Flaw,
}

/// Why a tool cannot be pinned.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Flaw {
    /// A call does not say which of them it means.
    #[error("several tools have this name")]
    SeveralOfOneName,
    /// It is not read as every reader would.
    #[error("its definition cannot be read: {0}")]
    Definition(#[from] DefinitionError),
    /// It has a name that some readers cut, or take for its `name`.
    #[error("two readers could understand its definition differently")]
    Ambiguous,
}

/// Tools as they came.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    found: Vec<Result<ToolDefinition, Unusable>>,
    bytes: usize,
}

impl Gathered {
    /// Takes the tools of one page.
    pub(super) fn take(&mut self, message: &Message<'_>, tools: &Json<'_>) -> Result<(), ListingFault> {
        self.bytes += tools.raw().len();
        if self.bytes > MOST_BYTES {
            return Err(ListingFault::TooManyBytes);
        }
        for tool in tools.items() {
            if self.found.len() >= MOST_TOOLS {
                return Err(ListingFault::TooManyTools);
            }
            self.found.push(found(message, &tool));
        }
        Ok(())
    }

    /// The tools that can be pinned, and those that cannot: of several of one name none can.
    pub(super) fn sorted_out(self) -> (Vec<ToolDefinition>, Vec<Unusable>) {
        let mut counts: HashMap<String, usize> = HashMap::new();
        let name = |found: &Result<ToolDefinition, Unusable>| match found {
            Ok(tool) => Some(tool.name().to_owned()),
            Err(unusable) => unusable.name.clone(),
        };
        for name in self.found.iter().filter_map(name) {
            *counts.entry(name).or_default() += 1;
        }
        let (mut tools, mut unusable) = (Vec::new(), Vec::new());
        for found in self.found {
            match found {
                Ok(tool) if counts.get(tool.name()).is_some_and(|count| *count > 1) => {
                    unusable.push(Unusable { name: Some(tool.name().to_owned()), flaw: Flaw::SeveralOfOneName });
                }
                Ok(tool) => tools.push(tool),
                Err(of_tool) => unusable.push(of_tool),
            }
        }
        (tools, unusable)
    }
}

fn found(message: &Message<'_>, tool: &Json<'_>) -> Result<ToolDefinition, Unusable> {
    let unusable = |flaw| {
        let name = tool.get("name").and_then(|name| name.as_text().map(Cow::into_owned));
        Unusable { name, flaw }
    };
    let definition = ToolDefinition::read(tool.raw().as_bytes()).map_err(|error| unusable(error.into()))?;
    // What the gate takes out of a list, a genome need not pin.
    if message.is_flawed(tool) || tool.has_similar(&["name"]) {
        return Err(unusable(Flaw::Ambiguous));
    }
    Ok(definition)
}
