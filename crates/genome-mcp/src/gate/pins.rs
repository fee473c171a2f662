//! What the genome pins of the server.

use genome::mcp::ActionNames;
use genome::{Digest, Genome};
use std::collections::HashMap;

/// The definitions that are good, by tool, and the instructions that are.
#[derive(Debug, Default)]
pub(super) struct Pins {
    tools: HashMap<Box<str>, Vec<Digest>>,
    instructions: Vec<Digest>,
    are_held: bool,
}

/// What the server shows in the place of what is pinned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mismatch {
    /// `None` for what has no digest, as it can be understood in two ways.
    pub(super) seen: Option<Digest>,
    pub(super) pinned: Vec<Digest>,
}

impl Pins {
    /// The pins of a server. The tool of an action is `None` where the action is not that of a tool.
    pub(super) fn new<'g>(
        genome: &'g Genome,
        names: &ActionNames,
        has_plain_tools: bool,
        tool_of: impl Fn(&'g str) -> Option<&'g str>,
    ) -> Self {
        // Names without a server count as those of any.
        let are_held = has_plain_tools && !genome.tools.is_empty()
            || names.server().is_some_and(|server| genome.pins_of_server(server).next().is_some());
        let mut pins = Self { are_held, ..Self::default() };
        for pin in &genome.tools {
            if let Some(tool) = tool_of(&pin.action) {
                pins.tools.entry(tool.into()).or_default().push(pin.sha256);
            }
        }
        pins.instructions = genome.pins_of(&names.method(INSTRUCTIONS).to_text()).copied().collect();
        pins
    }

    /// Whether the server is held to pins: the genome pins something of it.
    pub(super) fn are_held(&self) -> bool {
        self.are_held
    }

    /// The definitions of a tool that are good; none where it has no pin.
    pub(super) fn of_tool(&self, tool: &str) -> &[Digest] {
        self.tools.get(tool).map(Vec::as_slice).unwrap_or_default()
    }

    /// The tools that are pinned.
    pub(super) fn tools(&self) -> impl Iterator<Item = &str> {
        self.tools.keys().map(|tool| &**tool)
    }

    /// The instructions that are good.
    pub(super) fn of_instructions(&self) -> &[Digest] {
        &self.instructions
    }
}

/// How many of the digests that are pinned for one action are shown.
pub(super) const SHOWN: usize = 3;

/// The name, after that of the server, by which a genome pins its instructions.
pub(super) const INSTRUCTIONS: &str = "instructions";
