//! Genomes of strangers, and what each report should say of them. The fuzz target `reports` shares this file.

use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Capability {
    pub(crate) id: String,
    pub(crate) risk: String,
    pub(crate) allow: Vec<String>,
    pub(crate) deny: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Invariant {
    pub(crate) id: String,
    pub(crate) severity: String,
    pub(crate) claim: String,
    pub(crate) hook: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Model {
    pub(crate) name: String,
    pub(crate) created_at: String,
    /// The key ids of those besides `signer-1`.
    pub(crate) signers: Vec<String>,
    pub(crate) invariants: Vec<Invariant>,
    pub(crate) capabilities: Vec<Capability>,
    /// Actions that the ceiling allows, each pinned to one digest.
    pub(crate) pins: Vec<String>,
    pub(crate) files: Vec<String>,
}

/// Who decides of an action, and whether that allows it.
pub(crate) type Decisions = BTreeMap<String, (bool, String)>;

/// What two genomes share that say the same.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Meaning {
    name: String,
    /// In UTC.
    created_at: String,
    signers: BTreeSet<(usize, String)>,
    invariants: BTreeSet<Invariant>,
    /// With each action once.
    capabilities: BTreeSet<(String, String, BTreeSet<String>, BTreeSet<String>)>,
    decisions: Decisions,
    pins: BTreeSet<String>,
    files: BTreeSet<String>,
}

impl Model {
    /// Deny wins; of several that deny or allow, the first.
    pub(crate) fn decisions(&self) -> Decisions {
        let mut decisions = Decisions::new();
        for Capability { id, deny, .. } in &self.capabilities {
            for action in deny {
                decisions.entry(action.clone()).or_insert((false, id.clone()));
            }
        }
        for Capability { id, allow, .. } in &self.capabilities {
            for action in allow {
                decisions.entry(action.clone()).or_insert((true, id.clone()));
            }
        }
        decisions
    }

    /// Without the pins for which there is nothing to pin.
    pub(crate) fn with_good_pins(mut self) -> Self {
        let decisions = self.decisions();
        let mut seen = BTreeSet::new();
        self.pins.retain(|action| {
            !is_of_method(action) && decisions.get(action).is_some_and(|(allowed, _)| *allowed) && seen.insert(action.clone())
        });
        self
    }

    pub(crate) fn meaning(&self) -> Meaning {
        let set = |list: &[String]| list.iter().cloned().collect();
        Meaning {
            name: self.name.clone(),
            created_at: self.created_at.replace("+00:00", "Z").replace(".000", ""),
            signers: self.signers.iter().cloned().enumerate().collect(),
            invariants: self.invariants.iter().cloned().collect(),
            capabilities: self
                .capabilities
                .iter()
                .map(|Capability { id, risk, allow, deny }| (id.clone(), risk.clone(), set(allow), set(deny)))
                .collect(),
            decisions: self.decisions(),
            pins: set(&self.pins),
            files: set(&self.files),
        }
    }
}

/// Our own words and signs, and whatever ends or escapes something somewhere.
pub(crate) const PIECES: [&str; 44] = [
    "`",
    "``",
    "\\",
    "\\u{60}",
    "\\\\",
    "`, `",
    "` (risk class A)",
    " allows ",
    "  allows ",
    " denies ",
    "  denies ",
    ", ",
    ", which ",
    " allows before it",
    " and 3 more",
    "  ",
    "          ",
    ": ",
    " -> ",
    "=",
    "#",
    "##",
    "##[",
    "##vso[task.complete]",
    "##[error]x",
    "::error::x",
    "%0A",
    "%25",
    "none: it is a root",
    "allowed by nobody",
    " now, and was ",
    "may sign now",
    "</code>",
    "**",
    "[x](y)",
    "é",
    "\u{301}",
    "\u{a0}",
    "…",
    "x",
    "CAP",
    "memory_search",
    "\\x41",
    "[a private key, not shown]",
];

/// What a claim may hold besides.
pub(crate) const HIDDEN: [&str; 9] =
    ["\n", "\r\n", "\u{0}", "\t", "\u{7f}", "\u{202e}", "\u{2028}", "\u{feff}", "\n  name        `x`\n"];

/// Whether an action begins with the name of a server and a colon, as that of a method does.
fn is_of_method(action: &str) -> bool {
    action.split_once(':').is_some_and(|(server, _)| server.parse::<genome::mcp::ServerName>().is_ok())
}
