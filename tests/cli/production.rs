//! The checklist of production: what is on it, what asks for it, and each of its lines.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "the helpers of a test stop where it fails")]

use genome_test_support::{Draft, Ran, Release, fingerprint, policy, run, signer, test_key};
use serde_json::{Value, json};
use std::fs;

const BASIS: [&str; 7] = [
    "the file can be read",
    "strict JSON (RFC 7493)",
    "no private key in it",
    "the schema",
    "signed",
    "every signature by a known signer verifies",
    "the threshold is met",
];
const TRUST: &str = "a trust policy is given and met";
const TEST_KEYS: &str = "no published test key";
const DATE: &str = "not dated in the future";
const VERSION: &str = "not below a version that was accepted before";
const MANIFEST: &str = "the files of the manifest match";
const PERMISSIONS: &str = "nobody else can change what decides";
const PRODUCTION: [&str; 6] = [TRUST, TEST_KEYS, DATE, VERSION, MANIFEST, PERMISSIONS];

/// The checklist: what is checked, and how it went.
fn checklist(ran: &Ran) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let report = ran.report();
    let checks = report["checks"].as_array().unwrap();
    for check in checks {
        assert_eq!(check["code"].is_null(), check["state"] != "failed", "only what failed has a code: {check}");
    }
    checks.iter().map(|check| (text(&check["check"]), text(&check["state"]))).collect()
}

fn lines(checks: &[(&[&str], &str)]) -> Vec<(String, String)> {
    let line = |(checks, state): &(&[&str], &str)| -> Vec<_> {
        checks.iter().map(|&check| (check.to_owned(), (*state).to_owned())).collect()
    };
    checks.iter().flat_map(line).collect()
}

#[test]
fn the_whole_checklist_holds() {
    let release = Release::deployed();
    let ran = release.production(&[]);
    assert_eq!(ran.codes(), [""; 0]);
    assert_eq!(checklist(&ran), lines(&[(&BASIS, "held"), (&PRODUCTION, "held")]));
    let human = release.verify(&["--production", "--trust", "trust.json", "etc/genome.json"]);
    let shown: Vec<&str> = BASIS.into_iter().chain(PRODUCTION).collect();
    let shown = shown.join("\n  ok  ");
    assert!(human.stdout.starts_with(&format!("accepted  etc/genome.json\n  ok  {shown}\n")), "{}", human.stdout);
    assert!(human.stdout.contains("  manifest    3 files, checked\n"), "{}", human.stdout);
    // Elsewhere only what is asked for is on the list.
    assert_eq!(checklist(&run(&mut release.verifying_deployed(&[]))), lines(&[(&BASIS, "held"), (&[TRUST, VERSION], "held")]));
}

#[test]
fn what_could_not_be_evaluated_is_said_of_each_line() {
    let release = Release::deployed();
    let good = Release::draft().signed(&[1]);
    let alone = |at: usize, code: &str| {
        let (held, rest) = BASIS.split_at(at);
        let ran = release.production(&[]);
        assert_eq!(ran.codes(), [code]);
        let expected =
            lines(&[(held, "held"), (&rest[..1], "failed"), (&rest[1..], "not evaluated"), (&PRODUCTION, "not evaluated")]);
        assert_eq!(checklist(&ran), expected, "{code}");
        let human = release.verify(&["--production", "--trust", "trust.json", "etc/genome.json"]).stdout;
        assert!(
            human.starts_with("refused  etc/genome.json\n") && human.contains(&format!("\n  NO  {}: {code}\n", rest[0])),
            "{human}"
        );
        for check in rest[1..].iter().chain(&PRODUCTION) {
            assert!(human.contains(&format!("\n  --  {check} (not evaluated)\n")), "{check}: {human}");
        }
    };
    for (at, code, text) in [
        (1, "GENOME_INVALID_JSON", "{".to_owned()),
        (2, "GENOME_SECRET_EXPOSED", good.replace("memory_search", &release.keys[0])),
        (3, "GENOME_INVALID_SCHEMA", good.replace("\"threshold\":1", "\"threshold\":2")),
        (4, "GENOME_UNSIGNED", Release::draft().document.to_string()),
        (5, "GENOME_INVALID_SIGNATURE", good.replace("memory_search", "memory_erase")),
        (6, "GENOME_INSUFFICIENT_SIGNATURES", Release::draft().signed(&[2])),
    ] {
        release.deploy("etc/genome.json", &text);
        alone(at, code);
    }
    fs::remove_file(release.path().join("etc/genome.json")).unwrap();
    let ran = release.production(&[]);
    assert_eq!((ran.status, ran.report()["refusal"]["code"].clone()), (Some(2), "GENOME_MISSING".into()));
    assert_eq!(checklist(&ran), lines(&[(&BASIS[..1], "failed")]));
}

