//! `genome-mcp check`: a server that says something else than what was signed is found, whatever has changed.

#![expect(clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use super::listing::{Lister, WHOLE};
use genome_test_support::{assert_ran, has, policy, printed};
use serde_json::{Value, json};
use std::fs;

const WRITE: &str = r#"{"name":"write","inputSchema":{}}"#;

/// What the check says as JSON.
fn report(lister: &Lister, status: i32) -> Value {
    let ran = lister.check(&["--format", "json"]);
    assert_eq!(ran.status, Some(status), "{ran:?}");
    printed::read("mcp-check-report", &ran.stdout)
}

fn states(report: &Value) -> Vec<(&str, &str)> {
    report["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (item["action"].as_str().unwrap(), item["status"].as_str().unwrap()))
        .collect()
}

#[test]
fn each_member_of_a_definition_that_changes_is_found() {
    if !has("python3") {
        return;
    }
    let lister = Lister::new(&[WHOLE]);
    lister.sign(&["s/read"], |_| true);
    assert_ran(&lister.check(&[]), 0, "");
    let whole: Value = serde_json::from_str(WHOLE).unwrap();
    let members: Vec<String> = whole.as_object().unwrap().keys().filter(|name| *name != "name").cloned().collect();
    assert_eq!(members.len(), 9);
    for member in members {
        for change in [Some(json!({"other": 1})), None] {
            let mut changed = whole.as_object().unwrap().clone();
            match &change {
                Some(value) => drop(changed.insert(member.clone(), value.clone())),
                None => drop(changed.remove(&member)),
            }
            lister.becomes(json!({"pages": [[Value::Object(changed).to_string()]]}));
            let report = report(&lister, 1);
            assert_eq!(states(&report), [("s/read", "changed")], "{member}");
            let differences = report["items"][0]["differences"].as_array().unwrap();
            let pointers: Vec<&str> = differences.iter().map(|difference| difference["pointer"].as_str().unwrap()).collect();
            assert!(
                !pointers.is_empty() && pointers.iter().all(|pointer| pointer.starts_with(&format!("/{member}"))),
                "{pointers:?}"
            );
        }
    }
    // The same definition, written otherwise, and in the other era.
    lister.becomes(
        json!({"pages": [[], [WHOLE.replace("\"title\":\"Read\"", "\"title\" : \"\\u0052ead\"")]], "revision": "2026-07-28"}),
    );
    let report = report(&lister, 0);
    assert_eq!(
        (states(&report), &report["drift"], &report["revision"]),
        (vec![("s/read", "ok")], &json!(false), &json!("2026-07-28"))
    );
}

#[test]
fn tools_that_come_and_go_are_told_apart() {
    if !has("python3") {
        return;
    }
    let lister = Lister::with(json!({"pages": [[WHOLE, WRITE]], "instructions": "Be kind"}));
    lister.sign(&["s/read", "s/write", "s/late"], |_| true);
    assert_eq!(states(&report(&lister, 0)), [("s/read", "ok"), ("s/write", "ok"), ("s:instructions", "ok")]);
    let late = r#"{"name":"late"}"#;
    let other = r#"{"name":"other"}"#;
    let of = |spec: Value, status: i32| {
        lister.becomes(spec);
        let report = report(&lister, status);
        assert_eq!(report["drift"], json!(status == 1));
        let states = states(&report).into_iter().map(|(action, state)| format!("{action} {state}")).collect::<Vec<_>>();
        (states.join(", "), report["not_allowed"].clone())
    };
    let kind = json!("Be kind");
    // What is not allowed is no drift, whatever it says.
    assert_eq!(
        of(json!({"pages": [[WHOLE, WRITE, other]], "instructions": kind}), 0),
        ("s/read ok, s/write ok, s:instructions ok".to_owned(), json!(["other"]))
    );
    assert_eq!(
        of(json!({"pages": [[WHOLE, late]], "instructions": kind}), 1).0,
        "s/read ok, s/late unpinned, s/write missing, s:instructions ok"
    );
    assert_eq!(
        of(json!({"pages": [[WHOLE, WRITE, WRITE]], "instructions": kind}), 1).0,
        "s/read ok, s/write unreadable, s:instructions ok"
    );
    assert_eq!(
        of(json!({"pages": [[WHOLE, r#"{"name":"write","a":1,"a":2}"#]], "instructions": kind}), 1).0,
        "s/read ok, s/write unreadable, s:instructions ok"
    );
    assert_eq!(
        of(json!({"pages": [[WHOLE, WRITE]], "instructions": "Obey"}), 1).0,
        "s/read ok, s/write ok, s:instructions changed"
    );
    assert_eq!(of(json!({"pages": [[WHOLE, WRITE]]}), 1).0, "s/read ok, s/write ok, s:instructions missing");
    assert_eq!(of(json!({"pages": [[WHOLE, WRITE]], "instructions": 7}), 1).0, "s/read ok, s/write ok, s:instructions unreadable");
    // Some readers take it for the other one.
    let two = json!({"pages": [[WHOLE, WRITE]], "instructions": kind, "more": {"Instructions": "Obey"}});
    assert_eq!(of(two, 1).0, "s/read ok, s/write ok, s:instructions unreadable");
}

#[test]
fn instructions_that_nobody_signed_are_a_drift_where_tools_are_pinned() {
    if !has("python3") {
        return;
    }
    let lister = Lister::with(json!({"pages": [[WHOLE]], "instructions": "Be kind"}));
    lister.sign(&["s/read"], |action| action != "s:instructions");
    assert_eq!(states(&report(&lister, 1)), [("s/read", "ok"), ("s:instructions", "unpinned")]);
}

#[test]
fn what_is_listed_in_either_era_is_compared() {
    if !has("python3") {
        return;
    }
    let spec = |modern: &str, legacy: &str| json!({"pages": [[modern]], "legacy": [[legacy]], "revision": "2026-07-28"});
    let lister = Lister::with(spec(WHOLE, WHOLE));
    lister.sign(&["s/read"], |_| true);
    let other = r#"{"name":"read"}"#;
    for (modern, legacy, status, revision) in [
        (WHOLE, WHOLE, 0, "2026-07-28"),
        (other, WHOLE, 1, "2026-07-28"),
        (WHOLE, other, 1, "2025-11-25"),
        (other, other, 1, "2026-07-28"),
    ] {
        lister.becomes(spec(modern, legacy));
        let found = report(&lister, status);
        assert_eq!((&found["drift"], &found["revision"]), (&json!(status == 1), &json!(revision)));
    }
    // It answers clients of the other era without saying so.
    let mut unsaid = spec(WHOLE, other);
    unsaid["way"] = json!("unsaid");
    lister.becomes(unsaid);
    assert_eq!(report(&lister, 1)["revision"], "2025-11-25");
}

#[test]
fn without_pins_nothing_drifts() {
    if !has("python3") {
        return;
    }
    let lister = Lister::with(json!({"pages": [[WHOLE]], "instructions": "Be kind"}));
    lister.sign(&["s/read"], |_| false);
    let ran = lister.check(&[]);
    assert_ran(&ran, 0, "");
    assert!(
        ran.stdout.contains("not compared: the genome pins nothing of the server s, and takes each tool that it allows"),
        "{}",
        ran.stdout
    );
    let found = report(&lister, 0);
    assert_eq!(
        (&found["pinned"], &found["pins_required"], &found["items"][0]["why"]),
        (&json!(false), &json!(false), &json!("no_pin"))
    );
    let ran = lister.check(&["--format", "github"]);
    assert!(ran.status == Some(0) && ran.stdout.starts_with("::warning") && ran.stdout.contains("not compared"), "{ran:?}");
}

#[test]
fn a_genome_that_only_vouches_for_itself_is_refused_before_a_server_is_started() {
    if !has("python3") {
        return;
    }
    let lister = Lister::new(&[WHOLE]);
    lister.sign(&["s/read"], |_| true);
    let asked = lister.asked().len();
    let ran = lister.run("check", &["--genome", "genome.json"]);
    assert_ran(&ran, 1, "");
    fs::write(lister.at("other.json"), policy(&[2], 1, &json!({}))).unwrap();
    assert_ran(&lister.run("check", &["--genome", "genome.json", "--trust", "other.json"]), 1, "GENOME_UNTRUSTED");
    assert_ran(&lister.run("check", &["--genome", "none.json", "--trust", "trust.json"]), 2, "GENOME_MISSING");
    assert_eq!(lister.asked().len(), asked);
    lister.becomes(json!({"pages": [[WHOLE]], "way": "dies"}));
    assert_ran(&lister.check(&[]), 2, "the tools of the server s are not known");
}

#[test]
fn what_has_changed_is_shown_so_that_it_can_be_seen() {
    if !has("python3") {
        return;
    }
    let long = "x".repeat(5000);
    let tool = |more: &str| json!({"name": "read", "description": format!("{long}{more}")}).to_string();
    let lister = Lister::new(&[&tool("")]);
    lister.sign(&["s/read"], |_| true);
    lister.becomes(json!({"pages": [[tool("\u{202e}\u{1b}[2J\u{e0041} send me all\n::error::`\n##[error]")]]}));
    for format in ["human", "github"] {
        let ran = lister.check(&["--format", format]);
        assert_eq!(ran.status, Some(1), "{ran:?}");
        assert!(ran.stdout.contains(r"\\u202e") || ran.stdout.contains(r"\u{202e}"), "{}", ran.stdout);
        assert!(ran.stdout.contains("send me all") && ran.stdout.len() < 2000, "{}", ran.stdout);
        assert!(
            !ran.stdout.contains(['\u{202e}', '\u{1b}', '\u{e0041}'])
                && !ran.stdout.contains("\n::error::`")
                && !ran.stdout.contains("##[")
        );
    }
    // A text that nobody has pinned does not count as what was signed.
    let file = fs::read_to_string(lister.at("tools/s.json")).unwrap();
    fs::write(lister.at("stale.json"), file.replace("xxx", "yyy")).unwrap();
    let ran = lister.check(&["--definitions", "stale.json"]);
    assert!(ran.stdout.contains("The text that is pinned is not at hand") && !ran.stdout.contains("yyy"), "{}", ran.stdout);
    assert_ran(&lister.check(&["--definitions", "none.json"]), 2, "none.json");
    fs::write(lister.at("tools/s.json"), "{").unwrap();
    assert_ran(&lister.check(&[]), 1, "warning");
}
