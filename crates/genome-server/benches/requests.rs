//! What a request costs `genome-server`, beside a minimal axum handler that gives the same answer, to the byte, in turn. Prints the
//! CPU time of each for a request (user and system, from the operating system's accounting), and the ratio. Fails where the ratio is
//! above the target.
//!
//! `cargo bench -p genome-server --bench requests`; the ratios are what counts.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a benchmark that cannot go on must stop")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it reports to whoever runs it")]

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;
use axum::routing::{get, post};
use nix::time::clock_getcpuclockid;
use nix::unistd::Pid;
use serde_json::{Value, json};
use std::env;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, ExitCode, Stdio};
use std::thread;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// The ratio to stay below.
const TARGET: f64 = 1.15;

/// How many times as much as a decision an evaluation may cost.
const EVALUATION_TARGET: f64 = 1.2;

const ROUNDS: usize = 201;
const CLIENTS: u32 = 2;
/// Of each client.
const CONNECTIONS: u32 = 16;
/// On each connection, in a round.
const REQUESTS: u32 = 100;
const ALL_REQUESTS: u32 = CLIENTS * CONNECTIONS * REQUESTS;

const GENOME: &str = "GET /genome HTTP/1.1\r\nHost: localhost\r\n\r\n";
const ALLOWED: &str = "{\"action\": \"memory_search\"}";
const DENIED: &str = "{\"action\": \"share_identity\"}";
const EVALUATION: &str =
    r#"{"subject":{"type":"agent","id":"agent-1"},"action":{"name":"memory_search"},"resource":{"type":"tool","id":"memory"}}"#;

fn decision(body: &str) -> String {
    posting("/decisions", body)
}

fn posting(path: &str, body: &str) -> String {
    let length = body.len();
    format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}")
}

fn main() -> ExitCode {
    let mut arguments = env::args().skip_while(|argument| argument != "--minimal").skip(1);
    if let Some(example) = arguments.next() {
        let request = arguments.next().unwrap();
        Runtime::new().unwrap().block_on(minimal(example.parse().unwrap(), &request));
        return ExitCode::SUCCESS;
    }
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    // What cargo made for this benchmark is not what is installed: the features of the tests are in it.
    let build = ["build", "--quiet", "--release", "--locked", "--package", "genome-server", "--bin", "genome-server"];
    assert!(Command::new(env!("CARGO")).args(build).current_dir(root).status().unwrap().success());
    // This file is target/release/deps/requests-….
    let program = env::current_exe().unwrap().ancestors().nth(2).unwrap().join("genome-server");
    println!("CPU time of a request, the median of {ROUNDS} rounds of {ALL_REQUESTS} requests; target: {TARGET} times the minimal");
    let mut is_met = true;
    let (allowed, denied) = (decision(ALLOWED), decision(DENIED));
    for (name, request) in [("GET /genome", GENOME), ("an action that is allowed", &allowed), ("one that is denied", &denied)] {
        let server = Server::start(Command::new(&program).args(["--listen", "127.0.0.1:0"]).current_dir(root).env_clear());
        let answer = ask(server.address, request);
        let mut command = Command::new(env::current_exe().unwrap());
        let minimal = Server::start(command.args(["--minimal", &server.address.to_string(), request]));
        assert_eq!(undated(&ask(minimal.address, request)), undated(&answer));
        let mut ours = Vec::new();
        let mut theirs = Vec::new();
        for _ in 0..ROUNDS {
            ours.push(server.round(request, &answer));
            theirs.push(minimal.round(request, &answer));
        }
        let ratios = ours.iter().zip(&theirs).map(|(ours, theirs)| ours / theirs).collect();
        let (ours, theirs, ratio) = (median(ours), median(theirs), median(ratios));
        println!("{name:26} genome-server {ours:6.2} µs, minimal {theirs:6.2} µs: {ratio:.3} times that");
        is_met &= ratio <= TARGET;
    }
    is_met &= evaluation_beside_decision(&program, root, &allowed);
    if is_met {
        return ExitCode::SUCCESS;
    }
    println!("the target is missed");
    ExitCode::FAILURE
}

