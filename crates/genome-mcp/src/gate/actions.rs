//! What the genome says of tools and methods.

use super::event::Reason;
use genome::mcp::{ActionName, ActionNames, ServerName};
use genome::{Ceiling, Genome, GenomeId, Verified};
use genome_json::text::Quoted;
use std::fmt;

/// How many characters of an action are shown after the name of the server.
const SHOWN: usize = 200;

/// How the actions of a server are named in the genome (DESIGN section 11).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    server: ServerName,
    has_plain_tools: bool,
}

impl Names {
    /// A tool is `NAME/TOOL`, anything else `NAME:METHOD`.
    #[must_use]
    pub fn of_server(server: ServerName) -> Self {
        Self { server, has_plain_tools: false }
    }

    /// A tool is `TOOL`; one that is not made of `A-Z`, `a-z`, `0-9`, `_`, `.` and `-`, or goes by the name of a method, is denied. Anything else is
    /// `NAME:METHOD`. For genomes that were written for one server.
    #[must_use]
    pub fn with_plain_tools(server: ServerName) -> Self {
        Self { server, has_plain_tools: true }
    }

    /// How tools are named.
    pub(super) fn of_tools(&self) -> ActionNames {
        if self.has_plain_tools { ActionNames::Plain } else { ActionNames::OfServer(self.server.clone()) }
    }

    /// Whether the genome pins anything that can be of this server. Names without a server count as those of any.
    pub(super) fn are_pinned_by(&self, genome: &Genome) -> bool {
        if self.has_plain_tools { !genome.tools.is_empty() } else { genome.pins_of_server(&self.server).next().is_some() }
    }
}

/// The ceiling, asked by the names of MCP.
#[derive(Debug)]
pub(super) struct Actions {
    ceiling: Ceiling,
    /// Of methods, and of tools unless these are plain.
    names: ActionNames,
    has_plain_tools: bool,
    genome: GenomeId,
    /// Whether any tool is allowed.
    has_tools: bool,
}

/// What the ceiling says of an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    Allowed,
    Denied(Denial),
}

/// An action that is not allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Denial {
    /// Shortened.
    pub(super) action: String,
    pub(super) reason: Reason,
    pub(super) cap_id: Option<String>,
    pub(super) genome: GenomeId,
}

impl Actions {
    pub(super) fn new(genome: &Verified<Genome>, Names { server, has_plain_tools }: Names) -> Self {
        let ceiling = genome.to_ceiling();
        let mut actions =
            Self { ceiling, names: ActionNames::OfServer(server), has_plain_tools, genome: genome.id(), has_tools: false };
        let mut allowed = genome.capabilities.iter().flat_map(|capability| &capability.allow_actions);
        actions.has_tools = allowed.any(|action| actions.names_tool(action) && actions.ceiling.decide(action).is_allowed());
        actions
    }

    /// Whether any tool of the server is allowed.
    pub(super) fn has_tools(&self) -> bool {
        self.has_tools
    }

    /// Whether a call of a tool is allowed.
    pub(super) fn tool(&self, tool: &str) -> Answer {
        let name = if self.has_plain_tools { plain(tool) } else { self.names.tool(tool) };
        match name {
            Some(name) => self.decide(name),
            None => Answer::Denied(self.denial(ActionName::verbatim(tool), Reason::NotAllowed, None)),
        }
    }

    /// Whether a method is allowed.
    pub(super) fn method(&self, method: &str) -> Answer {
        self.decide(self.names.method(method))
    }

    /// Whether a method is allowed, where no more than that is asked.
    pub(super) fn allows(&self, method: &str) -> bool {
        self.method(method) == Answer::Allowed
    }

    /// Whether a method may be used that goes with another, or with none: it needs no permission of its own, but a denial holds.
    pub(super) fn unless_denied(&self, method: &str) -> Result<(), Denial> {
        let name = self.names.method(method);
        if name.is_longer_than(self.ceiling.longest()) {
            return Ok(());
        }
        let decision = self.ceiling.decide(&name.to_text());
        let is_denied = decision.reason() == genome::Reason::Denied;
        if is_denied { Err(self.denial(name, Reason::Denied, decision.cap_id())) } else { Ok(()) }
    }

    fn decide(&self, name: ActionName<'_>) -> Answer {
        if name.is_longer_than(self.ceiling.longest()) {
            return Answer::Denied(self.denial(name, Reason::NotAllowed, None));
        }
        let decision = self.ceiling.decide(&name.to_text());
        let reason = match decision.reason() {
            genome::Reason::Allowed => return Answer::Allowed,
            genome::Reason::Denied => Reason::Denied,
            genome::Reason::NotAllowed => Reason::NotAllowed,
        };
        Answer::Denied(self.denial(name, reason, decision.cap_id()))
    }

    fn denial(&self, name: ActionName<'_>, reason: Reason, cap_id: Option<&str>) -> Denial {
        let action = name.shortened(SHOWN).into_owned();
        Denial { action, reason, cap_id: cap_id.map(ToOwned::to_owned), genome: self.genome }
    }

    /// Whether an action is that of a tool of this server.
    fn names_tool(&self, action: &str) -> bool {
        if self.has_plain_tools { plain(action).is_some() } else { self.names.tool_of(action).is_some() }
    }
}

impl Answer {
    /// `Err` with the denial, where it is one.
    pub(super) fn into_result(self) -> Result<(), Denial> {
        match self {
            Self::Allowed => Ok(()),
            Self::Denied(denial) => Err(denial),
        }
    }
}

/// The action of a tool under plain names.
fn plain(tool: &str) -> Option<ActionName<'_>> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    let is_borrowed = || ActionNames::Plain.tool(tool).is_none();
    (tool.bytes().all(is_plain) && !is_borrowed()).then(|| ActionName::verbatim(tool))
}

/// What the model and its user read: which action, by which genome, that it is final, and whom to ask. Nothing of what is allowed, and no arguments.
impl fmt::Display for Denial {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { action, genome, .. } = self;
        write!(
            formatter,
            "denied: the action {} is not allowed by the genome {genome}. It was not done. This is final, and trying again changes nothing: only those \
             who sign the genome can allow it",
            Quoted(action)
        )
    }
}
