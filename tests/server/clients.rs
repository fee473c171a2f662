//! Clients that are slow, greedy, broken or hostile: the server ends what it cannot answer, and goes on with the others.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "the helpers of a test stop where it fails")]

use genome_test_support::conversation::Conversation;
use genome_test_support::server::{Reply, Server, decision};
use genome_test_support::{Release, say};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::collections::{BTreeSet, VecDeque};
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

/// How long anything may take here.
const PATIENCE: Duration = Duration::from_mins(3);

const MEBIBYTE: usize = 1 << 20;

fn assert_serves(server: &Server) {
    assert_eq!(server.decide("memory_search")["decision"], "allow");
}

/// Waits until the server has so many files open again.
fn assert_forgets(server: &Server, files: usize) {
    let end = Instant::now() + PATIENCE;
    while server.open_files() > files {
        assert!(Instant::now() < end, "{} files are open, and were {files}", server.open_files());
        sleep(Duration::from_millis(50));
    }
}

/// Everything that comes until the connection ends, in whatever way.
fn rest(mut client: TcpStream) -> String {
    let mut bytes = Vec::new();
    client.set_read_timeout(Some(PATIENCE)).unwrap();
    match client.read_to_end(&mut bytes) {
        Err(error) if error.kind() != ErrorKind::ConnectionReset => panic!("it does not end: {error}"),
        _ => String::from_utf8_lossy(&bytes).into_owned(),
    }
}

/// Sends bytes with a pause after each, until the connection ends, and gives what was answered.
fn drip(mut client: TcpStream, start: &str, byte: u8) -> String {
    let end = Instant::now() + PATIENCE;
    client.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    let mut answer = Vec::new();
    let mut bytes = start.bytes().chain(std::iter::repeat(byte));
    loop {
        assert!(Instant::now() < end, "it is waited for: {}", String::from_utf8_lossy(&answer));
        let mut some = [0; 1024];
        match client.read(&mut some) {
            Ok(0) => break,
            Ok(length) => answer.extend_from_slice(&some[..length]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(_) => break,
        }
        // What was answered is read before the end is seen.
        let _ = bytes.next().map(|byte| client.write(&[byte]));
    }
    String::from_utf8(answer).unwrap()
}

/// Asks, and never reads, until nothing more is taken.
fn gorge(client: &mut TcpStream) {
    client.set_write_timeout(Some(Duration::from_secs(1))).unwrap();
    let requests = "GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(1000);
    let failed = |error: std::io::Error| Some(error).filter(|error| error.kind() != ErrorKind::Interrupted);
    let asked = (0..10_000).find_map(|_| client.write(requests.as_bytes()).err().and_then(failed));
    assert_eq!(asked.map(|error| error.kind()), Some(ErrorKind::WouldBlock), "it is not held up");
}

/// They are all waited for at once, as the server gives some of them half a minute.
#[test]
fn who_is_slow_is_cut_off_in_the_end_and_holds_nobody_up() {
    let release = Release::deployed();
    let server = Server::start(&mut release.serving(&[]));
    assert_serves(&server);
    let (files, before) = (server.open_files(), server.resident());
    let mut unread = server.connect("");
    gorge(&mut unread);
    scope(|scope| {
        let connect = || server.connect("");
        let slow = [
            scope.spawn(move || assert_eq!(rest(connect()), "")),
            scope.spawn(|| assert_eq!(rest(server.connect("GET /genome HTTP/1.1\r\n")), "")),
            scope.spawn(move || assert_eq!(drip(connect(), "GET /genome HTTP/1.1\r\nHost: localhost\r\nX: ", b'x'), "")),
            scope.spawn(|| {
                let answer = drip(server.connect(&posting("Content-Length: 100000")), "{\"action\": ", b' ');
                assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("\r\nconnection: close\r\n"), "{answer}");
            }),
            scope.spawn(|| {
                let answer = drip(server.connect(&posting("Transfer-Encoding: chunked")), "1\r\n{\r\nfffff\r\n", b'0');
                assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
            }),
        ];
        while slow.iter().any(|client| !client.is_finished()) {
            assert_serves(&server);
            sleep(Duration::from_millis(100));
        }
    });
    let after = server.resident();
    assert!(after < before + 8 * 1024, "it held {before} KiB, and holds {after} KiB");
    drop(unread);
    assert_forgets(&server, files);
    server.stop();
}

