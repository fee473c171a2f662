//! A policy with required approvals: a genome that gives more away is trusted by `genome-verify` and served by `genome-server` only if as
//! many of its parent's signers have signed it as the policy asks for.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "the helpers of a test stop where it fails")]

use genome_test_support::server::Server;
use genome_test_support::{Draft, Ran, Release, fingerprint, policy, run};
use serde_json::{Value, json};
use std::fs;

fn root() -> Draft {
    Draft::new("1.0.0", &[1, 2, 3], 2)
}

/// The next version of the root, which allows another action besides.
fn wider() -> Draft {
    let capability =
        json!({"cap_id": "CAP", "risk_class": "B", "allow_actions": ["memory_search", "memory_erase"], "deny_actions": []});
    Draft::new("1.1.0", &[1, 2, 3], 2).with("capabilities", vec![capability]).after(&[&root()])
}

/// The root, two of whose three signers have signed it, and `trust.json`, which pins it by its id and has all of them sign what gives
/// more away.
fn release() -> Release {
    let release = Release::new(1, 1);
    for directory in ["etc", "old"] {
        fs::create_dir(release.path().join(directory)).unwrap();
    }
    release.write("old/root.json", &root().signed(&[1, 2]));
    let quorum = json!({"widening": "all", "weakening": "all", "narrowing": 1});
    release.write("trust.json", &policy(&[1, 2, 3], 2, &json!({"genome_ids": [root().id()], "quorum": quorum})));
    release
}

fn verify(release: &Release, format: &str) -> Ran {
    release.verify(&["--trust", "trust.json", "--format", format, "etc/genome.json"])
}

fn assert_served(release: &Release, trust: &str, action: &str) {
    let ran = verify(release, "json");
    assert_eq!((ran.status, &ran.report()["genome"]["trust"]), (Some(0), &trust.into()), "{ran:?}");
    let server = Server::start(&mut release.serving(&[]));
    assert_eq!(server.decide(action)["decision"], "allow");
    server.stop();
}

/// The line of a server that does not start.
fn boot(release: &Release) -> Value {
    let ran = run(&mut release.serving(&[]));
    assert_eq!((ran.status, ran.stderr.lines().count()), (Some(1), 1), "{ran:?}");
    serde_json::from_str(&ran.stderr).unwrap()
}

#[test]
fn a_widening_takes_all() {
    let release = release();
    release.write("etc/genome.json", &wider().signed(&[1, 2]));
    assert_eq!(verify(&release, "json").codes(), ["GENOME_LINEAGE_BROKEN", "GENOME_UNTRUSTED"]);
    let signers = |numbers: &[u8]| -> Vec<Value> {
        numbers.iter().map(|&n| json!({"key_id": format!("signer-{n}"), "fingerprint": fingerprint(n)})).collect()
    };
    let report = verify(&release, "json").report();
    let quorum = json!({
        "whose": "parent", "parent": root().id(), "threshold": 3, "because": "widening", "missing": 1,
        "signed": signers(&[1, 2]), "may_sign": signers(&[3]), "revoked": []
    });
    assert_eq!(report["refusal"]["quorums"], json!([quorum]));
    assert_eq!(report["further_refusals"][0]["quorums"][0]["because"], "pinned");
    let third = format!("as the trust policy requires 3 for a widening: `signer-3` ({})", fingerprint(3));
    for format in ["human", "json", "github"] {
        let ran = verify(&release, format);
        assert!(format!("{}{}", ran.stdout, ran.stderr).contains(&third), "{format}: {ran:?}");
    }
    let line = boot(&release);
    assert_eq!(line["code"], "GENOME_LINEAGE_BROKEN", "{line}");
    assert!(line["hint"].as_str().is_some_and(|hint| hint.contains(&third)), "{line}");

    release.write("etc/genome.json", &wider().signed(&[1, 2, 3]));
    assert_served(&release, "pinned", "memory_erase");
    // Two are enough for what gives nothing away, after the widening as before it.
    for before in [root(), wider()] {
        release.write("old/parent.json", &before.signed(&[1, 2, 3]));
        let next = before.clone().with("version", "1.2.0").after(&[&before]);
        release.write("etc/genome.json", &next.signed(&[1, 2]));
        assert_served(&release, "lineage", "memory_search");
    }
    // But not if the widening has two itself.
    release.write("old/parent.json", &wider().signed(&[1, 2]));
    assert_eq!(verify(&release, "json").codes(), ["GENOME_LINEAGE_BROKEN", "GENOME_UNTRUSTED"]);
    let line = boot(&release);
    assert!(line["file"].as_str().is_some_and(|file| file.ends_with("/old/parent.json")), "{line}");
}

/// Whoever has the policy's threshold of keys must not get round its required approvals with a genome that has no parents.
#[test]
fn a_root_takes_what_is_strictest() {
    let release = release();
    let another = wider().with("parents", json!([]));
    release.write("etc/genome.json", &another.signed(&[1, 2]));
    let ran = verify(&release, "human");
    assert_eq!(ran.status, Some(1), "{ran:?}");
    let asked = "2 of the 3 signatures required by the trust policy for a genome that is trusted without its parents, by ";
    let (listed, third) = ("; or if the policy listed its genome id in `genome_ids`; ", fingerprint(3));
    let hint = format!("\n  help: it would be trusted if 1 more of these signed: `signer-3` ({third}){listed}");
    assert!(ran.stderr.contains(asked) && ran.stderr.contains(&hint), "{}", ran.stderr);
    assert_eq!(boot(&release)["code"], "GENOME_UNTRUSTED");
    release.write("etc/genome.json", &another.signed(&[1, 2, 3]));
    assert_eq!(verify(&release, "json").report()["genome"]["trust"], "pinned");
    // No number of signatures is enough where more are asked for than there are signers.
    release.write("trust.json", &policy(&[1, 2, 3], 2, &json!({"quorum": {"widening": 5}})));
    let ran = verify(&release, "human");
    assert_eq!(ran.status, Some(1), "{ran:?}");
    assert!(ran.stderr.contains("and there are only 3; it would be trusted if the policy listed its genome id"), "{}", ran.stderr);
}
