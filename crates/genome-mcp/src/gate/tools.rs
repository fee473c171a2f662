//! Lists of tools: only what the genome allows and pins reaches the model.

use super::actions::{Actions, Answer};
use super::denial::Denial;
use super::edits::{Fate, rebuilt_array};
use super::event::{Event, Reason, Side};
use super::input::Unasked;
use crate::message::{Json, Message};
use crate::tools_list::{NameCounts, is_clear, name};
use genome::Digest;
use genome::definition::ToolDefinition;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

/// How many tools that were taken out of one list, as they are not what is pinned, are told one by one.
const MOST_EVENTS: usize = 32;

/// What the server shows under the name of a tool that is pinned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// A definition that is pinned.
    Good(Digest),
    /// Another one; without a digest if it can be understood in two ways.
    Other(Option<Digest>),
}

/// What the server shows, by the name of each tool that is pinned.
pub(super) type Tools = HashMap<Box<str>, Shown>;

/// A list of tools, or a page of one.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// The list without what is taken out; `None` where all stay.
    pub(super) rest: Option<String>,
    /// How many tools are in it.
    pub(super) count: usize,
    /// Those that are pinned. Empty where the server is held to none.
    pub(super) tools: Tools,
    /// Why tools were taken out that are allowed and not what is pinned: the first of them.
    denials: Vec<Denial>,
    /// Their names, of all of them.
    told: HashSet<Box<str>>,
    /// Tools without a name that every reader understands alike.
    nameless: usize,
}

impl Page {
    /// Reads a list. Taken out is what is not allowed, what is not pinned, and what two readers could understand differently. Of two tools of one name
    /// none stays.
    pub(super) fn read(actions: &Actions, message: &Message<'_>, list: &Json<'_>) -> Self {
        let mut page = Self::default();
        let names: Vec<_> = list.items().map(|tool| name(&tool)).collect();
        page.count = names.len();
        page.nameless = names.iter().filter(|name| name.is_none()).count();
        let counts = NameCounts::of(names.into_iter().flatten());
        page.rest = rebuilt_array(list, |tool| {
            let Some(name) = name(tool) else { return Fate::TakenOut };
            let is_clear = counts.is_alone(&name) && is_clear(message, tool);
            if actions.tool(&name) != Answer::Allowed {
                Fate::TakenOut
            } else if actions.are_pinned() {
                page.fate(actions, &name, is_clear.then_some(tool))
            } else {
                Fate::kept_if(is_clear)
            }
        });
        page
    }

    /// What becomes of a tool that is allowed. It is `None` where it can be understood in two ways.
    fn fate(&mut self, actions: &Actions, name: &str, tool: Option<&Json<'_>>) -> Fate {
        let definition = tool.and_then(definition);
        let digest = definition.as_ref().map(ToolDefinition::digest);
        let decided = actions.definition(name, digest);
        let is_kept = decided.is_ok();
        let shown = match (digest, decided) {
            (Some(digest), Ok(())) => Shown::Good(digest),
            (_, Ok(())) => Shown::Other(None),
            (digest, Err(denial)) => {
                let is_pinned = denial.reason != Reason::ToolUnpinned;
                // The second of two tools of one name says nothing new.
                if self.told.insert(name.into()) && self.denials.len() < MOST_EVENTS {
                    self.denials.push(denial);
                }
                if !is_pinned {
                    return Fate::TakenOut;
                }
                Shown::Other(digest)
            }
        };
        note(&mut self.tools, name.into(), shown);
        match definition.filter(ToolDefinition::is_rounded) {
            // What was signed is the rounded number.
            Some(definition) if is_kept => Fate::Replaced(definition.canonical().to_owned()),
            _ => Fate::kept_if(is_kept),
        }
    }

    /// Whether a tool that is pinned is not what was signed.
    pub(super) fn has_drifted(&self) -> bool {
        self.tools.values().any(|shown| matches!(shown, Shown::Other(_)))
    }

    /// What is logged of it.
    pub(super) fn events(&self) -> Vec<Event> {
        let event = |denial| Event::denied(Side::Server, denial).of("tools/list");
        let mut events: Vec<Event> = self.denials.iter().map(event).collect();
        let more = self.told.len() - events.len();
        if let Some(last) = events.last_mut().filter(|_| more > 0) {
            last.detail = Some(format!("{more} more tools of this list are not what is pinned"));
        }
        if self.nameless > 0 {
            let said = format!("{} of its tools have no name that every reader understands alike", self.nameless);
            events.push(Event::new(Side::Server, Reason::Malformed).of("tools/list").because(said));
        }
        events
    }
}

/// Notes what is shown under a name. Two tools of one name are none.
pub(super) fn note(tools: &mut Tools, name: Box<str>, shown: Shown) {
    match tools.entry(name) {
        Entry::Vacant(free) => {
            free.insert(shown);
        }
        Entry::Occupied(mut taken) => {
            taken.insert(Shown::Other(None));
        }
    }
}

/// Decides on definitions of tools that a server hands to the model of the client by another way than its list: each has to be one that is pinned.
pub(super) fn decide_handed(actions: &Actions, tools: &Json<'_>) -> Result<(), Unasked> {
    if !tools.is_array() {
        return Err(Unasked::Unknown);
    }
    tools.items().try_for_each(|tool| {
        let name = name(&tool).ok_or(Unasked::Unknown)?;
        actions.tool(&name).into_result()?;
        let definition = definition(&tool).filter(|definition| !definition.is_rounded());
        Ok(actions.definition(&name, definition.as_ref().map(ToolDefinition::digest))?)
    })
}

/// A definition; `None` for what two readers could understand differently.
fn definition(tool: &Json<'_>) -> Option<ToolDefinition> {
    ToolDefinition::read(tool.raw().as_bytes()).ok()
}