/// What an evaluation of AuthZEN costs beside a decision, on one server. Returns whether the target is met.
fn evaluation_beside_decision(program: &Path, root: &Path, decision: &str) -> bool {
    let evaluation = posting("/access/v1/evaluation", EVALUATION);
    let server = Server::start(Command::new(program).args(["--listen", "127.0.0.1:0"]).current_dir(root).env_clear());
    let answers = [ask(server.address, &evaluation), ask(server.address, decision)];
    let mut ratios = Vec::new();
    for _ in 0..ROUNDS {
        ratios.push(server.round(&evaluation, &answers[0]) / server.round(decision, &answers[1]));
    }
    let ratio = median(ratios);
    println!("{:26} {ratio:.3} times a decision; target: {EVALUATION_TARGET}", "an evaluation of AuthZEN");
    ratio <= EVALUATION_TARGET
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// A process that answers.
struct Server {
    child: Child,
    address: SocketAddr,
    /// Open as long as it runs.
    _log: BufReader<ChildStderr>,
}

impl Server {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut lines = log.by_ref().lines().map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
        // Without one it does not listen.
        let address = lines.find_map(|line| line["address"].as_str()?.parse().ok()).unwrap();
        Self { child, address, _log: log }
    }

    /// The CPU time of a request, in microseconds.
    fn round(&self, request: &str, answer: &[u8]) -> f64 {
        let before = self.cpu_time();
        thread::scope(|scope| {
            for _ in 0..CLIENTS {
                scope.spawn(|| load(self.address, request.as_bytes(), answer));
            }
        });
        let took = self.cpu_time().saturating_sub(before);
        took.as_secs_f64() * 1e6 / f64::from(ALL_REQUESTS)
    }

    fn cpu_time(&self) -> Duration {
        clock_getcpuclockid(Pid::from_raw(self.child.id().cast_signed())).unwrap().now().unwrap().into()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Asks on all connections, and then reads what is answered.
fn load(address: SocketAddr, request: &[u8], answer: &[u8]) {
    let mut connections: Vec<TcpStream> = (0..CONNECTIONS).map(|_| TcpStream::connect(address).unwrap()).collect();
    let mut read = vec![0; answer.len()];
    for _ in 0..REQUESTS {
        for connection in &mut connections {
            connection.write_all(request).unwrap();
        }
        for connection in &mut connections {
            connection.read_exact(&mut read).unwrap();
            assert!(read.starts_with(b"HTTP/1.1 200 OK\r\n") && read.last() == answer.last());
        }
    }
}

/// Asks once.
fn ask(address: SocketAddr, request: &str) -> Vec<u8> {
    let mut connection = TcpStream::connect(address).unwrap();
    connection.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    let mut reader = BufReader::new(connection);
    while !answer.ends_with(b"\r\n\r\n") {
        assert_ne!(reader.read_until(b'\n', &mut answer).unwrap(), 0, "the connection ended");
    }
    let (headers, _) = parts(&answer);
    let length = headers["content-length"].to_str().unwrap().parse().unwrap();
    reader.take(length).read_to_end(&mut answer).unwrap();
    answer
}

/// The headers and the body of an answer.
fn parts(answer: &[u8]) -> (HeaderMap, Bytes) {
    let text = std::str::from_utf8(answer).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let fields = head.lines().skip(1).map(|line| line.split_once(": ").unwrap());
    let fields = fields.map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse::<HeaderValue>().unwrap()));
    (fields.collect(), Bytes::copy_from_slice(body.as_bytes()))
}

/// An answer without what differs from second to second.
fn undated(answer: &[u8]) -> (Vec<(HeaderName, HeaderValue)>, Bytes) {
    let (mut headers, body) = parts(answer);
    headers.remove("date");
    (headers.into_iter().filter_map(|(name, value)| Some((name?, value))).collect(), body)
}

/// Gives the answer that another server gives to this request.
async fn minimal(example: SocketAddr, request: &str) {
    let (mut headers, body) = undated(&ask(example, request));
    // Hyper writes it.
    headers.retain(|(name, _)| name != "content-length");
    let answer = move || {
        let mut response = Response::new(Body::from(body.clone()));
        response.headers_mut().extend(headers.iter().cloned());
        response
    };
    let read = answer.clone();
    let router =
        Router::new().route("/genome", get(async move || read())).route("/decisions", post(async move |_: Bytes| answer()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    eprintln!("{}", json!({ "address": listener.local_addr().unwrap().to_string() }));
    axum::serve(listener, router).await.unwrap();
}
