//! The server: it boots on a genome that is trusted, or does not listen at all.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "the helpers of a test stop where it fails")]

use genome::Code;
use genome_test_support::printed::{self, Schema};
use genome_test_support::refusal::{REFUSALS, status};
use genome_test_support::server::{Reply, Server, decision};
use genome_test_support::{Draft, Ran, Release, assert_ran, has, names, repository, run};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixDatagram;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

/// The one line that a server logs that does not start.
fn refused(ran: &Ran, status: i32) -> Value {
    assert_eq!((ran.status, ran.stdout.as_str(), ran.stderr.lines().count()), (Some(status), "", 1), "{ran:?}");
    let line = printed::read("server-log", &ran.stderr);
    assert_eq!((&line["level"], &line["exit"]), (&"ERROR".into(), &status.into()), "{line}");
    let verdict = if status == 1 { "refused" } else { "undecided" };
    assert_eq!(line["verdict"], verdict);
    for name in ["timestamp", "message", "hint"] {
        assert!(line[name].as_str().is_some_and(|text| !text.is_empty()), "{name}: {line}");
    }
    line
}

#[test]
fn a_genome_in_production_is_served() {
    let release = Release::deployed();
    let mut server = Server::start(release.serving(&["--state", "state.json"]).env("MATHISON_ENV", "production"));
    assert!(server.log.iter().any(|line| line["level"] == "WARN" && line["file"] == "state.json"), "{:?}", server.log);
    let started = server.log.last().unwrap().clone();
    let genome = server.get("/genome");
    assert_eq!((genome.status, genome.json()["trust"].as_str()), (200, Some("pinned")));
    assert_eq!(genome.json()["genome_id"], Release::draft().id());
    assert_eq!(started["genome_id"], Release::draft().id());
    assert_eq!(genome.header("etag"), Some(&*format!("\"{}\"", Release::draft().id())));
    assert_eq!(server.get("/genome/document").body, release.read("etc/genome.json"));
    assert_eq!(server.get("/health").json()["status"], "ok");
    assert_eq!(server.get("/ready").status, 200);
    assert!(server.get("/?action=memory_search").body.contains("Allowed</strong>"));
    assert_eq!((&server.decide("memory_search")["decision"], &server.decide("x")["decision"]), (&"allow".into(), &"deny".into()));
    assert_eq!(server.decide("x")["genome_id"], Release::draft().id());
    // A connection is kept.
    let mut kept = server.connect(&decision("memory_search", "keep-alive"));
    kept.read_exact(&mut [0; 16]).unwrap();
    kept.write_all(decision("memory_search", "close").as_bytes()).unwrap();
    let mut rest = String::new();
    kept.read_to_string(&mut rest).unwrap();
    assert_eq!(rest.matches("\"decision\":\"allow\"").count(), 2);
    server.signal("TERM");
    assert_eq!(server.wait(), Some(0));
    let last: Vec<&Value> = server.log.iter().rev().take(2).map(|line| &line["message"]).collect();
    assert_eq!(last, ["ended", "told to end"]);
    // What it accepted is remembered.
    release.deploy("etc/genome.json", &Draft::new("1.1.0", &[1], 1).signed(&[1]));
    let ran = run(&mut release.serving(&["--state", "state.json"]));
    assert_eq!(refused(&ran, 1)["code"], "GENOME_ROLLBACK");
}

/// A port that is taken would be said, had the server tried to listen there before it refused.
#[test]
fn whatever_is_refused_nothing_listens() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for (code, arguments, spoil) in REFUSALS {
        let release = Release::deployed();
        spoil(&release);
        let before = names(release.path());
        let all = [arguments, &["--state", "state.json", "--listen", &address]].concat();
        // Whatever the log is to hold, this is said.
        let ran = run(release.serving(&all).env("RUST_LOG", "off"));
        let line = refused(&ran, status(code));
        let further = line["further_refusals"].as_array().unwrap();
        assert!(line["code"] == code || further.iter().any(|refusal| refusal["code"] == code), "{code}: {line}");
        assert!(line["file"].is_string(), "{code}: {line}");
        assert!(!genome_json::holds_private_key(&ran.stderr), "{code}");
        assert_eq!(names(release.path()), before, "{code}: something was written");
    }
    // No genome is refused for what it denies, or for what was said of it when it was proposed.
    for code in Code::ALL.iter().copied().filter(|code| ![Code::CapabilityDenied, Code::ProposalMismatch].contains(code)) {
        assert!(REFUSALS.iter().any(|(refused, ..)| *refused == code.as_str()), "no boot was refused with {code}");
    }
    // What is in order wants to listen.
    let line = refused(&run(&mut Release::deployed().serving(&["--listen", &address])), 2);
    assert!(line["message"].as_str().unwrap().starts_with(&format!("cannot listen on {address}: ")), "{line}");
}

