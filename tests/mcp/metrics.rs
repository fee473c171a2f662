//! The metrics in a file: what they count, who may share the file, and what Prometheus itself thinks of them.

#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of a test stop where it fails")]

use super::setting::{Client, Setting};
use genome_test_support::has;
use serde_json::json;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const OPTION: [&str; 2] = ["--metrics-textfile", "gate.prom"];

fn text(setting: &Setting) -> String {
    fs::read_to_string(setting.path().join("gate.prom")).unwrap_or_default()
}

fn value(text: &str, series: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {series} in {text}")).parse().unwrap()
}

/// What Prometheus itself thinks of it.
fn check(text: &str) {
    if !has("promtool") {
        return;
    }
    let mut command = Command::new("promtool");
    command.args(["check", "metrics"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success() && said.is_empty(), "{}: {text}", String::from_utf8_lossy(&said));
}

/// A session with something of each kind.
fn session(setting: &Setting) {
    let mut client = Client::start(setting.gate(&OPTION, ""));
    client.shake_hands();
    for (id, name) in [(1, "echo"), (2, "echo"), (3, "remove"), (4, "a stranger's \"name\"\n"), (5, "echo")] {
        client.call(id, name, json!({}));
    }
    client.ask(6, "resources/list", json!({}));
    client.ask(7, "a stranger's method", json!({}));
    client.say("no message");
    client.hear();
    assert_eq!(client.end().status, Some(0));
}

#[test]
fn sessions_add_what_they_have_counted() {
    if !has("python3") {
        return;
    }
    // A tool that the genome names, and no call names.
    let setting = Setting::new(&["s/echo", "s/a \"b\" \\ c"]);
    for sessions in [1.0, 2.0, 3.0] {
        session(&setting);
        let text = text(&setting);
        check(&text);
        let at = |series: &str| value(&text, series) / sessions;
        let requests = |method: &str, outcome: &str| {
            at(&format!("genome_mcp_requests_total{{server=\"s\",from=\"client\",method=\"{method}\",outcome=\"{outcome}\"}}"))
        };
        assert!((requests("tools/call", "forwarded") - 3.0).abs() < 1e-9, "{text}");
        assert!((requests("tools/call", "not_allowed") - 2.0).abs() < 1e-9, "{text}");
        assert!((requests("initialize", "forwarded") - 1.0).abs() < 1e-9, "{text}");
        assert!((requests("resources/list", "not_allowed") - 1.0).abs() < 1e-9, "{text}");
        assert!((requests("other", "not_allowed") - 1.0).abs() < 1e-9, "{text}");
        let calls = |action: &str, outcome: &str| {
            at(&format!("genome_mcp_tool_calls_total{{server=\"s\",action=\"{action}\",outcome=\"{outcome}\"}}"))
        };
        assert!((calls("s/echo", "forwarded") - 3.0).abs() < 1e-9, "{text}");
        assert!((calls("other", "not_allowed") - 2.0).abs() < 1e-9, "{text}");
        let refusals = |reason: &str| at(&format!("genome_mcp_refusals_total{{server=\"s\",from=\"client\",reason=\"{reason}\"}}"));
        assert!((refusals("not_allowed") - 4.0).abs() < 1e-9 && (refusals("malformed") - 1.0).abs() < 1e-9, "{text}");
        assert!(refusals("denied").abs() < 1e-9, "each reason is there from the start");
        for from in ["client", "server"] {
            let of = format!("{{server=\"s\",from=\"{from}\"}}");
            assert!(at(&format!("genome_mcp_received_bytes_total{of}")) > 300.0, "{text}");
            assert!(at(&format!("genome_mcp_decision_seconds_count{of}")) >= 4.0, "{text}");
            assert!(value(&text, &format!("genome_mcp_open_requests{of}")).abs() < 1e-9, "{text}");
        }
        // Nothing of what a stranger wrote, and all can read it.
        assert!(!text.contains("stranger") && !text.contains("remove"), "{text}");
        assert_eq!(fs::metadata(setting.path().join("gate.prom")).unwrap().permissions().mode() & 0o777, 0o644);
    }
}

#[test]
fn sessions_at_once_share_a_file() {
    if !has("python3") {
        return;
    }
    let setting = Setting::new(&["s/echo"]);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| session(&setting));
        }
    });
    let text = text(&setting);
    let calls = value(&text, "genome_mcp_tool_calls_total{server=\"s\",action=\"s/echo\",outcome=\"forwarded\"}");
    assert!((calls - 12.0).abs() < 1e-9, "{text}");
}

#[test]
fn what_is_open_is_written_while_a_session_goes_on() {
    if !has("python3") {
        return;
    }
    let setting = Setting::new(&["s/hang"]);
    let mut client = Client::start(setting.gate(&OPTION, ""));
    for id in 0..3 {
        client.say(json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": "hang"}}).to_string());
    }
    let start = Instant::now();
    while !text(&setting).contains("genome_mcp_open_requests{server=\"s\",from=\"client\"} 3\n") {
        assert!(start.elapsed() < Duration::from_secs(30), "{}", text(&setting));
        thread::sleep(Duration::from_millis(50));
    }
    client.end();
    assert!(text(&setting).contains("genome_mcp_open_requests{server=\"s\",from=\"client\"} 0\n"));
}

#[test]
fn what_is_something_else_is_left_as_it_is_and_the_session_goes_on() {
    if !has("python3") {
        return;
    }
    let setting = Setting::new(&["s/echo"]);
    let metrics_of_server = "# HELP genome_mutations_total Boots\ngenome_mutations_total 1\n";
    fs::write(setting.path().join("server.prom"), metrics_of_server).unwrap();
    let genome = fs::read_to_string(setting.path().join("genome.json")).unwrap();
    for file in ["genome.json", "server.prom", "nowhere/gate.prom", "."] {
        let mut client = Client::start(setting.gate(&["--metrics-textfile", file], ""));
        client.call(1, "echo", json!({}));
        let ended = client.end();
        assert_eq!((ended.status, ended.stderr.matches("the metrics cannot be written").count()), (Some(0), 1), "{}", ended.stderr);
    }
    assert_eq!(fs::read_to_string(setting.path().join("genome.json")).unwrap(), genome);
    assert_eq!(fs::read_to_string(setting.path().join("server.prom")).unwrap(), metrics_of_server);
}
