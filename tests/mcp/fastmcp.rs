//! A client and a server that we did not write, in both eras: FastMCP.

#![expect(clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use super::setting::Setting;
use genome_test_support::{repository, run_with_all_that_it_starts, tool};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Its name for each era, and the revision that it agrees on.
const ERAS: [(&str, &str); 2] = [("auto", "2026-07-28"), ("legacy", "2025-11-25")];

fn script(name: &str) -> PathBuf {
    repository().join("tests/mcp/fastmcp").join(name)
}

/// What came of all that a client asks for.
fn came(python: &Path, era: &str, server: &Command) -> Value {
    let mut command = Command::new(python);
    command.arg("-B").arg(script("client.py")).arg(era).arg(server.get_program()).args(server.get_args());
    if let Some(directory) = server.get_current_dir() {
        command.current_dir(directory);
    }
    let ran = run_with_all_that_it_starts(&mut command);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    serde_json::from_str(&ran.stdout).unwrap()
}

fn server(python: &Path) -> [PathBuf; 2] {
    [python.to_owned(), script("server.py")]
}

#[test]
fn where_all_is_allowed_nothing_differs() {
    let Some(python) = tool("python/bin/python") else { return };
    let tools = ["s/echo", "s/remove", "s/ask", "s/ask_within"];
    let others = ["s:resources/read", "s:prompts/get", "s:completion/complete"];
    let asked = ["s:elicitation/create", "s:elicitation/create/url", "s:sampling/createMessage", "s:roots/list"];
    let setting = Setting::new(&[&tools[..], &others, &asked].concat());
    for (era, revision) in ERAS {
        let [program, script] = server(&python);
        let direct = came(&python, era, Command::new(program).arg(script));
        let gated = came(&python, era, &setting.gate_before(&[], &server(&python)));
        assert_eq!(direct, gated);
        assert_eq!(direct["revision"], revision);
        // They did get as far as that.
        let asks = if era == "auto" { "ask_within" } else { "ask" };
        assert!(direct[asks].as_str().unwrap().contains("blue"), "{direct}");
        assert!(direct["many"].as_str().unwrap().contains("'99'"), "{direct}");
    }
}

#[test]
fn what_is_denied_is_hidden_and_stays_out_of_reach() {
    let Some(python) = tool("python/bin/python") else { return };
    let setting = Setting::new(&["s/echo", "s/ask", "s/ask_within"]);
    for (era, revision) in ERAS {
        let came = came(&python, era, &setting.gate_before(&[], &server(&python)));
        assert_eq!((&came["revision"], &came["tools"]), (&json!(revision), &json!(["echo", "ask", "ask_within"])));
        let said = |name: &str| came[name].as_str().unwrap_or_default().to_owned();
        assert!(said("echo").starts_with("CallToolResult("), "{came}");
        assert!(said("remove").starts_with("ToolError: denied: the action `s/remove` is not allowed by the genome "), "{came}");
        for (name, action) in
            [("resources", "resources/read"), ("resource", "resources/read"), ("prompts", "prompts/get"), ("prompt", "prompts/get")]
        {
            assert!(said(name).starts_with(&format!("MCPError: denied: the action `s:{action}` is not allowed")), "{came}");
        }
        // The user is not asked, in whatever way the server tries.
        assert!(!came.to_string().contains("blue"), "{came}");
        assert!(era == "auto" || said("ask").contains("action='decline'"), "{came}");
        assert!(
            era == "legacy" || said("ask_within").starts_with("ToolError: denied: the action `s:elicitation/create`"),
            "{came}"
        );
    }
}

#[test]
fn a_refused_boot_reaches_its_user_in_words() {
    let Some(python) = tool("python/bin/python") else { return };
    let setting = Setting::new(&["s/echo"]);
    std::fs::write(setting.path().join("genome.json"), "{}").unwrap();
    for (era, _) in ERAS {
        let came = came(&python, era, &setting.gate_before(&[], &server(&python)));
        let session = came["session"].as_str().unwrap_or_default();
        assert!(session.contains("genome-mcp did not start the server s (GENOME_INVALID_SCHEMA)"), "{came}");
    }
}
