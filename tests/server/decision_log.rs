//! The decision log of the real server: what it says, what it does not, and how it is rotated.

use genome_test_support::printed;
use genome_test_support::server::{self, Reply, Server};
use genome_test_support::{Release, run};
use serde_json::{Value, json};
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::thread::sleep;
use std::time::{Duration, Instant};

const LOG: &str = "decisions.jsonl";

fn post(server: &Server, path: &str, body: &Value) -> Reply {
    let caller = ("Authorization", "Bearer secret-of-the-caller");
    let headers = [("X-Request-ID", "q\u{202e}\"1"), caller, ("Connection", "close")];
    Reply::read(server.connect(&server::post(path, &headers, body)))
}

/// The status of the answer to a proxy.
fn authorize(server: &Server, path: &str, headers: &str) -> u16 {
    let head = "Host: localhost\r\nX-Request-ID: q\u{202e}\"1\r\nAuthorization: Bearer secret-of-the-caller\r\n\
                Cookie: secret-of-the-caller\r\nX-Forwarded-For: secret-of-the-caller\r\nConnection: close\r\n";
    Reply::read(server.connect(&format!("GET /authorize/{path} HTTP/1.1\r\n{head}{headers}\r\n"))).status
}

fn question(action: &str) -> Value {
    json!({"subject": {"type": "person", "id": "mira"}, "action": {"name": action}, "resource": {"type": "tool", "id": "memory_search"}})
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| printed::read("server-decision-log", line)).collect()
}

#[test]
fn each_decision_is_a_line_without_who_asked() {
    let release = Release::deployed();
    let options = ["--decision-log", LOG, "--authzen-projection", "coaz", "--authorize-mcp", "--authorize-action"];
    let server = Server::start(&mut release.serving(&options));
    post(&server, "/decisions", &json!([{"action": "memory_search"}, {"action": "x\u{202e}"}]));
    post(&server, "/access/v1/evaluation", &question("tools/call"));
    let mut several = question("tools/call");
    several["evaluations"] = json!([{}, {"action": {"name": "ping"}}, {"action": 1}]);
    post(&server, "/access/v1/evaluations", &several);
    let call = "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: ";
    assert_eq!(authorize(&server, "mcp", &format!("{call}memory_search\r\n")), 200);
    assert_eq!(authorize(&server, "mcp/below?x=1", &format!("{call}other\r\n")), 403);
    assert_eq!(authorize(&server, "mcp", "Mcp-Method: tools/call\r\n"), 403);
    assert_eq!(authorize(&server, "action", "X-Genome-Action: memory_search\r\n"), 200);
    // None of these decides anything.
    post(&server, "/access/v1/search/action", &question("tools/call"));
    post(&server, "/access/v1/evaluation", &json!({}));
    let _ = server.get("/decisions?action=memory_search");
    server.stop();
    let text = release.read(LOG);
    assert!(!text.contains("mira") && !text.contains("secret-of-the-caller") && !text.contains('\u{202e}'), "{text}");
    let lines = lines(&text);
    let shown: Vec<Value> = lines
        .iter()
        .map(|line| json!([line["route"], line["projection"], line["action"], line["decision"], line["cap_id"]]))
        .collect();
    // Where no capability says why.
    let reasons: Vec<bool> = lines.iter().map(|line| line["reason"].is_string()).collect();
    assert_eq!(reasons, [false, false, false, false, true, true, false, false, true, false], "{text}");
    assert_eq!(lines[8]["reason"], "the request has no `mcp-protocol-version`");
    let (single, boxcar) = ("/access/v1/evaluation", "/access/v1/evaluations");
    let expected = [
        json!(["/decisions", null, "memory_search", "allow", "CAP"]),
        json!(["/decisions", null, "x\u{202e}", "deny", null]),
        json!([single, "coaz", "memory_search", "allow", "CAP"]),
        json!([boxcar, "coaz", "memory_search", "allow", "CAP"]),
        json!([boxcar, "coaz", null, "deny", null]),
        json!([boxcar, "coaz", null, "deny", null]),
        json!(["/authorize/mcp", "mcp-headers", "memory_search", "allow", "CAP"]),
        json!(["/authorize/mcp", "mcp-headers", "other", "deny", null]),
        json!(["/authorize/mcp", "mcp-headers", null, "deny", null]),
        json!(["/authorize/action", "action-header", "memory_search", "allow", "CAP"]),
    ];
    assert_eq!(shown, expected);
    for line in &lines {
        assert_eq!((&line["request_id"], &line["genome_id"]), (&json!("q\u{202e}\"1"), &json!(Release::draft().id())));
        assert!(line["timestamp"].as_str().unwrap().ends_with('Z') && line.get("subject").is_none(), "{line}");
    }
    let mode = fs::metadata(release.path().join(LOG)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600, "others cannot read it");
}

