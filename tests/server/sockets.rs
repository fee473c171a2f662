//! Where the server listens but at one address of TCP: sockets in the file system, those that systemd passes, several at once; and the hosts that it
//! takes.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "the helpers of a test stop where it fails")]

use genome_test_support::server::{Reply, Server, decision};
use genome_test_support::{Release, has, programs, run, run_unprivileged, say};
use serde_json::Value;
use std::fs;
use std::io::Write as _;
use std::net::TcpStream;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_mins(1);

fn ask(path: &Path, request: &str) -> Reply {
    let mut stream = UnixStream::connect(path).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    Reply::read_to_end(stream)
}

fn get(path: &str, host: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
}

/// The same command under a umask that takes everything from the group.
fn with_tight_umask(command: &Command) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", "umask 077; exec \"$0\" \"$@\""]).arg(command.get_program()).args(command.get_args());
    shell.current_dir(command.get_current_dir().unwrap());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell
}

/// A release whose server listens in the file system, and where.
fn release() -> (Release, std::path::PathBuf) {
    let release = Release::deployed();
    let path = release.path().join("server.sock");
    (release, path)
}

/// What a server says that cannot listen.
fn refused(release: &Release, arguments: &[&str]) -> String {
    let ran = run(&mut release.serving(arguments));
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(2), ""), "{ran:?}");
    let line: Value = serde_json::from_str(ran.stderr.lines().last().unwrap()).unwrap();
    format!("{} {}", line["message"].as_str().unwrap(), line["hint"].as_str().unwrap())
}

#[test]
fn h22_it_answers_at_a_socket_in_the_file_system_whatever_the_host() {
    let (release, path) = release();
    let mut server = Server::start(&mut with_tight_umask(&release.serving(&["--listen", "unix:server.sock"])));
    let found = fs::symlink_metadata(&path).unwrap();
    assert!(found.file_type().is_socket());
    assert_eq!(found.mode() & 0o777, 0o660);
    for host in ["localhost", "app.example", "anything:1"] {
        assert_eq!(ask(&path, &get("/ready", host)).status, 200, "{host}");
    }
    assert_eq!(ask(&path, &decision("memory_search", "close")).json()["decision"], "allow");
    // At the address of TCP the rule stays.
    assert_eq!(Reply::read(server.connect(&get("/ready", "app.example"))).status, 421);
    assert_eq!(server.get("/ready").status, 200);
    // What was sent before the end is answered, and the file goes with the server.
    let (start, end) = ("GET /health HTTP/1.1\r\nHost: x\r\n", "\r\n");
    let mut under_way = UnixStream::connect(&path).unwrap();
    under_way.write_all(start.as_bytes()).unwrap();
    assert_eq!(ask(&path, &get("/ready", "x")).status, 200);
    server.signal("TERM");
    server.logged("told to end");
    under_way.write_all(end.as_bytes()).unwrap();
    assert_eq!(Reply::read_to_end(under_way).status, 200);
    assert_eq!(server.wait(), Some(0));
    assert!(!path.exists());
}

#[test]
fn h22_a_socket_has_the_mode_and_the_group_that_are_asked_for() {
    let (release, path) = release();
    let own = fs::metadata(release.path()).unwrap().gid().to_string();
    let server =
        Server::start(&mut release.serving(&["--listen", "unix:server.sock", "--socket-mode", "600", "--socket-group", &own]));
    assert_eq!(fs::symlink_metadata(&path).unwrap().mode() & 0o777, 0o600);
    server.stop();
    for (arguments, said) in [
        (["--socket-mode", "0999"], "octal"),
        (["--socket-mode", "1777"], "octal"),
        (["--socket-group", "no such group"], "there is no such group"),
        (["--socket-group", "0"], "no socket to a group"),
    ] {
        let ran = run(&mut release.serving(&arguments));
        assert!(ran.status == Some(2) && ran.stderr.contains(said), "{ran:?}");
    }
}