#[test]
fn all_that_is_refused_is_in_the_line() {
    let release = Release::deployed();
    release.deploy("etc/genome.json", &Release::draft().with("created_at", "9000-01-01T00:00:00Z").signed(&[1]));
    release.deploy("app.js", "changed");
    let line = refused(&run(&mut release.serving(&["--production"])), 1);
    let further = line["further_refusals"].as_array().unwrap();
    let codes: Vec<&Value> = [&line].into_iter().chain(further).map(|refusal| &refusal["code"]).collect();
    assert_eq!(codes, ["GENOME_NOT_YET_VALID", "GENOME_MANIFEST_MISMATCH"]);
    let fault = &line["further_refusals"][0]["faults"][0];
    assert!(fault["message"].as_str().unwrap().contains("app.js"), "{line}");
    Schema::of("server-log").assert_holds(&line, &["line", "column"]);
    // A line has to fit into what collects it.
    let capability = serde_json::json!({"cap_id": 1});
    release.deploy("etc/genome.json", &Release::draft().with("capabilities", vec![capability; 500]).document.to_string());
    let line = refused(&run(&mut release.serving(&[])), 1);
    let faults = line["faults"].as_array().unwrap();
    assert_eq!(faults.len(), 11);
    assert!(faults.last().unwrap()["message"].as_str().unwrap().ends_with(" more are not shown"), "{line}");
}

#[test]
fn what_is_asked_for_wrongly_is_not_guessed() {
    let release = Release::deployed();
    for (variable, value, said) in [
        ("MATHISON_ENV", "prod", "may or may not mean production"),
        ("MATHISON_GENOME_PATH", "", "MATHISON_GENOME_PATH is set to nothing"),
        ("MATHISON_GENOME_TRUST", "", "the path of the trust policy is empty"),
        ("MATHISON_GENOME_PATH", "etc", "it is a directory"),
        ("RUST_LOG", "loud=very", "`loud=very`, which is not a filter"),
    ] {
        let line = refused(&run(release.serving(&[]).env(variable, value)), 2);
        assert!(line["message"].as_str().unwrap().contains(said), "{line}");
    }
    // Where nothing is asked for, nobody looks for the root genome who has none.
    let line = refused(&run(release.serving(&[]).env_remove("MATHISON_GENOME_PATH")), 2);
    let [message, hint] = ["message", "hint"].map(|member| line[member].as_str().unwrap());
    assert!(message.starts_with("MATHISON_GENOME_PATH is not set") && line["code"] == "GENOME_MISSING", "{line}");
    assert!(hint.contains("MATHISON_GENOME_PATH=/") && hint.contains("genome.env"), "{line}");
    for arguments in [
        &["--listen", ":7070"][..],
        &["--listen", "127.0.0.256:7070"],
        &["--max-connections", "0"],
        &["genome.json"],
        &["--listen"],
    ] {
        assert_ran(&run(&mut release.serving(arguments)), 2, "try '--help'");
    }
}

