//! `genome-diff` says whether a genome is a valid successor of another, and what is missing.

#![expect(clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use genome_test_support::{Draft, Ran, authority, fingerprint, policy, program, run};
use serde_json::{Value, json};
use std::fs;

/// Has two of two signed, and asks for both.
fn parent() -> Draft {
    Draft::new("1.2.0", &[1, 2], 2)
}

/// A child of it that allows more, with a version that fits.
fn child() -> Draft {
    let capability = json!({"cap_id": "CAP", "risk_class": "B", "allow_actions": ["memory_search", "send"], "deny_actions": []});
    neutral("1.3.0").with("capabilities", json!([capability]))
}

/// A child of it that is neither more nor less.
fn neutral(version: &str) -> Draft {
    parent().after(&[&parent()]).with("version", version).with("created_at", "2020-02-01T00:00:00Z")
}

fn compare(old: &str, new: &str, arguments: &[&str]) -> Ran {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("old.json"), old).unwrap();
    fs::write(directory.path().join("new.json"), new).unwrap();
    fs::write(directory.path().join("policy.json"), policy(&[1, 2, 3], 1, &json!({"revoked": [fingerprint(2)]}))).unwrap();
    run(program("genome-diff", directory.path()).args(arguments).args(["old.json", "new.json"]))
}

fn report(old: &str, new: &str, arguments: &[&str]) -> Value {
    serde_json::from_str(&compare(old, new, &[arguments, &["--format", "json"]].concat()).stdout).unwrap()
}

/// What is asked of the step and is not so: its kind, what is said of it and what to do.
fn unmet(report: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let demands = report["demands"].as_array().unwrap();
    assert!(demands.iter().all(|demand| demand["met"] == demand["hint"].is_null()), "{report}");
    let unmet: Vec<&Value> = demands.iter().filter(|demand| demand["met"] == false).collect();
    assert_eq!(report["rightful"], unmet.is_empty(), "{report}");
    unmet.iter().map(|demand| ["demand", "message", "hint"].map(|field| text(&demand[field])).join(" | ")).collect()
}

#[track_caller]
fn assert_unmet(old: &str, new: &Draft, by: &[u8], expected: &[&str]) {
    let found = unmet(&report(old, &new.signed(by), &[]));
    let starts = |(found, expected): (&String, &&str)| found.starts_with(*expected);
    assert!(found.len() == expected.len() && found.iter().zip(expected).all(starts), "expected {expected:#?} in {found:#?}");
}

#[test]
fn a_valid_successor() {
    let ran = compare(&parent().signed(&[1, 2]), &child().signed(&[2, 1]), &[]);
    let id = parent().id();
    let [one, two] = [1, 2].map(fingerprint);
    let expected = format!(
        "a valid successor:\n  ok  `parents` names `TEST` 1.2.0 ({id})\n  ok  it is not older than its parent: 2020-01-31T00:00:00Z -> 2020-02-01T00:00:00Z\n  \
         ok  the version goes up by a step that fits the change (minor): 1.2.0 -> 1.3.0\n  \
         ok  its parent: 2 of the 2 signatures required, by `signer-1` ({one}) and `signer-2` ({two})\n  \
         ok  itself: 2 of the 2 signatures required, by `signer-1` ({one}) and `signer-2` ({two})\n  \
         ok  2 of the 2 signatures required by the authority of its parent `TEST` 1.2.0 ({id}), by `signer-1` ({one}) and `signer-2` ({two})\n"
    );
    assert!(ran.stdout.ends_with(&expected), "expected {expected} in {}", ran.stdout);
    // The order of its parents makes no difference, nor does another one.
    let merged = child().with("parents", vec!["ab".repeat(32), id]);
    assert_unmet(&parent().signed(&[1, 2]), &merged, &[1, 2], &[]);
}

#[test]
fn each_demand_unmet() {
    let old = parent().signed(&[1, 2]);
    let stranger = parent().with("name", "STRANGER");
    assert_unmet(&old, &child().after(&[]), &[1, 2], &["parent | `parents` does not name `TEST` 1.2.0 ("]);
    assert_unmet(&old, &child().after(&[&stranger]), &[1, 2], &["parent | `parents` does not name `TEST` 1.2.0 ("]);
    // One second, and in another zone.
    let older = child().with("created_at", "2020-01-31T01:59:59+02:00");
    let said = "date | it is older than its parent: 2020-01-31T00:00:00Z -> 2020-01-31T01:59:59+02:00 | draft it anew";
    assert_unmet(&old, &older, &[1, 2], &[said]);
    assert_unmet(&old, &child().with("created_at", "2020-01-31T02:00:00+02:00"), &[1, 2], &[]);
    let said = "version | the version goes up by a patch, 1.2.0 -> 1.2.1, and a widening is more | draft it anew with a version";
    assert_unmet(&old, &child().with("version", "1.2.1"), &[1, 2], &[said]);
    for version in ["1.2.0", "1.2.0+build", "1.2.0-rc.1", "1.1.9", "0.9.0"] {
        let said = format!("version | the version is not higher: 1.2.0 -> {version} | ");
        assert_unmet(&old, &child().with("version", version), &[1, 2], &[&said]);
    }
    assert_unmet(&parent().signed(&[2]), &child(), &[1, 2], &["parent_signatures | its parent: 1 of the 2 signatures required"]);
}

