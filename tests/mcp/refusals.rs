//! Boots that are refused: nothing is started, and who asks is told why.

#![expect(clippy::indexing_slicing, reason = "the helpers of a test stop where it fails")]

use super::setting::{Client, Ended, Setting};
use genome_test_support::{Draft, has, policy, program};
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

/// Starts a gate that must refuse, and asks it twice, as a client does that speaks both eras.
fn refused(setting: &Setting, options: &[&str]) -> (Value, Ended) {
    let mut client = Client::start(setting.gate(options, ""));
    let first = client.ask("server-discover-probe-1", "server/discover", json!({}));
    let second = client.ask(0, "initialize", json!({"protocolVersion": "2025-11-25"}));
    assert_eq!(first["error"], second["error"]);
    client.say(json!({"jsonrpc": "2.0", "method": "notifications/initialized"}).to_string());
    let ended = client.end();
    assert_eq!(ended.rest, Vec::<Value>::new());
    // Nothing was started.
    assert!(!setting.path().join("seen").exists() && !ended.stderr.contains("a banner"));
    (first["error"].clone(), ended)
}

#[test]
fn a_genome_that_is_not_trusted_starts_nothing() {
    let setting = Setting::new(&["s/echo"]);
    fs::write(setting.path().join("trust.json"), policy(&[2], 1, &json!({}))).unwrap();
    let (error, ended) = refused(&setting, &[]);
    assert_eq!(ended.status, Some(1));
    assert_eq!((&error["code"], &error["data"]["code"]), (&json!(-32603), &json!("GENOME_UNTRUSTED")));
    let message = error["message"].as_str().unwrap();
    assert!(message.starts_with("genome-mcp did not start the server s (GENOME_UNTRUSTED): "), "{message}");
    // In words, and in one line of JSON.
    assert!(ended.stderr.contains("error[GENOME_UNTRUSTED]: "), "{}", ended.stderr);
    let log = ended.log();
    assert_eq!(log.len(), 1, "{}", ended.stderr);
    assert_eq!(
        (&log[0]["reason"], &log[0]["code"], &log[0]["verdict"], &log[0]["exit"], &log[0]["server"]),
        (&json!("boot_refused"), &json!("GENOME_UNTRUSTED"), &json!("refused"), &json!(1), &json!("s"))
    );
}

#[test]
fn a_genome_starts_nothing_without_a_trust_policy() {
    let setting = Setting::new(&["s/echo"]);
    let mut command = program("genome-mcp", setting.path());
    command.args(["--server", "s", "--genome", "genome.json", "--state", "state.json", "--"]).args(setting.server(""));
    let mut client = Client::start(command);
    let error = client.ask(1, "initialize", json!({}))["error"].clone();
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("no trust policy is given") && message.contains("--trust"), "{message}");
    assert_eq!(error["data"]["code"], "GENOME_UNTRUSTED");
    let ended = client.end();
    assert_eq!(ended.status, Some(1));
    assert!(ended.stderr.contains("error[GENOME_UNTRUSTED]: "), "{}", ended.stderr);
    // Nothing was started, and nobody remembers a genome that nobody trusts.
    assert!(!setting.path().join("seen").exists() && !setting.path().join("state.json").exists());
}

#[test]
fn what_decides_is_no_log() {
    let setting = Setting::new(&["s/echo"]);
    for name in ["genome.json", "trust.json", "state.json"] {
        let (error, ended) = refused(&setting, &["--state", "state.json", "--log-file", name]);
        assert_eq!(ended.status, Some(2));
        assert!(error["message"].as_str().unwrap().contains("it is not such a log, and was left as it is"), "{error}");
        serde_json::from_slice::<Value>(&fs::read(setting.path().join(name)).unwrap()).unwrap();
    }
}

