//! The trust that `genome-verify` decides: the policy, where it comes from, and what is said of it.

#![expect(clippy::indexing_slicing, reason = "the helpers of a test stop where it fails")]

use genome_test_support::{Draft, Ran, Release, authority, fingerprint, policy, program, run, signer};
use serde_json::{Value, json};
use std::fs;

const FORMATS: [&str; 3] = ["human", "json", "github"];

/// A genome that signer 1 signed, as `genome.json`; policies that trust signer 1, `trust.json`, and signer 2, `other.json`.
fn release() -> Release {
    let release = Release::new(1, 1);
    release.write("genome.json", &Draft::new("1.0.0", &[1], 1).signed(&[1]));
    release.write("trust.json", &policy(&[1], 1, &json!({})));
    release.write("other.json", &policy(&[2], 1, &json!({})));
    release
}

/// Verifies `genome.json` under this policy, in a format.
fn under(release: &Release, policy: &str, format: &str) -> Ran {
    release.write("policy.json", policy);
    release.verify(&["--trust", "policy.json", "--format", format, "genome.json"])
}

/// The verdict of a run in JSON, its code and the trust.
fn verdict(ran: &Ran) -> (String, Value, Value) {
    let report = ran.report();
    (
        report["verdict"].as_str().unwrap_or_default().to_owned(),
        report["refusal"]["code"].clone(),
        report["genome"]["trust"].clone(),
    )
}

#[test]
fn three_forms_of_a_policy_say_the_same() {
    let release = release();
    for form in [signer(1).to_string(), authority(&[1], 1).to_string(), policy(&[1], 1, &json!({}))] {
        let ran = under(&release, &form, "human");
        assert_eq!(ran.status, Some(0), "{form}: {ran:?}");
        assert!(ran.stdout.contains("\n  ok  a trust policy is given and met\n"), "{}", ran.stdout);
        assert!(ran.stdout.contains("\n  trust       pinned: the trust policy's own keys signed it"), "{}", ran.stdout);
        assert_eq!(verdict(&under(&release, &form, "json")), ("accepted".to_owned(), Value::Null, "pinned".into()), "{form}");
        let refused = form
            .replace("signer-1", "signer-2")
            .replace(signer(1)["public_key"].as_str().unwrap_or_default(), signer(2)["public_key"].as_str().unwrap_or_default());
        assert_eq!(verdict(&under(&release, &refused, "json")).1, "GENOME_UNTRUSTED", "{refused}");
    }
    let pinned = json!({"schema_version": "trust.v0.1", "genome_ids": [Draft::new("1.0.0", &[1], 1).id()]}).to_string();
    assert_eq!(verdict(&under(&release, &pinned, "json")).2, "pinned");
    let another = json!({"schema_version": "trust.v0.1", "genome_ids": [Draft::new("1.0.1", &[1], 1).id()]}).to_string();
    assert_eq!(verdict(&under(&release, &another, "json")).1, "GENOME_UNTRUSTED");
}

#[test]
fn what_keygen_prints_is_a_policy() {
    let release = release();
    let made = run(program("genome-keygen", release.path()).arg("operator-1"));
    assert_eq!(made.status, Some(0));
    let object: Value = serde_json::from_str(&made.stdout).unwrap();
    let ran = under(&release, &made.stdout, "human");
    assert_eq!(ran.status, Some(1));
    assert!(ran.stderr.contains("it would be trusted if 1 more of these signed: `operator-1` (SHA256:"), "{}", ran.stderr);
    let key = genome::PrivateKey::from_text(&made.stderr, None).unwrap();
    assert!(ran.stderr.contains(&key.public_key().fingerprint().to_string()), "{}", ran.stderr);
    let mut draft = Draft::new("1.0.0", &[1], 1);
    draft.document["authority"]["signers"] = json!([object]);
    release.write("draft.json", &draft.document.to_string());
    let mut sign = program("genome-sign", release.path());
    let signed = run(sign.args(["draft.json", "genome.json", "--force"]).env("GENOME_SIGNING_PRIVATE_KEY", made.stderr.trim()));
    assert_eq!(signed.status, Some(0), "{}", signed.stderr);
    assert_eq!(under(&release, &made.stdout, "human").status, Some(0));
}

