//! `genome-mcp pin`: what a server says of its tools, in a file and as digests.

#![expect(clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use super::listing::Lister;
use genome_test_support::{Ran, assert_ran, has, names, program, repository, run, tool};
use serde_json::{Map, Value, json};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

const READ: &str = r#"{"name":"read","description":"Reads","inputSchema":{"type":"object"}}"#;
const WRITE: &str = r#"{"inputSchema":{"maximum":5},"name":"write"}"#;

/// The pins on standard output, by action.
fn pins(ran: &Ran) -> Map<String, Value> {
    let lines = ran.stdout.lines().map(|line| line.rsplit_once('=').unwrap());
    lines.map(|(action, digest)| (action.to_owned(), digest.into())).collect()
}

/// The digests of what a server says, as Python has them.
fn digests(python: &Path, command: &[&Path]) -> Map<String, Value> {
    let ran = run(Command::new(python).arg("-B").arg(repository().join("tests/mcp/digests.py")).args(command));
    assert_eq!(ran.status, Some(0), "{ran:?}");
    serde_json::from_str(&ran.stdout).unwrap()
}

#[test]
fn all_pages_are_pinned_in_both_eras() {
    if !has("python3") {
        return;
    }
    for revision in ["2024-11-05", "2025-11-25", "2026-07-28"] {
        let pages = json!([[READ], [], [WRITE, r#"{"name":"a b","inputSchema":{}}"#]]);
        let lister = Lister::with(json!({"pages": pages, "revision": revision, "instructions": "Be \"kind\""}));
        let ran = lister.run("pin", &[]);
        assert_ran(&ran, 0, &format!("3 tools of the server s, and its instructions, in the revision {revision} of MCP\n"));
        assert_eq!(ran.stdout.lines().last().unwrap().len(), "s:instructions=".len() + 64);
        // A name that a shell would take for two is quoted.
        assert!(ran.stdout.contains("`s/a b`="), "{}", ran.stdout);
        let found = pins(&Ran { stdout: ran.stdout.replace('`', ""), ..ran });
        if revision != "2026-07-28" {
            let script = repository().join("tests/mcp/lister.py");
            let spec = lister.at("spec");
            let python = Path::new("python3");
            assert_eq!(found, digests(python, &[python, &script, &spec]));
        }
        let file: Value = serde_json::from_str(&fs::read_to_string(lister.at("tools/s.json")).unwrap()).unwrap();
        let definitions: Vec<Value> =
            [READ, WRITE, r#"{"name":"a b","inputSchema":{}}"#].map(|text| serde_json::from_str::<Value>(text).unwrap()).into();
        let expected =
            json!({"schema_version": "definitions.v0.1", "server": "s", "instructions": "Be \"kind\"", "tools": definitions});
        assert_eq!(file, expected);
        // It is replaced by what the server says next, and no pin is printed twice.
        let again = lister.run("pin", &["--format", "json"]);
        let printed: Value = serde_json::from_str(&again.stdout).unwrap();
        let printed = printed["tools"]
            .as_array()
            .unwrap()
            .iter()
            .map(|pin| (pin["action"].as_str().unwrap().to_owned(), pin["sha256"].clone()));
        assert_eq!(printed.collect::<Map<String, Value>>(), found);
        assert!(!lister.asked().iter().any(|method| method == "tools/call"));
    }
}

#[test]
fn servers_of_others_are_pinned_to_the_digests_that_others_compute() {
    let Some(python) = tool("python/bin/python") else { return };
    let directory = tempfile::tempdir().unwrap();
    let server = repository().join("tests/mcp/fastmcp/server.py");
    let ran = run(program("genome-mcp", directory.path())
        .args(["pin", "--server", "s", "--output", "s.json", "--"])
        .arg(&python)
        .arg(&server));
    // It is asked in one era, and Python asks in the other.
    assert_ran(&ran, 0, "in the revision 2026-07-28 of MCP");
    assert_eq!(pins(&ran), digests(&python, &[&python, &server]));
    assert_eq!(pins(&ran).len(), 5);
    assert_eq!(names(directory.path()), ["s.json"]);
}

#[test]
fn a_server_that_asks_back_is_answered_and_gets_nothing() {
    if !has("python3") {
        return;
    }
    let lister = Lister::with(json!({"pages": [[READ]], "way": "asks"}));
    assert_ran(&lister.run("pin", &[]), 0, "1 tool of the server s");
    let asked = lister.asked();
    let answers = asked.iter().filter(|message| message.starts_with('{')).map(|message| serde_json::from_str(message).unwrap());
    let answers: Vec<Value> = answers.collect();
    assert_eq!(answers[0], json!({"jsonrpc": "2.0", "id": 1, "result": {}}));
    assert_eq!((&answers[1]["id"], &answers[1]["error"]["code"]), (&json!("s"), &json!(-32601)));
    // One that leaves the first question without an answer.
    let lister = Lister::with(json!({"pages": [[READ]], "way": "silent at first"}));
    assert_ran(&lister.run("pin", &["--timeout", "6"]), 0, "1 tool of the server s");
}

#[test]
fn a_server_without_a_list_is_refused_in_words() {
    if !has("python3") {
        return;
    }
    for (way, options, said) in [
        ("mute", &["--timeout", "1"][..], "it has not answered `initialize` for as long as --timeout lets it, 1 seconds in all"),
        ("dies", &[], "it closed its output before it had listed its tools (exit status 3)"),
        ("leaves a child", &[], "it closed its output before it had listed its tools (exit status 3)"),
        ("storm", &[], "changed again and again while it was read (at most 4)"),
        ("endless", &[], "has too many pages (at most 256)"),
        ("refuses", &[], r"it answers `tools/list` with the error -32000, `\u{1b}[31mno\u{202e}`"),
        ("says too much", &["--max-message", "1000000"], "its answer to `tools/list` is longer than --max-message lets through"),
    ] {
        let lister = Lister::with(json!({"pages": [[READ]], "way": way}));
        let ran = lister.run("pin", options);
        assert_ran(&ran, 2, said);
        assert_eq!((ran.stdout.as_str(), lister.at("tools").exists()), ("", false), "{way}");
    }
    let directory = tempfile::tempdir().unwrap();
    let ran = run(program("genome-mcp", directory.path()).args(["pin", "--server", "s", "--", "./no-such-program"]));
    assert_ran(&ran, 2, "the server `./no-such-program` cannot be started");
}

#[test]
fn a_server_that_does_not_end_is_ended() {
    if !has("python3") {
        return;
    }
    let lister = Lister::with(json!({"pages": [[READ]], "way": "stubborn"}));
    let start = Instant::now();
    assert_ran(&lister.run("pin", &["--end-timeout", "100"]), 0, "made        tools/s.json");
    assert!(start.elapsed() < Duration::from_secs(30));
}

#[test]
fn what_cannot_be_pinned_is_named_and_left_out() {
    if !has("python3") {
        return;
    }
    let hostile = r#"{"name":"x\u202e\u001b[31m","inputSchema":{}}"#;
    let deep = format!(r#"{{"name":"deep","x":{}{}}}"#, "[".repeat(70), "]".repeat(70));
    let secret = r#"{"name":"secret","description":"-----BEGIN PRIVATE KEY-----"}"#;
    let tools = [
        READ,
        r#"{"name":"two"}"#,
        r#"{"name":"two","x":1}"#,
        r#"{"name":"odd","x":1,"x":2}"#,
        r#"{"title":"t"}"#,
        hostile,
        &deep,
        secret,
    ];
    let lister = Lister::new(&[&tools[..], &[WRITE]].concat());
    let ran = lister.run("pin", &[]);
    assert_ran(&ran, 1, "error: the tool `two` cannot be pinned: several tools have this name\n");
    for said in [
        "the tool `odd` cannot be pinned: two readers could understand its definition differently",
        "a tool without a name cannot be pinned",
        r"the tool `x\u{202e}\u{1b}[31m` cannot be pinned: a genome cannot name it",
        "the tool `deep` cannot be pinned",
        "the tool `secret` cannot be pinned",
    ] {
        assert!(ran.stderr.contains(said), "{said}: {}", ran.stderr);
    }
    assert!(!ran.stderr.contains(['\u{202e}', '\u{1b}']) && !ran.stderr.contains("BEGIN"));
    assert_eq!(pins(&ran).keys().collect::<Vec<_>>(), ["s/read", "s/write"]);
    let file = fs::read_to_string(lister.at("tools/s.json")).unwrap();
    assert!(
        file.contains(r#""name": "read""#)
            && file.contains(r#""name": "write""#)
            && !file.contains("two")
            && !file.contains("BEGIN")
    );
}

#[test]
fn what_does_not_show_is_an_escape_in_the_file() {
    if !has("python3") {
        return;
    }
    let lister = Lister::new(&["{\"name\":\"a\",\"description\":\"x\\u202e\\u001b[31m\\u2028\u{e0041}\"}"]);
    assert_ran(&lister.run("pin", &[]), 0, "1 tool ");
    let file = fs::read_to_string(lister.at("tools/s.json")).unwrap();
    assert!(file.contains(r"x\u202e\u001b[31m\u2028\udb40\udc41"), "{file}");
}

#[test]
fn nothing_is_replaced_but_definitions_of_the_same_server() {
    if !has("python3") {
        return;
    }
    let lister = Lister::new(&[READ]);
    assert_ran(&lister.run("pin", &["--output", "a/b/s.json"]), 0, "made        a/b/s.json");
    let other = fs::read_to_string(lister.at("a/b/s.json")).unwrap().replace(r#""server": "s""#, r#""server": "other""#);
    for (name, text, said) in [
        ("other.json", other.as_str(), "it holds the definitions of another server, other"),
        ("genome.json", "{\"schema_version\":\"genome.v0.1\"}", "nothing was changed; name another file with --output"),
        ("empty", "", "nothing was changed"),
        ("notes.txt", "notes", "nothing was changed"),
    ] {
        fs::write(lister.at(name), text).unwrap();
        let asked = lister.asked().len();
        let ran = lister.run("pin", &["--output", name]);
        assert_ran(&ran, 1, said);
        assert_eq!((fs::read_to_string(lister.at(name)).unwrap().as_str(), lister.asked().len()), (text, asked), "{name}");
    }
    // A link stands for what it points to.
    symlink("notes.txt", lister.at("link")).unwrap();
    assert_ran(&lister.run("pin", &["--output", "link"]), 1, "nothing was changed");
    assert_ran(&lister.run("pin", &["--output", "a"]), 1, "nothing was changed");
    assert_eq!(fs::read_to_string(lister.at("notes.txt")).unwrap(), "notes");
    lister.becomes(json!({"pages": [[WRITE]]}));
    assert_ran(&lister.run("pin", &["--output", "a/b/s.json"]), 0, "made        a/b/s.json");
    assert!(fs::read_to_string(lister.at("a/b/s.json")).unwrap().contains("write"));
}

/// The commands that are printed for the next steps.
fn printed_commands(ran: &Ran) -> Vec<String> {
    ran.stderr.lines().filter_map(|line| line.strip_prefix("  genome ")).map(ToOwned::to_owned).collect()
}

#[test]
fn the_commands_that_are_printed_run_as_they_stand() {
    if !has("python3") {
        return;
    }
    let pinned = |genome: &Path| {
        let genome: Value = serde_json::from_str(&fs::read_to_string(genome).unwrap()).unwrap();
        genome["tools"].as_array().unwrap().iter().map(|pin| pin["action"].clone()).collect::<Vec<_>>()
    };
    for (allow, options, draft) in [
        (&["s/read", "s/write"][..], &[][..], "next.json"),
        (&["s/read"], &["--output", "my genomes/tools/s.json"], "my genomes/next.json"),
        (&["s/read"], &["--output", "elsewhere.json", "--genome", "my genomes"], "my genomes/next.json"),
        // None of them is allowed yet.
        (&["other/tool"], &["--output", "my genomes/tools/s.json"], "my genomes/next.json"),
    ] {
        let lister = Lister::new(&[READ, WRITE]);
        lister.sign(allow, |_| false);
        if draft.contains('/') {
            fs::create_dir(lister.at("my genomes")).unwrap();
            fs::rename(lister.at("genome.json"), lister.at("my genomes/genome.json")).unwrap();
            fs::remove_dir_all(lister.at("tools")).unwrap();
        }
        let ran = lister.run("pin", options);
        assert_ran(&ran, 0, "member by member");
        let commands = printed_commands(&ran);
        assert_eq!(commands.len(), 2, "{}", ran.stderr);
        assert_eq!(commands[0].contains("=s/TOOL"), allow == ["other/tool"], "{commands:?}");
        for (command, status) in commands.iter().zip([0, 1]) {
            let mut shell = program("genome", lister.path());
            // Which tool is for a person to say.
            let command = command.replace("=s/TOOL", "=s/read");
            let line = format!("{} {command}", shell.get_program().to_str().unwrap());
            shell = Command::new("sh");
            genome_test_support::inherited::isolate(shell.current_dir(lister.path()));
            let ran = run(shell.args(["-euc", &line]));
            assert!(ran.status == Some(0) || ran.status == Some(status), "{command}: {ran:?}");
        }
        let expected = if allow.len() == 2 { json!(["s/read", "s/write"]) } else { json!(["s/read"]) };
        assert_eq!(json!(pinned(&lister.at(draft))), expected);
    }
    // One that is named has to be one.
    let lister = Lister::new(&[READ]);
    for (file, text) in [("nowhere.json", None), ("broken.json", Some("{}"))] {
        if let Some(text) = text {
            fs::write(lister.at(file), text).unwrap();
        }
        let ran = lister.run("pin", &["--genome", file]);
        assert!(ran.status == Some(2) && ran.stderr.contains(file) && lister.asked().is_empty(), "{ran:?}");
    }
    // Without a genome at hand it is said how one is named.
    let lister = Lister::new(&[READ]);
    let ran = lister.run("pin", &[]);
    assert_ran(&ran, 0, "name that genome with --genome");
    assert_eq!(printed_commands(&ran), Vec::<String>::new());
}
