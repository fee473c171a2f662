//! The lines of a session, as they were on the pipes.

#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of a test stop where it fails")]

use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// What a server was sent, and what it said: one message a line.
pub(super) struct Transcript {
    pub(super) sent: Vec<String>,
    pub(super) received: Vec<String>,
}

impl Transcript {
    pub(super) fn read(sent: &Path, received: &Path) -> Self {
        let lines = |path| fs::read_to_string(path).unwrap().split_terminator('\n').map(ToOwned::to_owned).collect();
        Self { sent: lines(sent), received: lines(received) }
    }

    /// Whether the client has begun as one of the legacy era.
    pub(super) fn shakes_hands(&self) -> bool {
        self.sent.iter().any(|line| line.contains(r#""method":"initialize""#))
    }

    /// Each request of the client with its answer, in the order of the requests.
    pub(super) fn answers(&self) -> Vec<(Value, Value)> {
        let received: Vec<Value> = self.received.iter().map(|line| read(line)).collect();
        let asked =
            self.sent.iter().map(|line| read(line)).filter(|message| message["method"].is_string() && !message["id"].is_null());
        let with_answer = |request: Value| {
            let mut answers = received.iter().filter(|message| message["method"].is_null() && message["id"] == request["id"]);
            let answer = answers.next().unwrap_or_else(|| panic!("no answer to {request}")).clone();
            assert!(answers.next().is_none(), "two answers to {request}");
            (steady(request), steady(answer))
        };
        asked.map(with_answer).collect()
    }

    /// What the two sides said besides. Servers say some of it when a timer runs out, so it has no order.
    pub(super) fn others(&self) -> BTreeSet<String> {
        let sent = self.sent.iter().map(|line| ("client", read(line)));
        let sent = sent.filter(|(_, message)| message["method"].is_null() || message["id"].is_null());
        let received = self.received.iter().map(|line| ("server", read(line))).filter(|(_, message)| message["method"].is_string());
        sent.chain(received).map(|(from, message)| json!([from, steady(message)]).to_string()).collect()
    }
}

fn read(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

/// Without its id, and the state of a server that waits for its user, which FastMCP seals anew each time.
fn steady(mut message: Value) -> Value {
    message.as_object_mut().unwrap().remove("id");
    for member in ["params", "result"] {
        if let Some(member) = message.get_mut(member).and_then(Value::as_object_mut) {
            member.remove("requestState");
        }
    }
    message
}

/// Asserts that two places of one session saw the same bytes but for white space between tokens, which the gate takes out.
pub(super) fn assert_same(client: &Transcript, server: &Transcript) {
    let compact = |lines: &[String]| lines.iter().map(|line| compact(line)).collect::<Vec<_>>();
    assert_eq!(compact(&client.sent), server.sent);
    assert_eq!(client.received, compact(&server.received));
}

/// The tokens of a line, without white space between them.
fn compact(line: &str) -> String {
    let (mut is_string, mut is_escaped) = (false, false);
    let mut keep = |character: char| {
        if is_string {
            is_string = is_escaped || character != '"';
            is_escaped = !is_escaped && character == '\\';
            return true;
        }
        is_string = character == '"';
        !matches!(character, ' ' | '\t' | '\r' | '\n')
    };
    line.chars().filter(|character| keep(*character)).collect()
}

#[test]
#[should_panic(expected = "left == right")]
fn one_changed_byte_is_seen() {
    let transcript = |answer: &str| Transcript { sent: Vec::new(), received: vec![answer.to_owned()] };
    assert_same(&transcript(r#"{"result":1}"#), &transcript(r#"{"result": 1.0}"#));
}

#[test]
fn white_space_in_strings_stays() {
    assert_eq!(compact("\t{ \"a b\" : [ 1 , \"\\\" c\\\\\" ] }\r"), r#"{"a b":[1,"\" c\\"]}"#);
}
