//! The proxies of `deploy/proxies/`, each in front of an MCP server (FastMCP), with its client: they ask the server at its socket before they pass a
//! request on.

#![expect(clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use genome_test_support::server::Server;
use genome_test_support::{Release, free_port, has, repository, run, tool};
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
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
            thread::sleep(Duration::from_millis(20));
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

/// A proxy, as a file of `deploy/proxies/` has it, but for the ports and the place of the socket.
struct Proxy<'r> {
    release: &'r Release,
    file: &'static str,
    /// What stands in the file, and what stands there instead.
    changes: Vec<(&'static str, String)>,
    port: u16,
}

impl<'r> Proxy<'r> {
    fn of(release: &'r Release, file: &'static str, app: u16) -> Self {
        let port = free_port();
        let socket = release.path().join("server.sock").display().to_string();
        let changes = vec![(":8080", format!(":{port}")), ("/run/genome/server.sock", socket), (":9000", format!(":{app}"))];
        Self { release, file, changes, port }
    }

    /// With a part of the file replaced.
    fn with(mut self, stated: &'static str, ours: String) -> Self {
        self.changes.push((stated, ours));
        self
    }

    /// Writes the file, and starts the program.
    fn start(self) -> (u16, Running) {
        let Self { release, file, changes, port } = self;
        let mut text = fs::read_to_string(repository().join("deploy/proxies").join(file)).unwrap();
        // In YAML a port is a value by itself.
        let is_yaml = file == "envoy.yaml";
        let marked = |at: usize| format!("\u{0}{at}\u{0}");
        let changes = changes.into_iter().map(|(stated, ours)| match (stated.strip_prefix(':'), ours.strip_prefix(':')) {
            (Some(stated), Some(ours)) if is_yaml => (format!("port_value: {stated}"), format!("port_value: {ours}")),
            _ => (stated.to_owned(), ours),
        });
        let changes: Vec<(String, String)> = changes.collect();
        // What has been put in is not replaced again.
        for (at, (stated, _)) in changes.iter().enumerate() {
            assert!(text.contains(stated), "{file} has no {stated}");
            text = text.replace(stated, &marked(at));
        }
        for (at, (_, ours)) in changes.iter().enumerate() {
            text = text.replace(&marked(at), ours);
        }
        release.write(file, &text);
        let directory = release.path().display();
        let mut command = match file {
            "Caddyfile" => {
                let mut command = Command::new("caddy");
                command.args(["run", "--config", &format!("{directory}/{file}"), "--adapter", "caddyfile"]);
                // Not at the usual address, which another one may have.
                command.env("HOME", release.path()).env("CADDY_ADMIN", format!("unix//{directory}/caddy-{port}.sock"));
                command
            }
            "envoy.yaml" => {
                let mut command = Command::new(tool("python/bin/envoy").unwrap());
                let path = format!("{directory}/{file}");
                command.args(["-c", &path, "--concurrency", "1", "--use-dynamic-base-id", "--log-level", "error"]);
                command
            }
            _ => {
                // What a distribution has around the file: `nginx.conf`, which includes it.
                release.write(
                    "main.conf",
                    &format!(
                        "daemon off; master_process off; pid {directory}/nginx.pid; error_log stderr;\nevents {{}}\nhttp {{\n  access_log off;\n  \
                         client_body_temp_path {directory}/t1; proxy_temp_path {directory}/t2; fastcgi_temp_path {directory}/t3;\n  \
                         uwsgi_temp_path {directory}/t4; scgi_temp_path {directory}/t5;\n  include {directory}/{file};\n}}\n"
                    ),
                );
                let mut command = Command::new("nginx");
                command.args(["-c", &format!("{directory}/main.conf")]);
                command
            }
        };
        (port, Running::start(&mut command, &release.path().join(format!("{file}.log")), port))
    }
}

/// A release whose genome allows these actions, and denies `memory_erase`.
fn release(allowed: &[&str]) -> Release {
    let release = Release::deployed();
    let capability = json!({"cap_id": "CAP", "risk_class": "B", "allow_actions": allowed, "deny_actions": ["memory_erase"]});
    release.deploy("etc/genome.json", &Release::draft().with("capabilities", json!([capability])).signed(&[1]));
    release
}

