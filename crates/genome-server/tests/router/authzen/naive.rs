//! A naive evaluator of AuthZEN: it knows the requirements, the genome of these tests, and nothing of how the server does it. The fuzz target
//! `authzen` shares this file.

use genome_server::Projection;
use serde_json::Value;

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

/// What is decided of an object that lacks nothing.
fn decide(projection: Projection, object: &Value) -> bool {
    let (name, id) = (object["action"]["name"].as_str().unwrap(), object["resource"]["id"].as_str().unwrap());
    let action = match (projection, name, object["resource"]["type"].as_str().unwrap()) {
        (Projection::Action, name, _) | (Projection::Coaz, name @ "tools/list", "mcp_server") => name,
        (Projection::Coaz, "tools/call", "tool") | (Projection::Apparitor, "tool_call.execute", "tool") if id != "tools/list" => id,
        (Projection::Apparitor, "tool_call.execute", "mcp_tool") => match id.split('/').collect::<Vec<_>>()[..] {
            [server, tool] if !server.is_empty() && !tool.is_empty() => tool,
            _ => return false,
        },
        (Projection::PolicyBackend, name, _) if object["action"]["properties"]["operation_ref_id"] == format!("op:tool:{name}") => {
            name
        }
        _ => return false,
    };
    ["memory_search", "web/fetch", "tools/list"].contains(&action)
}

/// What is said of a body, asked as one question or as several.
pub(crate) fn naive(projection: Projection, is_for_several: bool, body: &Value) -> Said {
    if !body.is_object() {
        return Said::Refused;
    }
    let single = || match fault(body).or_else(|| lack(body)) {
        Some(_) => Said::Refused,
        None => Said::One(decide(projection, body)),
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
                None => (decide(projection, &whole), None),
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
