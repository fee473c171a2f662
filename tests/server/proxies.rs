//! The proxies of `deploy/proxies/`, each in front of an MCP server (FastMCP), with its client: they ask the server at its socket before they pass a
//! request on.

#![expect(clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use genome_test_support::server::Server;
use genome_test_support::{Release, free_port, has, repository, run, tool};
use serde_json::{Value, json};
use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_mins(1);

/// A program that runs until this is dropped.
struct Running {
    child: Child,
    log: std::path::PathBuf,
}

impl Running {
    /// Starts it, and waits until it listens.
    fn start(command: &mut Command, log: &Path, port: u16) -> Self {
        let file = fs::File::create(log).unwrap();
        let child = command.stdin(Stdio::null()).stdout(file.try_clone().unwrap()).stderr(file).spawn().unwrap();
        let mut running = Self { child, log: log.to_owned() };
        let end = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = running.child.try_wait().unwrap();
            assert!(ended.is_none() && Instant::now() < end, "{command:?} does not listen: {}", running.log());
            std::thread::sleep(Duration::from_millis(20));
        }
        running
    }

    fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts a proxy as `deploy/proxies/` has it, but for the ports and the place of the socket.
fn proxy(name: &str, envoy: &Path, release: &Release, app: u16, port: u16) -> Running {
    let file = match name {
        "nginx" => "nginx.conf",
        "caddy" => "Caddyfile",
        _ => "envoy.yaml",
    };
    let mut text = fs::read_to_string(repository().join("deploy/proxies").join(file)).unwrap();
    let socket = release.path().join("server.sock");
    for (stated, ours) in
        [("8080", port.to_string()), ("9000", app.to_string()), ("/run/genome/server.sock", socket.display().to_string())]
    {
        assert!(text.contains(stated), "{file} has no {stated}");
        text = text.replace(stated, &ours);
    }
    release.write(file, &text);
    let directory = release.path().display();
    let mut command = match name {
        "nginx" => {
            // What a distribution has around the file: `nginx.conf`, which includes it.
            release.write(
                "main.conf",
                &format!(
                    "daemon off; master_process off; pid {directory}/nginx.pid; error_log stderr;\nevents {{}}\nhttp {{\n  access_log off;\n  \
                     client_body_temp_path {directory}/t1; proxy_temp_path {directory}/t2; fastcgi_temp_path {directory}/t3;\n  \
                     uwsgi_temp_path {directory}/t4; scgi_temp_path {directory}/t5;\n  include {directory}/nginx.conf;\n}}\n"
                ),
            );
            let mut command = Command::new("nginx");
            command.args(["-c", &format!("{directory}/main.conf")]);
            command
        }
        "caddy" => {
            let mut command = Command::new("caddy");
            command
                .args(["run", "--config", &format!("{directory}/Caddyfile"), "--adapter", "caddyfile"])
                .env("HOME", release.path());
            command
        }
        _ => {
            let mut command = Command::new(envoy);
            command.args([
                "-c",
                &format!("{directory}/envoy.yaml"),
                "--concurrency",
                "1",
                "--use-dynamic-base-id",
                "--log-level",
                "error",
            ]);
            command
        }
    };
    Running::start(&mut command, &release.path().join(format!("{name}.log")), port)
}

/// What a request of MCP for a tool is answered with, through a proxy: the status and everything that came.
fn call(port: u16, body_tool: &str, headers: &[&str]) -> (String, String) {
    let meta = json!({"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}});
    let params = json!({"name": body_tool, "arguments": {}, "_meta": meta});
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}).to_string();
    let mut command = Command::new("curl");
    command.args(["--silent", "--include", "--max-time", "30", "--data", &body, "--write-out", "\n%{http_code}"]);
    for header in ["Content-Type: application/json", "Accept: application/json, text/event-stream"].iter().chain(headers) {
        command.args(["--header", header]);
    }
    let ran = run(command.arg(format!("http://127.0.0.1:{port}/mcp")));
    let (text, status) = ran.stdout.rsplit_once('\n').unwrap_or_default();
    (status.to_owned(), text.to_lowercase())
}

const VERSION: &str = "MCP-Protocol-Version: 2026-07-28";
const CALL: &str = "Mcp-Method: tools/call";

