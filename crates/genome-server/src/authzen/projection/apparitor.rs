//! The projection `apparitor`, for the client of that name (0.1.1): four verbs. It trims the names of tools and folds their case before it asks, so
//! that two tools may go by one name.

use super::{Action, NO_TOOL, Projected, Resource, Uncovered};
use genome::mcp::{ActionNames, ServerName};
use genome::{Ceiling, Decision, Genome};
use std::collections::{HashMap, HashSet};

const CALL: &str = "tool_call.execute";
const READ: &str = "resource.read";
const PROMPT: &str = "prompt.get";
const INVOKE: &str = "agent.invoke";

/// The verbs, sorted.
pub(super) const VERBS: [&str; 4] = [INVOKE, PROMPT, READ, CALL];

const OTHER: Uncovered = "not covered: neither a verb nor a type of resource that the projection `apparitor` lists";
const NO_SERVER: Uncovered = "not covered: the id of a tool of MCP is SERVER/TOOL, with exactly one `/`";
const OTHER_SERVER: Uncovered = "not covered: the resource does not belong to the MCP server that --mcp-server names";
const AGENT: Uncovered = "not covered: an agent belongs to no MCP server, and --mcp-server names one";

pub(super) fn project<'a>(names: &'a ActionNames, action: Action<'a>, resource: Resource<'a>) -> Result<Projected<'a>, Uncovered> {
    let server = names.server().map(ServerName::as_str);
    // Byte by byte, as all names are compared.
    let is_ours = |given: Option<&str>| server.is_none() || server == given;
    match (action.name, resource.kind) {
        (CALL, "tool") => tool(names, resource.id),
        (CALL, "mcp_tool") => {
            let (label, name) = resource.parts.ok_or(NO_SERVER)?;
            if is_ours(Some(label)) { tool(names, name) } else { Err(OTHER_SERVER) }
        }
        (READ, "mcp_resource") if !is_ours(resource.server) => Err(OTHER_SERVER),
        (PROMPT, "mcp_prompt") if !is_ours(resource.parts.map(|(label, _)| label)) => Err(OTHER_SERVER),
        (INVOKE, "a2a_agent" | "a2a_skill") if server.is_some() => Err(AGENT),
        (READ, "mcp_resource") | (PROMPT, "mcp_prompt") | (INVOKE, "a2a_agent" | "a2a_skill") => {
            Ok(Projected::Named(names.method(method(names, action.name))))
        }
        _ => Err(OTHER),
    }
}

fn tool<'a>(names: &'a ActionNames, name: &'a str) -> Result<Projected<'a>, Uncovered> {
    names.tool(name).map(Projected::Folded).ok_or(NO_TOOL)
}

/// The method of MCP that a verb stands for, where actions are named after their server and so are the same at every door.
fn method<'a>(names: &ActionNames, verb: &'a str) -> &'a str {
    match (names, verb) {
        (ActionNames::OfServer(_), READ) => "resources/read",
        (ActionNames::OfServer(_), PROMPT) => "prompts/get",
        _ => verb,
    }
}

/// A name as the client folds it: `str.strip` and `str.lower` of Python.
fn folded(tool: &str) -> String {
    // Python counts the separators of information among white space, and Unicode does not.
    tool.trim_matches(|character: char| character.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&character)).to_lowercase()
}

/// What names have in common that a client may fold to one: it may know other letters than we do, by an older or a newer Unicode, and where a word ends
/// by other rules.
fn key(tool: &str) -> String {
    folded(tool).replace('ς', "σ")
}

/// Denied tools that the client asks about under another name, by what the names have in common.
#[derive(Debug, Default)]
pub(in crate::authzen) struct Twins(HashMap<String, String>);

impl Twins {
    pub(in crate::authzen) fn of(genome: &Genome, names: &ActionNames) -> Self {
        let mut twins = HashMap::new();
        for action in genome.capabilities.iter().flat_map(|capability| &capability.deny_actions) {
            let Some(tool) = names.tool_of(action) else { continue };
            if folded(tool) != tool {
                twins.entry(key(tool)).or_insert_with(|| action.clone());
            }
        }
        Self(twins)
    }

    /// The denied action that goes by the name of this tool too, and its denial.
    pub(in crate::authzen) fn denial<'a>(&'a self, tool: &str, ceiling: &'a Ceiling) -> Option<(&'a str, Decision<'a>)> {
        let action = self.0.get(&key(tool))?.as_str();
        Some((action, ceiling.decide(action))).filter(|(_, decision)| !decision.is_allowed())
    }
}

/// The tools' actions that the genome allows, and about which the client never asks, as it folds their names. Each once, in order.
pub(in crate::authzen) fn never_asked<'g>(genome: &'g Genome, names: &ActionNames) -> Vec<&'g str> {
    let is_folded = |action: &str| names.tool_of(action).is_none_or(|tool| folded(tool) == tool);
    let denied = genome.capabilities.iter().flat_map(|capability| &capability.deny_actions);
    // What is denied, or stands in the list already.
    let mut passed: HashSet<&str> = denied.map(String::as_str).collect();
    let allowed = genome.capabilities.iter().flat_map(|capability| &capability.allow_actions).map(String::as_str);
    allowed.filter(|action| !is_folded(action) && passed.insert(action)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_folded_as_python_does_it() {
        for (name, expected) in [
            ("Memory_Erase", "memory_erase"),
            (" \t\n\u{a0}\u{3000}x\u{1c}\u{1f}\u{85}", "x"),
            ("\u{200b}X", "\u{200b}x"),
            ("ÉΣ", "éς"),
            ("İ", "i\u{307}"),
            ("ß", "ß"),
        ] {
            assert_eq!(folded(name), expected);
        }
        assert!(VERBS.is_sorted());
        // Under plain names no tool borrows one of them, at any door.
        assert!(VERBS.iter().all(|verb| ActionNames::Plain.tool(verb).is_none()));
    }

    /// A client of an older Unicode leaves a letter as it is that we fold, and one with other rules for the end of a word writes another sigma.
    #[test]
    fn names_meet_that_only_some_clients_fold_to_one() {
        for (denied, asked) in [("X\u{1c89}", "x\u{1c89}"), ("X\u{1c89}", "x\u{1c8a}"), ("AʕΣ", "aʕς"), ("AʕΣ", "aʕσ")] {
            assert_eq!(key(denied), key(asked), "{denied} {asked}");
        }
        assert_ne!(key("Memory_Erase"), key("memory_search"));
    }
}
