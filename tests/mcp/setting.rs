//! A genome, a server in Python, and a client of the gate between them.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "the helpers of a test stop where it fails")]
#![expect(clippy::needless_pass_by_value, reason = "callers write the values in place")]

use genome_test_support::{Draft, policy, program, repository};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long a test waits for what has to come.
const PATIENCE: Duration = Duration::from_secs(30);

/// A directory with a genome that is trusted, and where the server writes what it has run.
pub(crate) struct Setting {
    directory: TempDir,
}

impl Setting {
    /// A genome that allows these actions.
    pub(crate) fn new(allow: &[&str]) -> Self {
        Self::pinning(allow, &[])
    }

    /// A genome that allows these actions, and pins these definitions, each of which is in canonical form.
    pub(crate) fn pinning(allow: &[&str], pins: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let capability = json!({"cap_id": "CAP", "risk_class": "B", "allow_actions": allow, "deny_actions": []});
        let genome = Draft::new("1.0.0", &[1], 1).with("capabilities", vec![capability]);
        let digest = |text: &str| Sha256::digest(text).iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
        let pins: Vec<Value> = pins.iter().map(|(action, text)| json!({"action": action, "sha256": digest(text)})).collect();
        let genome = if pins.is_empty() { genome } else { genome.with("schema_version", "genome.v0.2").with("tools", pins) };
        fs::write(directory.path().join("genome.json"), genome.signed(&[1])).unwrap();
        fs::write(directory.path().join("trust.json"), policy(&[1], 1, &json!({}))).unwrap();
        Self { directory }
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// The command of the server.
    pub(crate) fn server(&self, mode: &str) -> Vec<PathBuf> {
        vec!["python3".into(), repository().join("tests/mcp/server.py"), self.path().join("seen"), mode.into()]
    }

    /// The gate before it, ready to run.
    pub(crate) fn gate(&self, options: &[&str], mode: &str) -> Command {
        self.gate_before(options, &self.server(mode))
    }

    /// The gate before this server, ready to run.
    pub(crate) fn gate_before(&self, options: &[&str], server: &[PathBuf]) -> Command {
        let mut command = program("genome-mcp", self.path());
        command.args(["--server", "s", "--genome", "genome.json", "--trust", "trust.json"]);
        command.args(options).arg("--").args(server);
        command
    }

    /// What the server has run.
    pub(crate) fn seen(&self) -> Vec<Value> {
        let seen = fs::read_to_string(self.path().join("seen")).unwrap_or_default();
        seen.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// Waits until no such process is left, not even one that nobody has waited for.
pub(crate) fn assert_is_gone(pid: &str) {
    let start = Instant::now();
    while Path::new("/proc").join(pid).exists() {
        assert!(start.elapsed() < Duration::from_secs(5), "process {pid} is left");
        thread::sleep(Duration::from_millis(10));
    }
}

/// A client that has started a command.
pub(crate) struct Client {
    pub(crate) child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<Value>,
}

/// How a run ended.
pub(crate) struct Ended {
    pub(crate) status: Option<i32>,
    pub(crate) stderr: String,
    /// What came that was not asked for.
    pub(crate) rest: Vec<Value>,
    pub(crate) took: Duration,
}

impl Ended {
    /// The lines of standard error that are JSON.
    pub(crate) fn log(&self) -> Vec<Value> {
        self.stderr.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }
}

impl Client {
    pub(crate) fn start(mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (sender, lines) = channel();
        let output = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || {
            for line in output.lines() {
                // Nothing but messages is ever written there.
                if sender.send(serde_json::from_str(&line.unwrap()).unwrap()).is_err() {
                    return;
                }
            }
        });
        let input = child.stdin.take();
        Self { child, input, lines }
    }

    /// Says a line as it is.
    pub(crate) fn say(&mut self, line: impl AsRef<[u8]>) {
        let input = self.input.as_mut().unwrap();
        input.write_all(line.as_ref()).unwrap();
        input.write_all(b"\n").unwrap();
    }

    /// Waits for a message.
    pub(crate) fn hear(&self) -> Value {
        self.lines.recv_timeout(PATIENCE).unwrap()
    }

    /// A message that has come, if any has.
    pub(crate) fn heard(&self) -> Option<Value> {
        self.lines.try_recv().ok()
    }

    /// Waits for a message, or for the end.
    pub(crate) fn hear_or_end(&self) -> Option<Value> {
        match self.lines.recv_timeout(PATIENCE) {
            Err(RecvTimeoutError::Timeout) => panic!("nothing comes"),
            heard => heard.ok(),
        }
    }

    /// Asks for something, and waits for the answer.
    pub(crate) fn ask(&mut self, id: impl Into<Value>, method: &str, params: Value) -> Value {
        let id = id.into();
        self.say(json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}).to_string());
        let answer = self.hear();
        assert_eq!(answer["id"], id, "{answer}");
        answer
    }

    /// Calls a tool, and waits for the answer.
    pub(crate) fn call(&mut self, id: impl Into<Value>, name: &str, arguments: Value) -> Value {
        self.ask(id, "tools/call", json!({"name": name, "arguments": arguments}))
    }

    /// Shakes hands as a client of the legacy era.
    pub(crate) fn shake_hands(&mut self) -> Value {
        let capabilities = json!({"sampling": {}, "roots": {}, "elicitation": {}});
        let params =
            json!({"protocolVersion": "2025-06-18", "capabilities": capabilities, "clientInfo": {"name": "t", "version": "1"}});
        let answer = self.ask("init", "initialize", params);
        self.say(json!({"jsonrpc": "2.0", "method": "notifications/initialized"}).to_string());
        answer
    }

    /// The input, for a thread that writes.
    pub(crate) fn take_input(&mut self) -> ChildStdin {
        self.input.take().unwrap()
    }

    /// Closes the connection, and waits for the end.
    pub(crate) fn end(mut self) -> Ended {
        drop(self.input.take());
        self.wait()
    }

    /// Waits for the end.
    pub(crate) fn wait(mut self) -> Ended {
        let start = Instant::now();
        let mut stderr = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        let status = self.child.wait().unwrap().code();
        Ended { status, stderr, rest: self.lines.iter().collect(), took: start.elapsed() }
    }
}
