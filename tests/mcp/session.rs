//! Sessions from their first message to the last.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "the helpers of a test stop where it fails")]

use super::setting::{Client, Setting};
use genome_test_support::has;
use serde_json::{Value, json};
use std::fs;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

fn names(answer: &Value) -> Vec<&str> {
    answer["result"]["tools"].as_array().unwrap().iter().map(|tool| tool["name"].as_str().unwrap()).collect()
}

#[test]
fn a_session_has_what_the_genome_allows_and_no_more() {
    if !has("python3") {
        return;
    }
    let setting = Setting::new(&["s/echo"]);
    let mut client = Client::start(setting.gate(&[], ""));
    let answer = client.shake_hands();
    assert_eq!(answer["result"]["capabilities"], json!({"tools": {"listChanged": true}}));
    let page = client.ask(1, "tools/list", json!({}));
    assert_eq!((names(&page), &page["result"]["nextCursor"]), (vec!["echo"], &json!("2")));
    // A page may be empty.
    let page = client.ask(2, "tools/list", json!({"cursor": "2"}));
    assert_eq!((names(&page), page["result"].get("nextCursor")), (Vec::new(), None));
    assert_eq!(client.call(3, "echo", json!({"a": 1}))["result"]["content"][0]["text"], r#"echo {"a": 1}"#);
    let denied = client.call(4, "remove", json!({"a": "secret"}));
    assert_eq!(denied["result"]["isError"], true);
    assert_eq!(client.ask(5, "resources/list", json!({}))["error"]["code"], -32601);
    let ended = client.end();
    assert_eq!((ended.status, ended.rest), (Some(0), Vec::new()));
    // The server never saw what was denied, nor what the client can do that it may not ask for.
    let seen = setting.seen();
    let methods: Vec<&str> = seen.iter().map(|message| message["method"].as_str().unwrap()).collect();
    assert_eq!(methods, ["initialize", "notifications/initialized", "tools/list", "tools/list", "tools/call"]);
    assert_eq!(seen[0]["params"]["capabilities"], json!({}));
}

#[test]
fn standard_error_has_what_the_server_says_and_what_was_denied() {
    if !has("python3") {
        return;
    }
    let setting = Setting::new(&["s/echo"]);
    let mut client = Client::start(setting.gate(&[], "banner"));
    // It has started.
    client.call(1, "echo", json!({}));
    client.call("x", "remove", json!({"a": "secret"}));
    client.say("no message");
    assert_eq!(client.hear()["error"]["code"], -32700);
    let ended = client.end();
    assert!(
        ended.stderr.starts_with("a banner of the server\n") || ended.stderr.contains("\na banner of the server\n"),
        "{}",
        ended.stderr
    );
    assert!(!ended.stderr.contains("secret"));
    let log = ended.log();
    let denied = log.iter().find(|line| line["reason"] == "not_allowed").unwrap();
    assert_eq!(
        (&denied["server"], &denied["from"], &denied["method"], &denied["action"], &denied["id"]),
        (&json!("s"), &json!("client"), &json!("tools/call"), &json!("s/remove"), &json!("\"x\""))
    );
    assert!(denied["time"].as_str().is_some_and(|time| time.ends_with('Z') && time.len() == 24), "{denied}");
    for from in ["client", "server"] {
        assert!(log.iter().any(|line| line["reason"] == "malformed" && line["from"] == from), "{log:?}");
    }
}

#[test]
fn a_log_file_has_what_was_denied_in_the_place_of_standard_error() {
    if !has("python3") {
        return;
    }
    let setting = Setting::new(&["s/echo"]);
    let mut client = Client::start(setting.gate(&["--log-file", "denied.jsonl"], ""));
    for id in 0..300 {
        client.call(id, "remove", json!({}));
    }
    let ended = client.end();
    assert_eq!(ended.log(), Vec::<Value>::new());
    let log = fs::read_to_string(setting.path().join("denied.jsonl")).unwrap();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    // So many a second, and the others are counted.
    let left_out: u64 = lines.iter().filter_map(|line| line["count"].as_u64()).sum();
    let denied = lines.iter().filter(|line| line["reason"] == "not_allowed").count();
    assert_eq!(u64::try_from(denied).unwrap() + left_out, 300, "{log}");
    for line in &lines {
        let second = &line["time"].as_str().unwrap()[..19];
        let count =
            lines.iter().filter(|line| line["count"].is_null() && line["time"].as_str().unwrap().starts_with(second)).count();
        assert!(count <= 100, "{count} in {second}");
    }
}

#[test]
fn a_log_file_that_is_renamed_is_made_anew() {
    if !has("python3") {
        return;
    }
    let setting = Setting::new(&["s/echo"]);
    let mut client = Client::start(setting.gate(&["--log-file", "log"], ""));
    let (log, older) = (setting.path().join("log"), setting.path().join("log.1"));
    client.call(1, "remove", json!({}));
    let start = Instant::now();
    while fs::read(&log).unwrap().is_empty() {
        assert!(start.elapsed() < Duration::from_secs(20), "nothing is written");
        thread::sleep(Duration::from_millis(5));
    }
    fs::rename(&log, &older).unwrap();
    client.call(2, "remove", json!({}));
    client.end();
    for (file, id) in [(&older, "1"), (&log, "2")] {
        let line: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
        assert_eq!(line["id"], id);
    }
}

#[test]
fn the_server_asks_for_no_more_than_the_genome_allows() {
    if !has("python3") {
        return;
    }
    let setting = Setting::new(&["s/ask", "s:roots/list"]);
    let mut client = Client::start(setting.gate(&[], ""));
    client.shake_hands();
    client.call(1, "ask", json!({"method": "sampling/createMessage"}));
    client.call(2, "ask", json!({"method": "elicitation/create"}));
    let call = json!({"jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": {"name": "ask", "arguments": {"method": "roots/list"}}});
    client.say(call.to_string());
    let asked = client.hear();
    assert_eq!((&asked["method"], &asked["id"]), (&json!("roots/list"), &json!("ask")));
    client.say(json!({"jsonrpc": "2.0", "id": "ask", "result": {"roots": []}}).to_string());
    assert_eq!(client.hear()["id"], 3);
    let answers = || setting.seen().into_iter().filter(|message| message["id"] == "ask").collect::<Vec<Value>>();
    let start = Instant::now();
    while answers().len() < 3 && start.elapsed() < Duration::from_secs(20) {
        thread::sleep(Duration::from_millis(10));
    }
    let ended = client.end();
    let answers = answers();
    let declined = answers.iter().find(|answer| answer.get("error").is_some()).unwrap();
    assert_eq!(declined["error"], json!({"code": -1, "message": "User rejected sampling request"}));
    for result in [json!({"action": "decline"}), json!({"roots": []})] {
        assert!(answers.iter().any(|answer| answer["result"] == result), "{answers:?}");
    }
    assert_eq!(answers.len(), 3);
    assert_eq!(ended.rest.len(), 0, "{:?}", ended.rest);
}

#[test]
fn the_server_gets_the_environment_without_what_holds_a_signing_key() {
    if !has("python3") {
        return;
    }
    let setting = Setting::new(&["s/environment"]);
    let mut command = setting.gate(&[], "");
    let key = genome_test_support::test_key();
    command
        .env("GENOME_SIGNING_PRIVATE_KEY", &key)
        .env("GENOME_SIGNING_KEY", "env:TEAM_KEY")
        .env("TEAM_KEY", "x")
        .env("ANOTHER", &key)
        .env("API_TOKEN", "t");
    let mut client = Client::start(command);
    let answer = client.call(1, "environment", json!({}));
    let names: Vec<&str> = answer["result"]["content"][0]["text"].as_str().unwrap().split(' ').collect();
    assert!(names.contains(&"API_TOKEN") && names.contains(&"PATH"), "{names:?}");
    for secret in ["GENOME_SIGNING_PRIVATE_KEY", "TEAM_KEY", "ANOTHER"] {
        assert!(!names.contains(&secret), "{secret}");
    }
    client.end();
}

#[cfg(target_os = "linux")]
#[test]
fn the_server_gets_no_file_of_the_gate() {
    if !has("python3") {
        return;
    }
    let setting = Setting::new(&["s/descriptors"]);
    let descriptors = |command: Command| {
        let mut client = Client::start(command);
        let answer = client.call(1, "descriptors", json!({}));
        client.end();
        answer["result"]["content"][0]["text"].as_str().unwrap().to_owned()
    };
    let server = setting.server("");
    let mut direct = Command::new(&server[0]);
    direct.args(&server[1..]);
    assert_eq!(descriptors(setting.gate(&["--log-file", "log", "--state", "state.json"], "")), descriptors(direct));
}

#[cfg(target_os = "linux")]
#[test]
fn the_gate_leaves_no_memory_to_read() {
    if !has("python3") {
        return;
    }
    let setting = Setting::new(&["s/echo"]);
    let mut client = Client::start(setting.gate(&[], ""));
    client.call(1, "echo", json!({}));
    // What this process may read as root, its user may not: the attribute that forbids core dumps goes with this limit.
    let limits = fs::read_to_string(format!("/proc/{}/limits", client.child.id())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<&str>>(), ["0", "0"]);
    client.end();
}

#[test]
fn plain_names_are_warned_of_and_not_for_production() {
    if !has("python3") {
        return;
    }
    let setting = Setting::new(&["echo"]);
    let mut client = Client::start(setting.gate(&["--plain-names"], ""));
    assert_eq!(client.call(1, "echo", json!({}))["result"]["content"][0]["text"], "echo {}");
    let ended = client.end();
    assert!(ended.stderr.contains("warning: tools go by their names alone"), "{}", ended.stderr);
    let ended = Client::start(setting.gate(&["--plain-names", "--production"], "")).end();
    assert_eq!(ended.status, Some(2));
    assert!(ended.stderr.contains("production takes no plain names of tools"), "{}", ended.stderr);
}