#[test]
fn a_genome_that_was_changed_and_one_that_is_older_start_nothing() {
    if !has("python3") {
        return;
    }
    let setting = Setting::new(&["s/echo"]);
    let genome = fs::read_to_string(setting.path().join("genome.json")).unwrap();
    fs::write(setting.path().join("genome.json"), genome.replace("s/echo", "s/fire")).unwrap();
    assert_eq!(refused(&setting, &[]).0["data"]["code"], "GENOME_INVALID_SIGNATURE");
    fs::write(setting.path().join("genome.json"), Draft::new("2.0.0", &[1], 1).signed(&[1])).unwrap();
    let state = ["--state", "state.json"];
    let mut client = Client::start(setting.gate(&state, ""));
    client.ask(1, "ping", json!({}));
    assert_eq!(client.end().status, Some(0));
    fs::remove_file(setting.path().join("seen")).unwrap();
    fs::write(setting.path().join("genome.json"), genome).unwrap();
    let (error, ended) = refused(&setting, &state);
    assert_eq!((&error["data"]["code"], ended.status), (&json!("GENOME_ROLLBACK"), Some(1)));
}

#[test]
fn what_cannot_be_decided_starts_nothing() {
    let setting = Setting::new(&["s/echo"]);
    fs::remove_file(setting.path().join("genome.json")).unwrap();
    let (error, ended) = refused(&setting, &[]);
    assert_eq!(ended.status, Some(2));
    assert!(error["message"].as_str().unwrap().contains("genome.json: there is no such file"), "{error}");
    // Without the option, it is named before the variable.
    let mut command = program("genome-mcp", setting.path());
    command.args(["--server", "s", "--trust", "trust.json", "--", "true"]);
    let mut client = Client::start(command);
    let message = client.ask(1, "initialize", json!({}))["error"]["message"].to_string();
    assert!(message.contains("--genome is not given and MATHISON_GENOME_PATH is not set"), "{message}");
    assert!(message.contains("name the genome with --genome FILE, or set MATHISON_GENOME_PATH to its path"), "{message}");
    assert_eq!(client.end().status, Some(2));
    let setting = Setting::new(&["s/echo"]);
    let (error, ended) = refused(&setting, &["--log-file", "no/such/log"]);
    assert_eq!(ended.status, Some(2));
    assert!(error["message"].as_str().unwrap().contains("the log cannot be opened"), "{error}");
}

#[test]
fn a_server_that_cannot_be_started_is_named() {
    let setting = Setting::new(&["s/echo"]);
    let mut client = Client::start(setting.gate_before(&[], &[PathBuf::from("no-such-server")]));
    let error = client.ask(1, "initialize", json!({}))["error"].clone();
    assert!(error["message"].as_str().unwrap().contains("the server `no-such-server` cannot be started"), "{error}");
    assert_eq!(client.end().status, Some(2));
}

#[test]
fn the_command_line_is_refused_where_it_is_wrong() {
    let setting = Setting::new(&["s/echo"]);
    for arguments in [
        &["--genome", "genome.json", "--", "true"][..],
        &["--server", "S", "--genome", "genome.json", "--", "true"],
        &["--server", "a/b", "--genome", "genome.json", "--", "true"],
        &["--server", "s", "--genome", "genome.json"],
        &["--server", "s", "--genome", "genome.json", "--"],
        &["--server", "s", "--max-message", "5", "--", "true"],
    ] {
        let mut command = program("genome-mcp", setting.path());
        command.args(arguments);
        let ended = Client::start(command).end();
        assert_eq!((ended.status, ended.rest.len()), (Some(2), 0), "{arguments:?}: {}", ended.stderr);
    }
}

#[test]
fn a_client_that_stays_is_answered_for_five_seconds() {
    let setting = Setting::new(&["s/echo"]);
    fs::write(setting.path().join("trust.json"), policy(&[2], 1, &json!({}))).unwrap();
    // Its input stays open.
    let ended = Client::start(setting.gate(&[], "")).wait();
    assert_eq!(ended.status, Some(1));
    assert!(ended.took > Duration::from_secs(4) && ended.took < Duration::from_secs(9), "{:?}", ended.took);
}
