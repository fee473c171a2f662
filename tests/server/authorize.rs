//! Authorization by headers of the real server: its options, what it writes, and its end. Each test has the number of the rule that it holds.

use crate::authzen::allowing;
use genome_test_support::Release;
use genome_test_support::server::{Reply, Server};
use serde_json::json;
use std::io::Write as _;

const CALL: &str = "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: ";

/// The head of a request of a proxy, without its end.
fn head(path: &str, headers: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n")
}

fn authorize(server: &Server, path: &str, headers: &str) -> Reply {
    Reply::read(server.connect(&(head(path, headers) + "\r\n")))
}

/// DESIGN section 11: the same names as at every door.
#[test]
fn an_action_of_mcp_has_the_name_of_its_server() {
    let release = allowing(&["files/memory_search", "files:tools/list", "memory_erase"]);
    let server = Server::start(&mut release.serving(&["--authorize-mcp", "--mcp-server", "files"]));
    let allowed = authorize(&server, "/authorize/mcp/x?y=1", &format!("{CALL}memory_search"));
    assert_eq!((allowed.status, &allowed.json()["action"]), (200, &json!("files/memory_search")));
    assert_eq!(allowed.header("x-genome-id"), Some(allowed.json()["genome_id"].as_str().unwrap_or_default()));
    for (headers, status) in [
        (format!("{CALL}memory_erase"), 403),
        (format!("{CALL}files/memory_search"), 403),
        ("MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/list".to_owned(), 200),
        ("MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: server/discover".to_owned(), 403),
    ] {
        assert_eq!(authorize(&server, "/authorize/mcp", &headers).status, status, "{headers}");
    }
    // The other path was not asked for.
    assert_eq!(authorize(&server, "/authorize/action", "X-Genome-Action: memory_erase").status, 404);
    assert_eq!(server.get("/genome").json()["authzen"]["mcp_server"], "files");
    server.stop();
}

/// A name that was mistyped denies everything, and says so at the start.
#[test]
fn a_genome_without_an_action_of_the_server_is_warned_of() {
    let release = allowing(&["files/memory_search", "filesystem/x"]);
    for (server, is_warned) in [("files", false), ("fiels", true), ("file", true)] {
        let options = ["--authorize-mcp", "--mcp-server", server];
        let running = Server::start(&mut release.serving(&options));
        let warned = running.log.iter().any(|line| line["message"].as_str().unwrap().contains("of the MCP server `"));
        assert_eq!(warned, is_warned, "{server}: {:?}", running.log);
        running.stop();
    }
}

/// The server decides on names alone, and says so where a genome asks for more.
#[test]
fn pins_are_warned_of_where_actions_of_mcp_are_asked_about() {
    let release = Release::deployed();
    let tools = json!([{"action": "memory_search", "sha256": "0".repeat(64)}]);
    release.deploy("etc/genome.json", &Release::draft().with("schema_version", "genome.v0.2").with("tools", tools).signed(&[1]));
    for (option, is_warned) in [("--authorize-mcp", true), ("--authorize-action", false)] {
        let server = Server::start(&mut release.serving(&[option]));
        let warned = server.log.iter().any(|line| line["message"].as_str().unwrap().contains("pins what tools say they are"));
        assert_eq!(warned, is_warned, "{option}: {:?}", server.log);
        server.stop();
    }
}

/// H13: what else a request says is in no log, however much is logged.
#[test]
fn h13_other_headers_are_not_logged() {
    let release = Release::deployed();
    let options = ["--authorize-mcp", "--authorize-action", "--decision-log", "decisions.jsonl", "--log-subject"];
    let mut server = Server::start(release.serving(&options).env("RUST_LOG", "trace"));
    let others = "\r\nAuthorization: Bearer s3cret\r\nCookie: s3cret\r\nMcp-Param-Name: s3cret\r\nX-Forwarded-For: s3cret\r\n\
                  X-Forwarded-Uri: /s3cret\r\nX-Original-URL: /s3cret";
    // It does log what is wrong.
    let _ = Reply::read_to_end(server.connect("no HTTP\r\n\r\n"));
    for (path, headers, status) in [
        ("/authorize/mcp/s3cret?s3cret", format!("{CALL}memory_search"), 200),
        ("/authorize/mcp", format!("{CALL}other"), 403),
        ("/authorize/mcp", CALL.to_owned(), 403),
        ("/authorize/action/s3cret", "X-Genome-Action: memory_search".to_owned(), 200),
    ] {
        let reply = authorize(&server, path, &(headers + others));
        assert_eq!((reply.status, format!("{reply:?}").contains("s3cret")), (status, false), "{reply:?}");
    }
    assert!(!server.get("/").body.contains("s3cret") && !server.get("/metrics").body.contains("s3cret"));
    server.signal("TERM");
    assert_eq!(server.wait(), Some(0));
    assert!(server.log.iter().any(|line| line["level"] == "DEBUG"), "{:?}", server.log);
    let (log, decisions) = (format!("{:?}", server.log), release.read("decisions.jsonl"));
    assert_eq!(decisions.lines().count(), 4);
    assert!(!log.contains("s3cret") && !decisions.contains("s3cret"), "{log} {decisions}");
}

/// H15: what a proxy has begun to ask is answered while the server ends.
#[test]
fn h15_it_answers_while_it_ends() {
    let release = Release::deployed();
    let mut server = Server::start(&mut release.serving(&["--authorize-mcp"]));
    let questions = [("/authorize/mcp", format!("{CALL}memory_search"), 200), ("/authorize/mcp", format!("{CALL}x"), 403)];
    let begun: Vec<_> = questions.iter().map(|(path, headers, _)| server.connect(head(path, headers).trim_end())).collect();
    // Each of them was accepted before.
    assert_eq!(server.get("/ready").status, 200);
    server.signal("TERM");
    server.logged("told to end");
    for (mut stream, (path, _, status)) in begun.into_iter().zip(questions) {
        let written = stream.write_all(b"\r\n\r\n");
        assert!(written.is_ok(), "{path}: {written:?}");
        assert_eq!(Reply::read(stream).status, status, "{path}");
    }
    assert_eq!(server.wait(), Some(0));
}

/// H21: a page whose name was rebound to this machine is answered by no path of it.
#[test]
fn h21_the_rule_about_hosts_holds() {
    let release = Release::deployed();
    let server = Server::start(&mut release.serving(&["--authorize-mcp", "--authorize-action", "--allow-host", "app.example"]));
    for (host, status) in [("app.example", 200), ("APP.example:8443", 200), ("rebound.example", 421), ("x.app.example", 421)] {
        for (path, headers) in [
            ("/authorize/mcp", format!("{CALL}memory_search")),
            ("/authorize/action/x", "X-Genome-Action: memory_search".to_owned()),
        ] {
            let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n\r\n");
            let reply = Reply::read(server.connect(&request));
            assert_eq!((reply.status, reply.header("x-genome-id").is_some()), (status, status == 200), "{host} {path}");
        }
    }
    server.stop();
}
