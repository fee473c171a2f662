//! The gate of a boot that failed: nothing gets through, and who asks is told why.

use crate::gate::answer::error_with;
use crate::message::{Kind, read};
use genome::Code;
use genome_json::Value;

/// Answers each request with why there is no server. Clients show their user the error of the first one, and else know only that the connection closed.
#[derive(Debug, Clone)]
pub struct ClosedGate {
    message: String,
    code: Option<Code>,
}

impl ClosedGate {
    /// A gate that is closed for this reason.
    pub fn new(message: impl Into<String>, code: Option<Code>) -> Self {
        Self { message: message.into(), code }
    }

    /// The answer to a line of the client; `None` where it asks for none.
    #[must_use]
    pub fn answer(&self, line: &[u8]) -> Option<String> {
        let message = read(line).ok()??;
        let Kind::Request { id, .. } = message.kind() else { return None };
        let data = self.code.map(|code| ("code", Value::string(code.as_str()))).into_iter().collect();
        Some(error_with(Some(id), -32603, &self.message, data))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_answered_and_nothing_else_is() {
        let gate = ClosedGate::new("the genome is \"refused\"", Some(Code::Unsigned));
        assert_eq!(
            gate.answer(b"{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"initialize\"}\n").unwrap(),
            r#"{"jsonrpc":"2.0","id":"a","error":{"code":-32603,"message":"the genome is \"refused\"","data":{"code":"GENOME_UNSIGNED"}}}"#
        );
        for other in ["", "{", r#"{"jsonrpc":"2.0","method":"a"}"#, r#"{"jsonrpc":"2.0","id":1,"result":{}}"#] {
            assert_eq!(gate.answer(other.as_bytes()), None, "{other}");
        }
        let unnamed = ClosedGate::new("m", None).answer(br#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#).unwrap();
        assert_eq!(unnamed, r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"m"}}"#);
    }
}
