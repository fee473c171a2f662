//! What the headers of MCP say about a request (MCP 2026-07-28, SEP-2243).

use super::field::{Fault, name, single};
use axum::http::HeaderMap;
use genome::mcp::ActionNames;
use genome_json::text::{Quoted, excerpt};

/// The versions in which a server checks that the headers say what the body says. In an older one they prove nothing.
const VERSIONS: [&str; 1] = ["2026-07-28"];

/// The methods that may be asked about, and whether each needs `Mcp-Name`.
const METHODS: [(&str, Named); 10] = [
    ("server/discover", Named::No),
    ("tools/list", Named::No),
    ("tools/call", Named::Tool),
    ("resources/list", Named::No),
    ("resources/templates/list", Named::No),
    ("resources/read", Named::Yes),
    ("prompts/list", Named::No),
    ("prompts/get", Named::Yes),
    ("completion/complete", Named::No),
    ("subscriptions/listen", Named::No),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Named {
    No,
    Yes,
    /// Its name is the action.
    Tool,
}

/// The action that the headers of a request name.
pub(super) fn action(names: &ActionNames, headers: &HeaderMap) -> Result<String, Fault> {
    let version = single(headers, "mcp-protocol-version")?;
    if !VERSIONS.contains(&version) {
        let detail = format!("the MCP version {} is not one whose headers can be relied on", Quoted(&excerpt(version)));
        return Err(Fault::new(detail, "use a client of MCP 2026-07-28: no other repeats in headers what its body says"));
    }
    let method = single(headers, "mcp-method")?;
    let Some((method, wanted)) = METHODS.iter().find(|(known, _)| *known == method) else {
        let detail = format!("the method {} is not one that is authorized by headers", Quoted(&excerpt(method)));
        return Err(Fault::new(detail, "the book lists the methods: Integrate, Let a proxy ask"));
    };
    match wanted {
        Named::No => Ok(names.method(method).to_string()),
        Named::Yes => name(headers, NAME).map(|_| names.method(method).to_string()),
        Named::Tool => {
            let tool = name(headers, NAME)?;
            names.tool(&tool).map(|action| action.to_string()).ok_or_else(|| {
                let detail = format!("the tool {} goes by the name of a method", Quoted(&excerpt(&tool)));
                Fault::new(detail, "start the server with --mcp-server NAME, under which no tool can have the name of a method")
            })
        }
    }
}

const NAME: &str = "mcp-name";