#[test]
fn a_version_that_fits() {
    let old = parent().signed(&[1, 2]);
    let held = json!([{"id": "I", "severity": "HIGH", "testable_claim": "c", "enforcement_hook": "h"}]);
    // Neither more nor less, or more that guards it: a patch will do.
    assert_unmet(&old, &neutral("1.2.1"), &[1, 2], &[]);
    assert_unmet(&old, &neutral("1.2.1").with("invariants", held.clone()), &[1, 2], &[]);
    // What is taken away may be needed.
    let patch = |class: &str| format!("version | the version goes up by a patch, 1.2.0 -> 1.2.1, and a {class} is more | ");
    assert_unmet(&old, &neutral("1.2.1").with("capabilities", json!([])), &[1, 2], &[&patch("narrowing")]);
    assert_unmet(&old, &neutral("1.3.0").with("capabilities", json!([])), &[1, 2], &[]);
    assert_unmet(&old, &neutral("1.2.1").with("authority", authority(&[1, 2], 1)), &[1, 2], &[&patch("weakening")]);
    assert_unmet(&old, &neutral("2.0.0-rc.1").with("authority", authority(&[1, 2], 1)), &[1, 2], &[]);
    // The gravest is named.
    assert_unmet(&old, &child().with("version", "1.2.1").with("authority", authority(&[1, 2], 1)), &[1, 2], &[&patch("widening")]);
    // Another name has versions of its own.
    assert_unmet(&old, &child().with("name", "OTHER").with("version", "0.1.0"), &[1, 2], &[]);
}

#[test]
fn who_has_yet_to_sign() {
    let old = parent().signed(&[1, 2]);
    let (id, [one, two, three]) = (parent().id(), [1, 2, 3].map(fingerprint));
    let parents = |signed: &str, missing: &str| {
        format!(
            "signatures_of_parent | {signed} of its parent `TEST` 1.2.0 ({id}){missing} of the authority of its parent `TEST` 1.2.0 ({id}) must sign with genome-sign, with --parent FILE where it does not find that parent: "
        )
    };
    // A draft: nobody yet.
    let own = format!(
        "own_signatures | itself: 0 of the 2 signatures required | 2 must sign with genome-sign: `signer-1` ({one}) or `signer-2` ({two})"
    );
    let expected = [own, parents("0 of the 2 signatures required by the authority", " | 2")];
    let unsigned = report(&old, &child().document.to_string(), &[]);
    let found = unmet(&unsigned);
    assert!(found.len() == 2 && found[0] == expected[0] && found[1].starts_with(&expected[1]), "{found:#?}");
    // One signature that is there is named, and only the other is asked for.
    let found = unmet(&report(&old, &child().signed(&[2]), &[]));
    assert!(found.len() == 2 && found[0].ends_with(&format!("genome-sign: `signer-1` ({one})")), "{found:#?}");
    assert!(found[1].ends_with(&format!("where it does not find that parent: `signer-1` ({one})")), "{found:#?}");

    // The keys are replaced: both quorums are needed, and neither stands for the other.
    let rotated = child().with("authority", authority(&[3], 1));
    assert_unmet(&old, &rotated, &[1, 2, 3], &[]);
    let own =
        format!("own_signatures | itself: 0 of the 1 signatures required | 1 must sign with genome-sign: `signer-3` ({three})");
    assert_unmet(&old, &rotated, &[1, 2], &[&own]);
    assert_unmet(&old, &rotated, &[3], &[&parents("0 of the 2 signatures required by the authority", " | 2")]);
    let one_of_two = format!("1 of the 2 signatures required, by `signer-1` ({one})");
    let found = unmet(&report(&old, &rotated.signed(&[3, 1]), &[]));
    assert!(
        found.len() == 1 && found[0].ends_with(&format!("where it does not find that parent: `signer-2` ({two})")),
        "{one_of_two}: {found:#?}"
    );

    // For programs: who signed, who may, and how many are missing.
    let quorum = &unsigned["demands"][5]["quorum"];
    assert_eq!((&quorum["whose"], &quorum["parent"]), (&"parent".into(), &id.into()));
    assert_eq!((&quorum["threshold"], &quorum["missing"], &quorum["signed"]), (&2.into(), &2.into(), &json!([])));
    let signer = |number: u8, print: &str| json!({"key_id": format!("signer-{number}"), "fingerprint": print});
    assert_eq!(quorum["may_sign"], json!([signer(1, &one), signer(2, &two)]));
}