#[test]
fn a_file_that_is_swapped_changes_nothing_until_the_next_start() {
    let release = Release::deployed();
    let (first, second) = (Release::draft().id(), Draft::new("1.3.0", &[1], 1).id());
    let arguments = ["--state", "state.json", "--metrics-textfile", "genome.prom"];
    let server = Server::start(&mut release.serving(&arguments));
    let disk = |server: &Server| {
        let health = server.get("/health");
        assert_eq!((health.status, health.json()["genome_id"].as_str()), (200, Some(&*first)));
        let (status, disk) = (health.json()["status"].clone(), health.json()["disk"].as_str().unwrap().to_owned());
        assert_eq!(status, if disk == "same" { "ok" } else { "degraded" });
        let metrics = server.get("/metrics").body;
        let matches = metrics.lines().find_map(|line| line.strip_prefix("genome_disk_matches ")).unwrap();
        assert_eq!(
            matches,
            if disk == "same" {
                "1"
            } else if disk == "unreadable" {
                "NaN"
            } else {
                "0"
            },
            "{disk}"
        );
        check_metrics(&metrics);
        disk
    };
    let document = server.get("/genome/document").body;
    assert_eq!(disk(&server), "same");
    let path = release.path().join("etc/genome.json");
    fs::remove_file(&path).unwrap();
    assert_eq!(disk(&server), "missing");
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    assert_eq!(disk(&server), "unreadable");
    fs::remove_file(&path).unwrap();
    release.deploy("etc/genome.json", &Draft::new("1.3.0", &[1], 1).signed(&[1]));
    assert_eq!(disk(&server), "differs");
    assert_eq!(
        (server.get("/genome").json()["genome_id"].as_str(), server.get("/genome/document").body),
        (Some(&*first), document)
    );
    assert_eq!(server.decide("memory_search")["genome_id"], *first);
    assert!(server.get("/metrics").body.contains("\ngenome_mutations_total 0\n"));
    server.stop();
    for count in ["1", "1"] {
        let server = Server::start(&mut release.serving(&arguments));
        assert_eq!(server.decide("memory_search")["genome_id"], *second);
        assert_eq!(server.get("/health").json()["disk"], "same");
        assert!(server.get("/metrics").body.contains(&format!("\ngenome_mutations_total {count}\n")));
        assert!(release.read("genome.prom").contains(&format!("\ngenome_mutations_total {count}\n")));
        server.stop();
    }
}

/// All that `genome-verify` would say of it, and that nobody but itself vouches for it.
#[test]
fn what_is_known_of_a_genome_that_is_served_is_said() {
    let release = Release::deployed();
    let root = fs::read_to_string(repository().join("genomes/TOTK_ROOT_v1.0.0/genome.json")).unwrap();
    release.deploy("etc/genome.json", &root);
    let verified = run(&mut release.verifying(&["etc/genome.json", "--format", "json", "--state", "verified.json"]));
    let verified: Value = serde_json::from_str(&verified.stdout).unwrap();
    let serving = |state: &[&str]| {
        let mut command = release.serving(state);
        command.env_remove("MATHISON_GENOME_TRUST");
        Server::start(&mut command)
    };
    let server = serving(&["--state", "state.json"]);
    let warnings = server.get("/genome").json()["warnings"].clone();
    let warnings = warnings.as_array().unwrap();
    let codes: Vec<&Value> = warnings.iter().map(|warning| &warning["code"]).collect();
    assert_eq!(codes, [&"GENOME_TEST_KEY".into(), &"GENOME_UNTRUSTED".into(), &Value::Null, &Value::Null]);
    let texts = |warnings: &[Value]| -> BTreeSet<[String; 3]> {
        let text = |warning: &Value, name: &str| warning[name].as_str().unwrap().to_owned();
        warnings.iter().map(|warning| ["message", "pointer", "hint"].map(|name| text(warning, name))).collect()
    };
    let known = verified["genomes"][0]["warnings"].as_array().unwrap();
    assert!(known.len() == 3 && texts(known).is_subset(&texts(warnings)), "{known:?} and {warnings:?}");
    assert_eq!(warnings[2]["file"].as_str().unwrap().rsplit('/').next(), Some("state.json"));
    // The log says the same, and of which file.
    let logged: Vec<&Value> = server.log.iter().filter(|line| line["level"] == "WARN").collect();
    assert_eq!(logged.len(), 4, "{logged:?}");
    for (line, warning) in logged.iter().zip(warnings) {
        assert_eq!((&line["message"], &line["code"].as_str()), (&warning["message"], &warning["code"].as_str()));
        assert!(line["file"].is_string(), "{line}");
    }
    let metrics = server.get("/metrics").body;
    for (code, count) in [("GENOME_TEST_KEY", 1), ("GENOME_UNTRUSTED", 1), ("GENOME_ROLLBACK", 0), ("none", 2)] {
        assert!(metrics.contains(&format!("\ngenome_warnings{{code=\"{code}\"}} {count}\n")), "{code}: {metrics}");
    }
    check_metrics(&metrics);
    server.stop();
    // The state is there by now.
    assert_eq!(serving(&["--state", "state.json"]).get("/genome").json()["warnings"].as_array().unwrap().len(), 2);
    release.deploy("etc/genome.json", &Release::draft().signed(&[1]));
    let server = Server::start(&mut release.serving(&[]));
    assert_eq!(server.get("/genome").json()["warnings"], serde_json::json!([]));
}