#[test]
fn each_proxy_asks_before_it_passes_a_request_on() {
    let Some((python, envoy)) = tool("python/bin/python").zip(tool("python/bin/envoy")) else { return };
    if !["nginx", "caddy", "curl"].into_iter().all(has) {
        return;
    }
    let release = Release::deployed();
    let allowed = ["server/discover", "tools/list", "memory_search", "mémoire", "decision"];
    let capability = json!({"cap_id": "CAP", "risk_class": "B", "allow_actions": allowed, "deny_actions": ["memory_erase"]});
    release.deploy("etc/genome.json", &Release::draft().with("capabilities", json!([capability])).signed(&[1]));
    let arguments = ["--listen", "unix:server.sock", "--authorize-mcp", "--plain-names"];
    let mut server = Server::start(&mut release.serving(&arguments));
    let app = free_port();
    let scripts = repository().join("tests/server/proxies");
    let _mcp = Running::start(
        Command::new(&python).arg(scripts.join("server.py")).arg(app.to_string()),
        &release.path().join("mcp.log"),
        app,
    );
    let proxies = ["nginx", "caddy", "envoy"].map(|name| {
        let port = free_port();
        (name, port, proxy(name, &envoy, &release, app, port))
    });
    for (name, port, running) in &proxies {
        // The client of others: what is allowed runs, what is denied does not, and the session goes on.
        let url = format!("http://127.0.0.1:{port}/mcp");
        let ran = run(Command::new(&python).arg(scripts.join("client.py")).args([
            &url,
            "memory_search",
            "memory_erase",
            "mémoire",
            "decision",
        ]));
        assert_eq!(ran.status, Some(0), "{name}: {ran:?} {}", running.log());
        let seen: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(seen["tools"], json!(["decision", "memory_erase", "memory_search", "mémoire"]), "{name}");
        let results =
            json!({"memory_search": "found", "memory_erase": {"error": "MCPError"}, "mémoire": "souvenir", "decision": "allow"});
        assert_eq!(seen["results"], results, "{name}");

        let (status, text) = call(*port, "memory_erase", &[VERSION, CALL, "Mcp-Name: memory_erase"]);
        assert_eq!(status, "403", "{name}: {text}");
        assert!(text.contains("x-genome-decision: deny"), "{name}: {text}");
        // H16: what the header says is not what the body says. The server behind the proxy refuses it.
        let (status, text) = call(*port, "memory_erase", &[VERSION, CALL, "Mcp-Name: memory_search"]);
        assert!(status == "400" && text.contains("-32020"), "{name}: {status} {text}");
        for forged in [
            &[VERSION, CALL, "Mcp-Name: memory_search", "Mcp-Name: memory_search"][..],
            &[VERSION, CALL, "Mcp-Name: memory_search", "Mcp-Name: memory_erase"],
            &[VERSION, CALL, "Mcp-Name: memory_search,memory_erase"],
            &[VERSION, VERSION, CALL, "Mcp-Name: memory_search"],
            &[VERSION, CALL, CALL, "Mcp-Name: memory_search"],
            &[VERSION, CALL, "Mcp_Name: memory_search"],
            &[VERSION, CALL, "Mcp-Name: mémoire"],
            &[VERSION, CALL],
            // H17: a client of an older MCP.
            &["MCP-Protocol-Version: 2025-11-25"],
            &[],
        ] {
            let (status, text) = call(*port, "memory_search", forged);
            let refused = if forged.contains(&"Mcp_Name: memory_search") { ["400", "403"] } else { ["403"; 2] };
            assert!(refused.contains(&&*status), "{name}: {forged:?} {status} {text}");
        }
        // What a client says of the decision does not reach the server behind the proxy.
        let forged = [VERSION, CALL, "Mcp-Name: decision", "X-Genome-Decision: forged"];
        let (status, text) = call(*port, "decision", &forged);
        assert!(status == "200" && text.contains("allow") && !text.contains("forged"), "{name}: {status} {text}");
    }
    // Nobody answers any more: nothing goes on.
    server.signal("TERM");
    assert_eq!(server.wait(), Some(0));
    for (name, port, _) in &proxies {
        let (status, text) = call(*port, "memory_search", &[VERSION, CALL, "Mcp-Name: memory_search"]);
        assert!(["403", "500", "502"].contains(&&*status), "{name}: {status} {text}");
    }
}
