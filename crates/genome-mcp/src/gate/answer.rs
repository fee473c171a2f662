//! What the gate says itself.

use super::denial::Denial;
use super::open::What;
use super::revision::Era;
use crate::message::Id;
use genome_json::Value;
use genome_json::text::visible_json;

/// An action was denied. Outside of what JSON-RPC and MCP reserve; -32001, which others use, means to some clients that time ran out.
pub(super) const DENIED: i32 = -31001;

/// There is no such method.
pub(super) const NO_SUCH_METHOD: i32 = -32601;

/// An error, without an id where none could be read.
pub(crate) fn error(id: Option<&Id>, code: i32, message: &str) -> String {
    error_with(id, code, message, Vec::new())
}

/// An error with data. What does not show in it is written as escapes.
pub(crate) fn error_with(id: Option<&Id>, code: i32, message: &str, data: Vec<(&'static str, Value<'_>)>) -> String {
    let id = id.map(|id| format!(r#""id":{id},"#)).unwrap_or_default();
    let mut members = vec![("message", Value::string(message))];
    if !data.is_empty() {
        members.push(("data", Value::object(data)));
    }
    // Negative, which a value made here cannot be.
    let members = visible_json(Value::object(members).to_compact());
    let members = members.strip_prefix('{').unwrap_or_default();
    format!(r#"{{"jsonrpc":"2.0",{id}"error":{{"code":{code},{members}}}"#)
}

/// A denial as an error.
pub(super) fn denied(id: &Id, code: i32, denial: &Denial) -> String {
    let data = vec![
        ("code", Value::string(genome::Code::CapabilityDenied.as_str())),
        ("action", Value::string(denial.action.as_str())),
        ("reason", Value::string(denial.reason.as_str())),
    ];
    error_with(Some(id), code, &denial.to_string(), data)
}

/// A denial as the result of a tool, which is what models read. Frameworks hide errors from them, and one says "try again".
fn denied_call(id: &Id, era: Era, denial: &Denial) -> String {
    let text = Value::string(denial.to_string()).to_compact();
    let kind = match era {
        Era::Legacy => "",
        // Clients of that era throw without it.
        Era::Modern => r#""resultType":"complete","#,
    };
    format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{{kind}"content":[{{"type":"text","text":{text}}}],"isError":true}}}}"#)
}

/// A denial of what was asked for: as a result where that can be one.
pub(super) fn denied_request(id: &Id, what: What, era: Era, denial: &Denial) -> String {
    match what {
        What::CallTool { as_task: false } => denied_call(id, era, denial),
        _ => denied(id, DENIED, denial),
    }
}

/// A result.
pub(crate) fn result(id: &Id, result: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#)
}