#[test]
fn everything_that_does_not_hold_is_said_at_once() {
    let release = Release::deployed();
    let mut bad = Release::draft().with("created_at", "9000-01-01T00:00:00Z").with("version", "1.1.0").with(
        "authority",
        json!({
            "signers": [signer(2), published_signer()], "threshold": 1
        }),
    );
    bad.document["build_manifest"]["files"][2]["path"] = "full".into();
    release.deploy("etc/genome.json", &bad.signed(&[2]));
    release.write("app.js", "console.log(2)\n");
    release.set_mode("etc/genome.json", 0o666);
    let ran = release.production(&[]);
    let expected = [
        "GENOME_UNTRUSTED",
        "GENOME_TEST_KEY",
        "GENOME_NOT_YET_VALID",
        "GENOME_ROLLBACK",
        "GENOME_MANIFEST_MISMATCH",
        "GENOME_UNTRUSTED",
    ];
    assert_eq!(ran.codes(), expected);
    assert_eq!(checklist(&ran), lines(&[(&BASIS, "held"), (&PRODUCTION, "failed")]));
    assert_eq!(ran.report()["further_refusals"][3]["faults"].as_array().unwrap().len(), 2, "{ran:?}");
    let arguments = ["--production", "--trust", "trust.json", "etc/genome.json"];
    let human = release.verify(&arguments);
    let errors: Vec<&str> = human.stderr.lines().filter_map(|line| line.strip_prefix("error[")?.split(']').next()).collect();
    assert_eq!(errors, expected);
    let github = release.verify(&[&arguments[..], &["--format", "github"]].concat()).stdout;
    assert_eq!(
        github.lines().filter(|line| line.starts_with("::error file=etc/genome.json,") && line.contains("title=GENOME_")).count(),
        7,
        "{github}"
    );
}

#[test]
fn the_environment_asks_for_production() {
    let release = Release::deployed();
    release.write("app.js", "console.log(2)\n");
    let with = |value: &str| run(release.verifying_deployed(&[]).env("MATHISON_ENV", value));
    assert_eq!(with("production").codes(), ["GENOME_MANIFEST_MISMATCH"]);
    let ran = with("");
    assert_eq!(ran.status, Some(2), "{ran:?}");
    let refusal = ran.report()["refusal"].clone();
    assert_eq!(refusal["message"], "MATHISON_ENV is set to nothing", "it was to be filled in, and was not: {ran:?}");
    for value in ["development", "staging", "test", "preproduction", "non-production", "reproduction"] {
        assert_eq!(with(value).codes(), [""; 0], "{value}");
    }
    for value in [
        "Production",
        "PRODUCTION",
        "prod",
        "Prod",
        " production",
        "production ",
        "production\n",
        "productive",
        "\u{feff}production",
        "\"production\"",
        "'production'",
        "pro\u{200b}duction",
    ] {
        let ran = with(value);
        assert_eq!(ran.status, Some(2), "{value:?} must not pass for anything: {ran:?}");
        let report = ran.report();
        assert_eq!((&report["verdict"], &report["genome"]), (&"undecided".into(), &Value::Null), "{value:?}");
        assert!(report["refusal"]["message"].as_str().unwrap().contains("which may or may not mean production"), "{report}");
        let flag = run(release.verifying_deployed(&["--production"]).env("MATHISON_ENV", value));
        assert_eq!(flag.codes(), ["GENOME_MANIFEST_MISMATCH"], "the flag leaves no doubt");
    }
    let not_unicode = std::os::unix::ffi::OsStrExt::from_bytes(b"produc\xfftion");
    let ran = run(release.verifying_deployed(&[]).env("MATHISON_ENV", <std::ffi::OsStr>::to_owned(not_unicode)));
    assert_eq!(ran.status, Some(2), "{ran:?}");
}

