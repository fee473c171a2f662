//! What starts the server, and ends it: signals, limits, and what a supervisor is told.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "the helpers of a test stop where it fails")]

use genome_test_support::server::{Reply, Server, decision};
use genome_test_support::{Ran, Release, has, printed, program, programs, run, run_unprivileged, say};
use serde_json::Value;
use std::fs;
use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_mins(1);

/// The server behind other words, which start it.
fn behind(release: &Release, words: &[&str], arguments: &[&str]) -> Command {
    let (first, others) = words.split_first().unwrap();
    let mut command = Command::new(first);
    command.args(others).arg(programs().join("genome-server")).args(arguments).current_dir(release.path());
    for (name, value) in release.serving(&[]).get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}

/// A shell that starts it with these signals ignored.
const IGNORING: [&str; 3] = ["sh", "-c", "trap '' HUP INT QUIT TERM CHLD PIPE; exec \"$0\" \"$@\""];

/// The same with all signals blocked.
const BLOCKING: [&str; 3] = [
    "python3",
    "-c",
    "import os, signal, sys; signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals()); os.execv(sys.argv[1], sys.argv[1:])",
];

/// The one line of a boot for which the system lacks something.
fn lacking(ran: &Ran) -> Value {
    assert_eq!((ran.status, ran.stdout.as_str(), ran.stderr.lines().count()), (Some(2), "", 1), "{ran:?}");
    let line = printed::read("server-log", &ran.stderr);
    assert_eq!((&line["level"], &line["verdict"], &line["exit"]), (&"ERROR".into(), &"undecided".into(), &2.into()), "{line}");
    assert!(line["hint"].as_str().is_some_and(|hint| hint.contains("LimitNOFILE")), "{line}");
    line
}

#[test]
fn each_signal_that_ends_it_lets_it_finish() {
    let release = Release::deployed();
    for name in ["TERM", "INT", "HUP"] {
        let mut server = Server::start(&mut release.serving(&[]));
        let request = decision("memory_search", "keep-alive");
        let (start, end) = request.split_at(request.len() - 5);
        let mut under_way = server.connect(start);
        // It came later, so that one has been accepted by now.
        assert_eq!(server.decide("memory_search")["decision"], "allow");
        server.signal(name);
        assert_eq!(server.logged("told to end")["signal"], format!("SIG{name}"));
        // A supervisor can send it along with another, and a terminal that is closed twice.
        server.signal("HUP");
        under_way.write_all(end.as_bytes()).unwrap();
        assert_eq!(Reply::read(under_way).status, 200);
        assert_eq!(server.wait(), Some(0), "{name}");
        assert_eq!(server.log.last().unwrap()["message"], "ended");
    }
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let release = Release::deployed();
    for (first, second) in [("HUP", "TERM"), ("TERM", "INT")] {
        let mut server = Server::start(release.serving(&["--shutdown-timeout", "600"]).env("RUST_LOG", "info"));
        let under_way = server.connect(decision("memory_search", "close").split_once('}').unwrap().0);
        assert_eq!(server.decide("memory_search")["decision"], "allow");
        server.signal(first);
        server.logged("told to end");
        server.signal(second);
        assert_eq!(server.wait(), Some(0));
        assert!(server.log.iter().any(|line| line["connections"] == 1), "{:?}", server.log);
        drop(under_way);
    }
}

#[test]
fn who_starts_it_with_nohup_keeps_it() {
    let release = Release::deployed();
    let mut server = Server::start(&mut behind(&release, &IGNORING, &[]));
    server.signal("HUP");
    // The signal came first.
    assert_eq!(server.get("/ready").status, 200);
    server.signal("TERM");
    assert_eq!((server.wait(), server.log.iter().any(|line| line["signal"] == "SIGHUP")), (Some(0), false));
}

#[test]
fn signals_that_are_blocked_end_it_all_the_same() {
    if !has("python3") {
        return;
    }
    let release = Release::deployed();
    for name in ["TERM", "INT", "HUP"] {
        let mut server = Server::start(&mut behind(&release, &BLOCKING, &[]));
        server.signal(name);
        assert_eq!(server.wait(), Some(0), "{name}");
    }
}

#[test]
fn without_threads_it_says_so() {
    let release = Release::deployed();
    for name in [".", "etc", "etc/genome.json", "trust.json"] {
        release.set_mode(name, 0o755);
    }
    let Some(ran) = run_unprivileged(&mut behind(&release, &["prlimit", "--nproc=1"], &["--listen", "127.0.0.1:0"])) else {
        return;
    };
    let line = lacking(&ran);
    assert!(line["message"].as_str().unwrap().starts_with("no threads or files can be had: "), "{line}");
}

