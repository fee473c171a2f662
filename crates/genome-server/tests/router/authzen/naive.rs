//! A naive evaluator of AuthZEN: it knows the requirements, a genome, and nothing of how the server does it. The fuzz target `authzen` shares this
//! file.

use genome_server::Projection;
use serde_json::{Value, json};

/// The MCP server after which actions are named, where they are.
pub(crate) const SERVER: &str = "files";

/// What the genome allows, but for what it denies. Of the methods of MCP it allows these, and of the verbs of `apparitor` that one.
const ALLOWED: [&str; 12] = [
    "memory_search",
    "memory_erase",
    "web/fetch",
    "tools/list",
    "resource.read",
    "twin",
    "files/memory_search",
    "files/web/fetch",
    "files/tools/list",
    "files/twin",
    "files:tools/list",
    "files:resources/read",
];

/// What it denies. `apparitor` asks about `twin` for two of these.
const DENIED: [&str; 4] = ["memory_erase", "Twin", "files/memory_erase", "files/ TWIN"];

/// The capabilities of that genome.
pub(crate) fn capabilities() -> Value {
    json!([
        {"cap_id": "CAP-ALLOW", "risk_class": "B", "allow_actions": ALLOWED, "deny_actions": []},
        {"cap_id": "CAP-DENY", "risk_class": "C", "allow_actions": [], "deny_actions": DENIED},
    ])
}

/// What the naive evaluator says of a whole request: the status, and the decisions with the pointers of items that cannot be read.
#[derive(Debug, PartialEq)]
pub(crate) enum Said {
    Refused,
    One(bool),
    Several(Vec<(bool, Option<String>)>),
}

impl Said {
    /// What the server said.
    pub(crate) fn of(status: u16, text: &str) -> Self {
        if status == 400 {
            return Self::Refused;
        }
        assert_eq!(status, 200, "{text}");
        let answer: Value = serde_json::from_str(text).unwrap();
        let one = |answer: &Value| answer["decision"].as_bool().unwrap();
        let Some(answers) = answer.get("evaluations") else { return Self::One(one(&answer)) };
        let pointer = |answer: &Value| answer["context"]["error"]["pointer"].as_str().map(ToOwned::to_owned);
        Self::Several(answers.as_array().unwrap().iter().map(|answer| (one(answer), pointer(answer))).collect())
    }
}

/// The pointer at which an object of four members is at fault, those that it lacks not counted.
fn fault(object: &Value) -> Option<String> {
    for (name, required) in [("subject", &["type", "id"][..]), ("action", &["name"]), ("resource", &["type", "id"])] {
        let Some(entity) = object.get(name) else { continue };
        if !entity.is_object() {
            return Some(format!("/{name}"));
        }
        for member in required {
            if !entity.get(member).is_some_and(Value::is_string) {
                return Some(format!("/{name}/{member}"));
            }
        }
        if entity.get("properties").is_some_and(|properties| !properties.is_object()) {
            return Some(format!("/{name}/properties"));
        }
    }
    object.get("context").is_some_and(|context| !context.is_object()).then(|| "/context".to_owned())
}

/// What a whole object lacks.
fn lack(object: &Value) -> Option<String> {
    ["subject", "action", "resource"].iter().find(|name| object.get(**name).is_none()).map(|name| format!("/{name}"))
}

/// The action of a tool. Plain names are not for tools that go by the name of a method, or of a verb of apparitor.
fn tool(server: Option<&str>, tool: &str) -> Option<String> {
    match server {
        Some(server) => Some(format!("{server}/{tool}")),
        None if tool == "tools/list" || tool == "resource.read" => None,
        None => Some(tool.to_owned()),
    }
}

