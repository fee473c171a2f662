//! What `genome trust show` prints can be parsed back, also where a stranger wrote the policy.

use super::{keys, listed, trust};
use genome_test_support::printed::Schema;
use genome_test_support::quoted::{Line, Unexpected};
use genome_test_support::{Ran, fingerprint, key, openssh_line, policy, signer};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Names that a stranger chose, all of which the schema takes.
const HOSTILE: [&str; 6] = [
    "TEST` 9.9.9\u{301}",
    "A  lowest         `B` 1.0.0",
    "##vso[task.complete]",
    "back\\slash\\u{60}",
    "e\u{301}",
    "a` (SHA256:x), revoked",
];

/// Reads a listing back into the policy, the public keys as fingerprints.
fn parsed(lines: &[&str]) -> Result<Value, Unexpected> {
    let mut policy = Map::new();
    let push = |policy: &mut Map<String, Value>, name: &str, value: Value| {
        let list = policy.entry(name).or_insert_with(|| json!([]));
        list.as_array_mut().into_iter().for_each(|list| list.push(value.clone()));
    };
    for line in lines {
        let mut line = Line(line);
        line.word("  ")?;
        if line.accepts("signer         ") {
            let key_id = line.quoted()?;
            line.word(" (")?;
            let fingerprint = line.until(")")?.to_owned();
            let revoked = line.accepts(", revoked");
            push(&mut policy, "signers", json!([key_id, fingerprint, revoked]));
        } else if line.accepts("threshold      ") {
            policy.insert("threshold".into(), line.until(" of ")?.into());
            line.until(" must sign")?;
        } else if line.accepts("required       ") {
            line.until(" must sign a genome that is trusted without its parents")?;
        } else if line.accepts("quorum         ") {
            let class = line.until(" ")?;
            push(&mut policy, "quorum", json!([class, line.0]));
            line = Line("");
        } else if line.accepts("genome id      ") {
            push(&mut policy, "genome_ids", line.0.into());
            line = Line("");
        } else if line.accepts("lowest         ") {
            let name = line.quoted()?;
            line.word(" ")?;
            push(&mut policy, "minimum_versions", json!([name, line.0]));
            line = Line("");
        } else if line.accepts("age            at most ") {
            policy.insert("maximum_age_days".into(), line.until(" days")?.into());
        } else {
            line.word("revoked        ")?;
            push(&mut policy, "revoked", line.0.into());
            line = Line("");
        }
        line.end()?;
    }
    Ok(Value::Object(policy))
}

fn hostile() -> (String, Value) {
    let versions: BTreeMap<&str, String> =
        HOSTILE.iter().zip(0..).map(|(name, number)| (*name, format!("1.{number}.0-rc.1+b"))).collect();
    let id = "a1".repeat(32);
    let more = json!({
        "minimum_versions": versions, "genome_ids": [id], "maximum_age_days": 30, "revoked": [fingerprint(2), fingerprint(9)],
        "quorum": {"widening": "all", "narrowing": 3}
    });
    let mut revoked = [fingerprint(2), fingerprint(9)];
    revoked.sort();
    let expected = json!({
        "signers": [["signer-1", fingerprint(1), false], ["signer-2", fingerprint(2), true], ["signer-3", fingerprint(3), false]],
        "threshold": "2", "quorum": [["widening", "all"], ["narrowing", "3"]], "genome_ids": [id],
        "minimum_versions": versions.iter().map(|(name, version)| json!([name, version])).collect::<Vec<_>>(),
        "maximum_age_days": "30", "revoked": revoked
    });
    (policy(&[1, 2, 3], 2, &more), expected)
}

#[test]
fn each_line_says_what_the_file_does() {
    let release = keys();
    let (text, expected) = hostile();
    release.write("trust.json", &text);
    let ran = trust(&release, &["show", "trust.json"]);
    // Three must sign, and one of the three is revoked.
    assert_eq!((ran.status, ran.stderr.starts_with("warning: the policy could not be met")), (Some(0), true), "{ran:?}");
    assert!(ran.stdout.starts_with("trust policy trust.json (trust.v0.1)\n"), "{ran:?}");
    assert_eq!(ran.stdout.lines().count(), 1 + listed(&ran.stdout, "trust policy").len(), "{ran:?}");
    assert_eq!(parsed(&listed(&ran.stdout, "trust policy")).unwrap(), expected, "{ran:?}");
    assert!(!ran.stdout.contains("##vso"), "{ran:?}");
    // A change shows the same lines, but for what it changes.
    let ran = trust(&release, &["raise", "trust.json", HOSTILE[0], "2.0.0"]);
    let lines = listed(&ran.stderr, "trusted by");
    let mut changed = expected;
    changed["minimum_versions"].as_array_mut().unwrap().iter_mut().filter(|pair| pair[0] == HOSTILE[0]).for_each(|pair| {
        pair[1] = "2.0.0".into();
    });
    assert_eq!(parsed(&lines).unwrap(), changed, "{ran:?}");
    // A path that passes for words of ours is quoted.
    release.write("a (trust.v0.1)\nb", &text);
    let ran = trust(&release, &["show", "a (trust.v0.1)\nb"]);
    assert!(ran.stdout.starts_with("trust policy `a (trust.v0.1)\\u{a}b` (trust.v0.1)\n"), "{ran:?}");
}

fn report(ran: &Ran) -> Value {
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""), "{ran:?}");
    serde_json::from_str(&ran.stdout).unwrap()
}

#[test]
fn as_json_it_is_what_its_schema_says() {
    let release = keys();
    let schema = Schema::of("trust-report");
    let (text, _) = hostile();
    release.write("trust.json", &text);
    let shown = report(&trust(&release, &["show", "trust.json", "--format", "json"]));
    schema.assert_holds(&shown, &["line", "column"]);
    assert_eq!(shown["signers"][1]["revoked"], true);
    assert_eq!((&shown["can_be_met"], &shown["warnings"][0]["file"]), (&json!(false), &json!("trust.json")));
    assert_eq!((&shown["quorum"][0]["approvals"], &shown["quorum"][1]["approvals"]), (&json!("all"), &json!(3)));
    let named: Vec<&Value> = shown["minimum_versions"].as_array().unwrap().iter().map(|minimum| &minimum["name"]).collect();
    for name in HOSTILE {
        assert!(named.contains(&&json!(name)), "{name}: {shown:#}");
    }
    for (text, form) in [
        (signer(1).to_string(), "signer"),
        (json!({"signers": [signer(1)], "threshold": 1}).to_string(), "authority"),
        (format!("{} a b\n", openssh_line(&key(1).public_key())), "public-keys"),
        (json!({"schema_version": "trust.v0.1", "genome_ids": ["0".repeat(64)]}).to_string(), "trust.v0.1"),
    ] {
        release.write("trust.json", &text);
        let shown = report(&trust(&release, &["show", "trust.json", "--format", "json"]));
        schema.assert_holds(&shown, &["line", "column"]);
        assert_eq!(shown["form"], form);
        assert_eq!(shown["can_be_met"], true);
    }
}