/// Either it serves, or it says why not, whatever the limit is.
#[test]
fn with_hardly_any_descriptors_it_serves_or_says_so() {
    let release = Release::deployed();
    let mut seen = [0, 0];
    for limit in 4..=24 {
        let limit = format!("--nofile={limit}:{limit}");
        let mut command = behind(&release, &["prlimit", &limit], &["--listen", "127.0.0.1:0", "--max-connections", "1"]);
        let served = serves_or_says(&mut command);
        seen[usize::from(served)] += 1;
    }
    assert!(seen[0] > 3 && seen[1] > 3, "{seen:?}");
}

/// Whether it serves; if it does not, it says why.
fn serves_or_says(command: &mut Command) -> bool {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = std::io::BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    let address = loop {
        let mut line = String::new();
        if std::io::BufRead::read_line(&mut stderr, &mut line).unwrap() == 0 {
            break None;
        }
        let json = serde_json::from_str::<Value>(&line).unwrap_or_default();
        if json["message"] == "listening" {
            break json["address"].as_str().map(ToOwned::to_owned);
        }
        // Fewer connections than were asked for is a warning.
        if json["level"] != "WARN" {
            said.push_str(&line);
        }
    };
    let Some(address) = address else {
        let status = child.wait().unwrap().code();
        // The system cannot start any program, or load the libraries of one.
        if status == Some(127) || status == Some(126) {
            return false;
        }
        lacking(&Ran { status, stdout: String::new(), stderr: said });
        return false;
    };
    let mut client = TcpStream::connect(address).unwrap();
    client.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    assert_eq!(Reply::read(client).status, 200, "{command:?}");
    child.kill().unwrap();
    child.wait().unwrap();
    true
}

#[test]
fn with_hardly_any_memory_it_serves_or_says_so() {
    let release = Release::deployed();
    let mut seen = [0, 0];
    let under =
        |mebibytes: u64, arguments: &[&str]| behind(&release, &["prlimit", &format!("--as={}", mebibytes << 20)], arguments);
    // Below that the kernel cannot even load the program.
    let is_loaded = |mebibytes: &u64| run(&mut under(*mebibytes, &["--version"])).status == Some(0);
    for mebibytes in (8..200).step_by(4).skip_while(|mebibytes| !is_loaded(mebibytes)) {
        let mut command = under(mebibytes, &["--listen", "127.0.0.1:0"]);
        seen[usize::from(serves_or_says(&mut command))] += 1;
    }
    assert!(seen[0] > 0 && seen[1] > 0, "{seen:?}");
}

