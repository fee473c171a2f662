//! Servers that go on after their end, write past the gate, or fill the log.

use super::setting::{Client, Setting};
use genome_test_support::has;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use std::fs::{self, File};
use std::io::{Write as _, pipe};
use std::path::PathBuf;
use std::process::Stdio;

/// A server that runs this script of the shell.
fn shell(script: &str) -> Vec<PathBuf> {
    ["sh", "-c", script].map(PathBuf::from).to_vec()
}

fn call(id: u64, tool: &str) -> String {
    json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": tool}}).to_string()
}

#[test]
fn rubbish_of_what_a_server_leaves_behind_is_not_waited_for() {
    let setting = Setting::new(&["s/echo"]);
    // The server ends with the first call, and another process of it goes on writing.
    let script = "(while :; do echo rubbish || exit; sleep 0.1; done) & read line";
    let mut client = Client::start(setting.gate_before(&["--log-file", "log"], &shell(script)));
    client.say(call(1, "echo"));
    let ended = client.wait();
    assert_eq!(ended.status, Some(0), "{}", ended.stderr);
    assert_eq!(ended.rest.iter().map(|answer| &answer["error"]["code"]).collect::<Vec<_>>(), [&json!(-32603)]);
}

#[test]
fn a_signal_ends_the_gate_whatever_a_server_leaves_behind() {
    let setting = Setting::new(&["s/echo"]);
    let message = r#"{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"left"}}"#;
    let script = format!("(while :; do echo '{message}' || exit; sleep 0.05; done) & read line");
    let mut client = Client::start(setting.gate_before(&[], &shell(&script)));
    client.say(call(1, "echo"));
    // They reach the client as long as it is there.
    assert_eq!(client.hear()["method"], "notifications/message");
    kill(Pid::from_raw(i32::try_from(client.child.id()).unwrap()), Signal::SIGTERM).unwrap();
    let ended = client.wait();
    assert!(ended.rest.iter().any(|answer| answer["id"] == 1), "{:?}", ended.rest);
}

#[test]
fn a_server_that_takes_nothing_and_writes_rubbish_ends_with_its_client() {
    let setting = Setting::new(&["s/echo"]);
    let script = "while :; do echo rubbish || exit; sleep 0.1; done";
    let mut client = Client::start(setting.gate_before(&["--log-file", "log"], &shell(script)));
    let mut input = client.take_input();
    let writing = std::thread::spawn(move || {
        // More than the pipes hold: the rest is never taken.
        let line = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "echo", "arguments": "x".repeat(300_000)}});
        let _ = writeln!(input, "{line}");
    });
    assert!(client.wait().status.is_some());
    writing.join().unwrap();
}

#[test]
fn one_stream_for_both_carries_no_words_of_the_server_past_the_gate() {
    let setting = Setting::new(&["s/echo"]);
    let (mut reader, writer) = pipe().unwrap();
    let answer = r#"{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"wipe"}]}}"#;
    let mut command = setting.gate_before(&[], &shell(&format!("read line; echo '{answer}' >&2")));
    command.stdin(Stdio::piped()).stdout(writer.try_clone().unwrap()).stderr(writer);
    let mut child = command.spawn().unwrap();
    drop(command);
    writeln!(child.stdin.take().unwrap(), "{}", json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})).unwrap();
    let mut said = String::new();
    std::io::Read::read_to_string(&mut reader, &mut said).unwrap();
    assert!(child.wait().unwrap().success());
    assert!(said.contains("has ended before it answered") && !said.contains("wipe"), "{said}");
}

#[test]
fn rubbish_of_a_server_hides_no_denial() {
    if !has("python3") {
        return;
    }
    let setting = Setting::new(&["s/echo"]);
    let script = "(i=0; while [ $i -lt 2000 ]; do echo rubbish; i=$((i+1)); done) ; echo '{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{}}'; cat >/dev/null";
    let mut client = Client::start(setting.gate_before(&["--log-file", "log"], &shell(script)));
    // All of it was read.
    assert_eq!(client.hear()["method"], "notifications/message");
    for id in 0..50 {
        client.say(call(id, "wipe"));
        assert_eq!(client.hear()["result"]["isError"], true);
    }
    client.end();
    let log = fs::read_to_string(setting.path().join("log")).unwrap();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.iter().filter(|line| line["action"] == "s/wipe").count(), 50);
    let left_out: Vec<&Value> = lines.iter().filter(|line| line["reason"] == "left_out").collect();
    assert!(!left_out.is_empty() && left_out.iter().all(|line| line["from"] == "server"), "{left_out:?}");
}

#[test]
fn calls_that_wait_for_the_list_outlast_the_end_of_the_client() {
    if !has("python3") {
        return;
    }
    let echo = r#"{"description":"echoes","inputSchema":{"type":"object"},"name":"echo"}"#;
    let setting = Setting::pinning(&["s/echo"], &[("s/echo", echo)]);
    let said = [
        json!({"jsonrpc": "2.0", "id": "i", "method": "initialize", "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {}}}),
        json!({"jsonrpc": "2.0", "method": "notifications/initialized"}),
        json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "echo"}}),
    ];
    fs::write(setting.path().join("session"), said.map(|message| message.to_string()).join("\n")).unwrap();
    let mut command = setting.gate(&[], "drifting");
    let output = command.stdin(File::open(setting.path().join("session")).unwrap()).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let last: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
    assert_eq!((&last["id"], &last["result"]["content"][0]["text"]), (&json!(1), &json!("echo {}")), "{said}");
}
