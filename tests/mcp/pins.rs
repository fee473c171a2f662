//! A server that is held to pins, and changes what its tools say they are.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "the helpers of a test stop where it fails")]

use super::setting::{Client, Ended, Setting};
use genome_test_support::{has, repository, run, tool};
use serde_json::{Value, json};
use std::process::Command;

const ECHO: &str = r#"{"description":"echoes","inputSchema":{"type":"object"},"name":"echo"}"#;
const REMOVE: &str = r#"{"description":"removes","inputSchema":{"type":"object"},"name":"remove"}"#;

/// How a server drifts.
type Drift = (&'static str, fn(&mut Client));

/// Two tools are allowed and pinned, and a third is allowed.
fn setting() -> Setting {
    Setting::pinning(&["s/echo", "s/remove", "s/later"], &[("s/echo", ECHO), ("s/remove", REMOVE)])
}

/// A client whose session has begun.
fn begun(setting: &Setting, options: &[&str], mode: &str) -> Client {
    let mut client = Client::start(setting.gate(options, mode));
    client.shake_hands();
    client
}

/// Calls a tool. Returns the text that the model reads, whether it is a denial, and what came before it.
fn called(client: &mut Client, id: i64, name: &str, arguments: &Value) -> (String, bool, Vec<Value>) {
    let params = json!({"name": name, "arguments": arguments});
    client.say(json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params}).to_string());
    let mut before = Vec::new();
    loop {
        let message = client.hear();
        if message["id"] == id {
            let text = message["result"]["content"][0]["text"].as_str().unwrap().to_owned();
            return (text, message["result"]["isError"] == true, before);
        }
        before.push(message);
    }
}

/// What the server has run, by tool.
fn ran(setting: &Setting) -> Vec<String> {
    let calls = setting.seen().into_iter().filter(|message| message["method"] == "tools/call");
    calls.map(|message| message["params"]["name"].as_str().unwrap().to_owned()).collect()
}

fn reasons(ended: &Ended) -> Vec<String> {
    ended.log().iter().filter_map(|line| Some(line["reason"].as_str()?.to_owned())).collect()
}

#[test]
fn calls_wait_until_the_gate_has_read_the_list() {
    if !has("python3") {
        return;
    }
    let setting = setting();
    let mut client = begun(&setting, &[], "drifting");
    assert_eq!(called(&mut client, 1, "echo", &json!({"a": 1})), (r#"echo {"a": 1}"#.to_owned(), false, vec![]));
    assert!(!called(&mut client, 2, "remove", &json!({})).1);
    assert!(called(&mut client, 3, "later", &json!({})).0.contains("does not pin `s/later`"));
    let list = client.ask(4, "tools/list", json!({}));
    assert_eq!(list["result"]["tools"], json!([serde_json::from_str::<Value>(ECHO).unwrap()]));
    let ended = client.end();
    assert_eq!((ended.status, ended.rest.len()), (Some(0), 0), "{}", ended.stderr);
    let seen = setting.seen();
    let methods: Vec<&str> = seen.iter().map(|message| message["method"].as_str().unwrap()).collect();
    assert_eq!(
        methods,
        ["initialize", "notifications/initialized", "tools/list", "tools/list", "tools/call", "tools/call", "tools/list"]
    );
    let own = seen[2]["id"].as_str().unwrap();
    assert!(own.starts_with("genome-mcp-") && own.len() > 40, "{own}");
    assert_ne!(seen[3]["id"], seen[2]["id"]);
}

#[test]
fn a_tool_that_changes_after_it_was_approved_is_lost_alone() {
    if !has("python3") {
        return;
    }
    // With a word, and without one but seen by the client, and between two pages.
    let ways: [Drift; 3] = [
        ("after list_changed", |client| {
            called(client, 10, "echo", &json!({"shown": {"remove": "sends all away"}, "says": true}));
        }),
        ("between list and call", |client| {
            called(client, 10, "echo", &json!({"shown": {"remove": "sends all away"}, "says": false}));
            let list = client.ask(11, "tools/list", json!({"cursor": "2"}));
            assert_eq!(list["result"]["tools"], json!([]));
        }),
        ("between pages", |client| {
            called(client, 10, "echo", &json!({"plan": {"between": {"remove": "sends all away"}, "says": true}}));
        }),
    ];
    for (name, drift) in ways {
        let setting = setting();
        let mut client = begun(&setting, &[], "drifting");
        assert!(!called(&mut client, 1, "remove", &json!({})).1, "{name}");
        drift(&mut client);
        let (text, is_denied, _) = called(&mut client, 2, "remove", &json!({"path": "secret"}));
        assert!(is_denied && text.contains("the server describes `s/remove` otherwise than the genome"), "{name}: {text}");
        // The others go on.
        assert!(!called(&mut client, 3, "echo", &json!({})).1, "{name}");
        let ended = client.end();
        assert_eq!(ended.status, Some(0), "{name}: {}", ended.stderr);
        assert_eq!(ran(&setting), ["remove", "echo", "echo"], "{name}");
        let log = ended.log();
        let changed = log.iter().find(|line| line["reason"] == "tool_changed" && line["from"] == "client").unwrap();
        assert_eq!((&changed["action"], &changed["id"]), (&json!("s/remove"), &json!("2")), "{name}");
        assert!(!ended.stderr.contains("secret") && !ended.stderr.contains("sends all away"), "{}", ended.stderr);
    }
}

#[test]
fn a_server_that_lists_nothing_has_its_calls_denied_in_time() {
    if !has("python3") {
        return;
    }
    let setting = setting();
    let mut client = begun(&setting, &["--list-timeout", "50"], "listless");
    let (text, is_denied, _) = called(&mut client, 1, "echo", &json!({}));
    assert!(is_denied && text.contains("did not list its tools in time"), "{text}");
    let ended = client.end();
    assert_eq!((ended.status, reasons(&ended)), (Some(0), vec!["tool_unseen".to_owned()]), "{}", ended.stderr);
    assert_eq!(ran(&setting), Vec::<String>::new());
}

#[test]
fn a_session_ends_when_the_server_drifts_if_that_is_wanted() {
    if !has("python3") {
        return;
    }
    let setting = setting();
    let mut client = begun(&setting, &["--on-drift", "exit"], "drifting");
    assert!(!called(&mut client, 1, "echo", &json!({"shown": {"echo": "sends all away"}, "says": true})).1);
    client.say(json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "echo"}}).to_string());
    client.say(json!({"jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": {"name": "remove"}}).to_string());
    // The client waits, and has not closed anything.
    let ended = client.wait();
    assert_eq!(ended.status, Some(1), "{}", ended.stderr);
    let mut answered: Vec<i64> = ended.rest.iter().filter_map(|message| message["id"].as_i64()).collect();
    answered.sort_unstable();
    assert_eq!(answered, [2, 3], "{:?}", ended.rest);
    assert_eq!(ran(&setting), ["echo"]);
}