#[test]
fn a_log_on_a_full_disk_does_not_end_it() {
    let release = Release::deployed();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let full = || fs::File::options().write(true).open("/dev/full").unwrap();
    let mut command = release.serving(&["--listen", &free.to_string()]);
    let mut child = command.env("RUST_LOG", "debug").stdin(Stdio::null()).stdout(full()).stderr(full()).spawn().unwrap();
    let end = Instant::now() + PATIENCE;
    let mut client = loop {
        assert!(Instant::now() < end && child.try_wait().unwrap().is_none(), "it does not listen");
        match TcpStream::connect(free) {
            Ok(client) => break client,
            Err(_) => std::thread::sleep(Duration::from_millis(20)),
        }
    };
    client.write_all(b"GET /ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    assert_eq!(Reply::read(client).status, 200);
    child.kill().unwrap();
    child.wait().unwrap();
    // Nor does it make a refusal something else.
    let refused = release.serving(&["--trust", "nobody.json"]).stdin(Stdio::null()).stdout(full()).stderr(full()).status().unwrap();
    assert_eq!(refused.code(), Some(2));
}

#[test]
fn a_runtime_that_is_told_nonsense_by_its_own_variable_starts() {
    let release = Release::deployed();
    Server::start(release.serving(&[]).env("TOKIO_WORKER_THREADS", "many")).stop();
}

// --- NOTIFY_SOCKET ---

/// What a supervisor is told that listens there.
fn told(socket: &UnixDatagram) -> Vec<String> {
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut bytes = [0; 1024];
    let length = socket.recv(&mut bytes).unwrap();
    String::from_utf8_lossy(&bytes[..length]).lines().map(ToOwned::to_owned).collect()
}

#[test]
fn a_supervisor_is_told_at_a_path_and_at_an_abstract_name() {
    let release = Release::deployed();
    let path = release.path().join("notify");
    let name = format!("genome-server-test-{}", std::process::id());
    let by_path = UnixDatagram::bind(&path).unwrap();
    let by_name = UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
    for (address, socket) in [(path.display().to_string(), by_path), (format!("@{name}"), by_name)] {
        let mut server = Server::start(release.serving(&[]).env("NOTIFY_SOCKET", address));
        assert_eq!(told(&socket), ["READY=1".to_owned(), format!("STATUS=serves {}", Release::draft().id())]);
        server.signal("HUP");
        assert_eq!(told(&socket), ["STOPPING=1", "STATUS=ends after SIGHUP"]);
        assert_eq!(server.wait(), Some(0));
        assert!(!server.log.iter().any(|line| line["level"] == "WARN" && line["address"].is_string()), "{:?}", server.log);
    }
}

#[test]
fn a_supervisor_that_cannot_be_told_is_a_warning() {
    let release = Release::deployed();
    let long = format!("/{}", "x".repeat(107));
    // At the host of this machine, or where there is none: the port is VMADDR_PORT_ANY, where nobody can listen. Only the system says so.
    for (address, said) in [
        ("notify", "it is neither an absolute path"),
        ("vsock:2", "two numbers, CID:PORT"),
        (&long, "longer than 107 bytes"),
        ("/nonexistent/notify", "No such file"),
        ("vsock-stream:2:4294967295", "(os error "),
        ("vsock:2:4294967295", "(os error "),
        ("vsock:4294967295:1", "its CID names no machine"),
    ] {
        let mut server = Server::start(release.serving(&[]).env("NOTIFY_SOCKET", address));
        assert_eq!(server.get("/ready").status, 200);
        server.signal("TERM");
        assert_eq!(server.wait(), Some(0), "{address}");
        let warned: Vec<&Value> = server.log.iter().filter(|line| line["level"] == "WARN" && line["address"] == address).collect();
        assert_eq!(warned.len(), 2, "{address}: {:?}", server.log);
        assert!(
            warned.iter().all(|line| line["message"].as_str().unwrap().contains(said) && line["hint"].is_string()),
            "{warned:?}"
        );
    }
    // Empty is not set.
    let mut server = Server::start(release.serving(&[]).env("NOTIFY_SOCKET", ""));
    server.signal("TERM");
    assert_eq!((server.wait(), server.log.iter().any(|line| line["level"] == "WARN")), (Some(0), false), "{:?}", server.log);
}

#[test]
fn a_supervisor_that_does_not_read_is_not_waited_for() {
    let release = Release::deployed();
    let path = release.path().join("notify");
    let deaf = UnixDatagram::bind(&path).unwrap();
    let filling = UnixDatagram::unbound().unwrap();
    filling.set_nonblocking(true).unwrap();
    while filling.send_to(b"X=1", &path).is_ok() {}
    let mut server = Server::start(release.serving(&[]).env("NOTIFY_SOCKET", &path));
    assert_eq!(server.get("/ready").status, 200);
    server.signal("TERM");
    assert_eq!(server.wait(), Some(0));
    assert!(server.log.iter().any(|line| line["level"] == "WARN" && line["address"].is_string()), "{:?}", server.log);
    drop(deaf);
}

/// Over vsock, where this machine can talk to itself.
#[test]
fn a_supervisor_of_a_virtual_machine_is_told() {
    const LISTENER: &str = "
import socket, subprocess, sys
listener = socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)
listener.bind((socket.VMADDR_CID_ANY, socket.VMADDR_PORT_ANY)); listener.listen()
port = listener.getsockname()[1]
probe = socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM); probe.settimeout(3)
probe.connect((1, port)); listener.accept()
print('probed', flush=True)
import os
server = subprocess.Popen(sys.argv[1:], env={**os.environ, 'NOTIFY_SOCKET': f'vsock-stream:1:{port}'}, stderr=subprocess.DEVNULL)
listener.settimeout(60)
print(listener.accept()[0].recv(1024).decode())
server.terminate()
print(listener.accept()[0].recv(1024).decode(), server.wait())
";
    if !has("python3") {
        return;
    }
    let release = Release::deployed();
    let ran = run(&mut behind(&release, &["python3", "-c", LISTENER], &["--listen", "127.0.0.1:0"]));
    let Some(told) = ran.stdout.strip_prefix("probed\n") else {
        let why = ran.stderr.lines().last().unwrap_or_default();
        // What the system says, or a Python that knows no vsock: any other error is one of this test.
        assert!(["[Errno ", "timed out", "AF_VSOCK"].iter().any(|part| why.contains(part)), "{ran:?}");
        say(&format!("SKIPPED, this machine cannot talk to itself over vsock: {why}\n"));
        return;
    };
    assert!(told.starts_with("READY=1\n") && told.contains("STOPPING=1\n") && told.ends_with(" 0\n"), "{ran:?}");
}

/// The help names the signals.
#[test]
fn the_signals_are_in_the_help() {
    let help = run(program("genome-server", std::path::Path::new("/")).arg("--help")).stdout;
    assert!(help.contains("SIGTERM, SIGINT or SIGHUP"), "{help}");
}
