//! The list of tools: only what the genome allows reaches the model.

use super::actions::{Actions, Answer};
use super::edits::rebuilt_array;
use crate::message::{Json, Message};
use std::borrow::Cow;
use std::collections::HashMap;

/// The list without the tools that are not allowed, and without those whose definition two readers could understand differently; `None` where all stay.
/// Of two tools of one name none stays.
pub(super) fn allowed(actions: &Actions, message: &Message<'_>, tools: &Json<'_>) -> Option<String> {
    let mut counts: HashMap<Cow<'_, str>, usize> = HashMap::new();
    for name in tools.items().filter_map(|tool| name(&tool)) {
        *counts.entry(name).or_default() += 1;
    }
    rebuilt_array(tools, |tool| {
        let is_one = |name: &Cow<'_, str>| counts.get(name) == Some(&1);
        name(tool).is_some_and(|name| is_one(&name) && actions.tool(&name) == Answer::Allowed) && !message.is_flawed(tool)
    })
}

/// The name of a tool; `None` where readers could see two.
fn name<'t>(tool: &Json<'t>) -> Option<Cow<'t, str>> {
    if tool.has_similar(&["name"]) { None } else { tool.get("name")?.as_text() }
}