#[test]
fn nobody_is_trusted_without_a_policy_and_nothing_without_a_state() {
    let release = Release::deployed();
    let ran = release.verify(&["--production", "--format", "json", "etc/genome.json"]);
    assert_eq!(ran.codes(), ["GENOME_UNTRUSTED", "GENOME_ROLLBACK"]);
    let report = ran.report();
    assert_eq!(report["refusal"]["message"], "no trust policy is given, so nothing says who may sign");
    let hint = report["further_refusals"][0]["hint"].as_str().unwrap();
    assert!(hint.contains("--state FILE or MATHISON_GENOME_STATE") && hint.contains("`minimum_versions`"), "{hint}");
    // A minimum version for another name is none for this one.
    release.deploy("trust.json", &policy(&[1], 1, &json!({"minimum_versions": {"TEST2": "1.0.0", "test": "1.0.0"}})));
    assert_eq!(release.production(&[]).codes(), ["GENOME_ROLLBACK"]);
    let ran = release.production(&["--state", "etc/state.json"]);
    assert_eq!(ran.codes(), [""; 0]);
    assert!(ran.report()["warnings"][0]["message"].as_str().unwrap().starts_with("there was no state here"), "{ran:?}");
}

/// The signer whose private key lies beside the root genome, under a name that does not say so.
fn published_signer() -> Value {
    let key = genome::PrivateKey::from_text(&test_key(), None).unwrap().public_key();
    json!({"key_id": "operations-2031", "alg": "ed25519", "public_key": key.to_string()})
}

#[test]
fn a_published_test_key_is_known_by_its_bytes() {
    let release = Release::deployed();
    let both = json!({"signers": [signer(1), published_signer()], "threshold": 1});
    let id = Release::draft().id();
    let minimum = json!({"TEST": "1.0.0"});
    // In the policy; it has not signed and need not.
    let mut trusted = both.clone();
    trusted["schema_version"] = "trust.v0.1".into();
    trusted["minimum_versions"] = minimum.clone();
    release.deploy("trust.json", &trusted.to_string());
    let ran = release.production(&[]);
    assert_eq!(ran.codes(), ["GENOME_TEST_KEY"]);
    assert!(ran.report()["refusal"]["message"].as_str().unwrap().contains("`operations-2031` (SHA256:"), "{ran:?}");
    let elsewhere = run(&mut release.verifying_deployed(&[])).report();
    assert_eq!((&elsewhere["verdict"], &elsewhere["warnings"][0]["code"]), (&"accepted".into(), &"GENOME_TEST_KEY".into()));
    // In the authority.
    release.deploy("trust.json", &policy(&[1], 1, &json!({"minimum_versions": minimum})));
    release.deploy("etc/genome.json", &Release::draft().with("authority", both.clone()).signed(&[1]));
    let ran = release.production(&[]);
    assert_eq!(
        (ran.codes(), &ran.report()["refusal"]["pointer"]),
        (vec!["GENOME_TEST_KEY".to_owned()], &"/authority/signers/1".into())
    );
    // In an ancestor on whose signers the genome relies.
    let parent = Draft::new("1.0.0", &[1], 1).with("authority", both);
    release.deploy(
        "trust.json",
        &json!({"schema_version": "trust.v0.1", "genome_ids": [parent.id()], "minimum_versions": minimum}).to_string(),
    );
    release.write("parent.json", &parent.signed(&[1]));
    release.deploy("etc/genome.json", &Release::draft().after(&[&parent]).signed(&[1]));
    let ran = release.production(&[]);
    assert_eq!(ran.codes(), ["GENOME_TEST_KEY"]);
    let message = ran.report()["refusal"]["message"].as_str().unwrap().to_owned();
    assert!(message.contains(&format!("of the ancestor `TEST` 1.0.0 ({}) is a published test key", parent.id())), "{message}");
    assert!(id != parent.id() && !message.contains(&fingerprint(1)));
}