#[test]
fn who_asked_is_written_where_it_is_asked_for() {
    let release = Release::deployed();
    // The last line of a server that crashed.
    let torn = "{\"timestamp\":\"2026-";
    release.write(LOG, torn);
    let server = Server::start(&mut release.serving(&["--decision-log", LOG, "--log-subject"]));
    post(&server, "/access/v1/evaluation", &question("memory_search"));
    let mut several = question("memory_search");
    several["evaluations"] = json!([{}, {"subject": {"type": "agent", "id": "noa"}}]);
    post(&server, "/access/v1/evaluations", &several);
    post(&server, "/decisions", &json!({"action": "memory_search"}));
    server.stop();
    let text = release.read(LOG);
    let subjects: Vec<Value> =
        lines(text.strip_prefix(torn).unwrap().strip_prefix('\n').unwrap()).iter().map(|line| line["subject"].clone()).collect();
    let (mira, noa) = (json!({"type": "person", "id": "mira"}), json!({"type": "agent", "id": "noa"}));
    assert_eq!(subjects, [mira.clone(), mira, noa, json!(null)]);
}

/// Whoever renames the file gets what was written so far, and the next line is in a new one.
#[test]
fn a_file_that_was_renamed_is_made_anew() {
    let release = Release::deployed();
    let server = Server::start(&mut release.serving(&["--decision-log", LOG]));
    let written = |name: &str| {
        let start = Instant::now();
        while fs::read_to_string(release.path().join(name)).unwrap_or_default().lines().count() == 0 {
            assert!(start.elapsed() < Duration::from_mins(1), "{name} is not written");
            sleep(Duration::from_millis(5));
        }
    };
    for (round, old) in ["one", "two"].into_iter().enumerate() {
        assert_eq!(server.decide(&format!("action-{round}"))["decision"], "deny");
        written(LOG);
        fs::rename(release.path().join(LOG), release.path().join(old)).unwrap();
    }
    assert_eq!(server.decide("last")["decision"], "deny");
    written(LOG);
    let actions = |name: &str| lines(&release.read(name)).iter().map(|line| line["action"].clone()).collect::<Vec<_>>();
    assert_eq!(
        (actions("one"), actions("two"), actions(LOG)),
        (vec![json!("action-0")], vec![json!("action-1")], vec![json!("last")])
    );
    // Where it cannot be made anew, the answers still come, and the lines are counted.
    fs::remove_file(release.path().join(LOG)).unwrap();
    symlink("elsewhere", release.path().join(LOG)).unwrap();
    assert_eq!(server.decide("memory_search")["decision"], "allow");
    let start = Instant::now();
    while !server.get("/metrics").body.contains("\ngenome_decision_log_dropped_total 1\n") {
        assert!(start.elapsed() < Duration::from_mins(1), "{}", server.get("/metrics").body);
        sleep(Duration::from_millis(5));
    }
    assert!(!release.path().join("elsewhere").exists());
    server.stop();
}

/// The end waits for the last lines, and for nothing else: the writer is told that no more come.
#[test]
fn the_end_waits_for_the_last_lines_and_no_longer() {
    let release = Release::deployed();
    let mut server = Server::start(&mut release.serving(&["--decision-log", LOG]));
    for number in 0..100 {
        assert_eq!(server.decide(&format!("action-{number}"))["decision"], "deny");
    }
    server.signal("TERM");
    assert_eq!(server.wait(), Some(0));
    assert_eq!(lines(&release.read(LOG)).len(), 100);
    // Whoever waits in vain says so.
    let messages: Vec<&Value> = server.log.iter().map(|line| &line["message"]).collect();
    assert_eq!(messages[messages.len() - 2..], ["told to end", "ended"], "{messages:?}");
}

