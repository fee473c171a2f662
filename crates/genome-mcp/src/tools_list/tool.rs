//! A tool of a list: its name, its definition, and whether every reader understands it alike.

use crate::message::{Json, Message};
use genome::definition::{DefinitionError, ToolDefinition};
use std::borrow::Cow;
use std::collections::HashMap;
use thiserror::Error;

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

/// The name of a tool; `None` where readers could see two.
pub(crate) fn name<'t>(tool: &Json<'t>) -> Option<Cow<'t, str>> {
    if tool.has_similar(&["name"]) { None } else { tool.get("name")?.as_text() }
}

/// Whether no two readers understand a tool differently.
pub(crate) fn is_clear(message: &Message<'_>, tool: &Json<'_>) -> bool {
    !message.is_flawed(tool) && !tool.has_similar(&["name"])
}

/// The definition of a tool, which a genome can pin.
pub(crate) fn definition(message: &Message<'_>, tool: &Json<'_>) -> Result<ToolDefinition, Flaw> {
    if is_clear(message, tool) { Ok(ToolDefinition::read(tool.raw().as_bytes())?) } else { Err(Flaw::Ambiguous) }
}

/// How many tools have each name. Of several of one name none counts.
#[derive(Debug, Default)]
pub(crate) struct NameCounts<'t>(HashMap<Cow<'t, str>, usize>);

impl<'t> NameCounts<'t> {
    /// Counts the names that can be read.
    pub(crate) fn of(names: impl IntoIterator<Item = Cow<'t, str>>) -> Self {
        let mut counts = HashMap::new();
        for name in names {
            *counts.entry(name).or_default() += 1;
        }
        Self(counts)
    }

    /// Whether no other tool has this name.
    pub(crate) fn is_alone(&self, name: &str) -> bool {
        self.0.get(name) == Some(&1)
    }
}