/// The head of a request for a decision, with this field about its body.
fn posting(length: &str) -> String {
    format!("POST /decisions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{length}\r\n\r\n")
}

#[test]
fn a_client_that_goes_half_way_is_answered_or_forgotten() {
    let release = Release::deployed();
    let server = Server::start(&mut release.serving(&[]));
    assert_serves(&server);
    let files = server.open_files();
    let whole = decision("memory_search", "keep-alive");
    for length in 0..=whole.len() {
        let client = server.connect(&whole[..length]);
        // Half of the connection ends.
        client.shutdown(Shutdown::Write).unwrap();
        let answer = rest(client);
        let is_whole = length == whole.len();
        assert_eq!(answer.contains("\"decision\":\"allow\""), is_whole, "{length}: {answer}");
        // All of it does.
        drop(server.connect(&whole[..length]));
    }
    assert_forgets(&server, files);
    server.stop();
}

#[test]
fn a_large_body_is_refused_before_it_is_read() {
    const LARGE: usize = 100 * MEBIBYTE;
    let release = Release::deployed();
    let server = Server::start(&mut release.serving(&[]));
    assert_serves(&server);
    let before = server.resident();
    let (sized, chunked) = (posting(&format!("Content-Length: {LARGE}")), posting("Transfer-Encoding: chunked"));
    // Nothing of it was sent; a little more than the most was.
    let most = format!("{:x}\r\n{}", LARGE, "x".repeat(MEBIBYTE + 1));
    for sent in [&sized, &format!("{chunked}{most}")] {
        assert_too_large(&Reply::read(server.connect(sent)));
    }
    // Who sends all of it before he reads is answered too: the connection is not reset under his hands.
    for start in [sized, format!("{chunked}{LARGE:x}\r\n")] {
        let mut client = server.connect(&start);
        let piece = vec![b'x'; MEBIBYTE];
        for _ in 0..4 {
            client.write_all(&piece).unwrap();
        }
        assert_too_large(&Reply::read(client));
        let mut client = server.connect(&start);
        // It is not read to its end.
        let _ = (0..LARGE / MEBIBYTE).try_for_each(|_| client.write_all(&piece));
        assert!(rest(client).starts_with("HTTP/1.1 413 "));
    }
    let after = server.resident();
    assert!(after < before + 16 * 1024, "it held {before} KiB, and holds {after} KiB");
    server.stop();
}

fn assert_too_large(reply: &Reply) {
    let kind = reply.header("content-type");
    assert_eq!((reply.status, kind, reply.header("connection")), (413, Some("application/problem+json"), Some("close")));
}

