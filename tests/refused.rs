//! What is refused, for whatever reason, is neither remembered nor called accepted.

#![expect(clippy::unwrap_used, reason = "the helpers of a test stop where it fails")]

use genome::PrivateKey;
use genome_tests::{Draft, Release, assert_ran, file, fingerprint, names, policy, repository, signer, test_key};
use serde_json::{Value, json};
use std::fs;

type Spoil = (&'static str, &'static [&'static str], fn(&Release));

/// Every kind of refusal: its code, the arguments that ask for the check, and what is done to a deployment that was in order.
const REFUSALS: [Spoil; 21] = [
    ("GENOME_INVALID_JSON", &[], |r| r.deploy("etc/genome.json", "{")),
    ("GENOME_INVALID_SCHEMA", &[], |r| r.deploy("etc/genome.json", "{}")),
    ("GENOME_SECRET_EXPOSED", &[], |r| r.deploy("etc/genome.json", &Release::draft().with("name", test_key()).signed(&[1]))),
    ("GENOME_UNSIGNED", &[], |r| r.deploy("etc/genome.json", &Release::draft().document.to_string())),
    ("GENOME_INVALID_SIGNATURE", &[], |r| {
        r.deploy("etc/genome.json", &Release::draft().signed(&[1]).replace("memory_search", "memory_erase"));
    }),
    ("GENOME_INSUFFICIENT_SIGNATURES", &[], |r| r.deploy("etc/genome.json", &Release::draft().signed(&[2]))),
    ("GENOME_LEGACY_SIGNATURE", &[], |r| {
        let vector = fs::read_to_string(repository().join("tests/vectors/hostile/legacy-signature")).unwrap();
        r.deploy("etc/genome.json", vector.split_once("\n\n").unwrap().1);
    }),
    ("GENOME_TEST_KEY", &["--production"], |r| {
        let key = PrivateKey::from_text(&test_key(), None).unwrap().public_key().to_string();
        let published = json!({"key_id": "published", "alg": "ed25519", "public_key": key});
        let authority = json!({"signers": [signer(1), published], "threshold": 1});
        r.deploy("etc/genome.json", &Release::draft().with("authority", authority).signed(&[1]));
    }),
    ("GENOME_UNTRUSTED", &[], |r| r.deploy("trust.json", &policy(&[2], 1, &json!({})))),
    ("GENOME_UNTRUSTED", &["--production"], |r| r.set_mode("etc/genome.json", 0o666)),
    ("GENOME_UNTRUSTED", &["--production"], |r| r.set_mode("etc", 0o777)),
    ("GENOME_INVALID_SCHEMA", &[], |r| r.deploy("trust.json", "{}")),
    ("GENOME_REVOKED_KEY", &[], |r| {
        r.deploy("trust.json", &policy(&[1], 1, &json!({"revoked": [fingerprint(1)]})));
    }),
    ("GENOME_STALE", &[], |r| r.deploy("trust.json", &policy(&[1], 1, &json!({"maximum_age_days": 1})))),
    ("GENOME_NOT_YET_VALID", &["--production"], |r| {
        r.deploy("etc/genome.json", &Release::draft().with("created_at", "9000-01-01T00:00:00Z").signed(&[1]));
    }),
    ("GENOME_ROLLBACK", &[], |r| r.deploy("trust.json", &policy(&[1], 1, &json!({"minimum_versions": {"TEST": "9.0.0"}})))),
    ("GENOME_LINEAGE_BROKEN", &["--lineage", "."], |r| {
        r.deploy("etc/genome.json", &Release::draft().after(&[&Draft::new("1.1.0", &[1], 1)]).signed(&[1]));
    }),
    ("GENOME_MANIFEST_MISMATCH", &["--verify-manifest"], |r| r.deploy("app.js", "changed")),
    ("GENOME_MANIFEST_MISMATCH", &["--production"], |r| fs::remove_file(r.path().join("empty")).unwrap()),
    ("GENOME_MISSING", &[], |r| fs::remove_file(r.path().join("etc/genome.json")).unwrap()),
    ("GENOME_MISSING", &[], |r| fs::remove_file(r.path().join("trust.json")).unwrap()),
];

/// CVE-2020-15163: what is persisted before it is verified is believed the next time. CVE-2022-35929: what is printed before every
/// check has passed is taken for a yes.
#[test]
fn what_is_refused_is_neither_remembered_nor_called_accepted() {
    for (code, arguments, spoil) in REFUSALS {
        for has_state in [false, true] {
            let release = Release::deployed();
            if has_state {
                release.deploy("old.json", &Draft::new("1.0.0", &[1], 1).signed(&[1]));
                assert_ran(&release.verify(&["--state", "state.json", "old.json"]), 0, "there was no state");
            }
            spoil(&release);
            let before = (file(release.path(), "state.json"), names(release.path()));
            for shown in
                [["--format", "human"], ["--format", "json"], ["--format", "github"], ["--print", "id"], ["--print", "canonical"]]
            {
                let all = [&["--trust", "trust.json", "--state", "state.json", "etc/genome.json"], arguments, &shown[..]].concat();
                let ran = release.verify(&all);
                let status = if code == "GENOME_MISSING" { 2 } else { 1 };
                assert_eq!(ran.status, Some(status), "{code} {shown:?}: {ran:?}");
                assert!(ran.stdout.contains(code) || ran.stderr.contains(code), "{code} {shown:?}: {ran:?}");
                assert_eq!((file(release.path(), "state.json"), names(release.path())), before, "{code} {shown:?}");
                let says_yes =
                    |line: &str| line.starts_with("accepted") || line.contains("accepted:") || line.contains("genome id ");
                assert_eq!(ran.stdout.lines().find(|line| says_yes(line)), None, "{code} {shown:?}");
                match shown {
                    ["--print", _] => assert_eq!(ran.stdout, "", "{code}"),
                    [_, "json"] => {
                        let report = ran.report();
                        let verdict = if status == 1 { "refused" } else { "undecided" };
                        assert_eq!((&report["verdict"], &report["genome"]), (&verdict.into(), &Value::Null), "{code}");
                    }
                    _ => {}
                }
            }
        }
    }
}
