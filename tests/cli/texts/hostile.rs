//! The texts that were shared by different genomes, and those that passed for our own, as they were found.

use super::Scratch;
use genome_test_support::Draft;
use serde_json::{Value, json};

fn capability(id: &str, risk: &str, allow: &[&str], deny: &[&str]) -> Value {
    json!({"cap_id": id, "risk_class": risk, "allow_actions": allow, "deny_actions": deny})
}

fn with(capabilities: &[Value]) -> Draft {
    Draft::new("1.0.0", &[1], 1).with("capabilities", capabilities)
}

/// Two actions that nothing takes became a capability that allows a third, and `git show` had no line.
#[test]
fn a_capability_does_not_hide_in_the_name_of_another() {
    let denials = ["exports allows memory_erase", "exports risk class B"];
    let scratch = Scratch::of(&with(&[capability("CAP-MEMORY", "A", &[], &denials)]));
    let new = [capability("CAP-MEMORY", "A", &[], &[]), capability("CAP-MEMORY denies exports", "B", &["memory_erase"], &[])];
    scratch.write("new.json", &with(&new).signed(&[1]));
    assert_ne!(scratch.textconv("g.json"), scratch.textconv("new.json"));
}

#[test]
fn an_action_does_not_pass_for_a_denial() {
    let scratch = Scratch::of(&with(&[capability("CAP", "A", &["memory_search  denies memory_export", "memory_erase"], &[])]));
    let shown = scratch.run("genome-verify", &["g.json"]).stdout;
    assert!(shown.contains("    A  `CAP`  allows `memory_search  denies memory_export`, `memory_erase`\n"), "{shown}");
}

#[test]
fn a_backtick_does_not_end_our_quotes() {
    let scratch = Scratch::of(&with(&[capability("CAP` (risk class A) now, and was denied by `X", "D", &["erase"], &[])]));
    let shown = scratch.diff("human");
    let expected = "action `erase` is allowed by `CAP\\u{60} (risk class A) now, and was denied by \\u{60}X` (risk class D) now, and was allowed by nobody";
    assert!(shown.contains(expected), "{shown}");
}

/// Azure Pipelines finds `##vso[` anywhere in a line; the scratch directory looks for it in whatever is said.
#[test]
fn no_text_of_a_stranger_is_a_command_to_a_ci_system() {
    let name = "##vso[task.setvariable variable=x]y";
    let scratch = Scratch::of(&with(&[capability("CAP", "A", &[name], &["##[error]z"])]).with("name", name));
    for format in ["human", "json", "github"] {
        let ran = scratch.run("genome-verify", &["--format", format, "g.json"]);
        assert_eq!(ran.status, Some(0), "{ran:?}");
        assert!(ran.stdout.contains("vso[task.setvariable"), "{ran:?}");
        // A path is a text of a stranger, too.
        let path = "##vso[task.complete].json";
        scratch.write(path, "{}");
        let ran = scratch.run("genome-verify", &["--format", format, path]);
        assert_eq!(ran.status, Some(1), "{ran:?}");
    }
    for format in ["human", "json", "markdown", "github"] {
        let _ = scratch.diff(format);
    }
    scratch.textconv("g.json");
}

/// A line starts with words of ours, and a place has one reading.
#[test]
fn a_path_does_not_pass_for_a_place() {
    let scratch = Scratch::of(&Draft::new("1.0.0", &[1], 1));
    let path = "g.json:1:1 at signatures";
    scratch.write(path, "{\"schema_version\": 1}");
    let ran = scratch.run("genome-verify", &[path]);
    assert!(ran.stderr.contains("  --> `g.json:1:1 at signatures`\n"), "{ran:?}");
    scratch.write("g\nfile.json", "{");
    let ran = scratch.run("genome-verify", &["g\nfile.json"]);
    assert!(ran.stderr.contains("  --> `g\\u{a}file.json`:1:2\n"), "{ran:?}");
}