#[test]
fn a_body_that_makes_no_sense_is_answered_and_the_connection_goes_on() {
    let release = Release::deployed();
    let server = Server::start(&mut release.serving(&[]));
    let mut client = Conversation::on(server.connect(""));
    let deep = "[".repeat(100_000);
    for (body, said) in [
        (&b""[..], "the document ends"),
        (b"{\"action\": \"memory_search\"", "the document ends"),
        (b"{\"action\": \"\xff\"}", "not UTF-8"),
        (b"\xc0\x80", "not UTF-8"),
        (b"{\"action\": \"\\ud800\"}", "surrogate"),
        (b"\xef\xbb\xbf{\"action\": \"memory_search\"}", "byte order mark"),
        (b"{\"action\": \"x\", \"action\": \"memory_search\"}", "stands twice"),
        (b"{\"action\": \"memory_search\"}\0", "something follows"),
        (b"action=memory_search", "expected"),
        (deep.as_bytes(), "more than 64 levels"),
    ] {
        client.send(posting(&format!("Content-Length: {}", body.len())).as_bytes()).unwrap();
        client.send(body).unwrap();
        let reply = client.answer().unwrap();
        assert_eq!((reply.status, reply.header("content-type")), (400, Some("application/problem+json")), "{reply:?}");
        assert!(reply.json()["detail"].as_str().unwrap().contains(said), "{said}: {reply:?}");
    }
    client.send(decision("memory_search", "close").as_bytes()).unwrap();
    assert_eq!(client.answer().unwrap().json()["decision"], "allow");
    assert!(client.answer().is_none());
}

/// Whatever one server between a client and this one may take for the end of a request, no second request is seen in it.
#[test]
fn a_request_that_can_be_read_in_two_ways_hides_no_other() {
    let release = Release::deployed();
    let server = Server::start(&mut release.serving(&[]));
    let hidden = "GET /hidden HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let length = hidden.len();
    for (fields, body) in [
        ("Content-Length: 6\r\nTransfer-Encoding: chunked".to_owned(), "0\r\n\r\n"),
        ("Transfer-Encoding: chunked\r\nContent-Length: 6".to_owned(), "0\r\n\r\n"),
        (format!("Content-Length: 0\r\nContent-Length: {length}"), ""),
        (format!("Content-Length: 0, {length}"), ""),
        ("Content-Length: +0".to_owned(), ""),
        ("Content-Length: -1".to_owned(), ""),
        ("Content-Length: 0x0".to_owned(), ""),
        ("Content-Length: 18446744073709551616".to_owned(), ""),
        ("Content-Length : 0".to_owned(), ""),
        ("Content-Length:\r\n 0".to_owned(), ""),
        ("Content-Length:\x0b0".to_owned(), ""),
        ("Transfer-Encoding: chunked, identity".to_owned(), "0\r\n\r\n"),
        ("Transfer-Encoding: xchunked".to_owned(), "0\r\n\r\n"),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity".to_owned(), "0\r\n\r\n"),
        ("Transfer-Encoding : chunked".to_owned(), "0\r\n\r\n"),
        ("Transfer-Encoding: chunked".to_owned(), "10000000000000000\r\n\r\n"),
        ("Transfer-Encoding: chunked".to_owned(), "-1\r\n\r\n"),
        ("Transfer-Encoding: chunked".to_owned(), "0x0\r\n\r\n"),
        ("Transfer-Encoding: chunked".to_owned(), "1\r\nxx\r\n0\r\n\r\n"),
        ("Transfer-Encoding: chunked".to_owned(), "0\n\n"),
    ] {
        let answer = rest(server.connect(&format!("{}{body}{hidden}", posting(&fields))));
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{fields:?} {body:?}: {answer}");
        assert!(answer.starts_with("HTTP/1.1 400 "), "{fields:?} {body:?}: {answer}");
    }
    // HTTP/1.0 has no chunks.
    let old = posting("Transfer-Encoding: chunked").replace("HTTP/1.1", "HTTP/1.0");
    assert!(!rest(server.connect(&format!("{old}0\r\n\r\n{hidden}"))).contains(" 404 "));
    // The same would be seen, if it stood there.
    let seen = rest(server.connect(&format!(
        "{}{}",
        posting("Content-Length: 0"),
        hidden.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")
    )));
    assert!(seen.contains("HTTP/1.1 400 ") && seen.contains("HTTP/1.1 404 "), "{seen}");
    assert_serves(&server);
}