/// Whoever verifies with the state of the server changes what it says.
#[test]
fn a_genome_that_was_verified_before_the_boot_is_another_all_the_same() {
    let release = Release::deployed();
    let arguments = ["--state", "state.json", "--metrics-textfile", "genome.prom"];
    let booted = |arguments: &[&str]| {
        let mut server = Server::start(&mut release.serving(arguments));
        let is_said = server.log.iter().any(|line| line["message"] == "this is another genome than the one that was accepted last");
        let counted = server.get("/metrics").body;
        server.signal("TERM");
        assert_eq!(server.wait(), Some(0));
        let count = counted.lines().find_map(|line| line.strip_prefix("genome_mutations_total ")).unwrap().to_owned();
        (count, is_said)
    };
    let remembers = |id: &str| release.read("genome.prom").contains(&format!("\ngenome_boot_info{{genome_id=\"{id}\"}} 1\n"));
    assert_eq!(booted(&arguments), ("0".to_owned(), false));
    assert!(remembers(&Release::draft().id()));
    let second = Draft::new("1.3.0", &[1], 1);
    release.deploy("etc/genome.json", &second.signed(&[1]));
    assert_ran(&run(&mut release.verifying_deployed(&["--state", "state.json"])), 0, "");
    assert_eq!(booted(&arguments), ("1".to_owned(), true));
    assert!(remembers(&second.id()));
    assert_eq!(booted(&arguments), ("1".to_owned(), false));
    // What is refused is not another genome, and takes nothing from what is known.
    release.deploy("etc/genome.json", "{");
    refused(&run(&mut release.serving(&arguments)), 1);
    assert!(remembers(&second.id()));
    // Nor does the state's being taken away.
    release.deploy("etc/genome.json", &Release::draft().signed(&[1]));
    fs::remove_file(release.path().join("state.json")).unwrap();
    assert_eq!(booted(&arguments), ("2".to_owned(), true));
    // Without the file only the state tells.
    release.deploy("etc/genome.json", &second.signed(&[1]));
    assert_eq!(booted(&["--state", "state.json"]), ("1".to_owned(), true));
    assert_eq!(booted(&["--state", "state.json"]), ("0".to_owned(), false));
}

/// The address is taken, so that the genome is accepted and nothing is served.
#[test]
fn a_boot_that_fails_after_the_genome_was_accepted_does_not_hide_that_it_is_another() {
    let release = Release::deployed();
    let arguments = ["--state", "state.json", "--metrics-textfile", "genome.prom"];
    Server::start(&mut release.serving(&arguments)).stop();
    release.deploy("etc/genome.json", &Draft::new("1.3.0", &[1], 1).signed(&[1]));
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for _ in 0..2 {
        refused(&run(&mut release.serving(&[&arguments[..], &["--listen", &address]].concat())), 2);
        assert!(release.read("genome.prom").contains("\ngenome_mutations_total 1\n"));
    }
    let server = Server::start(&mut release.serving(&arguments));
    assert!(server.get("/metrics").body.contains("\ngenome_mutations_total 1\n"), "it is counted twice");
    server.stop();
}