/// The MCP server that is behind the proxies.
fn mcp_server(release: &Release, python: &Path) -> (u16, Running) {
    let port = free_port();
    let script = repository().join("tests/server/proxies/server.py");
    let running = Running::start(Command::new(python).arg(script).arg(port.to_string()), &release.path().join("mcp.log"), port);
    (port, running)
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
    let Some((python, _)) = tool("python/bin/python").zip(tool("python/bin/envoy")) else { return };
    if !["nginx", "caddy", "curl"].into_iter().all(has) {
        return;
    }
    let release = release(&["server/discover", "tools/list", "memory_search", "mémoire", "decision"]);
    let arguments = ["--listen", "unix:server.sock", "--authorize-mcp", "--plain-names"];
    let mut server = Server::start(&mut release.serving(&arguments));
    let id = server.get("/genome").json()["genome_id"].as_str().unwrap().to_owned();
    let (app, _mcp) = mcp_server(&release, &python);
    // With the status that each answers when nobody answers it.
    let proxies = [("nginx.conf", "500"), ("Caddyfile", "502"), ("envoy.yaml", "403")].map(|(file, without)| {
        let (port, running) = Proxy::of(&release, file, app).start();
        (file, without, port, running)
    });
    for (name, _, port, running) in &proxies {
        // The client of others: what is allowed runs, what is denied does not, and the session goes on.
        let url = format!("http://127.0.0.1:{port}/mcp");
        let ran = run(Command::new(&python).arg(repository().join("tests/server/proxies/client.py")).args([
            &url,
            "memory_search",
            "memory_erase",
            "mémoire",
            "decision",
        ]));
        assert_eq!(ran.status, Some(0), "{name}: {ran:?} {}", running.log());
        let seen: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(seen["tools"], json!(["decision", "memory_erase", "memory_search", "mémoire"]), "{name}");
        let decision = format!("x-genome-decision=allow x-genome-id={id}");
        let results =
            json!({"memory_search": "found", "memory_erase": {"error": "MCPError"}, "mémoire": "souvenir", "decision": decision});
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
        // What a client says of the decision does not reach the server behind the proxy, and what that says does not reach the client.
        let mut forged = vec![VERSION, CALL, "Mcp-Name: decision"];
        forged.extend([
            "X-Genome-Decision: forged",
            "X-Genome-Action: forged",
            "X-Genome-Projection: forged",
            "X-Genome-Code: forged",
        ]);
        let (status, text) = call(*port, "decision", &forged);
        let is_true = text.contains(&decision) && !text.contains("forged") && !text.contains("of-the-service");
        assert!(status == "200" && is_true, "{name}: {status} {text}");
        // A header that `Connection` names is for the next hop alone.
        let hop = [VERSION, CALL, "Mcp-Name: decision", "Connection: close, X-Genome-Id, X-Genome-Decision"];
        let (status, text) = call(*port, "decision", &hop);
        assert!(status == "200" && text.contains(&decision), "{name}: {status} {text}");
        // Envoy refuses such a name.
        forged.push("X_Genome_Id: forged");
        let (status, text) = call(*port, "decision", &forged);
        assert!(
            (status == "400" && *name == "envoy.yaml") || (status == "200" && !text.contains("forged")),
            "{name}: {status} {text}"
        );
    }
    // Nobody answers any more: nothing goes on.
    server.signal("TERM");
    assert_eq!(server.wait(), Some(0));
    for (name, without, port, _) in &proxies {
        let (status, text) = call(*port, "memory_search", &[VERSION, CALL, "Mcp-Name: memory_search"]);
        assert_eq!(&status, without, "{name}: {text}");
    }
}

/// At an address of the loopback a proxy is refused that sends on the host that its client names, unless the server is told that name.
#[test]
fn h19_and_h20_a_host_that_a_proxy_sends_on_has_to_be_named() {
    let Some((python, _)) = tool("python/bin/python").zip(tool("python/bin/envoy")) else { return };
    if !["nginx", "caddy", "curl"].into_iter().all(has) {
        return;
    }
    let release = release(&["memory_search"]);
    let (app, _mcp) = mcp_server(&release, &python);
    let strict = Server::start(&mut release.serving(&["--authorize-mcp"]));
    let told = Server::start(&mut release.serving(&["--authorize-mcp", "--allow-host", "app.example"]));
    let at = |server: &Server, file: &'static str| {
        let port = server.address.port();
        let (socket, address) = match file {
            "nginx.conf" => ("unix:/run/genome/server.sock:", format!("127.0.0.1:{port}")),
            "Caddyfile" => ("unix//run/genome/server.sock", format!("127.0.0.1:{port}")),
            _ => {
                ("pipe: { path: /run/genome/server.sock }", format!("socket_address: {{ address: 127.0.0.1, port_value: {port} }}"))
            }
        };
        let mut proxy = Proxy::of(&release, file, app);
        proxy.changes.retain(|(stated, _)| *stated != "/run/genome/server.sock");
        proxy.with(socket, address)
    };
    let named = || "uri /authorize/mcp\n\t\t\theader_up Host {upstream_hostport}".to_owned();
    for (case, proxy, expected) in [
        ("nginx names the address", at(&strict, "nginx.conf"), "200"),
        ("Caddy as it is", at(&strict, "Caddyfile"), "421"),
        ("Caddy that names the address", at(&strict, "Caddyfile").with("uri /authorize/mcp", named()), "200"),
        ("Envoy", at(&strict, "envoy.yaml"), "421"),
        ("Caddy, and the server knows the name", at(&told, "Caddyfile"), "200"),
        ("Envoy, and the server knows the name", at(&told, "envoy.yaml"), "200"),
    ] {
        let (port, running) = proxy.start();
        let (status, text) = call(port, "memory_search", &["Host: app.example", VERSION, CALL, "Mcp-Name: memory_search"]);
        assert_eq!(status, expected, "{case}: {text} {}", running.log());
    }
}