#[test]
fn what_is_not_http_1_is_ended() {
    let release = Release::deployed();
    let server = Server::start(&mut release.serving(&[]));
    for (sent, status) in [
        (&b"GET /\r\n\r\n"[..], "400"),
        (b"GET / HTTP/0.9\r\n\r\n", "400"),
        (b"GET / HTTP/3.0\r\n\r\n", "400"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0", ""),
        // The start of TLS.
        (b"\x16\x03\x01\0\xa5\x01\0\0\xa1\x03\x03\r\n\r\n", "400"),
        (b"GET /\0 HTTP/1.1\r\nHost: localhost\r\n\r\n", "400"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n", "400"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX\r\n\r\n", "400"),
        (b"G\xffT / HTTP/1.1\r\nHost: localhost\r\n\r\n", "400"),
    ] {
        let mut client = server.connect("");
        client.write_all(sent).unwrap();
        let answer = rest(client);
        let shown = String::from_utf8_lossy(sent);
        assert_eq!(answer.split(' ').nth(1).unwrap_or_default(), status, "{shown:?}: {answer}");
    }
    assert_serves(&server);
}

/// RFC 9112 section 3.2, whatever is asked for: a proxy and this server could otherwise take it to be meant for different hosts.
#[test]
fn a_request_of_http_1_1_says_its_host_once() {
    let release = Release::deployed();
    let server = Server::start(&mut release.serving(&[]));
    let ask = |request: &str, version: &str, fields: &str| {
        Reply::read(server.connect(&format!("{request} HTTP/{version}\r\n{fields}Connection: close\r\n\r\n")))
    };
    let requests = genome_server::ENDPOINTS.each_ref().map(|endpoint| format!("GET {}", endpoint.path()));
    let others = ["GET /nowhere", "GET http://localhost/health", "POST /decisions", "OPTIONS *", "DELETE /genome"];
    for request in requests.iter().map(String::as_str).chain(others) {
        for fields in [
            "",
            "Host: localhost\r\nHost: localhost\r\n",
            "Host: localhost\r\nhost: evil.example\r\n",
            "Host: a b\r\n",
            "Host: a/b\r\n",
        ] {
            let reply = ask(request, "1.1", fields);
            let kind = reply.header("content-type");
            assert_eq!((reply.status, kind), (400, Some("application/problem+json")), "{request} {fields:?}: {reply:?}");
            assert!(reply.json()["detail"].as_str().unwrap().contains("`Host`"), "{reply:?}");
        }
    }
    // The connection ends: what follows may be meant for somebody else.
    let twice = "GET /ready HTTP/1.1\r\n\r\nGET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let answer = rest(server.connect(twice));
    assert!(answer.starts_with("HTTP/1.1 400 ") && !answer.contains("HTTP/1.1 200 "), "{answer}");
    // HTTP/1.0 has no such field, and so no fault if it is not there; but it is one as soon as it can be read in two ways.
    for (fields, status) in [
        ("", 200),
        ("Host: localhost\r\n", 200),
        ("Host: rebound.example\r\n", 421),
        ("Host: localhost\r\nHost: localhost\r\n", 400),
        ("Host: a b\r\n", 400),
    ] {
        for path in ["/health", "/metrics", "/genome"] {
            assert_eq!(ask(&format!("GET {path}"), "1.0", fields).status, status, "{path} {fields:?}");
        }
    }
    for host in ["localhost", "LOCALHOST:7070", "127.0.0.1:80", "[::1]:7070"] {
        assert_eq!(ask("GET /health", "1.1", &format!("Host: {host}\r\n")).status, 200, "{host}");
    }
    assert_serves(&server);
}

/// What has come of bodies that are not at their end is held, within one budget for all connections, and given back.
#[test]
fn bodies_that_are_held_share_one_budget() {
    const CLIENTS: usize = 200;
    /// The book and SECURITY.md name it, too.
    const BUDGET: usize = 64 * MEBIBYTE;
    let release = Release::deployed();
    let server = Server::start(&mut release.serving(&["--max-connections", "512"]));
    assert_serves(&server);
    let (files, before) = (server.open_files(), server.resident());
    let question = "{\"action\": \"memory_search\"";
    let most = MEBIBYTE - 1;
    let body = format!("{question}{}", " ".repeat(most - question.len()));
    let start = format!("{}{body}", posting(&format!("Connection: close\r\nContent-Length: {MEBIBYTE}")));
    let hold = |clients: usize| -> Vec<TcpStream> { (0..clients).map(|_| send_what_can_be(&server, &start)).collect() };
    let finish = |mut client: TcpStream| {
        let _ = client.write_all(b"}");
        rest(client).get(9..12).unwrap_or_default().to_owned()
    };
    // Besides the bodies there is what each connection takes, and what the allocator keeps.
    let assert_bounded = || {
        let now = server.resident();
        let most = before + ((BUDGET + 48 * MEBIBYTE) / 1024) as u64;
        assert!(now < most, "it held {before} KiB, and holds {now} KiB with {CLIENTS} clients");
    };
    for round in 0..2 {
        let waiting = hold(CLIENTS);
        // There is room for so many. The others are refused, or have waited 10 seconds.
        let answers = wait_for_answers(&waiting, CLIENTS - BUDGET / MEBIBYTE);
        assert_bounded();
        let refused = answers.iter().find(|answer| answer.starts_with("HTTP/1.1 503 ")).unwrap();
        assert!(refused.contains("\r\nretry-after: 10\r\nconnection: close\r\n"), "{refused}");
        assert!(refused.contains("\r\ncontent-type: application/problem+json\r\n"), "{refused}");
        // What comes at once need not be held.
        assert_serves(&server);
        if round == 0 {
            let statuses: BTreeSet<String> = waiting.into_iter().map(finish).collect();
            let known = ["", "200", "408", "503"].map(str::to_owned);
            assert!(statuses.is_subset(&known.into()), "{statuses:?}");
        } else {
            drop(waiting);
        }
        assert_forgets(&server, files);
    }
    // All of the budget is there again: as many as fit are held at once, and none of them is refused.
    let waiting = hold(BUDGET / MEBIBYTE);
    let statuses: BTreeSet<String> = waiting.into_iter().map(finish).collect();
    assert!(statuses.is_subset(&["200", "408"].map(str::to_owned).into()), "{statuses:?}");
    assert_bounded();
    assert_forgets(&server, files);
    server.stop();
}

/// The starts of the answers, once there are so many.
fn wait_for_answers(clients: &[TcpStream], wanted: usize) -> Vec<String> {
    let answer = |client: &TcpStream| {
        client.set_nonblocking(true).unwrap();
        let mut start = [0; 1024];
        let length = client.peek(&mut start);
        client.set_nonblocking(false).unwrap();
        length.ok().filter(|length| *length > 0).map(|length| String::from_utf8_lossy(&start[..length]).into_owned())
    };
    let end = Instant::now() + PATIENCE;
    loop {
        let answers: Vec<String> = clients.iter().filter_map(answer).collect();
        if answers.len() >= wanted {
            return answers;
        }
        assert!(Instant::now() < end, "{} are answered, and {wanted} should be: {:?}", answers.len(), answers.first());
        sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_head_that_is_too_large_is_refused() {
    let release = Release::deployed();
    let server = Server::start(&mut release.serving(&[]));
    assert_serves(&server);
    let before = server.resident();
    let head = |rest: &str| format!("GET /genome HTTP/1.1\r\nHost: localhost\r\n{rest}\r\n");
    let many: Vec<String> = (0..1000).map(|number| format!("X-{number}: x\r\n")).collect();
    for fields in [
        many.concat(),
        "X: x\r\n".repeat(65),
        format!("X: {}\r\n", "x".repeat(MEBIBYTE)),
        format!("{}: x\r\n", "X".repeat(MEBIBYTE)),
    ] {
        // It does not end, so that nothing is waited for.
        for sent in [head(&fields), head(&fields).trim_end().to_owned()] {
            let answer = rest(send_what_can_be(&server, &sent));
            assert!(answer.starts_with("HTTP/1.1 431 "), "{}: {answer}", &sent[..80]);
        }
    }
    let answer = rest(send_what_can_be(&server, &format!("GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n", "x".repeat(MEBIBYTE))));
    assert!(answer.starts_with("HTTP/1.1 414 ") || answer.starts_with("HTTP/1.1 431 "), "{answer}");
    let after = server.resident();
    assert!(after < before + 8 * 1024, "it held {before} KiB, and holds {after} KiB");
    assert_serves(&server);
}

/// A connection on which this was sent, as far as the server let it be sent.
fn send_what_can_be(server: &Server, text: &str) -> TcpStream {
    let mut client = server.connect("");
    let _ = client.write_all(text.as_bytes());
    client
}

/// More than ten thousand files may be open here and there, or as many as this user may have.
fn raise_file_limit(wanted: usize) -> usize {
    const OTHERS: u64 = 256;
    let limit = getrlimit(Resource::Nofile);
    let needed = wanted as u64 + OTHERS;
    let current = limit.maximum.map_or(needed, |maximum| maximum.min(needed)).max(limit.current.unwrap_or(needed));
    setrlimit(Resource::Nofile, Rlimit { current: Some(current), ..limit }).unwrap();
    let connections = wanted.min(usize::try_from(current - OTHERS).unwrap());
    if connections < wanted {
        say(&format!("this user may have only {connections} of {wanted} connections open\n"));
    }
    connections
}

#[test]
fn ten_thousand_connections_hold_nobody_up() {
    let connections = raise_file_limit(10_000);
    let release = Release::deployed();
    let room = (connections + 16).to_string();
    let server = Server::start(&mut release.serving(&["--max-connections", &room]));
    assert_serves(&server);
    let (files, before) = (server.open_files(), server.resident());
    // Some say nothing, some a part of what they want, and some are answered and stay.
    let kinds = ["", "POST /decisions HTTP/1.1\r\nHost: localhost\r\n", &decision("memory_search", "keep-alive")];
    let open: Vec<TcpStream> = kinds.iter().cycle().take(connections).map(|sent| server.connect(sent)).collect();
    assert_serves(&server);
    for mut client in open.iter().skip(2).step_by(kinds.len()) {
        client.set_read_timeout(Some(PATIENCE)).unwrap();
        client.read_exact(&mut [0; 15]).unwrap();
    }
    assert!(server.open_files() > files + connections / 3);
    let most = server.resident();
    assert!(most < before + 32 * connections as u64, "{before} KiB before, {most} KiB with {connections} connections");
    assert_serves(&server);
    drop(open);
    assert_forgets(&server, files);
    assert_serves(&server);
    server.stop();
}

/// More of them than there is room for, of which each waits for its turn in the queue of the kernel.
#[test]
fn ten_thousand_requests_find_room_one_after_the_other() {
    const AT_ONCE: usize = 500;
    let release = Release::deployed();
    let server = Server::start(&mut release.serving(&["--max-connections", "8"]));
    let files = server.open_files() + 8;
    let mut waiting = VecDeque::new();
    for number in 0..10_000 + AT_ONCE {
        if number < 10_000 {
            waiting.push_back((number, server.connect(&decision(&format!("unknown_{number}"), "close"))));
        }
        if number >= AT_ONCE {
            let (number, client) = waiting.pop_front().unwrap();
            assert_eq!(Reply::read(client).json()["action"], format!("unknown_{number}"));
        }
    }
    assert!(server.get("/metrics").body.contains("\ngenome_decisions_total{cap_id=\"\",outcome=\"deny\"} 10000\n"));
    assert_forgets(&server, files);
    server.stop();
}
