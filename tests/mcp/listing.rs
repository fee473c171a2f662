//! A server that lists what a test tells it to, and the commands of genome-mcp that ask it.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "the helpers of a test stop where it fails")]

use genome_test_support::{Draft, Ran, policy, program, repository, run};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A definition as text, with every member that MCP has a name for, and one that it has not.
pub(crate) const WHOLE: &str = r#"{"name":"read","title":"Read","description":"Reads a file","inputSchema":{"type":"object","properties":{"path":{"type":"string"}},"maximum":9223372036854775807},"outputSchema":{"type":"object"},"annotations":{"title":"R","readOnlyHint":true,"destructiveHint":false,"idempotentHint":true,"openWorldHint":false},"icons":[{"src":"data:,"}],"execution":{"taskSupport":"optional"},"_meta":{"x/y":1},"x-new":[1,{"a":null}]}"#;

/// A directory with a server.
pub(crate) struct Lister {
    directory: TempDir,
}

impl Lister {
    /// A server that lists these definitions on one page.
    pub(crate) fn new(tools: &[&str]) -> Self {
        Self::with(json!({"pages": [tools]}))
    }

    /// A server of this description.
    pub(crate) fn with(spec: Value) -> Self {
        let lister = Self { directory: tempfile::tempdir().unwrap() };
        lister.becomes(spec);
        lister
    }

    /// What the server is from now on.
    #[expect(clippy::needless_pass_by_value, reason = "callers write the values in place")]
    pub(crate) fn becomes(&self, spec: Value) {
        fs::write(self.at("spec"), spec.to_string()).unwrap();
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// Runs a command of genome-mcp before the server.
    pub(crate) fn run(&self, command: &str, options: &[&str]) -> Ran {
        let script = repository().join("tests/mcp/lister.py");
        run(program("genome-mcp", self.path())
            .args([command, "--server", "s"])
            .args(options)
            .arg("--")
            .arg("python3")
            .arg(script)
            .arg("spec"))
    }

    /// The same, with the genome of this directory.
    pub(crate) fn check(&self, options: &[&str]) -> Ran {
        self.run("check", &[&["--genome", "genome.json", "--trust", "trust.json"], options].concat())
    }

    /// Makes a genome that is trusted, allows these actions, and pins what `pin` has found of them.
    pub(crate) fn sign(&self, allow: &[&str], pinned: impl Fn(&str) -> bool) {
        let capability = json!({"cap_id": "CAP", "risk_class": "B", "allow_actions": allow, "deny_actions": []});
        let mut draft = Draft::new("1.0.0", &[1], 1).with("capabilities", vec![capability]);
        let pins: Value = serde_json::from_str(&self.run("pin", &["--format", "json"]).stdout).unwrap();
        let pins: Vec<Value> =
            pins["tools"].as_array().unwrap().iter().filter(|pin| pinned(pin["action"].as_str().unwrap())).cloned().collect();
        if !pins.is_empty() {
            draft = draft.with("schema_version", json!("genome.v0.2")).with("tools", pins);
        }
        fs::write(self.at("genome.json"), draft.signed(&[1])).unwrap();
        fs::write(self.at("trust.json"), policy(&[1], 1, &json!({}))).unwrap();
    }

    /// The methods that the server was asked for.
    pub(crate) fn asked(&self) -> Vec<String> {
        let seen = fs::read_to_string(self.at("spec.seen")).unwrap_or_default();
        let messages = seen.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        messages.map(|message| message["method"].as_str().map_or_else(|| message.to_string(), ToOwned::to_owned)).collect()
    }
}