#[test]
fn a_file_that_has_reached_its_size_is_renamed() {
    const RENAMED: &str = "decisions.jsonl.1";
    let release = Release::deployed();
    let path = release.path().join(LOG);
    let line = "{\"timestamp\":\"\"}\n";
    let full = line.repeat((1 << 20) / line.len() + 1);
    release.write(LOG, &full);
    let mut server = Server::start(&mut release.serving(&["--decision-log", LOG, "--decision-log-size", "1"]));
    let ends_with = |action: &str| {
        let start = Instant::now();
        let last = || fs::read_to_string(&path).unwrap_or_default().lines().last().map(str::to_owned).unwrap_or_default();
        while !last().contains(&format!("\"{action}\"")) {
            assert!(start.elapsed() < Duration::from_mins(1), "{action} is not written");
            sleep(Duration::from_millis(5));
        }
    };
    let append_full = || fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(full.as_bytes()).unwrap();
    for action in ["one", "two"] {
        let _ = server.decide(action);
        ends_with(action);
    }
    assert!(release.read(RENAMED) == full && lines(&release.read(LOG)).len() == 2);
    // An older one is replaced.
    append_full();
    let _ = server.decide("three");
    ends_with("three");
    assert!(release.read(RENAMED).contains("\"one\"") && release.read(RENAMED).ends_with(line));
    assert_eq!(lines(&release.read(LOG)).len(), 1);
    // Where it cannot be renamed, no line is lost, and that is said once.
    fs::remove_file(release.path().join(RENAMED)).unwrap();
    fs::create_dir(release.path().join(RENAMED)).unwrap();
    append_full();
    for action in ["four", "five", "six"] {
        let _ = server.decide(action);
        ends_with(action);
    }
    let text = release.read(LOG);
    assert!(["three", "four", "five", "six"].iter().all(|action| text.contains(&format!("\"{action}\""))));
    assert!(server.get("/metrics").body.contains("\ngenome_decision_log_dropped_total 0\n"));
    server.signal("TERM");
    assert_eq!(server.wait(), Some(0));
    let said = server.log.iter().filter(|line| line["message"].as_str().unwrap().contains("cannot be renamed"));
    let hints: Vec<&str> = said.map(|line| line["hint"].as_str().unwrap()).collect();
    assert!(hints.len() == 1 && hints[0].contains(".1"), "{:?}", server.log);
}

#[test]
fn a_log_that_cannot_be_opened_is_said_before_anything_listens() {
    let release = Release::deployed();
    symlink("elsewhere", release.path().join("link")).unwrap();
    for path in ["nowhere/decisions.jsonl", "link", "etc"] {
        let ran = run(release.serving(&["--decision-log", path]).args(["--listen", "127.0.0.1:0"]));
        assert_eq!(ran.status, Some(2), "{path}: {ran:?}");
        assert!(ran.stderr.contains("the decision log cannot be opened") && ran.stderr.contains("--decision-log"), "{ran:?}");
    }
    for arguments in [&["--log-subject"][..], &["--decision-log-size", "1"], &["--decision-log", LOG, "--decision-log-size", "0"]] {
        let ran = run(release.serving(arguments).args(["--listen", "127.0.0.1:0"]));
        assert!(ran.status == Some(2) && ran.stderr.contains("--decision-log"), "{ran:?}");
    }
}

/// A path that is given by mistake, above all that of a file that decides: nothing is written there.
#[test]
fn a_file_that_is_something_else_is_left_as_it_is() {
    let release = Release::deployed();
    let (genome, policy) = (release.read("etc/genome.json"), release.read("trust.json"));
    for (path, said) in [("etc/genome.json", "it is not such a log"), ("-", "name it ./-")] {
        let ran = run(&mut release.serving(&["--decision-log", path]));
        assert!(ran.status == Some(2) && ran.stderr.contains(said), "{ran:?}");
    }
    let server = Server::start(&mut release.serving(&["--metrics-textfile", "trust.json"]));
    assert!(
        server.log.iter().any(|line| line["message"].as_str().unwrap().contains("the file holds something else")),
        "{:?}",
        server.log
    );
    server.stop();
    assert_eq!((release.read("etc/genome.json"), release.read("trust.json")), (genome, policy));
}
