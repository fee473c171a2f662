//! What the genome says of tools and methods.

use super::denial::Denial;
use super::event::Reason;
use super::pins::{INSTRUCTIONS, Mismatch, Pins};
use super::tools::{Shown, Tools};
use genome::mcp::{ActionName, ActionNames, ServerName};
use genome::{Ceiling, Digest, Genome, GenomeId, Verified};

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
}

/// The ceiling and the pins, asked by the names of MCP.
#[derive(Debug)]
pub(super) struct Actions {
    ceiling: Ceiling,
    pins: Pins,
    /// Of methods, and of tools unless these are plain.
    names: ActionNames,
    has_plain_tools: bool,
    genome: GenomeId,
    /// Whether any tool is allowed, and pinned where the server is held to pins.
    has_tools: bool,
}

/// What the ceiling says of an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    Allowed,
    Denied(Denial),
}

impl Actions {
    pub(super) fn new(genome: &Verified<Genome>, Names { server, has_plain_tools }: Names) -> Self {
        let (ceiling, names) = (genome.to_ceiling(), ActionNames::OfServer(server));
        let mut actions = Self { ceiling, pins: Pins::default(), names, has_plain_tools, genome: genome.id(), has_tools: false };
        actions.pins = Pins::new(genome, &actions.names, has_plain_tools, |action| actions.tool_of(action));
        let mut allowed = genome.capabilities.iter().flat_map(|capability| &capability.allow_actions);
        actions.has_tools = allowed.any(|action| {
            let tool = actions.tool_of(action).filter(|_| actions.ceiling.decide(action).is_allowed());
            tool.is_some_and(|tool| !actions.pins.are_held() || !actions.pins.of_tool(tool).is_empty())
        });
        actions
    }

    /// Whether any tool of the server can be called.
    pub(super) fn has_tools(&self) -> bool {
        self.has_tools
    }

    /// Whether the server is held to pins.
    pub(super) fn are_pinned(&self) -> bool {
        self.pins.are_held()
    }

    /// Whether a tool that is allowed has a pin, where the server is held to pins.
    pub(super) fn pinned(&self, tool: &str) -> Result<(), Denial> {
        if !self.pins.are_held() || !self.pins.of_tool(tool).is_empty() {
            return Ok(());
        }
        Err(self.denial(self.tool_name(tool), Reason::ToolUnpinned, None))
    }

    /// Whether the definition of a tool that is allowed is one of those that are pinned.
    pub(super) fn definition(&self, tool: &str, seen: Option<Digest>) -> Result<(), Denial> {
        self.pinned(tool)?;
        if seen.is_some_and(|seen| self.pins.of_tool(tool).contains(&seen)) { Ok(()) } else { Err(self.changed(tool, seen)) }
    }

    /// Whether a tool that is pinned is not what was signed, or gone, in the whole list of the server.
    pub(super) fn have_drifted(&self, tools: &Tools) -> bool {
        self.pins.tools().any(|tool| !matches!(tools.get(tool), Some(Shown::Good(_))))
    }

    /// The denial of a tool that the server shows otherwise than it is pinned.
    pub(super) fn changed(&self, tool: &str, seen: Option<Digest>) -> Denial {
        let mismatch = Mismatch { seen, pinned: self.pins.of_tool(tool).to_vec() };
        Denial { mismatch: Some(Box::new(mismatch)), ..self.denial(self.tool_name(tool), Reason::ToolChanged, None) }
    }

    /// The denial of a tool whose definition was not seen.
    pub(super) fn unseen(&self, tool: &str, why: &'static str) -> Denial {
        Denial { detail: Some(why), ..self.denial(self.tool_name(tool), Reason::ToolUnseen, None) }
    }

    /// Whether the instructions of the server are those that are pinned.
    pub(super) fn instructions(&self, seen: Option<Digest>) -> Result<(), Denial> {
        let pinned = self.pins.of_instructions();
        if !self.pins.are_held() || seen.is_some_and(|seen| pinned.contains(&seen)) {
            return Ok(());
        }
        let reason = if pinned.is_empty() { Reason::InstructionsUnpinned } else { Reason::InstructionsChanged };
        let mismatch = Mismatch { seen, pinned: pinned.to_vec() };
        Err(Denial { mismatch: Some(Box::new(mismatch)), ..self.denial(self.names.method(INSTRUCTIONS), reason, None) })
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
        Denial { action, reason, cap_id: cap_id.map(ToOwned::to_owned), genome: self.genome, mismatch: None, detail: None }
    }

    /// The action of a tool, for people.
    fn tool_name<'a>(&'a self, tool: &'a str) -> ActionName<'a> {
        let name = if self.has_plain_tools { None } else { self.names.tool(tool) };
        name.unwrap_or_else(|| ActionName::verbatim(tool))
    }

    /// The tool of this server whose action this is, if it can be that of one.
    fn tool_of<'a>(&self, action: &'a str) -> Option<&'a str> {
        if self.has_plain_tools { plain(action).map(|_| action) } else { self.names.tool_of(action) }
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