#[test]
fn boots_are_counted_across_restarts() {
    let release = Release::deployed();
    let good = release.read("etc/genome.json");
    let arguments = ["--metrics-textfile", "genome.prom"];
    let holds = |lines: &[&str]| {
        let text = release.read("genome.prom");
        for line in lines {
            assert!(text.contains(&format!("\n{line}\n")), "no `{line}` in {text}");
        }
        // Those who collect it are other users.
        assert_eq!(fs::metadata(release.path().join("genome.prom")).unwrap().permissions().mode() & 0o777, 0o644);
        check_metrics(&text);
    };
    release.deploy("etc/genome.json", "{");
    refused(&run(&mut release.serving(&arguments)), 1);
    holds(&["genome_boot_failures_total{code=\"GENOME_INVALID_JSON\"} 1", "genome_boot_success 0", "genome_mutations_total 0"]);
    refused(&run(&mut release.serving(&arguments)), 1);
    refused(&run(release.serving(&arguments).env("MATHISON_ENV", "prod")), 2);
    holds(&["genome_boot_failures_total{code=\"GENOME_INVALID_JSON\"} 2", "genome_boot_failures_total{code=\"none\"} 1"]);
    release.deploy("etc/genome.json", &good);
    let server = Server::start(&mut release.serving(&arguments));
    holds(&["genome_boot_failures_total{code=\"GENOME_INVALID_JSON\"} 2", "genome_boot_success 1"]);
    let metrics = server.get("/metrics");
    assert!(metrics.body.contains("\ngenome_boot_failures_total{code=\"GENOME_INVALID_JSON\"} 2\n"));
    assert_eq!(metrics.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    assert!(server.get("/genome").status == 200 && !server.decide("unknown").is_null());
    check_metrics(&server.get("/metrics").body);
    server.stop();
}

#[test]
fn metrics_that_cannot_be_written_change_nothing() {
    let release = Release::deployed();
    release.write("damaged.prom", "# HELP genome_mutations_total Boots\ngenome_mutations_total many\n");
    let of_gate = "# HELP genome_mcp_requests_total Requests\n# TYPE genome_mcp_requests_total counter\n";
    release.write("gate.prom", of_gate);
    for (file, said) in [
        ("damaged.prom", "are damaged"),
        ("nowhere/genome.prom", "cannot be written"),
        ("etc", "cannot be written"),
        ("gate.prom", "cannot be written"),
    ] {
        let mut server = Server::start(&mut release.serving(&["--metrics-textfile", file]));
        let warned = |server: &Server| {
            let warning = |line: &&Value| line["level"] == "WARN" && line["file"].as_str().unwrap().ends_with(file);
            let warnings: Vec<&Value> = server.log.iter().filter(warning).collect();
            assert!(warnings.iter().any(|line| line["message"].as_str().unwrap().contains(said)), "{file}: {:?}", server.log);
        };
        warned(&server);
        assert_eq!(server.get("/genome").status, 200);
        server.signal("INT");
        assert_eq!(server.wait(), Some(0));
    }
    assert!(release.read("damaged.prom").contains("\ngenome_mutations_total 0\n"));
    let ran = run(release.serving(&["--metrics-textfile", "nowhere/genome.prom", "--trust", "nobody.json"]).env("RUST_LOG", "off"));
    assert_eq!(refused(&ran, 2)["code"], "GENOME_MISSING");
}

/// What Prometheus itself thinks of it.
fn check_metrics(text: &str) {
    if !has("promtool") {
        return;
    }
    let mut child = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success() && said.is_empty(), "{}: {text}", String::from_utf8_lossy(&said));
}

#[test]
fn a_request_that_is_under_way_at_the_end_is_answered() {
    let release = Release::deployed();
    let mut server = Server::start(&mut release.serving(&[]));
    let request = decision("memory_search", "keep-alive");
    let (start, end) = request.split_at(request.len() - 5);
    let mut under_way = server.connect(start);
    let idle = server.connect("");
    server.signal("TERM");
    server.logged("told to end");
    // It takes a moment until nothing listens.
    let refused = || (0..200).any(|_| TcpStream::connect(server.address).is_err() || pause());
    assert!(refused(), "it still listens");
    under_way.write_all(end.as_bytes()).unwrap();
    let reply = Reply::read(under_way);
    assert_eq!((reply.status, reply.header("connection")), (200, Some("close")));
    assert_eq!(server.wait(), Some(0));
    drop(idle);
}

#[test]
fn the_end_under_load_loses_no_request() {
    let release = Release::deployed();
    let mut server = Server::start(&mut release.serving(&[]));
    let address = server.address;
    let (sender, under_load) = channel();
    let ask = move |sender: Sender<()>| {
        let mut answered = 0;
        // Until nothing listens any more.
        while let Ok(mut stream) = TcpStream::connect(address) {
            let mut is_open = true;
            while is_open {
                stream.write_all(decision("memory_search", "keep-alive").as_bytes()).unwrap();
                let answer = answer(&mut stream);
                assert!(answer.contains("\"decision\":\"allow\""), "after {answered}: `{answer}`");
                is_open = !answer.contains("connection: close");
                answered += 1;
                if answered == 2 {
                    sender.send(()).unwrap();
                }
            }
        }
        answered
    };
    let start = |_| {
        let sender = sender.clone();
        std::thread::spawn(move || ask(sender))
    };
    let clients: Vec<_> = (0..16).map(start).collect();
    for _ in &clients {
        under_load.recv_timeout(Duration::from_mins(1)).unwrap();
    }
    server.signal("TERM");
    let answered: Vec<u32> = clients.into_iter().map(|client| client.join().unwrap()).collect();
    assert!(answered.iter().all(|answered| *answered > 1), "{answered:?}");
    assert_eq!(server.wait(), Some(0));
}