/// A tunnel that one request opens would let others through that nobody is asked about.
#[test]
fn no_request_opens_a_tunnel() {
    if tool("python/bin/envoy").is_none() || !["nginx", "caddy"].into_iter().all(has) {
        return;
    }
    let release = release(&["memory_search"]);
    let _server = Server::start(&mut release.serving(&["--listen", "unix:server.sock", "--authorize-mcp"]));
    // A service that lets any request open one.
    let service = TcpListener::bind("127.0.0.1:0").unwrap();
    let app = service.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in service.incoming() {
            let mut stream = stream.unwrap();
            let mut head = String::new();
            let mut lines = BufReader::new(stream.try_clone().unwrap());
            while !head.ends_with("\r\n\r\n") && lines.read_line(&mut head).unwrap_or_default() > 0 {}
            let answer = if head.to_lowercase().contains("upgrade:") {
                "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
            } else {
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno"
            };
            // A proxy that only looks whether anybody listens has gone.
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    for file in ["nginx.conf", "Caddyfile", "envoy.yaml"] {
        let (port, running) = Proxy::of(&release, file, app).start();
        for upgrade in ["websocket", "h2c", "foo"] {
            let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            let request = format!(
                "GET /mcp HTTP/1.1\r\nHost: localhost\r\n{VERSION}\r\n{CALL}\r\nMcp-Name: memory_search\r\nConnection: Upgrade, HTTP2-Settings\r\n\
                 Upgrade: {upgrade}\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n\r\n"
            );
            stream.write_all(request.as_bytes()).unwrap();
            let mut status = String::new();
            BufReader::new(stream).read_line(&mut status).unwrap();
            // The service gets a request without it, or none.
            assert!(["200", "403"].contains(&status.split(' ').nth(1).unwrap()), "{file} {upgrade}: {status} {}", running.log());
        }
    }
}

/// A service that knows nothing of genomes, behind the action that nginx names for each path.
#[test]
fn nginx_names_the_action_of_any_service() {
    if !["nginx", "curl", "python3"].into_iter().all(has) {
        return;
    }
    let release = release(&["reports/read"]);
    let mut server = Server::start(&mut release.serving(&["--listen", "unix:server.sock", "--authorize-action"]));
    fs::create_dir(release.path().join("reports")).unwrap();
    release.write("reports/one.txt", "a report");
    let app = free_port();
    let mut service = Command::new("python3");
    service.args(["-m", "http.server", "--bind", "127.0.0.1", &app.to_string()]).current_dir(release.path());
    let _service = Running::start(&mut service, &release.path().join("service.log"), app);
    let (port, running) = Proxy::of(&release, "nginx-action.conf", app).start();
    let ask = |method: &str, path: &str, header: &str| {
        let mut command = Command::new("curl");
        command.args([
            "--silent",
            "--max-time",
            "30",
            "--path-as-is",
            "--request",
            method,
            "--header",
            header,
            "--write-out",
            "\n%{http_code}",
        ]);
        let ran = run(command.arg(format!("http://127.0.0.1:{port}{path}")));
        let (text, status) = ran.stdout.rsplit_once('\n').unwrap_or_default();
        (status.to_owned(), text.to_owned())
    };
    assert_eq!(ask("GET", "/reports/one.txt", "X: y"), ("200".to_owned(), "a report".to_owned()), "{}", running.log());
    for (method, path) in [
        ("DELETE", "/reports/one.txt"),
        ("POST", "/reports/one.txt"),
        ("GET", "/etc/genome.json"),
        ("GET", "/reports/../etc/genome.json"),
        ("GET", "/reports%2f..%2fetc/genome.json"),
        ("GET", "/"),
    ] {
        // The client cannot name the action itself.
        assert_eq!(ask(method, path, "X-Genome-Action: reports/read").0, "403", "{method} {path}");
    }
    assert_eq!(ask("GET", "/_genome", "X: y").0, "404", "nginx asks, nobody else");
    server.signal("TERM");
    assert_eq!(server.wait(), Some(0));
    assert_eq!(ask("GET", "/reports/one.txt", "X: y").0, "500");
}
