//! Definitions of tools beside a genome: how `genome-diff` shows what differs in them, and what `genome-draft` pins of them.

#![expect(clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use genome_test_support::git::WorkTree;
use genome_test_support::{Draft, Ran, assert_ran, printed, program, run};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// Two definitions of a tool, and the digest of each that `sha256sum` has of its canonical form. The second one is hostile, and has a number that is rounded.
const OLD: &str = r#"{"name": "read", "description": "Reads a file", "annotations": {"readOnlyHint": true}, "inputSchema": {"properties": {"path": {"type": "string"}}}}"#;
const NEW: &str = r#"{"name": "read", "description": "Reads a file.\u202e\udb40\udc41\u001b[2K\u0000\u2028`; **weakening** ##[error]x\n  widening       all", "annotations": {"readOnlyHint": false}, "inputSchema": {"properties": {"path": {"type": "string"}, "x/~": {"maximum": 9223372036854775807}}}}"#;
const OF_OLD: &str = "489dc2372015899b299a6015499a26a065c361eaa5c62110d4b7168e35e406bf";
const OF_NEW: &str = "626bf4909a5952daa0f1cf0a5e7f64b6297eb4860df6add5e7a90075c4307023";

fn definitions(server: &str, tools: &[&str]) -> String {
    format!(r#"{{"schema_version": "definitions.v0.1", "server": "{server}", "tools": [{}]}}"#, tools.join(","))
}

fn genome(version: &str, pins: &[(&str, &str)]) -> Draft {
    let capability =
        json!({"cap_id": "FILES", "risk_class": "B", "allow_actions": ["files/read", "files/write"], "deny_actions": []});
    let draft = Draft::new(version, &[1], 1).with("capabilities", json!([capability]));
    let pins: Vec<Value> = pins.iter().map(|(action, sha256)| json!({"action": action, "sha256": sha256})).collect();
    if pins.is_empty() { draft } else { draft.with("schema_version", "genome.v0.2").with("tools", pins) }
}

/// A genome in a directory, and the next one in another.
fn pair(old: &[(&str, &str)], new: &[(&str, &str)]) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let from = genome("1.0.0", old);
    write(directory.path(), "old/genome.json", &from.document.to_string());
    write(directory.path(), "new/genome.json", &genome("1.1.0", new).after(&[&from]).document.to_string());
    directory
}

fn write(directory: &Path, name: &str, text: &str) {
    let path = directory.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn diff(directory: &TempDir, arguments: &[&str]) -> Ran {
    run(program("genome-diff", directory.path()).args(arguments).args(["old", "new"]))
}

fn changed() -> TempDir {
    let directory = pair(&[("files/read", OF_OLD)], &[("files/read", OF_NEW)]);
    write(directory.path(), "old/tools/files.json", &definitions("files", &[OLD]));
    write(directory.path(), "new/tools/files.json", &definitions("files", &[NEW]));
    directory
}

#[test]
fn each_member_that_differs_is_shown_and_none_is_hidden() {
    let directory = changed();
    let ran = diff(&directory, &[]);
    let hostile =
        r"Reads a file.\u{202e}\u{e0041}\u{1b}[2K\u{0}\u{2028}\u{60}; **weakening** #\u{23}[error]x\u{a}  widening       all";
    let expected = format!(
        "
  weakening      tool `files/read` has another definition, which a person has to read: {OF_NEW}, and was {OF_OLD}
      /annotations/readOnlyHint  was the JSON `true`, is the JSON `false`
      /description  was `Reads a file`, is `{hostile}`
      /inputSchema/properties/x~1~0  is new: the object `{{\"maximum\":9223372036854776000}}`
"
    );
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(1), ""), "{ran:?}");
    assert!(ran.stdout.contains(&expected), "{}", ran.stdout);
    // The texts are those of both files, wherever they are named.
    let named = ["--definitions", "old/tools/files.json", "--definitions", "new/tools/files.json"];
    assert_eq!(diff(&directory, &named).stdout, ran.stdout);
    let markdown = diff(&directory, &["--format", "markdown"]).stdout;
    assert!(markdown.contains("\n  - `` /description  was `Reads a file`, is `Reads a file.\\u{202e}"), "{markdown}");
    let github = diff(&directory, &["--format", "github"]).stdout;
    assert!(
        github
            .lines()
            .any(|line| line.starts_with("::warning ") && line.contains("; /description  was `Reads a file`, is `Reads a file.")),
        "{github}"
    );
    for text in [&ran.stdout, &markdown, &github] {
        assert!(!text.chars().any(|character| character != '\n' && genome_json::is_invisible(character)), "{text}");
        assert!(!text.contains("##["), "{text}");
    }
    let report = printed::read("diff-report", &diff(&directory, &["--format", "json"]).stdout);
    let [definition] = report["definitions"].as_array().unwrap().as_slice() else { panic!("{report}") };
    assert_eq!((&definition["was"], &definition["is"], &definition["missing"]), (&OF_OLD.into(), &OF_NEW.into(), &json!([])));
    let description: Value = serde_json::from_str::<Value>(NEW).unwrap()["description"].clone();
    assert_eq!(definition["differences"][1]["pointer"], "/description");
    assert_eq!(serde_json::from_str::<Value>(definition["differences"][1]["is"].as_str().unwrap()).unwrap(), description);
}