#[test]
fn the_flag_wins_over_the_variable() {
    let release = release();
    let with = |arguments: &[&str], variable: &str| {
        run(release.verifying(arguments).arg("genome.json").env("MATHISON_GENOME_TRUST", variable)).status
    };
    assert_eq!(with(&[], "trust.json"), Some(0));
    assert_eq!(with(&[], "other.json"), Some(1));
    assert_eq!(with(&["--trust", "trust.json"], "other.json"), Some(0));
    assert_eq!(with(&["--trust", "other.json"], "trust.json"), Some(1));
    assert_eq!(with(&["--trust", "trust.json"], "missing.json"), Some(0));
    assert_eq!(with(&["--trust", "trust.json"], ""), Some(0), "the variable is not looked at");
    assert_eq!(with(&[], ""), Some(2), "an empty variable must not mean that nobody is asked");
    assert_eq!(with(&["--trust", ""], "trust.json"), Some(2), "an empty path must not mean the variable");
    let ran = run(release.verifying(&["genome.json"]).env("MATHISON_GENOME_TRUST", ""));
    assert!(ran.stderr.contains("the path of the trust policy is empty") && !ran.stdout.contains("accepted"), "{ran:?}");
}

#[test]
fn a_policy_that_is_not_there_is_said_at_its_own_path() {
    let release = release();
    for (path, code) in [("nowhere/trust.json", "GENOME_MISSING"), (".", "GENOME_UNREADABLE")] {
        for (format, shown) in FORMATS.into_iter().zip([
            format!("error[{code}]"),
            format!("\"code\": \"{code}\""),
            format!("::error file={path},title={code}::"),
        ]) {
            let ran = release.verify(&["--trust", path, "--format", format, "genome.json"]);
            assert_eq!(ran.status, Some(2), "{format} {path}: {ran:?}");
            assert!(format!("{}{}", ran.stdout, ran.stderr).contains(&shown), "{format} {path}: {ran:?}");
        }
        let ran = release.verify(&["--trust", path, "genome.json"]);
        assert!(ran.stderr.contains(&format!("\n  --> {path}\n")), "{}", ran.stderr);
        assert!(
            ran.stdout
                .contains("undecided  genome.json\n  ok  the file can be read\n  --  strict JSON (RFC 7493) (not evaluated)\n"),
            "{}",
            ran.stdout
        );
        let report = release.verify(&["--trust", path, "--format", "json", "genome.json"]).report();
        assert_eq!((&report["path"], &report["refusal"]["file"]), (&"genome.json".into(), &path.into()));
    }
}

#[test]
fn every_fault_of_a_policy_is_said_at_once_in_every_format() {
    let release = release();
    let bad = json!({
        "schema_version": "trust.v0.2", "signers": [signer(1), signer(1)], "threshold": 3, "genome_ids": ["x"], "revoked": ["SHA256:x"],
        "minimum_versions": {"TEST": "1"}, "maximum_age_days": 0, "thresholds": 1
    });
    let pointers = [
        "/schema_version",
        "/signers/1",
        "/genome_ids/0",
        "/revoked/0",
        "/minimum_versions/TEST",
        "/maximum_age_days",
        "/thresholds",
    ];
    let [human, report, github] = FORMATS.map(|format| under(&release, &bad.to_string(), format));
    assert_eq!([human.status, report.status, github.status], [Some(1); 3], "{human:?}");
    assert!(human.stderr.contains("error[GENOME_INVALID_SCHEMA]") && human.stderr.contains("\n  --> policy.json\n"), "{human:?}");
    let refusal = &report.report()["refusal"];
    assert_eq!(refusal["file"], "policy.json");
    let faults = refusal["faults"].as_array().unwrap();
    for pointer in pointers {
        assert!(human.stderr.contains(&format!("\n  - {pointer}")), "{pointer}: {}", human.stderr);
        assert!(faults.iter().any(|fault| fault["pointer"].as_str().unwrap().starts_with(pointer)), "{pointer}: {faults:?}");
        let annotation = format!(",title=GENOME_INVALID_SCHEMA::{pointer}");
        assert!(github.stdout.contains(&annotation), "{pointer}: {}", github.stdout);
    }
    assert!(human.stderr.contains("did you mean `threshold`?"), "{}", human.stderr);

    let ran = under(&release, "{\n  \"signers\": [],\n  \"signers\": []\n}", "human");
    assert_eq!(ran.status, Some(1));
    assert!(ran.stderr.contains("error[GENOME_INVALID_JSON]") && ran.stderr.contains("  --> policy.json:3:3\n"), "{}", ran.stderr);
    for format in FORMATS {
        let ran = under(&release, &json!({"key_id": "me", "alg": "ed25519", "public_key": release.keys[0]}).to_string(), format);
        let shown = format!("{}{}", ran.stdout, ran.stderr);
        assert!(ran.status == Some(1) && shown.contains("GENOME_SECRET_EXPOSED"), "{format}: the status is {:?}", ran.status);
        assert!(!genome_json::holds_private_key(&shown), "{format}: a private key is shown");
    }
}

