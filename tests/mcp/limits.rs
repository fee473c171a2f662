//! Long messages, many messages, and sides that do not read.

use super::setting::{Client, Setting};
use genome_test_support::has;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

#[test]
fn a_message_that_is_too_long_is_answered_and_the_next_one_passes() {
    if !has("python3") {
        return;
    }
    let setting = Setting::new(&["s/echo", "s/big"]);
    let mut client = Client::start(setting.gate(&["--max-message", "10000"], ""));
    let long = "x".repeat(200_000);
    let answer = client.call(7, "echo", json!({"a": long}));
    assert_eq!(answer["error"]["code"], -32600);
    assert_eq!(client.call(8, "echo", json!({}))["result"]["content"][0]["text"], "echo {}");
    let answer = client.call(9, "big", json!({"size": 200_000}));
    assert_eq!(answer["error"]["code"], -32603);
    assert_eq!(client.call(10, "echo", json!({}))["result"]["content"][0]["text"], "echo {}");
    let ended = client.end();
    assert_eq!(ended.rest, Vec::<Value>::new());
    assert_eq!(ended.log().iter().filter(|line| line["reason"] == "malformed").count(), 2);
}

#[test]
fn thirty_million_bytes_pass_in_one_message() {
    if !has("python3") {
        return;
    }
    let setting = Setting::new(&["s/big"]);
    let mut client = Client::start(setting.gate(&[], ""));
    let answer = client.call(1, "big", json!({"size": 30_000_000}));
    assert_eq!(answer["result"]["content"][0]["text"].as_str().unwrap().len(), 30_000_000);
    client.end();
}

#[test]
fn a_client_may_write_much_before_it_reads() {
    if !has("python3") {
        return;
    }
    let setting = Setting::new(&["s/echo"]);
    let mut command = setting.gate(&[], "");
    command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let written = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&written);
    let writing = thread::spawn(move || {
        for id in 0..3000 {
            let name = if id % 5 == 0 { "remove" } else { "echo" };
            let call = json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": name, "arguments": {"a": "x".repeat(300)}}});
            writeln!(input, "{call}").unwrap();
            counted.fetch_add(1, Ordering::Relaxed);
        }
    });
    // All pipes are full: nothing has gone on for a while, and not all is written.
    let mut before = 0;
    loop {
        thread::sleep(Duration::from_millis(500));
        let now = written.load(Ordering::Relaxed);
        if now > 0 && now == before {
            break;
        }
        before = now;
    }
    assert!(!writing.is_finished(), "the client was not stopped, so that the pipes were not full");
    let output = child.wait_with_output().unwrap();
    writing.join().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let ids: BTreeSet<u64> =
        text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["id"].as_u64().unwrap()).collect();
    assert_eq!((ids.len(), text.lines().count()), (3000, 3000));
}

#[test]
fn a_server_that_asks_much_and_reads_nothing_does_not_stop_the_gate() {
    if !has("python3") {
        return;
    }
    let setting = Setting::new(&["s/flood", "s/echo"]);
    let mut client = Client::start(setting.gate(&["--log-file", "log"], ""));
    client.shake_hands();
    let answer = client.call(1, "flood", json!({"count": 5000}));
    assert_eq!(answer["result"]["content"][0]["text"], r#"flood {"count": 5000}"#);
    client.call(2, "echo", json!({}));
    assert_eq!(client.end().status, Some(0));
    // Each of its questions was denied. What it did not read in time is counted.
    let log = fs::read_to_string(setting.path().join("log")).unwrap();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let lost: u64 = lines.iter().filter(|line| line["reason"] == "lost").filter_map(|line| line["count"].as_u64()).sum();
    let answered = setting.seen().iter().filter(|message| message["error"]["code"] == -1).count();
    // Some may be under way at the end.
    let counted = lost + u64::try_from(answered).unwrap();
    assert!(lost > 0 && (4700..=5000).contains(&counted), "{lost} of {counted}");
}

#[test]
fn a_client_that_never_reads_standard_error_is_served_to_the_end() {
    if !has("python3") {
        return;
    }
    let setting = Setting::new(&["s/echo"]);
    let mut client = Client::start(setting.gate(&[], ""));
    let name = "x".repeat(500);
    let start = Instant::now();
    let mut id = 0;
    // More than a pipe holds.
    while start.elapsed() < Duration::from_millis(3500) {
        id += 1;
        client.call(id, &name, json!({}));
    }
    assert_eq!(client.call("last", "echo", json!({}))["result"]["content"][0]["text"], "echo {}");
    let ended = client.end();
    assert_eq!(ended.status, Some(0));
    // All that was not written is counted, but for what the end did not wait for.
    assert!(ended.log().len() > 100, "{}", ended.log().len());
}