/// The action that an object asks about which lacks nothing, if it is one of those that are allowed.
fn action(projection: Projection, server: Option<&str>, object: &Value) -> Option<String> {
    let (name, id) = (object["action"]["name"].as_str().unwrap(), object["resource"]["id"].as_str().unwrap());
    let properties = &object["resource"]["properties"];
    match (projection, name, object["resource"]["type"].as_str().unwrap()) {
        (Projection::Action, name, _) => Some(name.to_owned()),
        (Projection::PolicyBackend, name, _) => {
            let operation = &object["action"]["properties"]["operation_ref_id"];
            (*operation == format!("op:tool:{name}")).then(|| name.to_owned())
        }
        (Projection::Coaz, "tools/call", "tool") | (Projection::Apparitor, "tool_call.execute", "tool") => tool(server, id),
        (Projection::Coaz, "tools/list", "mcp_server") | (Projection::Coaz, "resources/read", "resource") => {
            Some(server.map_or_else(|| name.to_owned(), |server| format!("{server}:{name}")))
        }
        (Projection::Apparitor, "tool_call.execute", "mcp_tool") => match id.split('/').collect::<Vec<_>>()[..] {
            [label, name] if !label.is_empty() && !name.is_empty() && server.is_none_or(|server| server == label) => {
                tool(server, name)
            }
            _ => None,
        },
        (Projection::Apparitor, "resource.read", "mcp_resource") => match server {
            None => Some(name.to_owned()),
            Some(server) => (properties["server"] == server).then(|| format!("{server}:resources/read")),
        },
        _ => None,
    }
}

/// Whether the client `apparitor` asks about a denied tool by the name of this action too: it trims names and makes them lower-case.
fn has_twin(server: Option<&str>, action: &str) -> bool {
    let tool_of = |action: &'static str| match server {
        None => Some(action),
        Some(server) => action.strip_prefix(server)?.strip_prefix('/'),
    };
    let folded = |tool: &str| server.map_or_else(String::new, |server| format!("{server}/")) + &tool.trim().to_lowercase();
    DENIED.iter().filter_map(|denied| tool_of(denied)).any(|tool| folded(tool) == action)
}

/// What is decided of an object that lacks nothing.
fn decide(projection: Projection, server: Option<&str>, object: &Value) -> bool {
    let Some(action) = action(projection, server, object) else { return false };
    let is_twin = projection == Projection::Apparitor && has_twin(server, &action);
    ALLOWED.contains(&&*action) && !DENIED.contains(&&*action) && !is_twin
}

/// What is said of a body, asked as one question or as several, where actions of MCP are named after a server or have plain names.
pub(crate) fn naive(projection: Projection, server: Option<&str>, is_for_several: bool, body: &Value) -> Said {
    if !body.is_object() {
        return Said::Refused;
    }
    let single = || match fault(body).or_else(|| lack(body)) {
        Some(_) => Said::Refused,
        None => Said::One(decide(projection, server, body)),
    };
    if !is_for_several {
        return single();
    }
    let semantic = match body.get("options") {
        None => "execute_all",
        Some(Value::Object(options)) => match options.get("evaluations_semantic") {
            None => "execute_all",
            Some(Value::String(semantic)) => semantic,
            Some(_) => return Said::Refused,
        },
        Some(_) => return Said::Refused,
    };
    let items = match body.get("evaluations") {
        None => return single(),
        Some(Value::Array(items)) if items.is_empty() => return single(),
        Some(Value::Array(items)) => items,
        Some(_) => return Said::Refused,
    };
    if items.len() > 10_000
        || !["execute_all", "deny_on_first_deny", "permit_on_first_permit"].contains(&semantic)
        || fault(body).is_some()
    {
        return Said::Refused;
    }
    let mut answers = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let mut whole = item.clone();
        let answer = if item.is_object() {
            for name in ["subject", "action", "resource", "context"] {
                if let (None, Some(default)) = (item.get(name), body.get(name)) {
                    whole[name] = default.clone();
                }
            }
            match fault(item).or_else(|| lack(&whole)) {
                Some(steps) => (false, Some(format!("/evaluations/{index}{steps}"))),
                None => (decide(projection, server, &whole), None),
            }
        } else {
            (false, Some(format!("/evaluations/{index}")))
        };
        let is_over = answer.0 && semantic == "permit_on_first_permit" || !answer.0 && semantic == "deny_on_first_deny";
        answers.push(answer);
        if is_over {
            break;
        }
    }
    Said::Several(answers)
}
