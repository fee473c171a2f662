//! How a run ends, whoever ends first.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "the helpers of a test stop where it fails")]

use super::setting::{Client, Setting, assert_is_gone};
use genome_test_support::has;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

const ALL: [&str; 8] = ["s/echo", "s/die", "s/kill", "s/silence", "s/hang", "s/pid", "s/big", "s/flood"];

fn pid(client: &mut Client) -> String {
    client.call("pid", "pid", json!({}))["result"]["content"][0]["text"].as_str().unwrap().to_owned()
}

fn signal(client: &Client, signal: Signal) {
    kill(Pid::from_raw(i32::try_from(client.child.id()).unwrap()), signal).unwrap();
}

#[test]
fn a_server_that_dies_leaves_no_call_without_an_error() {
    if !has("python3") {
        return;
    }
    for (last, status) in [("die", 7), ("kill", 128 + 9)] {
        let setting = Setting::new(&ALL);
        let mut client = Client::start(setting.gate(&[], ""));
        let server = pid(&mut client);
        let call =
            |id: u64, name: &str| json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": name}}).to_string();
        for id in 0..500 {
            client.say(call(id, if id % 3 == 0 { "echo" } else { "hang" }));
        }
        client.say(call(500, last));
        // Some come after it has died. Standard input may be closed by then.
        let ended = client.wait();
        assert_eq!(ended.status, Some(status));
        let errors = ended.rest.iter().filter(|answer| answer["error"]["code"] == -32603).count();
        let ids: BTreeSet<u64> = ended.rest.iter().map(|answer| answer["id"].as_u64().unwrap()).collect();
        assert_eq!((ids.len(), ended.rest.len()), (501, 501));
        assert_eq!(errors, 501 - 167);
        assert_is_gone(&server);
    }
}

#[test]
fn a_server_that_is_killed_at_any_moment_leaves_no_call_without_an_error() {
    if !has("python3") {
        return;
    }
    for milliseconds in [0, 1, 3, 7, 15, 40] {
        let setting = Setting::new(&ALL);
        let mut client = Client::start(setting.gate(&[], ""));
        let server = pid(&mut client);
        let call = |id| json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": "echo"}}).to_string();
        let calls = (0..400).map(call).collect::<Vec<String>>().join("\n") + "\n";
        let mut input = client.take_input();
        let writing = std::thread::spawn(move || {
            use std::io::Write as _;
            // It may be closed before all is written.
            let _ = input.write_all(calls.as_bytes());
            input
        });
        std::thread::sleep(Duration::from_millis(milliseconds));
        kill(Pid::from_raw(server.parse().unwrap()), Signal::SIGKILL).unwrap();
        let ended = client.wait();
        drop(writing.join());
        assert_eq!(ended.status, Some(137));
        // Each is answered once, in their order, and none is left out between two that are.
        let ids: Vec<u64> = ended.rest.iter().map(|answer| answer["id"].as_u64().unwrap()).collect();
        let unique: BTreeSet<u64> = ids.iter().copied().collect();
        assert_eq!(unique.len(), ids.len());
        assert_eq!(unique.last().map_or(0, |last| last + 1), u64::try_from(ids.len()).unwrap(), "after {milliseconds} ms");
        assert_is_gone(&server);
    }
}

#[test]
fn the_end_of_the_client_ends_the_server() {
    if !has("python3") {
        return;
    }
    let setting = Setting::new(&ALL);
    let mut client = Client::start(setting.gate(&[], ""));
    let server = pid(&mut client);
    // After SIGTERM it would be another.
    assert_eq!(client.end().status, Some(0));
    assert_is_gone(&server);
}

#[test]
fn a_server_that_will_not_end_is_gone_before_a_client_loses_patience() {
    if !has("python3") {
        return;
    }
    let setting = Setting::new(&ALL);
    let mut client = Client::start(setting.gate(&[], "stubborn"));
    let server = pid(&mut client);
    let hanging = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "hang"}}).to_string();
    client.say(hanging);
    let ended = client.end();
    assert_eq!(ended.status, Some(137));
    // 1.6 seconds, on a machine that has time for it: clients kill after 2.
    assert!(ended.took >= Duration::from_millis(1500) && ended.took < Duration::from_secs(4), "{:?}", ended.took);
    assert_eq!(ended.rest.iter().map(|answer| answer["error"]["code"].clone()).collect::<Vec<Value>>(), [json!(-32603)]);
    assert_is_gone(&server);
}

#[test]
fn signals_end_both() {
    if !has("python3") {
        return;
    }
    for number in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP] {
        let setting = Setting::new(&ALL);
        let mut client = Client::start(setting.gate(&[], ""));
        let server = pid(&mut client);
        signal(&client, number);
        let ended = client.wait();
        // Its input was closed, and that was enough.
        assert_eq!(ended.status, Some(0), "{number}");
        assert_is_gone(&server);
    }
}

#[test]
fn a_server_sees_the_end_when_the_gate_is_killed() {
    if !has("python3") {
        return;
    }
    let setting = Setting::new(&ALL);
    let mut client = Client::start(setting.gate(&[], ""));
    let server = pid(&mut client);
    signal(&client, Signal::SIGKILL);
    assert_is_gone(&server);
    assert_eq!(client.wait().status, None);
}

#[test]
fn a_server_that_says_nothing_more_is_ended() {
    if !has("python3") {
        return;
    }
    let setting = Setting::new(&ALL);
    let mut client = Client::start(setting.gate(&[], ""));
    let server = pid(&mut client);
    let call = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "silence"}}).to_string();
    client.say(call);
    let answer = client.hear();
    assert_eq!((&answer["id"], &answer["error"]["code"]), (&json!(1), &json!(-32603)));
    let ended = client.wait();
    assert_eq!(ended.status, Some(128 + 15));
    assert_is_gone(&server);
}

#[test]
fn a_server_that_reads_nothing_more_is_ended() {
    if !has("python3") {
        return;
    }
    let setting = Setting::new(&ALL);
    let mut client = Client::start(setting.gate(&[], "deaf"));
    let mut id = 0;
    let start = Instant::now();
    // Its input is closed a moment after it has started.
    let mut input = client.take_input();
    loop {
        use std::io::Write as _;
        id += 1;
        let call = json!({"jsonrpc": "2.0", "id": id, "method": "ping"}).to_string();
        if writeln!(input, "{call}").is_err() {
            break;
        }
        assert!(start.elapsed() < Duration::from_secs(20), "it goes on");
        std::thread::sleep(Duration::from_millis(20));
    }
    let ended = client.wait();
    assert_eq!(ended.status, Some(128 + 15));
    assert!(!ended.rest.is_empty() && ended.rest.iter().all(|answer| answer["error"]["code"] == -32603), "{:?}", ended.rest);
}
