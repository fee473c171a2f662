//! Changes of what is pinned: which definitions of a tool are good, and which instructions of a server.

use super::comparison::Ceilings;
use super::{Change, Class};
use crate::digest::Digest;
use crate::listing::joined;
use crate::model::Genome;
use crate::model::pin::{is_instructions, server_of};
use genome_json::text::Quoted;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt;

/// Other definitions of a tool are good, or other instructions of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PinChange {
    /// The action of the tool, or `NAME:instructions`.
    pub action: String,
    /// The digests of the definitions that were good, in ascending order; none where it was not pinned.
    pub from: Vec<Digest>,
    /// Those that are good now.
    pub to: Vec<Digest>,
    /// Whether it gives more away.
    pub class: Class,
    /// Whether something that worked may work no more.
    pub is_breaking: bool,
    /// What it does to all else of its server. Of several changes of one server the first alone says it.
    pub others: OtherTools,
    /// The capabilities that decide about the action, before and after, each once.
    pub capabilities: Vec<String>,
}

/// What a change of a pin does to what its server offers without a pin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OtherTools {
    /// Nothing.
    Untouched,
    /// Something of the server is pinned now, and nothing was: without a pin nothing of it is good any more.
    Shut,
    /// Nothing of the server is pinned any more: all of it that is allowed is good, whatever it says.
    Opened,
}

/// What becomes of the pins of one action.
enum PinStep {
    Pinned,
    Unpinned,
    Added,
    Removed,
    Replaced,
}

impl PinChange {
    fn step(&self) -> PinStep {
        let holds = |one: &[Digest], other: &[Digest]| other.iter().all(|digest| one.contains(digest));
        match (self.from.as_slice(), self.to.as_slice()) {
            ([], _) => PinStep::Pinned,
            (_, []) => PinStep::Unpinned,
            (from, to) if holds(to, from) => PinStep::Added,
            (from, to) if holds(from, to) => PinStep::Removed,
            _ => PinStep::Replaced,
        }
    }

    /// The stable name of the kind of change.
    pub(super) fn kind(&self) -> &'static str {
        match self.step() {
            PinStep::Pinned => "tool_pinned",
            PinStep::Unpinned => "tool_unpinned",
            PinStep::Added => "definition_added",
            PinStep::Removed => "definition_removed",
            PinStep::Replaced => "definition_replaced",
        }
    }

    /// What the earlier and the later genome say.
    pub(super) fn sides(&self) -> (Option<String>, Option<String>) {
        let side = |digests: &[Digest]| (!digests.is_empty()).then(|| joined(digests, ", "));
        (side(&self.from), side(&self.to))
    }
}

/// A sentence on one line.
impl fmt::Display for PinChange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (tool, definition) = if is_instructions(&self.action) { ("server text", "wording") } else { ("tool", "definition") };
        let digests = |digests: &[Digest]| joined(digests, ", ");
        let without = |digests: &[Digest], other: &[Digest]| joined(digests.iter().filter(|digest| !other.contains(digest)), ", ");
        let Self { action, from, to, class, .. } = self;
        write!(formatter, "{tool} {} ", Quoted(action))?;
        match self.step() {
            PinStep::Pinned if *class == Class::Weakening => {
                write!(formatter, "is pinned now, which a person has to read: {}, and no {definition} of it was good", digests(to))
            }
            PinStep::Pinned => write!(formatter, "is pinned now: no other {definition} is good than {}", digests(to)),
            PinStep::Unpinned if *class == Class::Neutral => {
                write!(formatter, "is pinned no more, and not allowed; pinned was {}", digests(from))
            }
            PinStep::Unpinned => {
                write!(formatter, "is pinned no more: nothing checks its {definition}; pinned was {}", digests(from))
            }
            PinStep::Added => {
                write!(formatter, "has one {definition} more that is good, which a person has to read: {}", without(to, from))
            }
            PinStep::Removed => write!(formatter, "has one {definition} less that is good: {}", without(from, to)),
            PinStep::Replaced => {
                let (from, to) = (digests(from), digests(to));
                write!(formatter, "has another {definition}, which a person has to read: {to}, and was {from}")
            }
        }?;
        let server = server_of(action).map_or_else(|| "tools with plain names".to_owned(), |server| format!("`{server}`"));
        match self.others {
            OtherTools::Untouched => Ok(()),
            OtherTools::Shut => write!(formatter, "; of {server}, what has no pin is good for nothing now"),
            OtherTools::Opened => {
                write!(formatter, "; of {server}, nothing is pinned any more, and what is allowed is good whatever it says")
            }
        }
    }
}