#[test]
fn a_text_that_is_not_the_pinned_one_is_never_shown() {
    let directory = changed();
    // One that is stale, one of another server, and one under another name.
    write(
        directory.path(),
        "new/tools/files.json",
        &definitions("files", &[&NEW.replace("Reads", "Gets"), &NEW.replace("read\"", "get\"")]),
    );
    let said = format!(
        "\n      no text at hand is that of {OF_NEW}: it would be in tools/files.json beside the genome, or a file that is named with --definitions\n"
    );
    let ran = diff(&directory, &[]);
    assert!(ran.stdout.contains(&said) && !ran.stdout.contains("Gets"), "{ran:?}");
    write(directory.path(), "new/tools/files.json", &definitions("other", &[NEW]));
    assert!(diff(&directory, &[]).stdout.contains(&said));
    // Without any text.
    fs::remove_dir_all(directory.path().join("old/tools")).unwrap();
    fs::remove_dir_all(directory.path().join("new/tools")).unwrap();
    let ran = diff(&directory, &[]);
    assert!(ran.stdout.contains(&said) && ran.stdout.contains(&format!("no text at hand is that of {OF_OLD}")), "{ran:?}");
    let report = printed::read("diff-report", &diff(&directory, &["--format", "json"]).stdout);
    assert_eq!(report["definitions"][0]["differences"], Value::Null);
    // Only the later text.
    write(directory.path(), "new/tools/files.json", &definitions("files", &[NEW]));
    let shown = diff(&directory, &[]).stdout;
    assert!(shown.contains("\n      /description  is `Reads a file.") && shown.contains(OF_OLD), "{shown}");
}

#[test]
fn what_is_pinned_first_is_shown_to_be_read() {
    let directory = pair(&[], &[("files/read", OF_OLD)]);
    write(directory.path(), "new/tools/files.json", &definitions("files", &[OLD]));
    let shown = diff(&directory, &[]).stdout;
    let expected = format!(
        "tool `files/read` is pinned now: no other definition is good than {OF_OLD}; of `files`, what has no pin is good for nothing now
      /description  is `Reads a file`
      /annotations  is the object `{{\"readOnlyHint\":true}}`
      /inputSchema/properties/path  is there
      and more members: `inputSchema`
"
    );
    assert!(shown.contains(&expected), "{shown}");
}

#[test]
fn a_file_that_cannot_be_read_is_an_error_if_it_was_named() {
    let directory = changed();
    write(directory.path(), "new/tools/files.json", "{}");
    let ran = diff(&directory, &[]);
    assert_ran(&ran, 1, "warning: ");
    assert!(ran.stderr.contains("new/tools/files.json"), "{ran:?}");
    assert_ran(&diff(&directory, &["--definitions", "new/tools/files.json"]), 2, "new/tools/files.json");
    assert_ran(&diff(&directory, &["--definitions", "gone.json"]), 2, "gone.json");
    assert_ran(&diff(&directory, &["--definitions", "new/genome.json"]), 2, "a file of definitions was expected");
    // What a search finds is no pipe.
    fs::remove_file(directory.path().join("new/tools/files.json")).unwrap();
    fs::create_dir(directory.path().join("new/tools/files.json")).unwrap();
    assert_ran(&diff(&directory, &[]), 1, "warning: ");
}

#[test]
fn a_revision_has_the_text_of_before() {
    let Some(tree) = WorkTree::new() else { return };
    let from = genome("1.0.0", &[("files/read", OF_OLD)]);
    tree.write("genomes/A/genome.json", &from.signed(&[1]));
    tree.write("genomes/A/tools/files.json", &definitions("files", &[OLD]));
    tree.commit();
    let to = genome("1.1.0", &[("files/read", OF_NEW)]).after(&[&from]);
    tree.write("genomes/A/genome.json", &to.signed(&[1]));
    tree.write("genomes/A/tools/files.json", &definitions("files", &[NEW]));
    let ran = tree.run("genome-diff", &["--since", "HEAD"]);
    assert_eq!(ran.status, Some(1), "{ran:?}");
    assert!(ran.stdout.contains("\n      /description  was `Reads a file`, is `Reads a file."), "{ran:?}");
}

#[test]
fn a_draft_pins_what_it_allows_in_the_place_of_earlier_pins() {
    let directory = tempfile::tempdir().unwrap();
    let text = definitions("files", &[OLD, NEW, r#"{"name": "delete"}"#]).replacen(
        "\"tools\"",
        "\"instructions\": \"Be kind\", \"tools\"",
        1,
    );
    write(directory.path(), "files.json", &text);
    write(directory.path(), "other.json", &definitions("other", &[OLD]));
    let from = genome("1.0.0", &[("files/write", OF_OLD)]);
    write(directory.path(), "genome.json", &from.signed(&[1]));
    let draft = |file: &str| {
        run(program("genome-draft", directory.path()).args(["--from", "genome.json", "--pin-all", file, "draft.json"]))
    };
    let ran = draft("files.json");
    assert_ran(&ran, 0, "not pinned, as the draft does not allow it: `files/delete`");
    assert!(ran.stderr.contains("allowed, and not defined here: `files/write`"), "{ran:?}");
    let drafted: Value = serde_json::from_str(&fs::read_to_string(directory.path().join("draft.json")).unwrap()).unwrap();
    // printf '%s' '"Be kind"' | sha256sum
    let text = "a534199d60b59cf0359a82652c1831570d7bc0a01a997a14aca053b687dee618";
    let pin = |action: &str, sha256: &str| json!({"action": action, "sha256": sha256});
    assert_eq!(drafted["tools"], json!([pin("files/read", OF_OLD), pin("files/read", OF_NEW), pin("files:instructions", text)]));
    fs::remove_file(directory.path().join("draft.json")).unwrap();
    assert_ran(&draft("other.json"), 1, "no tool that is defined is allowed, as `other/TOOL`");
    assert!(!directory.path().join("draft.json").exists());
}
