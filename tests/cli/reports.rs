//! What the programs print as JSON is as its schema in `schemas/` has it, to the member.

#![expect(clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use genome_test_support::printed::Schema;
use genome_test_support::proposal::{PROBES, Repository, new, old};
use genome_test_support::{Draft, Ran, Release, policy, program, run};
use serde_json::{Value, json};
use std::fs;

/// A finding has these where it is about the text of a file.
const MAY_BE_ABSENT: &[&str] = &["line", "column"];

fn report(ran: &Ran, status: i32) -> Value {
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(status), ""), "{ran:?}");
    serde_json::from_str(&ran.stdout).unwrap()
}

/// A genome of which everything is reported, its lineage too, and genomes that are refused for what a report shows in members of its own.
#[test]
fn of_genomes() {
    let release = Release::new(1, 1);
    let parent = Draft::new("1.0.0", &[1, 2], 2);
    let invariant = json!({"id": "INV", "severity": "HIGH", "testable_claim": "it holds", "enforcement_hook": "hook"});
    let child = Draft::new("1.1.0", &[3], 1).after(&[&parent]).with("invariants", vec![invariant]).with_file("app.js", "it");
    fs::create_dir(release.path().join("ancestors")).unwrap();
    release.write("ancestors/parent.json", &parent.signed(&[1, 2]));
    release.write("trust.json", &policy(&[1], 1, &json!({})));
    release.write("good.json", &child.signed(&[1, 2, 3, 4]));
    release.write("handed-over.json", &Draft::new("1.2.0", &[3], 1).after(&[&child]).signed(&[3]));
    release.write("ancestors/child.json", &child.signed(&[1, 2, 3]));
    release.write("lacking.json", &Draft::new("1.2.0", &[4], 1).after(&[&child]).signed(&[4]));
    release.write("text.json", "{\n  \"name\": ?");
    release.write("faults.json", &child.clone().with("name", 1).document.to_string());
    assert_eq!(release.sign(1, &["draft.json", "signed.json", "signer-1", "--audit-log", "audit.jsonl"]).status, Some(0));
    let log = fs::read_to_string(release.path().join("audit.jsonl")).unwrap();
    release.write("audit.jsonl", &format!("{log}{{"));
    let schema = Schema::of("verify-report");
    let names = ["good.json", "handed-over.json", "lacking.json", "text.json", "faults.json", "missing.json"];
    let all = [&["--format", "json", "--trust", "trust.json", "--lineage", "ancestors"], &names[..]].concat();
    let trusting = report(&release.verify(&all), 1);
    assert_eq!(trusting["genomes"][1]["genome"]["lineage"]["ancestors"], 1, "{trusting:#}");
    for pointer in
        ["/genomes/0/warnings/0", "/genomes/2/refusal/quorums/0", "/genomes/3/refusal/line", "/genomes/4/refusal/faults/0"]
    {
        assert!(trusting.pointer(pointer).is_some(), "{pointer}: {trusting:#}");
    }
    schema.assert_holds(&trusting, MAY_BE_ABSENT);
    let recorded = report(&release.verify(&["--format", "json", "--audit-log", "audit.jsonl", "signed.json"]), 0);
    assert!(recorded["audit_logs"][0]["warnings"][0]["line"].is_u64(), "{recorded:#}");
    schema.assert_holds(&recorded, MAY_BE_ABSENT);
}

#[test]
fn of_proposals() {
    let repository = Repository::proposed(&old(), &new());
    let schema = Schema::of("verify-report");
    let verify = |status| report(&repository.verify(&["--format", "json"]), status);
    let accepted = verify(0);
    assert_eq!(accepted["proposals"][0]["proposal"]["number"], "0001", "{accepted:#}");
    schema.assert_holds(&accepted, MAY_BE_ABSENT);
    repository.0.write(PROBES, r#"{"must_allow": ["memory_erase"], "must_deny": []}"#);
    let refused = verify(1);
    assert!(refused["proposals"][0]["refusal"]["faults"][0].is_object(), "{refused:#}");
    schema.assert_holds(&refused, MAY_BE_ABSENT);
}

#[test]
fn of_comparisons() {
    let release = Release::new(1, 1);
    let (old, new) = (old(), new());
    release.write("old.json", &old.signed(&[1]));
    release.write("new.json", &new.document.to_string());
    let diff = |arguments: &[&str]| run(program("genome-diff", release.path()).args(["--format", "json"]).args(arguments));
    let schema = Schema::of("diff-report");
    let differs = report(&diff(&["old.json", "new.json"]), 1);
    assert!(differs["changes"][0].is_object() && differs["demands"][3]["quorum"].is_object(), "{differs:#}");
    schema.assert_holds(&differs, MAY_BE_ABSENT);
    let same = report(&diff(&["old.json", "old.json"]), 0);
    assert_eq!(same["rightful"], Value::Null);
    schema.assert_holds(&same, MAY_BE_ABSENT);
}
