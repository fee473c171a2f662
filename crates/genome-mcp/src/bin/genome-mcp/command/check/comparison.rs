//! What a server lists, compared with what a genome pins of it.

use crate::pins::{action, instructions_of};
use genome::definition::{Definitions, Difference, ToolDefinition, differences, digest_of_instructions};
use genome::digest::Digest;
use genome::mcp::{ActionNames, ServerName};
use genome::{Genome, Verified};
use genome_json::Value;
use genome_mcp::listing::{Flaw, Instructions, Listed};
use std::collections::HashSet;

/// The comparison of a server with a genome.
#[derive(Debug)]
pub(crate) struct Comparison {
    /// Of each tool that the genome allows or pins, in the order of the list; what is not listed comes last, and the instructions at the very end.
    pub(crate) items: Vec<Compared>,
    /// The names of the tools that are listed and that the genome does not allow.
    pub(crate) not_allowed: Vec<String>,
    /// Whether the genome pins anything of the server. Where it does not, a tool drifts only if two readers could understand it differently.
    pub(crate) is_pinned: bool,
    /// Whether it has to: the gate does not start otherwise.
    pub(crate) requires_pins: bool,
}

/// A tool, or the instructions, and what has become of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Compared {
    pub(crate) action: String,
    pub(crate) status: Status,
}

/// Why it cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    Tool(Flaw),
    /// The instructions are no text.
    Instructions,
}

/// What has become of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// It is what the genome pins.
    Same,
    /// It is something else.
    Changed {
        /// What is good.
        pinned: Vec<Digest>,
        is: Digest,
        /// How it differs from what is pinned and at hand, if anything is.
        differences: Option<Vec<Difference>>,
    },
    /// The genome pins it, and the server does not have it.
    Missing,
    /// The genome allows it, and pins nothing of it.
    Unpinned,
    /// The genome allows it, and it cannot be read.
    Unreadable(Unreadable),
}

impl Status {
    /// The word of the reports.
    pub(crate) fn as_str(&self) -> &'static str {
        match self {
            Self::Same => "ok",
            Self::Changed { .. } => "changed",
            Self::Missing => "missing",
            Self::Unpinned => "unpinned",
            Self::Unreadable(_) => "unreadable",
        }
    }

    /// Why it is not what the genome pins, in a word; `None` where it is.
    pub(crate) fn why(&self) -> Option<&'static str> {
        match self {
            Self::Same => None,
            Self::Changed { .. } => Some("other_definition"),
            Self::Missing => Some("not_listed"),
            Self::Unpinned => Some("no_pin"),
            Self::Unreadable(Unreadable::Tool(Flaw::SeveralOfOneName)) => Some("several_of_one_name"),
            Self::Unreadable(Unreadable::Tool(Flaw::Ambiguous)) => Some("ambiguous"),
            Self::Unreadable(Unreadable::Tool(_)) => Some("no_definition"),
            Self::Unreadable(Unreadable::Instructions) => Some("no_text"),
        }
    }
}

impl Comparison {
    /// Compares them. The texts decide nothing.
    pub(crate) fn of(genome: &Verified<Genome>, server: &ServerName, listed: &Listed, texts: Option<&Definitions>) -> Self {
        let names = ActionNames::OfServer(server.clone());
        let ceiling = genome.to_ceiling();
        let is_allowed = |action: &str| ceiling.decide(action).is_allowed();
        let mut comparison = Self {
            items: Vec::new(),
            not_allowed: Vec::new(),
            is_pinned: genome.pins_of_server(server).next().is_some(),
            requires_pins: false,
        };
        for tool in &listed.tools {
            match action(&names, tool.name()).filter(|action| is_allowed(action)) {
                Some(action) => comparison.items.push(of_tool(genome, action, tool, texts)),
                None => comparison.not_allowed.push(tool.name().to_owned()),
            }
        }
        let mut seen: HashSet<String> = HashSet::new();
        for unusable in &listed.unusable {
            let action = unusable.name.as_deref().and_then(|name| action(&names, name));
            match action.filter(|action| is_allowed(action)) {
                // Several of one name are one thing to report.
                Some(action) => {
                    if seen.insert(action.clone()) {
                        comparison
                            .items
                            .push(Compared { action, status: Status::Unreadable(Unreadable::Tool(unusable.flaw.clone())) });
                    }
                }
                None => comparison.not_allowed.extend(unusable.name.clone()),
            }
        }
        let of_instructions = instructions_of(server);
        let pinned = genome.pins_of_server(server).map(|pin| pin.action.as_str()).filter(|pinned| *pinned != of_instructions);
        for pinned in pinned {
            if !comparison.items.iter().any(|item| item.action == pinned) {
                comparison.items.push(Compared { action: pinned.to_owned(), status: Status::Missing });
            }
        }
        comparison.items.extend(instructions(genome, of_instructions, &listed.instructions, texts));
        comparison
    }

    /// Whether the gate would take something from the agent that the genome allows.
    pub(crate) fn drifts(&self) -> bool {
        self.items.iter().any(|item| self.is_drift(item)) || self.lacks_pins()
    }

    /// Whether the genome pins nothing of the server, though it has to.
    pub(crate) fn lacks_pins(&self) -> bool {
        self.requires_pins && !self.is_pinned
    }

    /// Whether one of them drifts. Without any pin of the server, each of its tools is good whatever it says, if it is one tool to every reader.
    pub(crate) fn is_drift(&self, item: &Compared) -> bool {
        match &item.status {
            Status::Same => false,
            Status::Changed { .. }
            | Status::Missing
            | Status::Unreadable(Unreadable::Tool(Flaw::SeveralOfOneName | Flaw::Ambiguous)) => true,
            Status::Unpinned | Status::Unreadable(_) => self.is_pinned,
        }
    }
}

fn of_tool(genome: &Genome, action: String, tool: &ToolDefinition, texts: Option<&Definitions>) -> Compared {
    let status = status(genome, &action, tool.digest(), &tool.to_value(), texts);
    Compared { action, status }
}

/// The instructions, where there are some, or some are pinned.
fn instructions(genome: &Genome, action: String, is: &Instructions, texts: Option<&Definitions>) -> Option<Compared> {
    let is_pinned = genome.pins_of(&action).next().is_some();
    let status = match is {
        Instructions::None if is_pinned => Status::Missing,
        Instructions::None => return None,
        Instructions::Unreadable => Status::Unreadable(Unreadable::Instructions),
        Instructions::Text(text) => status(genome, &action, digest_of_instructions(text), &Value::string(text.as_str()), texts),
    };
    Some(Compared { action, status })
}

fn status(genome: &Genome, action: &str, digest: Digest, is: &Value<'_>, texts: Option<&Definitions>) -> Status {
    let pinned: Vec<Digest> = genome.pins_of(action).copied().collect();
    if pinned.is_empty() {
        return Status::Unpinned;
    }
    if pinned.contains(&digest) {
        return Status::Same;
    }
    // Of several, the one that was pinned last is the one that was meant to stay.
    let was = texts.and_then(|texts| pinned.iter().rev().find_map(|pinned| texts.find(action, pinned)));
    let differences = was.map(|was| differences(&was.to_value(), is));
    Status::Changed { pinned, is: digest, differences }
}
