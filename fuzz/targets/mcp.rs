//! Lines of a client and of a server of MCP: what gets through means to another reader what was sent, cannot be taken for more than one line, and is something that a
//! simple model of the genome allows.

#![no_main]

use genome::{Digest, Genome, Verified};
use genome_fuzz::signed::{pinned, signed};
use genome_mcp::message::{Fault, Kind, Passing, read};
use genome_mcp::{Gate, Names, Outcome};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use std::sync::LazyLock;

fuzz_target!(|bytes: &[u8]| {
    for genome in [&*GENOME, &*PINNED] {
        stand(genome, bytes);
    }
});

/// A gate on this genome, and lines of both sides.
fn stand(genome: &Verified<Genome>, bytes: &[u8]) {
    let gate = Gate::new(genome, Names::of_server("s".parse().unwrap()), [7; 16]);
    for opening in OPENINGS {
        let outcome = gate.from_client(opening.as_bytes());
        assert!(outcome.to_server.is_some() || outcome.is_due);
    }
    // The first byte of each line says who sent it.
    for line in bytes.split(|&byte| byte == b'\n') {
        match line.split_first() {
            Some((b's', line)) => from_server(&gate, line),
            Some((_, line)) => from_client(&gate, line),
            None => {}
        }
        while let Some(Outcome { to_server, to_client, .. }) = gate.next_due() {
            for answer in to_client {
                assert_is_message(&answer);
            }
            let Some(message) = to_server.as_deref().map(assert_is_message) else { continue };
            assert!(is_allowed(&message), "{message}");
            // A call goes only after the server has shown what is pinned.
            assert!(!gate.is_pinned() || message["method"] != "tools/call" || shows_pinned(bytes), "{message}");
        }
    }
    for answer in gate.close() {
        assert_is_message(&answer);
    }
}

/// Whether the server lists the tool that is pinned, as another reader sees it.
fn shows_pinned(bytes: &[u8]) -> bool {
    let pinned: Value = serde_json::from_str(PINNED_TOOL).unwrap();
    let lines = bytes.split(|&byte| byte == b'\n').filter_map(|line| line.strip_prefix(b"s"));
    let tools =
        lines.filter_map(|line| serde_json::from_slice::<Value>(line).ok()).map(|message| message["result"]["tools"].clone());
    tools.filter_map(|tools| tools.as_array().cloned()).flatten().any(|tool| tool == pinned)
}

/// What the genome allows.
const ALLOWED: [&str; 4] = ["s/ok", "s/a/b", "s:prompts/get", "s:sampling/createMessage"];

/// What the server may answer.
const OPENINGS: [&str; 4] = [
    r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#,
    r#"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"ok","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}"#,
    r#"{"jsonrpc":"2.0","id":3,"method":"initialize","params":{}}"#,
    r#"{"jsonrpc":"2.0","id":4,"method":"prompts/get","params":{"name":"p"}}"#,
];

static GENOME: LazyLock<Verified<Genome>> =
    LazyLock::new(|| signed(&json!([{"cap_id": "A", "risk_class": "A", "allow_actions": ALLOWED, "deny_actions": ["s/rm"]}])).0);

/// The same genome, which pins one of its tools.
static PINNED: LazyLock<Verified<Genome>> = LazyLock::new(|| {
    let digest = Digest::of(PINNED_TOOL.as_bytes()).to_string();
    pinned(
        &json!([{"cap_id": "A", "risk_class": "A", "allow_actions": ALLOWED, "deny_actions": ["s/rm"]}]),
        &json!([{"action": "s/ok", "sha256": digest}]),
    )
});

/// A definition in canonical form.
const PINNED_TOOL: &str = r#"{"name":"ok"}"#;

fn from_client(gate: &Gate, line: &[u8]) {
    assert_is_read_alike(line);
    let Outcome { to_server, to_client, events, is_due, wait, .. } = gate.from_client(line);
    // A call may wait with others, and may be cancelled while it does.
    assert!(to_server.is_some() || !events.is_empty() || is_blank(line) || gate.is_pinned());
    assert!(gate.is_pinned() || !is_due && wait.is_none());
    for answer in to_client {
        assert_is_message(&answer);
    }
    for event in events {
        assert_shows(&event.to_json(Vec::new()));
    }
    if let Some(message) = to_server.as_deref().map(assert_is_message) {
        assert!(is_allowed(&message), "{message}");
    }
}

fn from_server(gate: &Gate, line: &[u8]) {
    assert_is_read_alike(line);
    let Outcome { to_server, to_client, events, .. } = gate.from_server(line);
    if let Some(answer) = to_server {
        assert_is_message(&answer);
    }
    for event in events {
        assert_shows(&event.to_json(Vec::new()));
    }
    let messages: Vec<Value> = to_client.iter().map(|text| assert_is_message(text)).collect();
    // What calls come to that waited comes after it.
    let Some(message) = messages.first() else { return };
    let tools = message["result"]["tools"].as_array().filter(|_| message["id"] == 1).into_iter().flatten();
    for tool in tools {
        assert!(tool["name"].as_str().is_some_and(|name| ALLOWED.contains(&format!("s/{name}").as_str())), "{message}");
    }
    // An elicitation can stand in an error, whose code another reader may take for an integer.
    if let Some(error) = message.get("error") {
        assert!(error["code"].as_i64().is_some_and(|code| code != -32042), "{message}");
    }
    if message["method"] == "notifications/tasks" {
        assert_asks_little(&message["params"], message);
    }
    assert_asks_little(&message["result"], message);
    let method = message.get("method").filter(|_| message.get("id").is_some());
    assert!(method.is_none_or(|method| method == "ping" || method == "sampling/createMessage"), "{message}");
}

