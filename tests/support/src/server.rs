//! `genome-server`, run as a service is, and asked over HTTP.

use crate::{Release, names, printed, program};
use serde_json::Value;
use std::fs;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// How long anything may take here.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// A server that listens on any port.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    // Several threads may ask the server.
    lines: Mutex<Receiver<String>>,
    /// What it logged so far, one object a line.
    pub log: Vec<Value>,
}

/// What it answered.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The head, as it came.
    pub head: String,
    /// The body.
    pub body: String,
}

impl Reply {
    /// Reads an answer up to the end of the connection.
    ///
    /// # Panics
    /// There is none, or it is not whole.
    #[must_use]
    pub fn read(stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(PATIENCE)).unwrap_or_else(|error| panic!("{error}"));
        Self::read_to_end(stream)
    }

    /// The same of any stream.
    ///
    /// # Panics
    /// There is none, or it is not whole.
    #[must_use]
    pub fn read_to_end(mut stream: impl Read) -> Self {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap_or_else(|error| panic!("{error} after {}", String::from_utf8_lossy(&bytes)));
        let text = String::from_utf8(bytes).unwrap_or_else(|error| panic!("{error}"));
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no whole answer: `{text}`"));
        let reply = Self::of(head, body.to_owned());
        assert_eq!(body.len(), reply.length(), "the body is not whole: {reply:?}");
        reply
    }

    pub(crate) fn of(head: &str, body: String) -> Self {
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
        Self { status, head: head.to_lowercase(), body }
    }

    /// How long the body is, as the head says.
    pub(crate) fn length(&self) -> usize {
        self.header("content-length").map_or(0, |length| length.parse().unwrap_or_default())
    }

    /// A header, if it is there.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim)
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// It is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl Server {
    /// Starts the server, and waits until it listens.
    ///
    /// # Panics
    /// It does not.
    #[must_use]
    pub fn start(command: &mut Command) -> Self {
        Self::start_at("127.0.0.1:0", command)
    }

    /// The same at this address.
    ///
    /// # Panics
    /// It does not.
    #[must_use]
    pub fn start_at(address: &str, command: &mut Command) -> Self {
        command.args(["--listen", address]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let (sender, lines) = channel();
        let stderr = child.stderr.take();
        thread::spawn(move || {
            let lines = stderr.into_iter().flat_map(|stderr| BufReader::new(stderr).lines()).map_while(Result::ok);
            lines.map(|line| sender.send(line)).all(|sent| sent.is_ok())
        });
        let mut server = Self { child, address: SocketAddr::from(([127, 0, 0, 1], 0)), lines: Mutex::new(lines), log: Vec::new() };
        // It may listen at sockets in the file system too.
        server.address = loop {
            if let Some(address) = server.logged("listening")["address"].as_str().and_then(|address| address.parse().ok()) {
                break address;
            }
        };
        server
    }

    /// Waits until it logs this message, and gives the line.
    ///
    /// # Panics
    /// It ends before, or logs what is no JSON.
    pub fn logged(&mut self, message: &str) -> Value {
        loop {
            let line = self.line().unwrap_or_else(|_| panic!("no `{message}` in {:?}", self.log));
            self.log.push(printed::read("server-log", &line));
            if let Some(line) = self.log.last().filter(|line| line["message"] == message) {
                return line.clone();
            }
        }
    }

    fn line(&mut self) -> Result<String, RecvTimeoutError> {
        self.lines.get_mut().unwrap_or_else(PoisonError::into_inner).recv_timeout(PATIENCE)
    }

    /// A connection on which this was sent.
    ///
    /// # Panics
    /// It is not accepted.
    #[must_use]
    pub fn connect(&self, sent: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).unwrap_or_else(|error| panic!("{error}"));
        stream.write_all(sent.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
        stream
    }

    /// Asks for a path.
    #[must_use]
    pub fn get(&self, path: &str) -> Reply {
        Reply::read(self.connect(&format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")))
    }

    /// Asks whether an action may be taken.
    #[must_use]
    pub fn decide(&self, action: &str) -> Value {
        Reply::read(self.connect(&decision(action, "close"))).json()
    }

    /// How much memory it holds, in KiB.
    ///
    /// # Panics
    /// It is gone.
    #[must_use]
    pub fn resident(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.strip_suffix("kB")?.trim().parse().ok());
        line.unwrap_or_else(|| panic!("no memory: {status}"))
    }

    /// How many files it has open, connections among them.
    #[must_use]
    pub fn open_files(&self) -> usize {
        names(Path::new(&format!("/proc/{}/fd", self.child.id()))).len()
    }

    /// Sends it a signal.
    ///
    /// # Panics
    /// That cannot be done.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()), "no {name} was sent");
    }

    /// Waits until it ends, and gives its exit status.
    ///
    /// # Panics
    /// It does not end.
    pub fn wait(&mut self) -> Option<i32> {
        // Its standard error ends with it.
        while let Ok(line) = self.line() {
            self.log.push(printed::read("server-log", &line));
        }
        self.child.wait().unwrap_or_else(|error| panic!("{error}")).code()
    }

    /// Tells it to end, and checks that it does so in order.
    ///
    /// # Panics
    /// It does not.
    pub fn stop(mut self) {
        self.signal("TERM");
        assert_eq!(self.wait(), Some(0), "{:?}", self.log);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A request for a decision on a connection that is then kept or not.
#[must_use]
pub fn decision(action: &str, connection: &str) -> String {
    post("/decisions", &[("Connection", connection)], &serde_json::json!({"action": action}))
}

/// A request that posts this JSON, with these headers beside those that it needs. It is for `localhost`, if none of them is `Host`.
#[must_use]
pub fn post(path: &str, headers: &[(&str, &str)], body: &Value) -> String {
    let body = body.to_string();
    let length = body.len();
    let host = if headers.iter().any(|(name, _)| *name == "Host") { "" } else { "Host: localhost\r\n" };
    let headers: String = headers.iter().flat_map(|(name, value)| [*name, ": ", *value, "\r\n"]).collect();
    format!("POST {path} HTTP/1.1\r\n{host}Content-Type: application/json\r\nContent-Length: {length}\r\n{headers}\r\n{body}")
}

impl Release {
    /// `genome-server` with the genome and the policy that [`deployed`](Self::deployed) puts in place, ready to run.
    #[must_use]
    pub fn serving(&self, arguments: &[&str]) -> Command {
        let mut command = program("genome-server", self.path());
        command.env("MATHISON_GENOME_PATH", "etc/genome.json").env("MATHISON_GENOME_TRUST", "trust.json").args(arguments);
        command
    }
}
