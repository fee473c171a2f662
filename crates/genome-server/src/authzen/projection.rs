//! Projections: how a request of AuthZEN is understood as an action of the ceiling. What a projection does not cover is denied. None of them
//! shortens, folds or decodes a name.

mod action;
pub(super) mod apparitor;
mod coaz;
mod policy_backend;

use super::request::{Action, Resource};
use genome::mcp::{ActionName, ActionNames};
use genome_json::text::{Quoted, excerpt};
use serde::{Serialize, Serializer};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// How requests of AuthZEN are understood as actions. The list is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Projection {
    /// The action is `action.name`.
    #[default]
    Action,
    /// The methods and tools of an MCP server, as COAZ-MCP binds them.
    Coaz,
    /// The tools that `authzen-policy-backend` asks about.
    PolicyBackend,
    /// The tools that `apparitor` asks about, and its other verbs.
    Apparitor,
}

impl Projection {
    /// Every projection.
    pub const ALL: [Self; 4] = [Self::Action, Self::Coaz, Self::PolicyBackend, Self::Apparitor];

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Action => "action",
            Self::Coaz => "coaz",
            Self::PolicyBackend => "authzen-policy-backend",
            Self::Apparitor => "apparitor",
        }
    }

    /// Whether what it yields are actions of MCP, which have names of [`ActionNames`].
    #[must_use]
    pub fn names_actions_of_mcp(self) -> bool {
        matches!(self, Self::Coaz | Self::Apparitor)
    }

    /// The action that is asked about, if the projection covers the request.
    pub(super) fn project<'a>(
        self,
        names: &'a ActionNames,
        action: Action<'a>,
        resource: Resource<'a>,
    ) -> Result<Projected<'a>, Uncovered> {
        match self {
            Self::Action => Ok(Projected::Named(action::project(action))),
            Self::Coaz => coaz::project(names, action, resource).map(Projected::Named),
            Self::PolicyBackend => policy_backend::project(action).map(Projected::Named),
            Self::Apparitor => apparitor::project(names, action, resource),
        }
    }

    /// The names by which an action may be found that is allowed; `None` where every allowed action goes by its own.
    pub(super) fn searched(self) -> Option<Vec<&'static str>> {
        match self {
            Self::Action => None,
            Self::Coaz => Some(coaz::methods().collect()),
            // The name alone is never covered.
            Self::PolicyBackend => Some(Vec::new()),
            Self::Apparitor => Some(apparitor::VERBS.into()),
        }
    }
}

impl fmt::Display for Projection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl Serialize for Projection {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
impl schemars::JsonSchema for Projection {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Projection".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "enum": Self::ALL})
    }
}

/// The text is the name of no projection.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{} is none of the projections {}", Quoted(excerpt), Projection::ALL.map(Projection::as_str).join(", "))]
pub struct ProjectionError {
    excerpt: String,
}

impl FromStr for Projection {
    type Err = ProjectionError;

    fn from_str(text: &str) -> Result<Self, ProjectionError> {
        let known = Self::ALL.into_iter().find(|projection| projection.as_str() == text);
        known.ok_or_else(|| ProjectionError { excerpt: excerpt(text) })
    }
}

/// An action of the ceiling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Projected<'a> {
    Named(ActionName<'a>),
    /// The action of a tool whose name the client has folded, so that others may go by it too.
    Folded(ActionName<'a>),
}

impl<'a> Projected<'a> {
    pub(super) fn name(self) -> ActionName<'a> {
        match self {
            Self::Named(name) | Self::Folded(name) => name,
        }
    }
}

/// Why a request is no action, in words.
pub(super) type Uncovered = &'static str;

/// A tool without a name, or one that would borrow what a method is allowed.
const NO_TOOL: Uncovered = "not covered: a tool whose name is empty, or is that of a method";
