//! Clients of OpenID AuthZEN that we did not write, with the running server: a tool that is allowed, one that is denied, one that nobody named, and a
//! server that is gone, where each of them denies.

#![expect(clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use genome_test_support::server::Server;
use genome_test_support::{Release, repository, run, tool};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

/// What a client's questions came to.
fn ask(python: &Path, client: &str, server: &Server) -> Value {
    let script = repository().join("tests/server/authzen_clients/ask.py");
    let ran = run(Command::new(python).arg(script).args([client, &format!("http://{}", server.address)]));
    assert_eq!(ran.status, Some(0), "{client}: {ran:?}");
    serde_json::from_str(&ran.stdout).unwrap()
}

/// The answers of a client while the server is there, and when it is gone.
fn answers(client: &str, arguments: &[&str]) -> Option<[Value; 2]> {
    let python = tool("python/bin/python")?;
    let release = Release::deployed();
    let allowed = ["memory_search", "files/memory_search"];
    let capability = json!({"cap_id": "CAP", "risk_class": "B", "allow_actions": allowed, "deny_actions": ["memory_erase", "files/memory_erase"]});
    release.deploy("etc/genome.json", &Release::draft().with("capabilities", json!([capability])).signed(&[1]));
    let mut server = Server::start(&mut release.serving(arguments));
    let there = ask(&python, client, &server);
    server.signal("TERM");
    assert_eq!(server.wait(), Some(0));
    Some([there, ask(&python, client, &server)])
}

#[test]
fn authzen_policy_backend_denies_what_the_genome_does_not_allow() {
    let Some([there, gone]) = answers("policy_backend", &["--authzen-projection", "authzen-policy-backend"]) else { return };
    assert_eq!(there["memory_search"][0], true);
    for tool in ["memory_erase", "unheard_of", "invoke"] {
        assert_eq!(there[tool][0], false, "{there}");
    }
    // It shows the server's reason.
    assert!(there["memory_erase"][1].as_str().is_some_and(|reason| reason.contains("`CAP`")), "{there}");
    assert!(gone.as_object().unwrap().values().all(|answer| answer[0] == false), "{gone}");
}

#[test]
fn decern_denies_what_the_genome_does_not_allow() {
    let Some([there, gone]) = answers("decern", &[]) else { return };
    let expected = json!({
        "memory_search": [true, ["CAP"]], "memory_erase": [false, ["CAP"]], "unheard_of": [false, []], "malformed": 400
    });
    assert_eq!(there, expected);
    let gone = gone.as_object().unwrap();
    assert!(
        gone.iter().all(|(name, answer)| if name == "malformed" { answer.is_null() } else { answer[0] == "error" }),
        "{gone:?}"
    );
}

#[test]
fn apparitor_blocks_what_the_genome_does_not_allow() {
    for (arguments, tools) in [
        (&["--authzen-projection", "apparitor", "--plain-names"][..], ["tool", "mcp"]),
        // Under the name of the server, the tools of another server are not covered.
        (&["--authzen-projection", "apparitor", "--mcp-server", "files"], ["mcp", "tool"]),
    ] {
        let Some([there, gone]) = answers("apparitor", arguments) else { return };
        for label in tools {
            for (names, verdict) in [
                ("memory_search", "ALLOW"),
                ("memory_search, memory_search", "ALLOW"),
                ("memory_erase", "BLOCK"),
                ("unheard_of", "BLOCK"),
                ("memory_search, memory_erase", "BLOCK"),
                ("a/b", "BLOCK"),
                ("", "BLOCK"),
            ] {
                assert_eq!(there[format!("{label}: {names}")], verdict, "{arguments:?} {label}: {names}");
            }
        }
        assert!(gone.as_object().unwrap().values().all(|verdict| verdict == "BLOCK"), "{gone}");
    }
}

/// A server of FastMCP that asks with each call.
#[test]
fn fastmcp_runs_and_lists_only_what_the_genome_allows() {
    let Some([there, gone]) = answers("fastmcp", &["--authzen-projection", "apparitor", "--mcp-server", "files"]) else { return };
    let with = |allowed: bool| {
        let tools = if allowed { json!(["memory_search"]) } else { json!([]) };
        json!({"tools": tools, "memory_search": allowed, "memory_erase": false, "unheard_of": false, "Memory_Erase": false, "resource": false, "prompt": false})
    };
    assert_eq!(there, with(true));
    assert_eq!(gone, with(false));
}
