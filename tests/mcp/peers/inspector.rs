//! The Inspector's command line as the client: its exit status says what came.

use super::{Peers, words};
use genome_test_support::{Ran, run_with_all_that_it_starts};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

fn inspected(peers: &Peers, server: &[PathBuf], ask: &[&str]) -> Ran {
    // It would take the options of the gate for its own.
    let line: Vec<String> = server.iter().map(|word| format!("'{}'", word.display())).collect();
    fs::write(peers.path().join("server.sh"), format!("exec {}\n", line.join(" "))).unwrap();
    let mut command = Command::new(&peers.node);
    command.arg(peers.package("@modelcontextprotocol/inspector/clients/launcher/build/index.js")).arg("--cli");
    command.arg("sh").arg(peers.path().join("server.sh")).args(ask);
    run_with_all_that_it_starts(command.current_dir(peers.path()).env("HOME", peers.path()))
}

#[test]
fn its_status_says_what_was_denied() {
    let allow = ["s/ask_within", "s/echo", "s:prompts/get"].map(ToOwned::to_owned);
    let Some(peers) = Peers::new(&allow) else { return };
    let server = peers.server("sdk2");
    let gate = words(&peers.setting.gate_before(&[], &server));
    let list = ["--method", "tools/list"];
    let ran = inspected(&peers, &gate, &list);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    let listed: Value = serde_json::from_str(&ran.stdout).unwrap();
    let names: Vec<&Value> = listed["tools"].as_array().unwrap().iter().map(|tool| &tool["name"]).collect();
    assert_eq!(names, ["echo", "ask_within"]);
    // What is allowed is as it is without the gate.
    for ask in [
        &["--method", "tools/call", "--tool-name", "echo", "--tool-arg", "message=hi"][..],
        &["--method", "prompts/list"],
        &["--method", "prompts/get", "--prompt-name", "p"],
    ] {
        let (direct, gated) = (inspected(&peers, &server, ask), inspected(&peers, &gate, ask));
        assert_eq!((direct.status, &direct.stdout), (Some(0), &gated.stdout), "{direct:?} {gated:?}");
        assert_eq!(gated.status, Some(0), "{gated:?}");
    }
    // It looks into the list before it calls, and does not find what is hidden.
    let ran = inspected(&peers, &gate, &["--method", "tools/call", "--tool-name", "remove", "--tool-arg", "path=p"]);
    assert_eq!((ran.status, ran.stderr.contains("tool_not_found")), (Some(5), true), "{ran:?}");
    let ran = inspected(&peers, &gate, &["--method", "tools/call", "--tool-name", "ask_within"]);
    assert_eq!((ran.status, ran.stderr.contains("tool_is_error")), (Some(5), true), "{ran:?}");
    // The tool is not denied, but that it asks is.
    assert!(ran.stdout.contains("did not declare the required capability"), "{ran:?}");
    let ran = inspected(&peers, &gate, &["--method", "resources/read", "--uri", "data://x"]);
    assert_eq!(ran.status, Some(1), "{ran:?}");
    fs::write(peers.path().join("genome.json"), "{}").unwrap();
    let ran = inspected(&peers, &gate, &list);
    assert_ne!(ran.status, Some(0), "{ran:?}");
    assert!(
        format!("{}{}", ran.stdout, ran.stderr).contains("genome-mcp did not start the server s (GENOME_INVALID_SCHEMA)"),
        "{ran:?}"
    );
}
