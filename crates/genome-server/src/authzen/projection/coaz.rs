//! The projection `coaz`: COAZ-MCP, draft 1, section 7. It covers a closed list of methods with the resource types of each, and nothing else: a
//! mapping that a server declares for itself is written by the party that is judged.

use super::{Action, NO_TOOL, Resource, Uncovered};
use genome::mcp::{ActionName, ActionNames};

const CALL: &str = "tools/call";

/// The methods that it covers, sorted.
pub(super) const METHODS: [&str; 15] = [
    "completion/complete",
    "initialize",
    "logging/setLevel",
    "prompts/get",
    "prompts/list",
    "resources/list",
    "resources/read",
    "resources/subscribe",
    "resources/unsubscribe",
    "tasks/cancel",
    "tasks/get",
    "tasks/list",
    "tasks/result",
    CALL,
    "tools/list",
];

const UNKNOWN_METHOD: Uncovered = "not covered: the action is none of the methods of MCP that the projection `coaz` lists";
const OTHER_TYPE: Uncovered = "not covered: the method goes with another type of resource under the projection `coaz`";

pub(super) fn project<'a>(names: &'a ActionNames, action: Action<'a>, resource: Resource<'a>) -> Result<ActionName<'a>, Uncovered> {
    if !types(action.name).ok_or(UNKNOWN_METHOD)?.contains(&resource.kind) {
        return Err(OTHER_TYPE);
    }
    if action.name == CALL { names.tool(resource.id).ok_or(NO_TOOL) } else { Ok(names.method(action.name)) }
}

/// The types of resources that a method goes with.
fn types(method: &str) -> Option<&'static [&'static str]> {
    Some(match method {
        CALL => &["tool"],
        "resources/read" | "resources/subscribe" | "resources/unsubscribe" => &["resource"],
        "prompts/get" => &["prompt"],
        "completion/complete" => &["prompt", "resource"],
        "tasks/get" | "tasks/result" | "tasks/cancel" => &["task"],
        "initialize" | "tools/list" | "resources/list" | "prompts/list" | "logging/setLevel" | "tasks/list" => &["mcp_server"],
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use genome::mcp::is_method;

    #[test]
    fn each_method_is_listed_and_known_to_mcp() {
        assert!(METHODS.is_sorted());
        assert!(METHODS.iter().all(|method| types(method).is_some() && is_method(method)));
        for other in ["ping", "notifications/initialized", "server/discover", "get_customer", "Tools/call", ""] {
            assert_eq!(types(other), None, "{other}");
        }
    }
}
