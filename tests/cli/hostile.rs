//! CVE-2026-44310, a panic that exits 0: whatever the programs are given to read, they say no in their own words, with the status of
//! a no.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "the helpers of a test stop where it fails")]

use genome::Document;
use genome_test_support::{Draft, Ran, Release, policy, program, run, vector};
use serde_json::json;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;

/// The hostile vectors: what each is called, and its document.
fn corpus() -> Vec<(String, Vec<u8>)> {
    let corpus: Vec<_> = vector::all("hostile").into_iter().map(|vector| (vector.name.clone(), vector.body)).collect();
    assert!(corpus.len() >= 400, "there are {} vectors", corpus.len());
    corpus
}

fn assert_no(ran: &Ran, statuses: &[i32], what: &str) {
    assert!(ran.status.is_some_and(|status| statuses.contains(&status)), "{what}: {ran:?}");
    let shown = format!("{}{}", ran.stdout, ran.stderr);
    assert!(!shown.contains("panicked") && !shown.contains("RUST_BACKTRACE"), "{what}: {shown}");
    assert!(ran.stderr.starts_with("error") || ran.stderr.contains("\nerror"), "{what} is not explained: {ran:?}");
    assert!(!genome_json::holds_private_key(&shown), "{what}: a private key is shown");
    assert!(!ran.stdout.lines().any(|line| line.starts_with("accepted")), "{what}: {ran:?}");
}

/// Gives each document to a program as the file `in/hostile`, and expects one of these statuses. The directory holds `good.json`, a
/// genome, and `trust.json`, a policy that does not trust it.
fn each(program: &str, statuses: &[i32], arguments: impl Fn(&Release, &[u8]) -> Vec<&'static str>) {
    each_of(corpus(), program, statuses, arguments);
}

fn each_of(
    corpus: Vec<(String, Vec<u8>)>,
    program: &str,
    statuses: &[i32],
    arguments: impl Fn(&Release, &[u8]) -> Vec<&'static str>,
) {
    let release = Release::new(1, 1);
    release.write("good.json", &Draft::new("1.0.0", &[1], 1).signed(&[1]));
    release.write("trust.json", &policy(&[2], 1, &json!({})));
    for directory in ["ancestors", "in"] {
        fs::create_dir(release.path().join(directory)).unwrap();
    }
    for (name, document) in corpus {
        fs::write(release.path().join("in/hostile"), &document).unwrap();
        let arguments = arguments(&release, &document);
        let mut command = genome_test_support::program(program, release.path());
        let ran = run(command.args(&arguments).env("GENOME_SIGNING_PRIVATE_KEY", &release.keys[0]));
        assert_no(&ran, statuses, &format!("{program} {arguments:?} of {name}"));
        assert_eq!(fs::read(release.path().join("in/hostile")).unwrap(), document, "{program} {arguments:?} changed {name}");
        assert!(!release.path().join("output").exists(), "{program} {arguments:?} wrote of {name}");
    }
}

#[test]
fn as_a_genome() {
    each("genome-verify", &[1], |_, _| vec!["in/hostile"]);
}

#[test]
fn as_a_genome_in_production() {
    each("genome-verify", &[1], |_, _| vec!["--production", "--trust", "trust.json", "--state", "output", "in/hostile"]);
}

#[test]
fn as_a_trust_policy() {
    each("genome-verify", &[1], |_, _| vec!["--trust", "in/hostile", "good.json"]);
}

#[test]
fn as_a_state() {
    each("genome-verify", &[1], |_, _| vec!["--state", "in/hostile", "good.json"]);
}

#[test]
fn as_an_ancestor() {
    each("genome-verify", &[1], |release, document| {
        // Of this very document, where it has an id.
        let id = Document::read(document).map_or_else(|_| "0".repeat(64), |document| document.id().to_string());
        release.write("child.json", &Draft::new("9.0.0", &[1], 1).with("parents", vec![id]).signed(&[1]));
        fs::write(release.path().join("ancestors/a"), document).unwrap();
        vec!["--trust", "trust.json", "--lineage", "ancestors", "child.json"]
    });
}

#[test]
fn as_something_to_sign() {
    each("genome-sign", &[1], |_, _| vec!["in/hostile", "output"]);
}

#[test]
fn as_the_output_of_a_signing() {
    // In an empty file, as `mktemp` makes one, nothing can be lost: it is written to.
    let corpus = corpus().into_iter().filter(|(_, document)| !document.is_empty()).collect();
    each_of(corpus, "genome-sign", &[1], |_, _| vec!["draft.json", "in/hostile"]);
}

#[test]
fn as_the_parent_of_what_is_signed() {
    each("genome-sign", &[1], |_, _| vec!["--parent", "in/hostile", "draft.json", "output"]);
}

#[test]
fn all_of_them_beside_an_ancestor_do_not_hide_it() {
    let release = Release::new(1, 1);
    let parent = Draft::new("1.0.0", &[1], 1);
    fs::create_dir(release.path().join("ancestors")).unwrap();
    for (name, document) in corpus() {
        fs::write(release.path().join("ancestors").join(name), document).unwrap();
    }
    release.write("ancestors/parent.json", &parent.signed(&[1]));
    release.write("child.json", &Draft::new("1.1.0", &[2], 1).after(&[&parent]).signed(&[1, 2]));
    release.write("trust.json", &json!({"schema_version": "trust.v0.1", "genome_ids": [parent.id()]}).to_string());
    let ran = release.verify(&["--trust", "trust.json", "--lineage", "ancestors", "child.json"]);
    assert!(ran.status == Some(0) && ran.stdout.contains("  trust       lineage: "), "{ran:?}");
}

#[test]
fn words_that_are_no_text() {
    let release = Release::new(1, 1);
    release.write("good.json", &Draft::new("1.0.0", &[1], 1).signed(&[1]));
    let odd = OsStr::from_bytes(b"\xff\xfe\x1b[2J\n::error::x");
    for name in ["genome-keygen", "genome-sign", "genome-verify"] {
        for arguments in [&[odd][..], &[odd, odd], &[odd, odd, odd], &[OsStr::new("--\u{202e}"), odd], &[OsStr::new("")]] {
            assert_no(&run(program(name, release.path()).args(arguments)), &[2], &format!("{name} {arguments:?}"));
        }
    }
    for flag in ["--trust", "--state", "--lineage", "--manifest-root", "--format", "--print"] {
        let mut verify = release.verifying(&["good.json", "--production", flag]);
        assert_no(&run(verify.arg(odd)), &[1, 2], flag);
    }
    for variable in
        ["MATHISON_GENOME_PATH", "MATHISON_GENOME_TRUST", "MATHISON_ENV", "MATHISON_VERIFY_MANIFEST", "MATHISON_REPO_ROOT"]
    {
        let ran = run(release.verifying(&["--verify-manifest"]).env(variable, odd));
        assert_no(&ran, &[2], variable);
    }
    let mut sign = program("genome-sign", release.path());
    assert_no(&run(sign.args(["draft.json", "out.json"]).env("GENOME_SIGNING_PRIVATE_KEY", odd)), &[2], "a key");
}