#[test]
fn a_genome_without_pins_is_warned_of_or_refused() {
    if !has("python3") {
        return;
    }
    let setting = Setting::new(&["s/echo"]);
    let mut client = Client::start(setting.gate(&[], ""));
    assert!(!called(&mut client, 1, "echo", &json!({})).1);
    let ended = client.end();
    assert_eq!(
        ended.stderr.matches("the genome pins nothing of the server s: its tools may say anything").count(),
        1,
        "{}",
        ended.stderr
    );
    let mut client = Client::start(setting.gate(&["--require-pins"], ""));
    let said = client.ask(1, "initialize", json!({}))["error"]["message"].to_string();
    assert!(said.contains("the genome pins nothing of the server s"), "{said}");
    assert_eq!(client.end().status, Some(1));
    assert!(setting.seen().is_empty() || ran(&setting) == ["echo"]);
    // With pins nobody is warned.
    let ended = begun(&self::setting(), &["--require-pins"], "drifting").end();
    assert_eq!((ended.status, ended.stderr.contains("pins nothing")), (Some(0), false), "{}", ended.stderr);
}

#[test]
fn fastmcp_is_held_to_pins_in_both_eras() {
    let Some(python) = tool("python/bin/python") else { return };
    let script = |name: &str| repository().join("tests/mcp/fastmcp").join(name);
    let server = [python.clone(), script("server.py")];
    let listed = |setting: &Setting, era: &str, what: &str| {
        let gate = setting.gate_before(&[], &server);
        let mut command = Command::new(&python);
        command.arg("-B").arg(script("client.py")).arg(era).arg(gate.get_program()).args(gate.get_args());
        command.current_dir(setting.path());
        let ran = run(&mut command);
        assert_eq!(ran.status, Some(0), "{ran:?}");
        serde_json::from_str::<Value>(&ran.stdout).unwrap()[what].clone()
    };
    // As the server says it without a gate, in the canonical form of Python.
    let mut direct = Command::new(&python);
    direct.arg(script("server.py"));
    let mut direct = Client::start(direct);
    direct.shake_hands();
    let list = direct.ask(1, "tools/list", json!({}));
    direct.end();
    let canonical = |name: &str| {
        let tool = list["result"]["tools"].as_array().unwrap().iter().find(|tool| tool["name"] == name).unwrap();
        let text = "import json, sys; print(json.dumps(json.loads(sys.argv[1]), sort_keys=True, separators=(',', ':'), ensure_ascii=False), end='')";
        run(Command::new(&python).args(["-c", text, &tool.to_string()])).stdout
    };
    let (echo, ask) = (canonical("echo"), canonical("ask"));
    assert!(echo.contains(r#""name":"echo""#) && ask.contains(r#""name":"ask""#), "{echo} {ask}");
    let drifted = ask.replace("ask", "ASK");
    let setting = Setting::pinning(&["s/echo", "s/remove", "s/ask"], &[("s/echo", &echo), ("s/ask", &drifted)]);
    for era in ["auto", "legacy"] {
        assert_eq!(listed(&setting, era, "tools"), json!(["echo"]), "{era}");
        let said = listed(&setting, era, "echo");
        assert!(said.as_str().unwrap().starts_with("CallToolResult("), "{era} {said}");
        let said = listed(&setting, era, "remove");
        assert!(said.as_str().unwrap().starts_with("ToolError: denied: the genome"), "{era} {said}");
    }
}
