//! A gate, and what both sides say to it.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "the helpers of a test stop where it fails")]
#![expect(clippy::needless_pass_by_value, reason = "callers write the values in place")]

use genome::{Genome, TrustPolicy, Verified, Verifier};
use genome_mcp::{Event, Gate, Names, Outcome, Reason, Side};
use genome_test_support::{Draft, policy};
use serde_json::{Value, json};
use std::time::SystemTime;

/// The revision of the modern era.
pub(crate) const MODERN: &str = "2026-07-28";

/// A genome that allows and denies these.
pub(crate) fn genome(allow: &[&str], deny: &[&str]) -> Verified<Genome> {
    let capability = |cap_id, allow: &[&str], deny: &[&str]| json!({"cap_id": cap_id, "risk_class": "B", "allow_actions": allow, "deny_actions": deny});
    let capabilities = vec![capability("CAP", allow, &[]), capability("DENY", &[], deny)];
    signed(Draft::new("1.0.0", &[1], 1).with("capabilities", capabilities))
}

/// The genome of a draft, signed and trusted.
pub(crate) fn signed(draft: Draft) -> Verified<Genome> {
    let genome = draft.signed(&[1]);
    let policy = TrustPolicy::read(policy(&[1], 1, &json!({})).as_bytes()).unwrap();
    Verifier::trusting(&policy, SystemTime::now()).verify(genome.as_bytes()).unwrap()
}

/// The gate before the server `s` of a genome that allows these.
pub(crate) fn gate(allow: &[&str]) -> Gate {
    gate_of(&genome(allow, &[]))
}

/// The gate before the server `s`.
pub(crate) fn gate_of(genome: &Verified<Genome>) -> Gate {
    Gate::new(genome, Names::of_server("s".parse().unwrap()), [7; 16])
}

/// What came of a message, as values.
#[derive(Debug, PartialEq)]
pub(crate) struct Came {
    pub(crate) forward: Option<Value>,
    pub(crate) answer: Option<Value>,
    pub(crate) events: Vec<Event>,
}

impl Came {
    fn of(outcome: Outcome<'_>, from: Side) -> Self {
        let Outcome { to_server, to_client, events, is_due, wait, .. } = outcome;
        // Without pins there is one message for each side at most, and nothing waits.
        assert!(to_client.len() < 2 && !is_due && wait.is_none(), "{to_client:?}");
        let (to_server, to_client) = (to_server.as_deref().map(value), to_client.first().map(|text| value(text)));
        let (forward, answer) = if from == Side::Client { (to_server, to_client) } else { (to_client, to_server) };
        Self { forward, answer, events }
    }

    pub(crate) fn is_passed(&self) -> bool {
        self.forward.is_some() && self.answer.is_none() && self.events.is_empty()
    }

    pub(crate) fn reason(&self) -> Option<Reason> {
        let [event] = &self.events[..] else { return None };
        Some(event.reason)
    }

    /// The code of the error that its sender gets.
    pub(crate) fn code(&self) -> Option<i64> {
        assert!(self.forward.is_none(), "{self:?}");
        self.answer.as_ref()?["error"]["code"].as_i64()
    }
}

/// A message that is one line to every reader.
pub(crate) fn value(text: &str) -> Value {
    assert!(!text.contains(|character: char| character < ' '), "{text:?}");
    serde_json::from_str(text).unwrap()
}

/// What a client says, as bytes.
pub(crate) fn client(gate: &Gate, line: impl AsRef<[u8]>) -> Came {
    Came::of(gate.from_client(line.as_ref()), Side::Client)
}

/// What a server says, as bytes.
pub(crate) fn server(gate: &Gate, line: impl AsRef<[u8]>) -> Came {
    Came::of(gate.from_server(line.as_ref()), Side::Server)
}

/// A request.
pub(crate) fn request(id: impl Into<Value>, method: &str, params: Value) -> String {
    json!({"jsonrpc": "2.0", "id": id.into(), "method": method, "params": params}).to_string()
}

/// The same, in the modern era.
pub(crate) fn modern(id: impl Into<Value>, method: &str, mut params: Value, capabilities: Value) -> String {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientInfo": {"name": "t", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": capabilities,
    });
    request(id, method, params)
}

/// A notification.
pub(crate) fn notification(method: &str, params: Value) -> String {
    json!({"jsonrpc": "2.0", "method": method, "params": params}).to_string()
}

/// A result.
pub(crate) fn result(id: impl Into<Value>, result: Value) -> String {
    json!({"jsonrpc": "2.0", "id": id.into(), "result": result}).to_string()
}

/// An error.
pub(crate) fn error(id: impl Into<Value>, code: i64, data: Value) -> String {
    json!({"jsonrpc": "2.0", "id": id.into(), "error": {"code": code, "message": "m", "data": data}}).to_string()
}

/// A client and a server of the legacy era that have shaken hands.
pub(crate) fn shake_hands(gate: &Gate) {
    let params = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}});
    assert!(client(gate, request("init", "initialize", params)).is_passed());
    assert!(
        server(
            gate,
            result(
                "init",
                json!({"protocolVersion": "2025-11-25", "capabilities": {}, "serverInfo": {"name": "s", "version": "1"}})
            )
        )
        .is_passed()
    );
    assert!(client(gate, notification("notifications/initialized", json!({}))).is_passed());
}
