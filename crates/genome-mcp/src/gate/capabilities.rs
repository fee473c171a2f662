//! Capabilities: what is denied is not announced, so that nobody asks for it.

use super::actions::Actions;
use super::edits::{Fate, rebuilt_object};
use crate::message::{Json, read_as};

/// The capabilities of a client without what a server may not ask; `None` where all of it stays.
pub(super) fn of_client(actions: &Actions, capabilities: &Json<'_>) -> Option<String> {
    let has_sampling = actions.allows("sampling/createMessage");
    let has_elicitation = actions.allows("elicitation/create") || actions.allows("elicitation/create/url");
    rebuilt_object(capabilities, |name, value| match known(name, &["roots", "sampling", "elicitation", "tasks"]) {
        Some("roots") => Fate::kept_if(actions.allows("roots/list")),
        Some("sampling") => Fate::kept_if(has_sampling),
        Some("elicitation") => elicitation(actions, value),
        // Those that a server may begin here come with these two alone.
        Some("tasks") => Fate::kept_if(has_sampling || has_elicitation),
        _ => Fate::Kept,
    })
}

/// The one of these for which some reader takes a name.
fn known(name: &str, of: &[&'static str]) -> Option<&'static str> {
    read_as(name, of)
}

/// `{}` is the same as `{"form":{}}`.
fn elicitation(actions: &Actions, value: &Json<'_>) -> Fate {
    let has_form = value.members().next().is_none() || value.get("form").is_some();
    let has_url = value.get("url").is_some();
    let allows_form = actions.allows("elicitation/create");
    let allows_url = actions.allows("elicitation/create/url");
    if !(has_form && allows_form || has_url && allows_url) {
        return Fate::TakenOut;
    }
    let inner = rebuilt_object(value, |name, _| match known(name, &["form", "url"]) {
        Some("form") if !allows_form => Fate::TakenOut,
        Some("url") if !allows_url => Fate::TakenOut,
        _ => Fate::Kept,
    });
    inner.map_or(Fate::Kept, Fate::Replaced)
}

/// The capabilities of a server without those of which nothing is allowed, if there are any, and the names of what was taken out.
pub(super) fn of_server(actions: &Actions, capabilities: &Json<'_>) -> (Option<String>, Vec<&'static str>) {
    let mut taken_out = Vec::new();
    let rebuilt = rebuilt_object(capabilities, |name, value| {
        let name = known(name, &["tools", "resources", "prompts", "completions", "tasks"]);
        let is_kept = match name {
            Some("tools") => actions.has_tools(),
            Some("resources") => actions.allows("resources/read"),
            Some("prompts") => actions.allows("prompts/get"),
            Some("completions") => actions.allows("completion/complete"),
            Some("tasks") => return tasks(actions, value),
            _ => true,
        };
        if is_kept {
            return Fate::Kept;
        }
        taken_out.extend(name);
        Fate::TakenOut
    });
    (rebuilt, taken_out)
}

/// Tasks begin with calls of tools.
fn tasks(actions: &Actions, value: &Json<'_>) -> Fate {
    if !actions.has_tools() {
        return Fate::TakenOut;
    }
    let inner = rebuilt_object(value, |name, _| {
        if read_as(name, &["list"]).is_some() && !actions.allows("tasks/list") { Fate::TakenOut } else { Fate::Kept }
    });
    inner.map_or(Fate::Kept, Fate::Replaced)
}