/// Finds the changes, action by action.
pub(super) fn pins(changes: &mut Vec<Change>, earlier: &Genome, later: &Genome, ceilings: &Ceilings<'_>) {
    let (old, new) = (by_action(earlier), by_action(later));
    let servers = Servers { before: pinned(earlier), after: pinned(later) };
    let actions: BTreeSet<&str> = old.keys().chain(new.keys()).copied().collect();
    let mut said = Names::new();
    for action in actions {
        let digests = |pins: &BTreeMap<&str, BTreeSet<Digest>>| pins.get(action).cloned().unwrap_or_default();
        let (from, to) = (digests(&old), digests(&new));
        if from != to {
            let (from, to) = (from.into_iter().collect(), to.into_iter().collect());
            let mut change = PinChange {
                action: action.to_owned(),
                from,
                to,
                class: Class::Neutral,
                is_breaking: false,
                others: OtherTools::Untouched,
                capabilities: ceilings.deciding(action),
            };
            servers.judge(&mut change, ceilings);
            if said.insert(server_of(action)) {
                change.others = servers.others(server_of(action));
            }
            changes.push(Change::Pins(Box::new(change)));
        }
    }
}

fn by_action(genome: &Genome) -> BTreeMap<&str, BTreeSet<Digest>> {
    let mut pins: BTreeMap<&str, BTreeSet<Digest>> = BTreeMap::new();
    for pin in &genome.tools {
        pins.entry(&pin.action).or_default().insert(pin.sha256);
    }
    pins
}

/// Servers by their names; `None` stands for those whose tools have plain names.
type Names<'g> = HashSet<Option<&'g str>>;

/// The servers of which something is pinned.
fn pinned(genome: &Genome) -> Names<'_> {
    genome.tools.iter().map(|pin| server_of(&pin.action)).collect()
}

/// Of which servers something is pinned, before and after. A gate lets through what is allowed of a server of which nothing is pinned, and its
/// instructions, whatever is allowed of it; of one of which something is, only what is pinned (`genome-mcp`).
struct Servers<'g> {
    before: Names<'g>,
    after: Names<'g>,
}

impl Servers<'_> {
    /// Says what a change gives away.
    fn judge(&self, change: &mut PinChange, ceilings: &Ceilings<'_>) {
        let action = change.action.as_str();
        let (server, instructs) = (server_of(action), is_instructions(action));
        let was_pinned = may_have(&self.before, server);
        (change.class, change.is_breaking) = match change.step() {
            PinStep::Pinned => {
                // Beside the pins of others it was good for nothing, and now a definition is good. Of a new action the widening says that.
                let was_refused = was_pinned && (instructs || ceilings.before.decide(action).is_allowed());
                (if was_refused { Class::Weakening } else { Class::Strengthening }, !was_pinned)
            }
            PinStep::Unpinned => {
                let is_pinned = self.after.contains(&server);
                // It has no say any more where the tool is allowed no more, and others keep its server shut. Instructions are asked for by nobody.
                let is_closed = !instructs && is_pinned && !ceilings.after.decide(action).is_allowed();
                (if is_closed { Class::Neutral } else { Class::Weakening }, may_have(&self.after, server))
            }
            PinStep::Added => (Class::Weakening, false),
            PinStep::Removed => (Class::Strengthening, true),
            PinStep::Replaced => (Class::Weakening, true),
        };
    }

    /// What becomes of all else of a server whose pins are others.
    fn others(&self, server: Option<&str>) -> OtherTools {
        match (self.before.contains(&server), self.after.contains(&server)) {
            (false, true) => OtherTools::Shut,
            (true, false) => OtherTools::Opened,
            _ => OtherTools::Untouched,
        }
    }
}

/// Whether something is pinned that may be of this server: a tool with a plain name may be one of any server.
fn may_have(pinned: &Names<'_>, server: Option<&str>) -> bool {
    if server.is_none() { !pinned.is_empty() } else { pinned.contains(&server) }
}