#[test]
fn without_a_policy_a_genome_vouches_for_itself() {
    let release = release();
    let ran = release.verify(&["genome.json"]);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    assert!(ran.stdout.contains("  trust       self-declared: only its own authority vouches for it"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("a trust policy is given"), "{}", ran.stdout);
    let report = release.verify(&["--format", "json", "genome.json"]).report();
    assert_eq!((&report["genome"]["trust"], &report["genome"]["lineage"]), (&"self-declared".into(), &Value::Null));
    let github = release.verify(&["--format", "github", "genome.json"]).stdout;
    assert!(
        github.contains("::notice file=genome.json::accepted: `TEST` 1.0.0, ") && github.contains("integrity, not auth"),
        "{github}"
    );
}

#[test]
fn who_would_have_to_sign_is_said_with_fingerprints() {
    let release = release();
    let strict = policy(&[2, 3, 4], 2, &json!({}));
    let [human, report, github] = FORMATS.map(|format| under(&release, &strict, format));
    let [second, third, fourth] = [2, 3, 4].map(fingerprint);
    let hint = format!("if 2 more of these signed: `signer-2` ({second}), `signer-3` ({third}) or `signer-4` ({fourth}); ");
    for ran in [&human, &report, &github] {
        assert_eq!(ran.status, Some(1), "{ran:?}");
        assert!(format!("{}{}", ran.stdout, ran.stderr).contains(&hint), "{ran:?}");
    }
    assert!(human.stdout.contains("\n  NO  a trust policy is given and met: GENOME_UNTRUSTED\n"), "{}", human.stdout);
    assert!(
        github.stdout.starts_with("::error file=genome.json,line=1,col=25,title=GENOME_UNTRUSTED::/authority/signers: "),
        "{}",
        github.stdout
    );
    let quorum = &report.report()["refusal"]["quorums"];
    let who: Vec<Value> = [2, 3, 4].map(|n| json!({"key_id": format!("signer-{n}"), "fingerprint": fingerprint(n)})).into();
    let expected = json!({"whose": "policy", "parent": null, "threshold": 2, "because": null, "missing": 2, "signed": [], "may_sign": who, "revoked": []});
    assert_eq!(*quorum, json!([expected]));
    for what in ["id", "canonical"] {
        let ran = release.verify(&["--trust", "other.json", "--print", what, "genome.json"]);
        assert_eq!((ran.status, ran.stdout.as_str()), (Some(1), ""), "nothing is printed of what is not trusted");
        assert!(ran.stderr.starts_with("error[GENOME_UNTRUSTED]"), "{}", ran.stderr);
    }
}

#[test]
fn a_key_under_another_name_is_an_alarm() {
    let release = release();
    let (ours, theirs) = (fingerprint(1), fingerprint(2));
    // The id of signer 1 with the key of signer 2.
    let mut swapped = signer(2);
    swapped["key_id"] = "signer-1".into();
    let ran = under(&release, &swapped.to_string(), "human");
    // A signature under a name that the policy gives to another key is still the genome's own signer's, and is not the policy's.
    assert_eq!(ran.status, Some(1), "{ran:?}");
    assert!(ran.stderr.contains("error[GENOME_UNTRUSTED]"), "{}", ran.stderr);
    let alarm = format!("beware: `signer-1` is {ours} in the genome, and {theirs} in the trust policy: two different keys");
    assert!(ran.stderr.contains(&alarm), "{}", ran.stderr);
    // The key of signer 1 under another id: it is trusted, and said.
    let mut renamed = signer(1);
    renamed["key_id"] = "the-boss".into();
    let ran = under(&release, &renamed.to_string(), "human");
    assert_eq!(ran.status, Some(0), "{ran:?}");
    let alarm = format!("warning: the key {ours} is `signer-1` in the genome, and `the-boss` ({ours}) in the trust policy\n");
    assert!(ran.stderr.starts_with(&alarm), "{}", ran.stderr);
    let warnings = under(&release, &renamed.to_string(), "json").report()["warnings"].clone();
    assert_eq!((&warnings[0]["pointer"], &warnings[1]), (&"/authority/signers/0".into(), &Value::Null), "{warnings}");
    let github = under(&release, &renamed.to_string(), "github").stdout;
    assert!(github.starts_with("::warning file=genome.json,line=1,col=26::/authority/signers/0: the key SHA256:"), "{github}");
}

#[test]
fn a_revoked_key_counts_for_nothing() {
    let release = release();
    let revoke = |number: u8| json!({"revoked": [fingerprint(number)]});
    let ran = under(&release, &policy(&[1], 1, &revoke(1)), "human");
    assert_eq!(ran.status, Some(1), "{ran:?}");
    assert!(ran.stderr.contains("error[GENOME_REVOKED_KEY]"), "{}", ran.stderr);
    assert!(ran.stderr.contains(&format!("revoked, and not counted: `signer-1` ({})", fingerprint(1))), "{}", ran.stderr);
    let quorums = under(&release, &policy(&[1], 1, &revoke(1)), "json").report()["refusal"]["quorums"].clone();
    assert_eq!(quorums[0]["revoked"][0]["fingerprint"], fingerprint(1), "{quorums}");
    // Nobody else may sign it, so it takes another genome; where somebody may, that is the faster way.
    let other = "draft and sign a version whose authority does not name the revoked key, and deploy that\n";
    assert!(ran.stderr.contains(&format!("  help: {other}")), "{}", ran.stderr);
    release.write("genome.json", &Draft::new("1.0.0", &[1, 2], 1).signed(&[1]));
    let ran = under(&release, &policy(&[1, 2], 1, &revoke(1)), "human");
    let faster = format!("  help: 1 must sign with genome-sign: `signer-2` ({}); or {other}", fingerprint(2));
    assert!(ran.stderr.contains("error[GENOME_REVOKED_KEY]") && ran.stderr.contains(&faster), "{}", ran.stderr);
    // Two of three are enough without the third, who is named.
    release.write("genome.json", &Draft::new("1.0.0", &[1, 2, 3], 2).signed(&[1, 2, 3]));
    let ran = under(&release, &policy(&[1, 2, 3], 2, &revoke(3)), "human");
    assert_eq!(ran.status, Some(0), "{ran:?}");
    assert!(ran.stderr.contains("warning[GENOME_REVOKED_KEY]: the authority names `signer-3`"), "{}", ran.stderr);
    assert_eq!(under(&release, &policy(&[1, 2, 3], 3, &revoke(3)), "human").status, Some(1));
}

#[test]
fn too_old_and_from_the_future() {
    let release = release();
    let ran = under(&release, &policy(&[1], 1, &json!({"maximum_age_days": 365})), "human");
    assert_eq!(ran.status, Some(1), "{ran:?}");
    assert!(ran.stdout.contains("\n  NO  not older than the policy allows: GENOME_STALE\n"), "{}", ran.stdout);
    assert_eq!(under(&release, &policy(&[1], 1, &json!({"maximum_age_days": 1_000_000})), "human").status, Some(0));
    release.write("genome.json", &Draft::new("1.0.0", &[1], 1).with("created_at", "9000-01-01T00:00:00Z").signed(&[1]));
    let ran = under(&release, &policy(&[1], 1, &json!({"maximum_age_days": 1})), "human");
    assert_eq!(ran.status, Some(0), "{ran:?}");
    assert!(
        ran.stderr.contains("warning[GENOME_NOT_YET_VALID]") && ran.stderr.contains("  --> genome.json at /created_at\n"),
        "{ran:?}"
    );
}

#[test]
fn one_policy_judges_every_genome_of_a_run() {
    let release = release();
    release.write("stranger.json", &Draft::new("1.0.0", &[2], 1).signed(&[2]));
    let ran = release.verify(&["--trust", "trust.json", "stranger.json", "genome.json", "missing.json"]);
    assert_eq!(ran.status, Some(1));
    let verdicts: Vec<&str> = ran.stdout.lines().filter(|line| !line.starts_with(' ')).collect();
    assert_eq!(verdicts, ["refused  stranger.json", "accepted  genome.json", "undecided  missing.json"]);
    fs::remove_file(release.path().join("trust.json")).unwrap();
    let ran = release.verify(&["--trust", "trust.json", "stranger.json", "genome.json"]);
    assert_eq!((ran.status, ran.stdout.contains("accepted")), (Some(2), false), "{ran:?}");
}