#[test]
fn signatures_that_do_not_verify() {
    let old = parent().signed(&[1, 2]);
    // Signed, and then changed.
    let changed = child().signed(&[1, 2]).replace("\"send\"", "\"fly\"");
    let found = unmet(&report(&old, &changed, &[]));
    assert!(found.len() == 1 && found[0].starts_with("own_signatures | itself: the signature of `signer-1` "), "{found:#?}");
    // The same of the parent, whose id the child names.
    let found =
        unmet(&report(&parent().with("name", "X").signed(&[1, 2]).replace("\"X\"", "\"TEST\""), &child().signed(&[1, 2]), &[]));
    assert!(found.len() == 1 && found[0].starts_with("parent_signatures | its parent: the signature of `signer-1` "), "{found:#?}");
    // One by a key that only the parent knows: enough have signed besides.
    let rotated = child().with("authority", authority(&[3], 1));
    let (good, other) = (rotated.signed(&[3, 1, 2]), rotated.clone().with("name", "X").signed(&[3, 1, 2]));
    let signature = |genome: &str, index: usize| {
        let genome: Value = serde_json::from_str(genome).unwrap();
        genome["signatures"][index]["sig_base64"].as_str().unwrap().to_owned()
    };
    let bad = good.replace(&signature(&good, 1), &signature(&other, 1));
    let found = unmet(&report(&old, &bad, &[]));
    assert!(found.len() == 1 && found[0].starts_with("signatures_of_parent | the signature of `signer-1` "), "{found:#?}");
    // One key twice is one.
    let doubled = good.replace(&signature(&good, 2), &signature(&good, 1));
    assert_eq!(unmet(&report(&old, &doubled, &[])).len(), 1);
}

#[test]
fn revoked_keys_do_not_count() {
    let (old, new) = (parent().signed(&[1, 2]), child().signed(&[1, 2]));
    assert!(unmet(&report(&old, &new, &[])).is_empty());
    let kinds = |report: &Value| unmet(report).iter().map(|line| line.split(" | ").next().unwrap().to_owned()).collect::<Vec<_>>();
    let expected = ["parent_signatures", "own_signatures", "signatures_of_parent"];
    assert_eq!(kinds(&report(&old, &new, &["--trust", "policy.json"])), expected);
}

#[test]
fn what_the_policy_asks_for_such_a_change_is_counted() {
    let directory = tempfile::tempdir().unwrap();
    let old = Draft::new("1.2.0", &[1, 2, 3], 2);
    let capability = json!({"cap_id": "CAP", "risk_class": "B", "allow_actions": ["memory_search", "send"], "deny_actions": []});
    let new = Draft::new("1.3.0", &[1, 2, 3], 2).after(&[&old]).with("capabilities", json!([capability]));
    fs::write(directory.path().join("old.json"), old.signed(&[1, 2])).unwrap();
    let quorum = json!({"quorum": {"widening": "all"}});
    fs::write(directory.path().join("policy.json"), policy(&[1, 2, 3], 2, &quorum)).unwrap();
    let asked = |by: &[u8], arguments: &[&str]| -> Value {
        fs::write(directory.path().join("new.json"), new.signed(by)).unwrap();
        let mut diff = program("genome-diff", directory.path());
        let ran = run(diff.args(arguments).args(["--format", "json", "old.json", "new.json"]));
        serde_json::from_str(&ran.stdout).unwrap()
    };
    assert_eq!(asked(&[1, 2], &[])["rightful"], true);
    let report = asked(&[1, 2], &["--trust", "policy.json"]);
    let [missing] = unmet(&report).try_into().unwrap();
    assert!(missing.contains("2 of the 3 signatures required by the authority of its parent"), "{missing}");
    assert!(missing.contains("as the trust policy requires 3 for a widening: `signer-3`"), "{missing}");
    let quorums: Vec<&Value> = report["demands"].as_array().unwrap().iter().map(|demand| &demand["quorum"]["because"]).collect();
    assert_eq!(quorums.last(), Some(&&"widening".into()));
    assert_eq!(asked(&[1, 2, 3], &["--trust", "policy.json"])["rightful"], true);
}

#[test]
fn it_is_said_in_each_form_and_decides_no_exit_status() {
    let (old, new) = (parent().signed(&[1, 2]), neutral("1.1.0").document.to_string());
    for (format, said) in [
        ("human", "\nnot a valid successor (yet):\n"),
        ("markdown", "\n**not a valid successor (yet)**\n\n- [x] `` `parents` names `TEST` 1.2.0 ("),
        (
            "markdown",
            "\n- [ ] `the version is not higher: 1.2.0 -> 1.1.0`: `draft it anew with a version that fits, with genome-draft --bump`\n",
        ),
        ("github", "::warning file=new.json::the version is not higher: 1.2.0 -> 1.1.0 (help: draft it anew "),
        ("github", "; not a valid successor (yet) "),
    ] {
        let ran = compare(&old, &new, &["--format", format, "--fail-on", "widening"]);
        assert_eq!(ran.status, Some(0), "{ran:?}");
        assert!(ran.stdout.contains(said), "expected `{said}` in {}", ran.stdout);
    }
    let ran = compare(&old, &neutral("1.2.1").signed(&[1, 2]), &["--format", "github"]);
    assert!(
        ran.stdout.starts_with("::notice file=new.json::3 neutral; a valid successor (compared with the genome before)\n"),
        "{}",
        ran.stdout
    );
    assert!(!ran.stdout.contains("::warning"), "{}", ran.stdout);
}