/// One answer of a connection that may be kept.
fn answer(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    while !answer.ends_with(b"\"}\n") {
        let mut bytes = [0; 4096];
        let length = stream.read(&mut bytes).unwrap();
        assert!(length > 0, "the connection ended after `{}`", String::from_utf8_lossy(&answer));
        answer.extend_from_slice(&bytes[..length]);
    }
    String::from_utf8(answer).unwrap()
}

/// Waits a little, which is no success.
fn pause() -> bool {
    std::thread::sleep(Duration::from_millis(10));
    false
}

#[test]
fn the_end_is_not_waited_for_longer_than_was_asked() {
    let release = Release::deployed();
    let mut server = Server::start(&mut release.serving(&["--shutdown-timeout", "1"]));
    let under_way = server.connect(decision("memory_search", "close").split_once('}').unwrap().0);
    // It came first, so it has been accepted by now.
    assert_eq!(server.decide("memory_search")["decision"], "allow");
    server.signal("TERM");
    assert_eq!(server.wait(), Some(0));
    assert!(server.log.iter().any(|line| line["connections"] == 1), "{:?}", server.log);
    drop(under_way);
}

#[test]
fn systemd_is_told() {
    let release = Release::deployed();
    let socket = UnixDatagram::bind(release.path().join("notify")).unwrap();
    socket.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    let said = || {
        let mut bytes = [0; 1024];
        let length = socket.recv(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes[..length]).into_owned()
    };
    let mut server = Server::start(release.serving(&[]).env("NOTIFY_SOCKET", release.path().join("notify")));
    let ready = said();
    assert!(ready.lines().any(|line| line == "READY=1") && ready.contains(&Release::draft().id()), "{ready}");
    assert_eq!(server.get("/ready").status, 200);
    server.signal("TERM");
    assert!(said().lines().any(|line| line == "STOPPING=1"));
    assert_eq!(server.wait(), Some(0));
}

#[test]
fn a_server_that_others_can_reach_says_so() {
    let release = Release::deployed();
    let beyond = |server: &Server| server.log.iter().any(|line| line["message"] == "it listens to other machines");
    assert!(!beyond(&Server::start(&mut release.serving(&[]))));
    assert!(beyond(&Server::start_at("0.0.0.0:0", &mut release.serving(&[]))));
}

/// A page that has made a browser take this address for that of its own name (DNS rebinding).
#[test]
fn h23_a_foreign_name_is_answered_only_by_a_server_that_others_can_reach() {
    let release = Release::deployed();
    let request = "GET /genome HTTP/1.1\r\nHost: rebound.example:7070\r\nConnection: close\r\n\r\n";
    for (address, status) in [("127.0.0.1:0", 421), ("localhost:0", 421), ("[::ffff:127.0.0.1]:0", 421), ("0.0.0.0:0", 200)] {
        let server = Server::start_at(address, &mut release.serving(&[]));
        let reply = Reply::read(server.connect(request));
        assert_eq!((reply.status, reply.body.contains(&Release::draft().id())), (status, status == 200), "{address}: {reply:?}");
        assert_eq!(server.get("/genome").status, 200);
    }
}

#[test]
fn a_log_that_nobody_reads_does_not_end_it() {
    let release = Release::deployed();
    let mut command = release.serving(&["--listen", "127.0.0.1:0"]);
    let mut child = command.env("RUST_LOG", "debug").stderr(Stdio::piped()).stdin(Stdio::null()).spawn().unwrap();
    let mut stderr = child.stderr.take().unwrap();
    let mut line = Vec::new();
    while !line.ends_with(b"\n") {
        let mut byte = [0];
        stderr.read_exact(&mut byte).unwrap();
        line.push(byte[0]);
    }
    drop(stderr);
    let log: Value = serde_json::from_slice(&line).unwrap();
    let address = log["address"].as_str().unwrap();
    // Each of these would be logged.
    for _ in 0..3 {
        let mut client = TcpStream::connect(address).unwrap();
        client.write_all(b"no HTTP\r\n\r\n").unwrap();
        let _ = client.read_to_end(&mut Vec::new());
    }
    let mut client = TcpStream::connect(address).unwrap();
    client.write_all(b"GET /ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    assert_eq!(Reply::read(client).status, 200);
    child.kill().unwrap();
    child.wait().unwrap();
}
