//! The projection `coaz`: COAZ-MCP, draft 1, section 7. It covers a closed list of methods with the resource types of each, and nothing else: a
//! mapping that a server declares for itself is written by the party that is judged.

use super::{Action, NO_TOOL, Resource, Uncovered};
use genome::mcp::{ActionName, ActionNames};

const CALL: &str = "tools/call";

/// What a method goes with that is about the server as a whole.
const SERVER: &[&str] = &["mcp_server"];

/// The methods that it covers, sorted, and the types of resources that each goes with.
const METHODS: [(&str, &[&str]); 15] = [
    ("completion/complete", &["prompt", "resource"]),
    ("initialize", SERVER),
    ("logging/setLevel", SERVER),
    ("prompts/get", &["prompt"]),
    ("prompts/list", SERVER),
    ("resources/list", SERVER),
    ("resources/read", &["resource"]),
    ("resources/subscribe", &["resource"]),
    ("resources/unsubscribe", &["resource"]),
    ("tasks/cancel", &["task"]),
    ("tasks/get", &["task"]),
    ("tasks/list", SERVER),
    ("tasks/result", &["task"]),
    (CALL, &["tool"]),
    ("tools/list", SERVER),
];

const UNKNOWN_METHOD: Uncovered = "not covered: the action is none of the methods of MCP that the projection `coaz` lists";
const OTHER_TYPE: Uncovered = "not covered: the method goes with another type of resource under the projection `coaz`";

pub(super) fn project<'a>(names: &'a ActionNames, action: Action<'a>, resource: Resource<'a>) -> Result<ActionName<'a>, Uncovered> {
    let (_, types) = METHODS.iter().find(|(method, _)| *method == action.name).ok_or(UNKNOWN_METHOD)?;
    if !types.contains(&resource.kind) {
        return Err(OTHER_TYPE);
    }
    if action.name == CALL { names.tool(resource.id).ok_or(NO_TOOL) } else { Ok(names.method(action.name)) }
}

/// The methods, sorted.
pub(super) fn methods() -> impl Iterator<Item = &'static str> {
    METHODS.iter().map(|(method, _)| *method)
}

#[cfg(test)]
mod tests {
    use super::*;
    use genome::mcp::is_method;

    #[test]
    fn the_methods_are_sorted_and_known_to_mcp() {
        assert!(methods().is_sorted());
        assert!(methods().all(is_method));
        for other in ["ping", "notifications/initialized", "server/discover", "get_customer", "Tools/call", ""] {
            assert!(methods().all(|method| method != other), "{other}");
        }
    }
}