/// A result, or a task, asks for nothing but what is allowed.
fn assert_asks_little(told: &Value, message: &Value) {
    let asked = told["inputRequests"].as_object().into_iter().flatten().map(|(_, request)| &request["method"]);
    for method in asked {
        assert_eq!(method, "sampling/createMessage", "{message}");
    }
}

/// The model.
fn is_allowed(message: &Value) -> bool {
    let Some(method) = message["method"].as_str() else { return true };
    let action = match method {
        "tools/call" => {
            // For servers in Go, and for those in C that end a name at U+0000, all of these are its name.
            let is_name = |name: &str| name.split('\0').next().unwrap_or_default().trim().eq_ignore_ascii_case("name");
            let mut named = message["params"].as_object().into_iter().flatten().filter(|(name, _)| is_name(name));
            let (Some((_, name)), None) = (named.next(), named.next()) else { return false };
            format!("s/{}", name.as_str().unwrap_or_default())
        }
        "prompts/list" => "s:prompts/get".to_owned(),
        "initialize"
        | "server/discover"
        | "ping"
        | "logging/setLevel"
        | "tools/list"
        | "resources/unsubscribe"
        | "subscriptions/listen" => {
            return true;
        }
        method if method.starts_with("notifications/") => return message.get("id").is_none(),
        method => format!("s:{method}"),
    };
    ALLOWED.contains(&action.as_str())
}

/// A line is a message to us if it is JSON to another reader; and then it means the same.
fn assert_is_read_alike(line: &[u8]) {
    let theirs = serde_json::from_slice::<Value>(line);
    match read(line) {
        Ok(None) => assert!(theirs.is_err()),
        Ok(Some(message)) => {
            let text = message.compact();
            if let (Some(ours), Ok(theirs)) = (value(text), theirs) {
                assert_eq!(ours, theirs);
                assert_is_of_kind(message.kind(), &theirs);
            }
            let again = read(text.as_bytes()).unwrap().unwrap();
            assert_eq!(again.compact(), text);
        }
        Err(unreadable) => match unreadable.fault {
            Fault::NotUtf8 | Fault::ControlCharacter | Fault::BadEscape => assert!(theirs.is_err()),
            Fault::Syntax { .. } => assert!(theirs.map_or(true, |value| !value.is_object())),
            _ => {}
        },
    }
    // What is thrown away is read without a fault, too.
    let mut passing = Passing::default();
    passing.take(line);
    let _ = passing.answers();
}

/// The method and the id that are decided on are those that another reader finds.
fn assert_is_of_kind(kind: &Kind<'_>, theirs: &Value) {
    let (method, id) = match kind {
        Kind::Request { id, method } => (Some(&**method), Some(id)),
        Kind::Notification { method } => (Some(&**method), None),
        Kind::Result(id) | Kind::Error(id) => (None, Some(id)),
    };
    assert_eq!(theirs.get("method").and_then(Value::as_str), method, "{theirs}");
    let id = id.map(|id| serde_json::from_str::<Value>(&id.to_string()).unwrap());
    assert_eq!(theirs.get("id"), id.as_ref(), "{theirs}");
    assert_eq!(theirs.get("result").is_some(), matches!(kind, Kind::Result(_)), "{theirs}");
    assert_eq!(theirs.get("error").is_some(), matches!(kind, Kind::Error(_)), "{theirs}");
}

/// What others read; `None` for the few things that they refuse and a relay passes on.
fn value(text: &str) -> Option<Value> {
    serde_json::from_str(text)
        .inspect_err(|error| {
            let said = error.to_string();
            let is_known =
                ["number out of range", "surrogate", "recursion limit", "hex escape"].iter().any(|known| said.contains(known));
            assert!(is_known, "{said}: {text}");
        })
        .ok()
}

/// Whatever gets through is one line, whatever a reader takes for the end of one. `Null` for what others do not read.
fn assert_is_message(text: &str) -> Value {
    assert!(!text.contains(|character: char| character < ' '), "{text:?}");
    assert!(read(text.as_bytes()).is_ok_and(|message| message.is_some()) || text.contains(r#""2.0","error""#), "{text}");
    value(text).unwrap_or_default()
}

fn is_blank(line: &[u8]) -> bool {
    line.iter().all(|byte| b" \t\r\n".contains(byte))
}

fn assert_shows(line: &str) {
    assert_eq!(genome_json::first_invisible(line), None, "{line:?}");
}