/// A group of which the user of the server is no member: the socket that was made already is removed.
#[test]
fn a_socket_that_cannot_be_given_to_its_group_does_not_stay() {
    let (release, path) = release();
    fs::set_permissions(release.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let Some(ran) = run_unprivileged(&mut release.serving(&["--listen", "unix:server.sock", "--socket-group", "0"])) else {
        return;
    };
    assert_eq!(ran.status, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("member of the group"), "{ran:?}");
    assert!(!path.exists(), "{ran:?}");
}

#[test]
fn h22_only_a_socket_at_which_nobody_answers_is_replaced() {
    let (release, path) = release();
    let listen = ["--listen", "unix:server.sock"];
    // Left behind by a server that was killed.
    drop(UnixListener::bind(&path).unwrap());
    let server = Server::start(&mut release.serving(&listen));
    assert_eq!(ask(&path, &get("/ready", "x")).status, 200);
    // One at which a server answers stays with it.
    let said = refused(&release, &listen);
    assert!(said.contains("another server answers there"), "{said}");
    assert_eq!(ask(&path, &get("/ready", "x")).status, 200);
    // What was put into its place is not removed with it.
    fs::remove_file(&path).unwrap();
    fs::write(&path, "a file").unwrap();
    server.stop();
    assert_eq!(fs::read_to_string(&path).unwrap(), "a file");
    let said = refused(&release, &listen);
    assert!(said.contains("something else than a stream socket is there"), "{said}");
    fs::remove_file(&path).unwrap();
    // A socket of another kind is another program's.
    let other = UnixDatagram::bind(&path).unwrap();
    let said = refused(&release, &listen);
    assert!(said.contains("unix:server.sock") && said.contains("something else than a stream socket is there"), "{said}");
    drop(other);
    assert!(path.exists());
    for (listen, hint) in
        [("unix:none/server.sock".to_owned(), "make its directory first"), (format!("unix:{}", "x".repeat(200)), "107 bytes")]
    {
        let said = refused(&release, &["--listen", &listen]);
        assert!(said.contains(hint), "{said}");
    }
}

#[test]
fn h20_a_host_is_taken_beside_those_of_this_machine_if_it_is_named() {
    let release = Release::deployed();
    let server = Server::start(&mut release.serving(&["--allow-host", "app.example", "--allow-host", "other.example:8443"]));
    for (host, status) in [
        ("localhost", 200),
        ("app.example", 200),
        ("App.Example:1", 200),
        ("other.example:8443", 200),
        ("other.example", 421),
        ("x.app.example", 421),
        ("evil.example", 421),
    ] {
        assert_eq!(Reply::read(server.connect(&get("/ready", host))).status, status, "{host}");
    }
    server.stop();
    for host in ["*", "*.example", "", "https://app.example"] {
        let ran = run(&mut release.serving(&["--allow-host", host]));
        assert_eq!(ran.status, Some(2), "{host}: {ran:?}");
    }
}

/// At an address that other machines reach any host is taken, until hosts are named: then these alone, at every address.
#[test]
fn h20_and_h23_named_hosts_hold_at_every_address() {
    let release = Release::deployed();
    for (named, at_the_network) in [(&[][..], 200), (&["--allow-host", "app.example"], 421)] {
        let options = [&["--listen", "0.0.0.0:0"], named].concat();
        let mut server = Server::start(&mut release.serving(&options));
        // The one that is given last is logged last.
        assert!(server.address.ip().is_unspecified(), "{:?}", server.log);
        let of_this_machine = server.logged("listening")["address"].as_str().unwrap().to_owned();
        let of_all = format!("127.0.0.1:{}", server.address.port());
        let ask = |address: &str, host: &str| {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.write_all(get("/ready", host).as_bytes()).unwrap();
            Reply::read(stream).status
        };
        assert_eq!((ask(&of_all, "localhost"), ask(&of_all, "evil.example")), (200, at_the_network), "{named:?}");
        assert_eq!((ask(&of_this_machine, "localhost"), ask(&of_this_machine, "evil.example")), (200, 421), "{named:?}");
        server.stop();
    }
}

/// `systemd-socket-activate` passes its socket as systemd does, and starts the server with the first connection.
#[test]
fn it_listens_at_what_systemd_passes() {
    let (release, path) = release();
    if !has("systemd-socket-activate") {
        return say("systemd-socket-activate is absent");
    }
    let activate = |arguments: &[&str]| {
        let mut command = Command::new("systemd-socket-activate");
        command.arg("--listen").arg(&path).args(["-E", "MATHISON_GENOME_PATH", "-E", "MATHISON_GENOME_TRUST"]);
        for (name, value) in release.serving(&[]).get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command.arg(programs().join("genome-server")).args(arguments).current_dir(release.path());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let child = command.spawn().unwrap();
        // The file is there before it listens, and who connects starts the server: `__SO_ACCEPTCON` among the flags of proc_pid_net(5).
        let listens = || {
            let sockets = fs::read_to_string("/proc/net/unix").unwrap();
            sockets.lines().any(|line| line.ends_with(path.to_str().unwrap()) && line.split_whitespace().nth(3) == Some("00010000"))
        };
        while !listens() {
            std::thread::sleep(Duration::from_millis(10));
        }
        child
    };
    let mut child = activate(&["--listen", "systemd"]);
    assert_eq!(ask(&path, &get("/ready", "app.example")).status, 200);
    assert_eq!(ask(&path, &decision("memory_search", "close")).json()["decision"], "allow");
    // It became the server.
    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    assert!(child.wait().unwrap().success());
    fs::remove_file(&path).unwrap();

    // Sockets that nobody takes would wait for ever.
    let child = activate(&[]);
    let mut waiting = UnixStream::connect(&path).unwrap();
    waiting.write_all(b"x").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--listen systemd"), "{output:?}");
    let said = refused(&release, &["--listen", "systemd"]);
    assert!(said.contains("no socket was passed"), "{said}");
}
