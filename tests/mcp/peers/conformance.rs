//! The official suite of conformance, over a bridge from HTTP to stdio: no line of its report differs with the gate in between.

use super::{METHODS, Peers};
use genome_test_support::{free_port, run_with_all_that_it_starts};
use serde_json::Value;
use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// A server on stdio, for clients of streamable HTTP.
struct Bridge {
    child: Child,
    port: u16,
}

impl Bridge {
    fn start(peers: &Peers, server: &[PathBuf]) -> Self {
        let port = free_port();
        let line: Vec<String> = server.iter().map(|word| format!("'{}'", word.display())).collect();
        let mut command = Command::new(&peers.node);
        command.arg(peers.package("supergateway/dist/index.js")).args(["--outputTransport", "streamableHttp", "--stateful"]);
        command.args(["--logLevel", "none", "--port", &port.to_string(), "--stdio", &line.join(" ")]);
        let child =
            command.current_dir(peers.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let bridge = Self { child, port };
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(start.elapsed() < Duration::from_mins(1), "the bridge does not listen");
            thread::sleep(Duration::from_millis(50));
        }
        bridge
    }

    /// What the suite prints, and the file that it writes for each scenario.
    fn report(&self, peers: &Peers, name: &str) -> (Vec<String>, Vec<(String, String)>) {
        let (results, url) = (peers.path().join(name), format!("http://localhost:{}/mcp", self.port));
        let mut command = Command::new(&peers.node);
        command.arg(peers.package("@modelcontextprotocol/conformance/dist/index.js")).args([
            "server",
            "--url",
            &url,
            "--output-dir",
        ]);
        let ran = run_with_all_that_it_starts(command.arg(&results).current_dir(peers.path()));
        let steady = |text: &str| text.replace(&format!("localhost:{}", self.port), "HOST");
        // These lines name a directory by the time.
        let lines = ran.stdout.lines().filter(|line| !line.starts_with("Results saved to ")).map(steady).collect();
        (lines, checks(&results).into_iter().map(|(scenario, text)| (scenario, steady(&text))).collect())
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The checks of each scenario, without the times.
fn checks(results: &Path) -> Vec<(String, String)> {
    let mut scenarios: Vec<PathBuf> = fs::read_dir(results).unwrap().map(|entry| entry.unwrap().path()).collect();
    scenarios.sort();
    let checks = |scenario: &PathBuf| {
        let text = fs::read_to_string(scenario.join("checks.json")).unwrap();
        let mut checks: Value = serde_json::from_str(&text).unwrap();
        for check in checks.as_array_mut().unwrap() {
            check.as_object_mut().unwrap().remove("timestamp");
        }
        let name = scenario.file_name().unwrap().to_string_lossy();
        // The name ends with the time.
        (name.split("-20").next().unwrap_or_default().to_owned(), checks.to_string())
    };
    scenarios.iter().map(checks).collect()
}

#[test]
fn not_one_line_of_the_suite_of_conformance_differs() {
    let tools = fs::read_to_string(super::script("fixture.mjs")).unwrap();
    let names = tools.lines().filter_map(|line| line.strip_prefix("  ")?.split_once(": [")).map(|(name, _)| name);
    let tools = names.filter(|name| name.starts_with("test_") || name.starts_with("json_schema"));
    let allow: Vec<String> = tools.map(|name| format!("s/{name}")).chain(METHODS.map(ToOwned::to_owned)).collect();
    let Some(peers) = Peers::new(&allow) else { return };
    let fixture = [peers.node.clone(), peers.path().join("fixture.mjs")];
    let gate = peers.gate(&["--log-file", "denied.jsonl"], &fixture);
    let (direct, gated) = (Bridge::start(&peers, &fixture), Bridge::start(&peers, &gate));
    let (direct, gated) = thread::scope(|scope| {
        let direct = scope.spawn(|| direct.report(&peers, "direct"));
        let gated = gated.report(&peers, "gated");
        (direct.join().unwrap(), gated)
    });
    assert_eq!(direct.0, gated.0);
    assert_eq!(direct.1, gated.1);
    // The one that fails is the bridge's, which takes any `Host`.
    for line in ["✗ dns-rebinding-protection: 1 passed, 1 failed", "Total: 39 passed, 1 failed"] {
        assert!(gated.0.iter().any(|said| said == line), "{:?}", gated.0);
    }
    assert_eq!(fs::read_to_string(peers.path().join("denied.jsonl")).unwrap(), "");
}
